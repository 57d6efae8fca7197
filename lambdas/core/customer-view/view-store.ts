import type { AlertLimits } from '../alerts/limits.ts';
import { limitsFor } from '../alerts/customer-limits.ts';
import type { Customer } from '../customer.ts';
import type { Instant } from '../instant.ts';
import type { Installation, InstallationKey } from '../installation.ts';
import type { LicenseClaims } from '../license-file.ts';
import type { License } from '../license.ts';
import { Problem } from '../problem.ts';
import type { IssueOutcome } from '../renewal-record.ts';
import { viewInstallation, type ViewedLicense } from './standing.ts';

/** A file as its record tells of it, without who asked for it. */
export interface FileRecord {
  readonly outcome: IssueOutcome;
  readonly claims: LicenseClaims;
}

/** Refusals of one UTC day for one reason. */
export interface RefusalCount {
  /** Sort key of the record. */
  readonly record: string;
  /** The UTC day. */
  readonly day: string;
  readonly code: string;
  readonly by: 'bound' | 'other';
  readonly count: number;
}

/** What the customers' reading API reads. */
export interface CustomerViewStore {
  /** Every installation of a customer, strongly consistent: whoever has just changed one reads it back here. */
  readInstallations(customerId: string): Promise<readonly Installation[]>;
  /** Strongly consistent. */
  readInstallation(key: InstallationKey): Promise<Installation | undefined>;
  /** Those licenses that are stored, in no order, eventually consistent. */
  readLicenses(licenseIds: readonly string[]): Promise<readonly License[]>;
  /** Strongly consistent. */
  readLicense(licenseId: string): Promise<License | undefined>;
  /** Files with a sequence number below that, highest first. */
  filesBefore(licenseId: string, seq: number, count: number): Promise<readonly FileRecord[]>;
  /**
   * Counted refusals, latest day first.
   * @param before the sort key of a record: only those behind it
   */
  refusalsBefore(
    licenseId: string,
    before: string | undefined,
    count: number,
  ): Promise<readonly RefusalCount[]>;
}

export interface ViewDependencies {
  readonly store: CustomerViewStore;
  readonly customers: { read(customerId: string): Promise<Customer | undefined> };
  /** As the stage has them. */
  readonly limits: AlertLimits;
}

/** A customer's installations with their licenses. */
export interface CustomerView {
  readonly installations: readonly Installation[];
  readonly licenses: readonly ViewedLicense[];
  readonly limits: AlertLimits;
}

/** Which installations of a customer are meant. */
export interface InstallationFilter {
  readonly product?: string | undefined;
  readonly installation?: string | undefined;
}

/** Reads what a customer has: one query, one read of the customer, and a batch per hundred licenses. */
export async function viewCustomer(
  { store, customers, limits: stage }: ViewDependencies,
  customerId: string,
  now: Instant,
  filter: InstallationFilter = {},
): Promise<CustomerView> {
  const [all, customer] = await Promise.all([
    store.readInstallations(customerId),
    customers.read(customerId),
  ]);
  const limits = limitsFor(customer, stage);
  const installations = all.filter(
    ({ product, installation }) =>
      (filter.product === undefined || product === filter.product) &&
      (filter.installation === undefined || installation === filter.installation),
  );
  const ids = new Set(installations.flatMap(({ licenses }) => licenses).map(({ id }) => id));
  const stored = new Map((await store.readLicenses([...ids])).map((license) => [license.licenseId, license]));
  return {
    installations,
    licenses: installations.flatMap((installation) => viewInstallation(installation, stored, now, limits)),
    limits,
  };
}

/**
 * A license of this customer.
 * @throws {Problem} `license-not-found`, the same for one that nobody has and one of another customer.
 */
export async function licenseOf(
  { store }: Pick<ViewDependencies, 'store'>,
  customerId: string,
  licenseId: string,
): Promise<License> {
  const license = await store.readLicense(licenseId);
  if (license?.customerId !== customerId) throw new Problem('license-not-found');
  return license;
}
