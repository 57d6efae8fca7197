import { inPieces } from '../alerts/in-pieces.ts';
import { DAY, HOUR, isoOf, utcDayOf, type Instant } from '../instant.ts';
import type { Installation } from '../installation.ts';
import type { LicenseClaims, OptionWindow } from '../license-file.ts';
import type { License } from '../license.ts';

/** Licenses of which the records are read at a time. */
const READS_AT_ONCE = 16;

/** Files that are issued in one second may have been counted in either order. */
const ORDER_TOLERANCE = HOUR;

/** Where the facts of a report come from. All reads are eventually consistent: a report is not a decision. */
export interface ReportStore {
  /** Every installation of a customer, with its licenses. */
  readInstallations(customerId: string): Promise<readonly Installation[]>;
  /** Those licenses that are stored, in no order. */
  readLicenses(licenseIds: readonly string[]): Promise<readonly License[]>;
  /**
   * The files that were issued for a license, newest first. Only as many pages are read as are asked for.
   * @param pageSize how many are probably wanted.
   */
  issuedFiles(licenseId: string, pageSize: number): AsyncIterable<LicenseClaims>;
  /** Refusals of a license on UTC days, both inclusive: how many, by code. */
  countRefusals(licenseId: string, firstDay: string, lastDay: string): Promise<ReadonlyMap<string, number>>;
}

/** What one license did in a period, and what its host has now. */
export interface LicenseFacts {
  readonly license: License;
  readonly renewals: number;
  readonly refusals: ReadonlyMap<string, number>;
  /** Options in the current file; empty before the first. */
  readonly windows: readonly OptionWindow[];
}

export interface InstallationFacts {
  readonly installation: Installation;
  /** In the order of the installation. Those that lapsed without a host, and those that are lost, are left out. */
  readonly licenses: readonly LicenseFacts[];
}

/** All that the health of a customer's licenses is told from. */
export interface HealthFacts {
  readonly customerId: string;
  readonly installations: readonly InstallationFacts[];
}

interface Past {
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
}

/**
 * Reads what the health of a customer's licenses is told from: two queries per license, one of them as long as the period, a
 * batch read per hundred licenses and one query of the installations.
 */
export async function gatherHealth(
  store: ReportStore,
  customerId: string,
  past: Past,
  now: Instant,
): Promise<HealthFacts> {
  const installations = await store.readInstallations(customerId);
  const ids = installations.flatMap(({ licenses }) => licenses).map(({ id }) => id);
  const licenses = (await store.readLicenses([...new Set(ids)])).filter((license) => !isGone(license, now));
  const facts = new Map<string, LicenseFacts>();
  await inPieces(licenses, READS_AT_ONCE, async (license) => {
    facts.set(license.licenseId, await factsOf(store, license, past));
  });
  return {
    customerId,
    installations: installations.map((installation) => ({
      installation,
      licenses: installation.licenses.flatMap(({ id }) => facts.get(id) ?? []),
    })),
  };
}

/** Lapsed before a host had it, or retired. */
const isGone = ({ host, lapsesAt, retiresAt }: License, now: Instant): boolean =>
  (host === undefined && lapsesAt !== undefined && lapsesAt <= now) ||
  (retiresAt !== undefined && retiresAt <= now);

async function factsOf(store: ReportStore, license: License, past: Past): Promise<LicenseFacts> {
  const { licenseId, host } = license;
  // Nothing renews or is refused before a host has the license.
  if (!host) return { license, renewals: 0, refusals: new Map(), windows: [] };
  const { firstDay, lastDay } = refusalDaysOf(past);
  const [files, refusals] = await Promise.all([
    filesOf(store, license, past),
    store.countRefusals(licenseId, firstDay, lastDay),
  ]);
  return { license, refusals, ...files };
}

/** Goes back through the files until both the period and the current file are passed. */
async function filesOf(
  store: ReportStore,
  { licenseId, current }: License,
  { from, until }: Past,
): Promise<Pick<LicenseFacts, 'renewals' | 'windows'>> {
  let renewals = 0;
  let windows: readonly OptionWindow[] | undefined = current ? undefined : [];
  const pageSize = Math.ceil((until - from) / DAY) + 3;
  for await (const { iat, jti, replaces, options } of store.issuedFiles(licenseId, pageSize)) {
    if (jti === current?.serial) windows = options;
    if (replaces !== undefined && from <= iat && iat < until) renewals += 1;
    if (iat < from - ORDER_TOLERANCE && (windows || iat < (current?.issuedAt ?? 0) - ORDER_TOLERANCE)) break;
  }
  return { renewals, windows: windows ?? [] };
}

/**
 * Refusals are counted by UTC day. A day belongs to the period in which its noon lies, so that each is reported once, whatever
 * the zone; what is refused in the hours after a report that the same UTC day still counts is not.
 */
export function refusalDaysOf({ from, until }: Past): { firstDay: string; lastDay: string } {
  const noonFrom = (instant: Instant) => {
    const noon = Date.parse(`${utcDayOf(instant)}T12:00:00Z`) / 1000;
    return noon < instant ? noon + DAY : noon;
  };
  return { firstDay: isoOf(noonFrom(from)).slice(0, 10), lastDay: isoOf(noonFrom(until) - DAY).slice(0, 10) };
}
