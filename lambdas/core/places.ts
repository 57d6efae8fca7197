import type { CustomersLicenses } from './hosts/ports.ts';
import { leavesAt } from './hosts-allowed.ts';
import { DAY, type Instant } from './instant.ts';
import type { LicenseEntry } from './installation.ts';
import { listWith } from './license-composition.ts';
import type { License } from './license.ts';
import type { RenewalStore } from './ports.ts';
import { Problem } from './problem.ts';
import { counted, COUNTED_DAYS, transfersOf } from './transfers/moves.ts';

/** Licenses that are read at the same time. */
const READ_AT_ONCE = 20;

export interface PlaceDependencies {
  readonly store: Pick<RenewalStore, 'readLicense'>;
  readonly licenses: Pick<CustomersLicenses, 'writeRetirement'>;
}

/**
 * The list of an installation without entries that mean nothing any more: starter files that lapsed or were retired unused, hosts
 * that were retired so long ago that nobody counts them. The license is the truth: one that was bound in time, and its list
 * not brought in step, keeps its place.
 */
export async function withoutGone(
  dependencies: PlaceDependencies,
  licenses: readonly LicenseEntry[],
  now: Instant,
): Promise<readonly LicenseEntry[]> {
  const doubtful = licenses.filter(
    (entry) => leavesAt(entry) <= now && (entry.hostId === undefined || !isCounted(entry, now)),
  );
  let list = licenses;
  for (const some of piecesOf(doubtful)) {
    await Promise.all(
      some.map(async (entry) => {
        const license = await dependencies.store.readLicense(entry.id);
        if (license?.host && entry.hostId === undefined) list = listWith(list, entry.id, license.host);
        else if (!isCounted(entry, now) && (await isSettled(dependencies, entry, license))) {
          list = list.filter(({ id }) => id !== entry.id);
        }
      }),
    );
  }
  return list;
}

const piecesOf = (entries: readonly LicenseEntry[]): readonly (readonly LicenseEntry[])[] =>
  Array.from({ length: Math.ceil(entries.length / READ_AT_ONCE) }, (_, index) =>
    entries.slice(index * READ_AT_ONCE, (index + 1) * READ_AT_ONCE),
  );

/**
 * Places that somebody has left within the days that count, those that cost nothing first: a starter file that took a place
 * and was never used has paid for it.
 */
export const placesLeft = (licenses: readonly LicenseEntry[], now: Instant): readonly LicenseEntry[] =>
  licenses
    .filter((entry) => leavesAt(entry) <= now && isCounted(entry, now))
    .sort(
      (a, b) => Number(a.hostId !== undefined) - Number(b.hostId !== undefined) || leavesAt(a) - leavesAt(b),
    );

/** A place was used if a host had it, or took the place of one that had. */
const isCounted = (entry: LicenseEntry, now: Instant): boolean =>
  (entry.hostId !== undefined || entry.replaces !== undefined) && leavesAt(entry) > now - COUNTED_DAYS * DAY;

/**
 * The first of the places that may be moved once more.
 * @throws {Problem} `transfer-limit`
 */
export async function placeToTake(
  { store }: PlaceDependencies,
  places: readonly LicenseEntry[],
  transferLimit: number,
  now: Instant,
): Promise<LicenseEntry | undefined> {
  for (const some of piecesOf(places)) {
    const licenses = await Promise.all(some.map(({ id }) => store.readLicense(id)));
    const index = licenses.findIndex((license) => {
      const { used, allowed } = transfersOf(license ?? {}, now, transferLimit);
      return used + (isUnused(license) ? 0 : 1) <= allowed;
    });
    if (index >= 0) return some[index];
  }
  if (places.length > 0) throw new Problem('transfer-limit');
  return undefined;
}

/**
 * Whether the license of an entry that is about to go says itself that it is retired: without its entry nothing else would keep
 * it from renewing. Written here where a crash kept it from being written.
 */
export async function isSettled(
  { licenses }: PlaceDependencies,
  { retiresAt }: LicenseEntry,
  license: License | undefined,
): Promise<boolean> {
  if (!license || retiresAt === undefined || (license.retiresAt ?? Infinity) <= retiresAt) return true;
  return (await licenses.writeRetirement(license, retiresAt)) === 'written';
}

/** How often the license was moved whose place a new one takes, this move included. */
export async function inheritedMoves(
  { store }: PlaceDependencies,
  { replaces }: LicenseEntry,
  now: Instant,
): Promise<Pick<License, 'movedAt' | 'extraTransfers' | 'extraTransfersReason'>> {
  if (replaces === undefined) return {};
  const before = await store.readLicense(replaces);
  const moves = counted(before?.movedAt, now);
  const { extraTransfers, extraTransfersReason } = before ?? {};
  return {
    movedAt: isUnused(before) ? moves : [...moves, now],
    ...(extraTransfers === undefined ? {} : { extraTransfers }),
    ...(extraTransfersReason === undefined ? {} : { extraTransfersReason }),
  };
}

const isUnused = (license: License | undefined): boolean => license !== undefined && !license.host;
