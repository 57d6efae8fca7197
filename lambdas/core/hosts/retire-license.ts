import * as z from 'zod/mini';
import { bodyInvalid, parseBody } from '../body.ts';
import { entitlementAt } from '../entitlement.ts';
import { DAY, HOUR, type Instant } from '../instant.ts';
import type { InstallationLists } from '../installation-lists.ts';
import type { Installation, LicenseEntry, TermDefaults } from '../installation.ts';
import { listWith } from '../license-composition.ts';
import type { License } from '../license.ts';
import type { RenewalStore } from '../ports.ts';
import { Problem } from '../problem.ts';
import { ownLicense } from './own-license.ts';
import type { CustomersLicenses } from './ports.ts';
import { entryIn, retirementOf } from './retirement.ts';

/** Rounds before the service gives up; each conflict means that somebody else changed the item meanwhile. */
const MAX_ROUNDS = 10;

/** Nobody knows so far ahead what will be contracted. */
const MAX_DAYS_AHEAD = 400;

/** Every online host has renewed within these, and its file carries the end. */
const LEAST_NOTICE = 25 * HOUR;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const EFFECTIVE_MESSAGE = 'must be now, default, or an instant in UTC such as 2026-12-31T18:00:00Z';

export const retirementSchema = z.strictObject(
  {
    effective: z.optional(
      z.union(
        [z.enum(['now', 'default']), z.string().check(z.regex(INSTANT, EFFECTIVE_MESSAGE))],
        EFFECTIVE_MESSAGE,
      ),
    ),
  },
  'must be a retirement, such as {"effective": "default"}',
);

/** When a license is to retire: at once, as soon as all files can know, or at an instant. */
export type Effective = 'now' | 'default' | Instant;

/** @throws {Problem} `body-invalid` */
export function parseRetirement(body: unknown, now: Instant): Effective {
  const { effective = 'default' } = parseBody(retirementSchema, body);
  if (effective === 'now' || effective === 'default') return effective;
  const at = Date.parse(effective) / 1000;
  if (at >= now && at <= now + MAX_DAYS_AHEAD * DAY) return at;
  const message = Number.isNaN(at)
    ? EFFECTIVE_MESSAGE
    : `must not be past, and at most ${MAX_DAYS_AHEAD} days ahead`;
  throw bodyInvalid([{ path: 'effective', message }]);
}

export interface RetirementDependencies {
  readonly store: Pick<RenewalStore, 'readLicense'>;
  readonly licenses: Pick<CustomersLicenses, 'writeRetirement'>;
  readonly lists: Pick<InstallationLists, 'read' | 'write'>;
  readonly settings: { readonly defaults: TermDefaults };
}

/**
 * Retires a license: from the instant on it renews no more, its share goes to the other hosts and its place is free. The
 * installation comes first, as shares are computed from it, then the license; a retry finishes what a crash left, and keeps the
 * instant unless it names another. Of a retirement and a move that race, the move wins: the entry is taken back.
 * @throws {Problem} `license-not-found`, `transfer-pending`, `installation-not-found`, `unavailable`
 */
export async function retireLicense(
  dependencies: RetirementDependencies,
  customerId: string,
  licenseId: string,
  effective: Effective,
  now: Instant,
): Promise<{ readonly license: License; readonly retiresAt: Instant }> {
  const license = await ownLicense(dependencies.store, customerId, licenseId);
  if (license.transfer) {
    await takeEntryBack(dependencies, license, now);
    throw new Problem('transfer-pending');
  }
  const decide = (installation: Installation, entry: LicenseEntry): Instant => {
    const known = retirementOf(license, entry);
    const keeps = known !== undefined && (known <= now || effective === 'default');
    return keeps ? known : instantOf(effective, license, installation, dependencies.settings.defaults, now);
  };
  const retiresAt = await writeEntry(dependencies.lists, license, now, (installation, entry) => ({
    ...entry,
    retiresAt: decide(installation, entry),
  }));
  const written = await writeLicense(dependencies, license, retiresAt, async (stored) => {
    if (!stored.transfer && stored.host?.id === license.host?.id) return;
    await takeEntryBack(dependencies, stored, now);
    const detail = 'The license has just been moved to another host. Look at it again before you retire it.';
    throw new Problem('transfer-pending', stored.transfer ? {} : { detail });
  });
  // The entry says so by now.
  return { license: written, retiresAt: retiresAt ?? now };
}

/**
 * Takes a retirement back, before it is in force.
 * @throws {Problem} `license-not-found`, `license-retired`, `installation-not-found`, `unavailable`
 */
export async function cancelRetirement(
  dependencies: RetirementDependencies,
  customerId: string,
  licenseId: string,
  now: Instant,
): Promise<License> {
  const license = await ownLicense(dependencies.store, customerId, licenseId);
  await writeEntry(dependencies.lists, license, now, (_installation, entry) => {
    const known = retirementOf(license, entry);
    if (known !== undefined && known <= now) throw new Problem('license-retired', { status: 409 });
    return withoutRetirement(entry);
  });
  return writeLicense(dependencies, license, undefined);
}

/** Where the license itself does not say that it retires, its entry is not to say so either. */
async function takeEntryBack(
  { lists }: RetirementDependencies,
  license: License,
  now: Instant,
): Promise<void> {
  if (license.retiresAt !== undefined) return;
  await writeEntry(lists, license, now, (_installation, entry) => withoutRetirement(entry));
}

const withoutRetirement = ({ retiresAt, ...kept }: LicenseEntry): LicenseEntry => kept;

/** By default once every host that is online has renewed; a license without a host runs nowhere, and retires at once. */
function instantOf(
  effective: Effective,
  { host }: License,
  { contracts }: Installation,
  defaults: TermDefaults,
  now: Instant,
): Instant {
  if (effective === 'now' || !host) return now;
  if (effective !== 'default') return effective;
  const entitlement = entitlementAt(contracts, now, defaults);
  if (entitlement.kind === 'none') return now;
  return now + Math.max(LEAST_NOTICE, entitlement.renewEverySeconds + HOUR);
}

/** Changes the entry of a license in the list of its installation; answers when it retires by then. */
async function writeEntry(
  lists: RetirementDependencies['lists'],
  license: License,
  now: Instant,
  change: (installation: Installation, entry: LicenseEntry) => LicenseEntry,
): Promise<Instant | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const installation = await lists.read(license);
    if (!installation) throw new Problem('installation-not-found');
    const { licenseId, host, lapsesAt, retiresAt = Infinity } = license;
    // One that is retired by now, and not listed, has left its place to others.
    const listed =
      host && now < retiresAt ? listWith(installation.licenses, licenseId, host) : installation.licenses;
    const entry = entryIn({ licenses: listed }, licenseId) ?? {
      id: licenseId,
      ...(lapsesAt === undefined ? {} : { lapsesAt }),
    };
    const changed = change(installation, entry);
    const isListed = entryIn({ licenses: listed }, licenseId) !== undefined;
    // A place that another license has taken since stays taken.
    if (!isListed || changed.retiresAt === entry.retiresAt) return changed.retiresAt;
    const licenses = listed.map((other) => (other.id === licenseId ? changed : other));
    const { declarations = [] } = installation;
    if ((await lists.write(installation, { licenses, declarations })) === 'written') return changed.retiresAt;
  }
  throw new Problem('unavailable', { cause: new Error('The installation kept changing') });
}

async function writeLicense(
  { store, licenses }: RetirementDependencies,
  { customerId, licenseId }: License,
  retiresAt: Instant | undefined,
  check: (stored: License) => Promise<void> = () => Promise.resolve(),
): Promise<License> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const license = await ownLicense(store, customerId, licenseId);
    if (license.retiresAt === retiresAt) return license;
    await check(license);
    if ((await licenses.writeRetirement(license, retiresAt)) === 'written') {
      const { retiresAt: before, ...kept } = license;
      return {
        ...kept,
        version: license.version + 1,
        ...(retiresAt === undefined ? {} : { retiresAt }),
      };
    }
  }
  throw new Problem('unavailable', { cause: new Error('The license kept changing') });
}
