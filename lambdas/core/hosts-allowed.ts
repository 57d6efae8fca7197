import { counts, graceDaysOf, hostsAt } from './entitlement.ts';
import { DAY, endOf, type Instant } from './instant.ts';
import type { Installation, LicenseEntry, TermDefaults } from './installation.ts';

type Ordered = Pick<Installation, 'contracts' | 'keptHosts'>;
type Listed = Ordered & Pick<Installation, 'licenses'>;

/** A drop of the hosts: as many as before may go on until its grace has ended. */
interface Drop {
  readonly hosts: number;
  readonly at: Instant;
  /** Exclusive. */
  readonly graceUntil: Instant;
}

/**
 * Hosts that may run at an instant: those that are ordered then, or more where more were ordered until a grace ago. So an
 * order for fewer hosts stops none of them before its customer had the time to choose.
 */
export function hostsAllowedAt(installation: Ordered, instant: Instant, defaults: TermDefaults): number {
  const inGrace = dropsOf(installation, defaults).filter(
    ({ at, graceUntil }) => at <= instant && instant < graceUntil,
  );
  return Math.max(hostsAt(installation.contracts, instant), ...inGrace.map(({ hosts }) => hosts));
}

/** Instants at which the number of allowed hosts can change. */
export function hostChanges(installation: Ordered, defaults: TermDefaults): Instant[] {
  return [
    ...installation.contracts.map(({ from }) => from),
    ...dropsOf(installation, defaults).flatMap(({ at, graceUntil }) => [at, graceUntil]),
  ];
}

/** The licenses that carry a share at an instant: neither lapsed nor retired, and of the rest those that were declared first. */
export function sharingAt(
  installation: Listed,
  instant: Instant,
  defaults: TermDefaults,
): readonly LicenseEntry[] {
  return installation.licenses
    .filter((license) => instant < leavesAt(license))
    .slice(0, hostsAllowedAt(installation, instant, defaults));
}

/** Whether the same licenses share, in the same order: then a pool is divided alike. */
export const isSameList = (a: readonly LicenseEntry[], b: readonly LicenseEntry[]): boolean =>
  a.length === b.length && a.every(({ id }, place) => id === b[place]?.id);

/**
 * The first instant from `from` on at which a license carries no share: retired, or one too many for the hosts ordered.
 * `from` itself where it carries none now; undefined where that never happens.
 */
export function allowedUntil(
  installation: Listed,
  licenseId: string,
  from: Instant,
  defaults: TermDefaults,
): Instant | undefined {
  const later = [...hostChanges(installation, defaults), ...installation.licenses.map(leavesAt)].filter(
    (instant) => from < instant && Number.isFinite(instant),
  );
  return [from, ...new Set(later)]
    .sort((a, b) => a - b)
    .find((instant) => !sharingAt(installation, instant, defaults).some(({ id }) => id === licenseId));
}

/** When a license gives up its place by itself. */
export const leavesAt = ({ lapsesAt, retiresAt }: LicenseEntry): Instant =>
  Math.min(lapsesAt ?? Number.POSITIVE_INFINITY, retiresAt ?? Number.POSITIVE_INFINITY);

/** The grace of a drop is that of the contracts that end there; of a lower order, the longest of what is ordered. */
function dropsOf({ contracts, keptHosts = [] }: Ordered, defaults: TermDefaults): Drop[] {
  const counting = contracts.filter(counts);
  const ends = new Set(counting.map(endOf).filter(Number.isFinite));
  const longest = Math.max(...counting.map((contract) => graceDaysOf(contract, defaults)));
  return [
    ...[...ends].map((at) => ({
      hosts: hostsAt(contracts, at - 1),
      at,
      graceUntil:
        at +
        DAY *
          Math.max(
            ...counting
              .filter(({ until }) => until === at)
              .map((contract) => graceDaysOf(contract, defaults)),
          ),
    })),
    ...keptHosts.map(({ hosts, endedAt }) => ({
      hosts,
      at: endedAt,
      graceUntil: endedAt + DAY * (Number.isFinite(longest) ? longest : defaults.graceDays),
    })),
  ];
}
