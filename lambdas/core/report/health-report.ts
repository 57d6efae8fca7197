import { licenseStanding, namesOf } from '../alerts/license-standing.ts';
import type { AlertLimits } from '../alerts/limits.ts';
import type { ContractName } from '../alerts/subjects.ts';
import { entitlementAt, linesWithGrace, type Entitlement, type NoEntitlement } from '../entitlement.ts';
import { covers, type Instant } from '../instant.ts';
import type { ContractTerms, Installation } from '../installation.ts';
import type { Host, License } from '../license.ts';
import { comingOf, type Coming } from './coming.ts';
import type { ReportPeriod } from './report-period.ts';
import type { HealthFacts, InstallationFacts, LicenseFacts } from './health-facts.ts';

/**
 * How a host stands, as a reader sees it. `in-grace`: its contract has ended, and it goes on for a while. `not-entitled`: no
 * contract is in force, or the license is revoked.
 */
export const HOST_HEALTHS = [
  'healthy',
  'in-grace',
  'failing',
  'expiring',
  'offline',
  'not-installed',
  'not-entitled',
] as const;
export type HostHealth = (typeof HOST_HEALTHS)[number];

/** A license and its host, in trouble or behind. */
export interface ReportedHost {
  readonly licenseId: string;
  readonly product: string;
  readonly installation: string;
  /** Hostile text: whoever shows it cuts and escapes it. */
  readonly host?: Host;
  readonly health: HostHealth;
  readonly lastSeenAt?: Instant;
  readonly expiresAt?: Instant;
  /** Code of the last refusal, where the host is failing. */
  readonly code?: string;
}

/** One option of an installation, now. */
export interface OptionReport {
  readonly option: string;
  /** Contracted for all hosts together, and for each of them besides. */
  readonly pool: number;
  readonly everyHost: number;
  /** In force on the hosts, by the files that they hold. */
  readonly delivered: number;
}

export interface InstallationReport {
  readonly product: string;
  readonly installation: string;
  /** Those in force; in grace, those that ended last. */
  readonly contracts: readonly ContractName[];
  /** In grace: its end, and the zone in whose days the contract was ordered. */
  readonly grace?: { readonly until: Instant; readonly timeZone?: string };
  /** Ordered by these contracts, and licenses that take up one of them. */
  readonly hosts: { readonly ordered: number; readonly licensed: number };
  readonly options: readonly OptionReport[];
  /** Hosts whose file is older than the latest change of contracts or hosts: they get it with their next renewal. */
  readonly behind: readonly ReportedHost[];
}

/** The health of a customer's licenses, and what came of them in a period. */
export interface HealthReport {
  readonly hosts: Readonly<Record<HostHealth, number>>;
  /** Those offline, failing and expiring. */
  readonly troubled: readonly ReportedHost[];
  readonly renewals: number;
  /** Most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly installations: readonly InstallationReport[];
  /** In order of time. */
  readonly coming: readonly Coming[];
}

/** How the licenses stand now, what they did in the period that is over, and what changes in the one that has begun. */
export function healthReport(
  { installations }: HealthFacts,
  now: Instant,
  { until, nextUntil }: Pick<ReportPeriod, 'until' | 'nextUntil'>,
  limits: AlertLimits,
): HealthReport {
  const hosts = new Map<LicenseFacts, ReportedHost>();
  for (const { installation, licenses } of installations) {
    for (const facts of licenses) hosts.set(facts, reportedHost(facts.license, installation, now, limits));
  }
  const all = [...hosts.values()];
  const licenses = [...hosts.keys()];
  return {
    hosts: countedByHealth(all),
    troubled: all.filter(({ health }) => isTrouble(health)),
    renewals: licenses.reduce((sum, { renewals }) => sum + renewals, 0),
    refusals: refusalsOf(licenses),
    installations: installations.map((facts) => installationReport(facts, hosts, now, limits)),
    coming: installations
      .flatMap(({ installation }) => comingOf(installation, until, nextUntil, limits.defaults))
      .sort((a, b) => a.at - b.at),
  };
}

export const isTrouble = (health: HostHealth): boolean =>
  health === 'offline' || health === 'failing' || health === 'expiring';

function reportedHost(
  license: License,
  { contracts }: Installation,
  now: Instant,
  limits: AlertLimits,
): ReportedHost {
  const { licenseId, product, installation, host, lastSeenAt, current, lastRefusal } = license;
  const health = healthOf(license, contracts, now, limits);
  return {
    licenseId,
    product,
    installation,
    health,
    ...(host ? { host } : {}),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(current ? { expiresAt: current.expiresAt } : {}),
    ...(health === 'failing' && lastRefusal !== undefined ? { code: lastRefusal } : {}),
  };
}

/** The same judgement as that of the alerts, but for what they leave unsaid: a move or retirement to come, the first refusals. */
export function healthOf(
  { transfer, retiresAt, ...license }: License,
  contracts: readonly ContractTerms[],
  now: Instant,
  limits: AlertLimits,
): HostHealth {
  const { kind } = licenseStanding(license, contracts, now, limits);
  const entitlement = entitlementAt(contracts, now, limits.defaults);
  const isInGrace = entitlement.kind === 'entitled' && entitlement.inGrace;
  switch (kind) {
    case 'healthy':
    case 'offline':
    case 'expiring':
    case 'not-installed':
      return kind;
    case 'failed':
    case 'undecided':
      return 'failing';
    case 'silenced':
    case 'ending':
      return isInGrace && license.state === 'active' ? 'in-grace' : 'not-entitled';
  }
}

function countedByHealth(hosts: readonly ReportedHost[]): Record<HostHealth, number> {
  const counts: Record<HostHealth, number> = {
    healthy: 0,
    'in-grace': 0,
    offline: 0,
    failing: 0,
    expiring: 0,
    'not-installed': 0,
    'not-entitled': 0,
  };
  for (const { health } of hosts) counts[health] += 1;
  return counts;
}

function refusalsOf(licenses: readonly LicenseFacts[]): HealthReport['refusals'] {
  const counts = new Map<string, number>();
  for (const { refusals } of licenses) {
    for (const [code, count] of refusals) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

function installationReport(
  { installation, licenses }: InstallationFacts,
  hosts: ReadonlyMap<LicenseFacts, ReportedHost>,
  now: Instant,
  { defaults }: AlertLimits,
): InstallationReport {
  const { product, installation: name, contracts, version } = installation;
  const isBehind = ({ license: { current } }: LicenseFacts, { health }: ReportedHost) =>
    current !== undefined && current.installationVersion < version && health !== 'not-entitled';
  const entitlement = entitlementAt(contracts, now, defaults);
  const inForce = entitlement.kind === 'entitled' ? entitlement.contracts : [];
  return {
    product,
    installation: name,
    contracts: namesOf(inForce),
    ...graceOf(entitlement),
    hosts: {
      ordered: inForce.reduce((sum, { hosts: ordered }) => sum + ordered, 0),
      licensed: licenses.length,
    },
    options: optionsOf(linesWithGrace(contracts, defaults), licenses, now),
    behind: licenses.flatMap((facts) => {
      const host = hosts.get(facts);
      return host && isBehind(facts, host) ? [host] : [];
    }),
  };
}

function graceOf(entitlement: Entitlement | NoEntitlement): Pick<InstallationReport, 'grace'> {
  if (entitlement.kind === 'none' || !entitlement.inGrace) return {};
  const { period, contracts } = entitlement;
  const [timeZone] = contracts.flatMap((contract) => contract.timeZone ?? []);
  if (period.graceUntil === null) return {};
  return { grace: { until: period.graceUntil, ...(timeZone === undefined ? {} : { timeZone }) } };
}

/** What is contracted at this instant and what the files give at it; a file that has expired gives nothing. */
function optionsOf(
  lines: ReturnType<typeof linesWithGrace>,
  licenses: readonly LicenseFacts[],
  now: Instant,
): OptionReport[] {
  const options = new Map<string, { pool: number; everyHost: number; delivered: number }>();
  const add = (option: string, key: 'pool' | 'everyHost' | 'delivered', quantity: number) => {
    const sums = options.get(option) ?? { pool: 0, everyHost: 0, delivered: 0 };
    sums[key] += quantity;
    options.set(option, sums);
  };
  for (const line of lines.filter((candidate) => covers(candidate, now))) {
    add(line.option, line.scope === 'pool' ? 'pool' : 'everyHost', line.quantity);
  }
  for (const { license, windows } of licenses) {
    if ((license.current?.expiresAt ?? 0) <= now) continue;
    for (const window of windows) if (covers(window, now)) add(window.option, 'delivered', window.quantity);
  }
  return [...options]
    .map(([option, sums]) => ({ option, ...sums }))
    .sort((a, b) => (a.option < b.option ? -1 : 1));
}
