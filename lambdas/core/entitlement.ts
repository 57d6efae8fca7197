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

const counts = (contract: ContractTerms): boolean => !contract.suspended && contract.hosts > 0;

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
    const graceDays = Math.max(...ending.map((contract) => contract.graceDays ?? defaults.graceDays));
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
  const given = (key: 'validityDays' | 'renewEverySeconds'): number[] =>
    inForce.flatMap((contract) => contract[key] ?? []);
  const validity = given('validityDays');
  const interval = given('renewEverySeconds');
  return {
    kind: 'entitled',
    inGrace: current === undefined,
    period,
    contracts: inForce,
    // Contracts unite to the customer's advantage: the longest validity, the shortest way to a change.
    validityDays: validity.length > 0 ? Math.max(...validity) : defaults.validityDays,
    renewEverySeconds: interval.length > 0 ? Math.min(...interval) : defaults.renewEverySeconds,
  };
}

function whyNone(
  contracts: readonly ContractTerms[],
  periods: readonly Period[],
  now: Instant,
  defaults: TermDefaults,
): NoEntitlement {
  const suspended = contracts.some((contract) => {
    const grace = (contract.graceDays ?? defaults.graceDays) * DAY;
    return contract.suspended && contract.from <= now && now < endOf(contract) + grace;
  });
  if (suspended) return { kind: 'none', code: 'contract-suspended' };
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
  return {
    kind: 'none',
    code: 'contract-ended',
    detail: `The contract ended at ${isoOf(past.until)} and its grace at ${isoOf(past.graceUntil ?? past.until)}. Order an extension; the next renewal then succeeds by itself.`,
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
 * The lines that give something, with grace: a line that ends where a period ends runs through the grace, but not into the
 * next period, where it would add to what is ordered there. A line that ended before does not.
 */
export function linesWithGrace(contracts: readonly ContractTerms[], defaults: TermDefaults): Line[] {
  const periods = periodsOf(contracts, defaults);
  const graceEnds = new Map(
    periods.map(({ until, graceUntil }, index) => {
      const nextFrom = periods[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      return [until, graceUntil === null ? null : Math.min(graceUntil, nextFrom)];
    }),
  );
  return contracts
    .filter((contract) => !contract.suspended)
    .flatMap((contract) => contract.lines)
    .map((line) => ({ ...line, until: graceEnds.get(line.until) ?? line.until }));
}
