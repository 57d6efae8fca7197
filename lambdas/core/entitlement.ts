import { covers, DAY, endOf, isoOf, type Instant, type Span } from './instant.ts';
import type { ContractTerms, Line, TermDefaults } from './installation.ts';

/** A continuous time for which hosts are ordered; after its end a grace runs. */
export interface Period extends Span {
  /** End of the grace, exclusive; null where the period has no end. */
  readonly graceUntil: Instant | null;
}

/** What the united contracts of an installation give at one instant. */
export interface Entitlement {
  readonly kind: 'entitled';
  readonly inGrace: boolean;
  readonly period: Period;
  /** The contracts in force now; in grace, the ones that ended last. */
  readonly contracts: readonly ContractTerms[];
  readonly validityDays: number;
  readonly renewEverySeconds: number;
}

export interface NoEntitlement {
  readonly kind: 'none';
  readonly code: 'contract-ended' | 'contract-not-started' | 'contract-suspended';
  /** What the customer is told: when it ended, or when it starts. */
  readonly detail?: string;
}

/** Whether a contract entitles hosts by itself. */
export const counts = (contract: ContractTerms): boolean => !contract.suspended && contract.hosts > 0;

export const graceDaysOf = (contract: ContractTerms, defaults: TermDefaults): number =>
  contract.graceDays ?? defaults.graceDays;

/**
 * The periods of an installation, earliest first. Only contracts that order hosts entitle: an add-on without hosts does not
 * carry an installation past the end of its contract. A gap is a gap, however short.
 */
export function periodsOf(contracts: readonly ContractTerms[], defaults: TermDefaults): Period[] {
  const spans: { from: Instant; until: Instant | null }[] = [];
  for (const contract of contracts.filter(counts).sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && contract.from <= endOf(last)) {
      if (endOf(contract) > endOf(last)) last.until = contract.until;
    } else {
      spans.push({ from: contract.from, until: contract.until });
    }
  }
  return spans.map(({ from, until }) => {
    if (until === null) return { from, until, graceUntil: null };
    const ending = contracts.filter((contract) => counts(contract) && contract.until === until);
    const graceDays = Math.max(...ending.map((contract) => graceDaysOf(contract, defaults)));
    return { from, until, graceUntil: until + graceDays * DAY };
  });
}

/** What entitles an installation at an instant, or the reason why nothing does. */
export function entitlementAt(
  contracts: readonly ContractTerms[],
  now: Instant,
  defaults: TermDefaults,
): Entitlement | NoEntitlement {
  const periods = periodsOf(contracts, defaults);
  const current = periods.find((period) => covers(period, now));
  const period =
    current ??
    periods.findLast(({ until, graceUntil }) => until !== null && until <= now && now < (graceUntil ?? 0));
  if (!period) return whyNone(contracts, periods, now, defaults);

  const inForce = contracts.filter(
    (contract) => !contract.suspended && (current ? covers(contract, now) : contract.until === period.until),
  );
  return {
    kind: 'entitled',
    inGrace: current === undefined,
    period,
    contracts: inForce,
    // Contracts unite to the customer's advantage: the longest validity, the shortest way to a change.
    validityDays: Math.max(...givenBy(inForce, 'validityDays', defaults)),
    renewEverySeconds: Math.min(...givenBy(inForce, 'renewEverySeconds', defaults)),
  };
}

/** What each contract says; the default speaks for one that says nothing, but not for an add-on, which leaves it open. */
const givenBy = (
  contracts: readonly ContractTerms[],
  key: 'validityDays' | 'renewEverySeconds',
  defaults: TermDefaults,
): number[] => contracts.flatMap((contract) => contract[key] ?? (contract.hosts > 0 ? defaults[key] : []));

function whyNone(
  contracts: readonly ContractTerms[],
  periods: readonly Period[],
  now: Instant,
  defaults: TermDefaults,
): NoEntitlement {
  const active = contracts.map((contract) => ({ ...contract, suspended: false }));
  if (
    contracts.some(({ suspended }) => suspended) &&
    entitlementAt(active, now, defaults).kind === 'entitled'
  ) {
    return { kind: 'none', code: 'contract-suspended' };
  }
  const past = periods.findLast(({ from }) => from <= now);
  const next = periods.find(({ from }) => from > now);
  if (!past && next) {
    return {
      kind: 'none',
      code: 'contract-not-started',
      detail: `The contract starts at ${isoOf(next.from)}. Renewal succeeds by itself from then on.`,
    };
  }
  if (past?.until == null) return { kind: 'none', code: 'contract-ended' };
  const remedy = next
    ? `The next one starts at ${isoOf(next.from)}, and renewal succeeds by itself from then on.`
    : 'Order an extension; the next renewal then succeeds by itself.';
  return {
    kind: 'none',
    code: 'contract-ended',
    detail: `The contract ended at ${isoOf(past.until)} and its grace at ${isoOf(past.graceUntil ?? past.until)}. ${remedy}`,
  };
}

/** When a file issued now expires: after its validity, but never after the grace of the period. */
export const expiryOf = (entitlement: Entitlement, now: Instant): Instant =>
  Math.min(now + entitlement.validityDays * DAY, entitlement.period.graceUntil ?? Number.POSITIVE_INFINITY);

/** Hosts ordered at an instant. */
export const hostsAt = (contracts: readonly ContractTerms[], instant: Instant): number =>
  contracts
    .filter((contract) => !contract.suspended && covers(contract, instant))
    .reduce((sum, contract) => sum + contract.hosts, 0);

/**
 * The lines that give something, with grace: a line that ends where a period ends runs through the grace of that end, as long
 * as nothing later entitles: it must not add to what a next period orders. A line that ended before does not.
 */
export function linesWithGrace(contracts: readonly ContractTerms[], defaults: TermDefaults): Line[] {
  const periods = periodsOf(contracts, defaults);
  const graces = new Map(
    periods.map((period, index) => [period.until, gracesOf(period, periods.slice(index + 1))]),
  );
  return contracts
    .filter((contract) => !contract.suspended)
    .flatMap((contract) => contract.lines)
    .flatMap((line) => [line, ...(graces.get(line.until) ?? []).map((grace) => ({ ...line, ...grace }))]);
}

/** The parts of a period's grace in which no later period, nor its grace, entitles. */
function gracesOf({ until, graceUntil }: Period, later: readonly Period[]): Span[] {
  if (until === null || graceUntil === null) return [];
  const parts: Span[] = [];
  let from = until;
  for (const next of later) {
    if (from < Math.min(next.from, graceUntil)) parts.push({ from, until: Math.min(next.from, graceUntil) });
    from = Math.max(from, next.graceUntil ?? Number.POSITIVE_INFINITY);
  }
  if (from < graceUntil) parts.push({ from, until: graceUntil });
  return parts;
}
