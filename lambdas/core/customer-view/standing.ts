import { entitlementAt } from '../entitlement.ts';
import { leavesAt, sharingAt } from '../hosts-allowed.ts';
import type { Instant } from '../instant.ts';
import type { Installation, LicenseEntry } from '../installation.ts';
import type { License } from '../license.ts';
import type { AlertLimits } from '../alerts/limits.ts';
import { healthOf } from '../report/health-report.ts';

/**
 * How a license stands, as its customer sees it. `beyond-hosts`: more hosts are licensed than ordered, and this one was
 * declared last. `not-entitled`: no contract is in force.
 */
export const STANDINGS = [
  'healthy',
  'failing',
  'expiring',
  'offline',
  'in-grace',
  'not-installed',
  'not-entitled',
  'beyond-hosts',
  'revoked',
  'retired',
  'lapsed',
] as const;
export type CustomerStanding = (typeof STANDINGS)[number];

/** A license with all that is shown of it. */
export interface ViewedLicense {
  readonly license: License;
  readonly entry: LicenseEntry;
  readonly installation: Installation;
  readonly standing: CustomerStanding;
  /** When it is retired or was. */
  readonly retiresAt?: Instant;
}

/** The licenses of one installation, in order of declaration; those that are not stored yet are left out. */
export function viewInstallation(
  installation: Installation,
  licenses: ReadonlyMap<string, License>,
  now: Instant,
  limits: AlertLimits,
): ViewedLicense[] {
  const isEntitled = entitlementAt(installation.contracts, now, limits.defaults).kind === 'entitled';
  const sharing = new Set(sharingAt(installation, now, limits.defaults).map(({ id }) => id));
  return installation.licenses.flatMap((entry) => {
    const license = licenses.get(entry.id);
    // An id in the list is only as good as the license behind it.
    if (license?.customerId !== installation.customerId) return [];
    const retiresAt = retiresAtOf(license, entry);
    const isBeyond = isEntitled && !sharing.has(entry.id);
    return [
      {
        license,
        entry,
        installation,
        standing: standingOf(license, entry, installation, isBeyond, now, limits),
        ...(retiresAt === undefined ? {} : { retiresAt }),
      },
    ];
  });
}

function standingOf(
  license: License,
  entry: LicenseEntry,
  installation: Installation,
  isBeyond: boolean,
  now: Instant,
  limits: AlertLimits,
): CustomerStanding {
  if ((retiresAtOf(license, entry) ?? Number.POSITIVE_INFINITY) <= now) return 'retired';
  // The license is the truth about its host; the list may still lack one that was bound a moment ago.
  if (license.host === undefined && leavesAt({ ...entry, ...lapseOf(license) }) <= now) return 'lapsed';
  if (license.state === 'revoked') return 'revoked';
  if (isBeyond) return 'beyond-hosts';
  return healthOf(license, installation.contracts, now, limits);
}

const lapseOf = ({ lapsesAt }: License) => (lapsesAt === undefined ? {} : { lapsesAt });

/** The list says it first, the license follows. */
function retiresAtOf(license: License, entry: LicenseEntry): Instant | undefined {
  const instants = [license.retiresAt, entry.retiresAt].filter((instant) => instant !== undefined);
  return instants.length > 0 ? Math.min(...instants) : undefined;
}

/** How many stand how; those without any are 0. */
export function countByStanding(licenses: readonly ViewedLicense[]): Record<CustomerStanding, number> {
  const counts = Object.fromEntries(STANDINGS.map((standing) => [standing, 0])) as Record<
    CustomerStanding,
    number
  >; // Every standing is in the list that the object is made of.
  for (const { standing } of licenses) counts[standing] += 1;
  return counts;
}

/** Whether a license takes up one of the hosts ordered. */
export const takesPlace = (entry: LicenseEntry, now: Instant): boolean => now < leavesAt(entry);
