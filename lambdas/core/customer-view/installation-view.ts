import type { InstallationDetail, InstallationItem } from '../api/installation-views.ts';
import type { SortKey } from '../api/paging.ts';
import { namesOf } from '../alerts/license-standing.ts';
import { changeInstants, contractedAt } from '../distribution.ts';
import { entitlementAt, graceDaysOf, hostsAt } from '../entitlement.ts';
import { hostChanges, hostsAllowedAt, leavesAt } from '../hosts-allowed.ts';
import { covers, endOf, isoOf, type Instant } from '../instant.ts';
import type { ContractTerms, Installation, TermDefaults } from '../installation.ts';
import { connectionOf } from './license-detail.ts';
import { isoIf, licenseItem } from './license-item.ts';
import type { InstallationSort } from './queries.ts';
import { countByStanding, takesPlace, type ViewedLicense } from './standing.ts';

/** Licenses shown with an installation; the list of licenses has all. */
const MAX_LICENSES = 200;

/** Stretches of time shown of one thing; more than an ERP with a line per day of a year makes. */
const MAX_STRETCHES = 1_000;

export interface Places {
  readonly ordered: number;
  readonly allowed: number;
  readonly licensed: number;
}

/** Hosts ordered, allowed and licensed at an instant. */
export const placesAt = (installation: Installation, instant: Instant, defaults: TermDefaults): Places => ({
  ordered: hostsAt(installation.contracts, instant),
  allowed: hostsAllowedAt(installation, instant, defaults),
  licensed: installation.licenses.filter((entry) => takesPlace(entry, instant)).length,
});

/** An installation in a list. */
export function installationItem(
  installation: Installation,
  now: Instant,
  defaults: TermDefaults,
): InstallationItem {
  const { product, installation: name, contracts } = installation;
  const entitlement = entitlementAt(contracts, now, defaults);
  const about = { product, installation: name, hosts: placesAt(installation, now, defaults) };
  if (entitlement.kind === 'none') {
    return { ...about, standing: entitlement.code, contracts: [] };
  }
  return {
    ...about,
    standing: entitlement.inGrace ? 'in-grace' : 'entitled',
    connection: connectionOf(entitlement),
    ...isoIf('entitledUntil', entitlement.period.until),
    ...isoIf('graceUntil', entitlement.period.graceUntil),
    contracts: namesOf(entitlement.contracts),
  };
}

/** What installations are sorted by. */
export function installationKey(
  { product, installation, entitledUntil }: InstallationItem,
  sort: InstallationSort,
): SortKey {
  // Dates as text would sort a year of six digits wrong.
  if (sort === 'endsAt') return entitledUntil === undefined ? undefined : Date.parse(entitledUntil);
  return `${product} ${installation}`;
}

/** Neither product nor name can contain a `#`. */
export const installationId = ({
  product,
  installation,
}: Pick<InstallationItem, 'product' | 'installation'>) => `${product}#${installation}`;

/** All that a customer sees of one installation. */
export function installationDetail(
  installation: Installation,
  licenses: readonly ViewedLicense[],
  now: Instant,
  defaults: TermDefaults,
): InstallationDetail {
  const { contracts, version } = installation;
  return {
    ...installationItem(installation, now, defaults),
    version,
    contracts: contracts.map((contract) => contractView(contract, installation, now, defaults)),
    lines: contracts.flatMap(linesOf),
    options: optionsOverTime(installation, now, defaults),
    hostsOverTime: hostsOverTime(installation, now, defaults),
    licenses: {
      total: licenses.length,
      byStanding: countByStanding(licenses),
      items: licenses.slice(0, MAX_LICENSES).map(licenseItem),
    },
  };
}

function contractView(
  contract: ContractTerms,
  { contracts }: Installation,
  now: Instant,
  defaults: TermDefaults,
): InstallationDetail['contracts'][number] {
  const { kind, from, until, hosts, connection, timeZone } = contract;
  return {
    ...namesOf([contract])[0],
    id: contract.id,
    kind,
    status: statusOf(contract, contracts, now, defaults),
    startsAt: isoOf(from),
    ...isoIf('endsAt', until),
    ...(timeZone === undefined ? {} : { timeZone }),
    hosts,
    graceDays: graceDaysOf(contract, defaults),
    validityDays: contract.validityDays ?? defaults.validityDays,
    renewEverySeconds: contract.renewEverySeconds ?? defaults.renewEverySeconds,
    connection,
  };
}

/** A contract is in grace where it is one of those that the installation goes on by. */
function statusOf(
  contract: ContractTerms,
  all: readonly ContractTerms[],
  now: Instant,
  defaults: TermDefaults,
): InstallationDetail['contracts'][number]['status'] {
  if (contract.suspended) return 'suspended';
  if (now < contract.from) return 'not-started';
  if (covers(contract, now)) return 'in-force';
  const entitlement = entitlementAt(all, now, defaults);
  const isInGrace =
    entitlement.kind === 'entitled' && entitlement.inGrace && entitlement.contracts.includes(contract);
  return isInGrace ? 'in-grace' : 'ended';
}

const linesOf = (contract: ContractTerms): InstallationDetail['lines'] =>
  contract.lines.map(({ option, scope, quantity, from, until }) => ({
    contractId: contract.id,
    option,
    scope,
    quantity,
    from: isoOf(from),
    ...isoIf('until', until),
    isTemporary: from > contract.from || (until ?? Number.POSITIVE_INFINITY) < endOf(contract),
  }));

/** What is contracted of each option from now on, as stretches that differ; nothing is no stretch. */
function optionsOverTime(
  installation: Installation,
  now: Instant,
  defaults: TermDefaults,
): InstallationDetail['options'] {
  interface Stretch {
    readonly option: string;
    readonly from: Instant;
    until: Instant | undefined;
    readonly pool: number;
    readonly everyHost: number;
  }
  const stretches: Stretch[] = [];
  const open = new Map<string, Stretch>();
  const instants = [now, ...changeInstants(installation, defaults).filter((instant) => instant > now)];
  instants.forEach((from, index) => {
    const until = instants[index + 1];
    for (const [option, { pool, everyHost }] of contractedAt(installation, from, defaults)) {
      const last = open.get(option);
      if (last?.until === from && last.pool === pool && last.everyHost === everyHost) {
        last.until = until;
      } else {
        const stretch = { option, from, until, pool, everyHost };
        open.set(option, stretch);
        stretches.push(stretch);
      }
    }
  });
  return stretches
    .sort((a, b) => (a.option === b.option ? a.from - b.from : a.option < b.option ? -1 : 1))
    .slice(0, MAX_STRETCHES)
    .map(({ option, from, until, pool, everyHost }) => ({
      option,
      from: isoOf(from),
      ...isoIf('until', until),
      pool,
      everyHost,
    }));
}

function hostsOverTime(
  installation: Installation,
  now: Instant,
  defaults: TermDefaults,
): InstallationDetail['hostsOverTime'] {
  const changes = [
    ...hostChanges(installation, defaults),
    ...installation.contracts.map(endOf),
    ...installation.licenses.map(leavesAt),
  ].filter((instant) => now < instant && Number.isFinite(instant));
  const instants = [now, ...[...new Set(changes)].sort((a, b) => a - b)].slice(0, MAX_STRETCHES);
  const stretches: { from: Instant; places: Places }[] = [];
  for (const from of instants) {
    const places = placesAt(installation, from, defaults);
    const last = stretches.at(-1)?.places;
    const isSame =
      last?.ordered === places.ordered &&
      last.allowed === places.allowed &&
      last.licensed === places.licensed;
    if (!isSame) stretches.push({ from, places });
  }
  return stretches.map(({ from, places }, index) => ({
    from: isoOf(from),
    ...isoIf('until', stretches[index + 1]?.from),
    ...places,
  }));
}
