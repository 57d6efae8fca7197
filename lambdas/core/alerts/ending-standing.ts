import { hostsAt, periodsOf, type Period } from '../entitlement.ts';
import { DAY, type Instant } from '../instant.ts';
import type { Installation } from '../installation.ts';
import { namesOf } from './license-standing.ts';
import type { AlertLimits } from './limits.ts';
import { ladderOf, type Standing } from './standing.ts';

/**
 * How the entitlement of an installation stands. Periods that follow each other, or that a grace connects, are one to its
 * customer: nothing ends between them. What has ended stays so until something entitles again or the contracts are forgotten.
 */
export function endingStanding(
  { product, installation, contracts }: Pick<Installation, 'product' | 'installation' | 'contracts'>,
  now: Instant,
  limits: AlertLimits,
): Standing {
  const periods = periodsOf(contracts, limits.defaults);
  const index = lastConnected(periods, now);
  const period = periods[index];
  if (!period) return { kind: 'silenced' };
  if (period.until === null) return { kind: 'healthy', endsAt: null };

  const { until } = period;
  const graceUntil = period.graceUntil ?? until;
  const ending = contracts.filter((contract) => !contract.suspended && contract.until === until);
  const trial = ending.every((contract) => contract.hosts === 0 || contract.kind === 'trial');
  const withinDays = trial ? limits.trialEndingWithinDays : limits.endingWithinDays;
  if (now < until - withinDays * DAY) return { kind: 'healthy', endsAt: until };

  const before = [
    { step: 'ending', days: withinDays },
    { step: '30-days', days: 30 },
    { step: '15-days', days: 15 },
    { step: '7-days', days: 7 },
    { step: '1-day', days: 1 },
  ] as const;
  const grace = graceUntil - until;
  const next = periods[index + 1];
  const timeZone = ending.find((contract) => contract.timeZone !== undefined)?.timeZone;
  return {
    kind: 'ending',
    since: until,
    ladder: ladderOf([
      ...before
        .filter(({ days }) => days <= withinDays)
        .map(({ step, days }) => ({ step, at: until - days * DAY })),
      { step: 'ended', at: until },
      ...(grace >= 2 * DAY
        ? [
            { step: 'half-of-grace' as const, at: until + Math.floor(grace / 2) },
            { step: 'last-day-of-grace' as const, at: graceUntil - DAY },
          ]
        : []),
    ]),
    about: {
      kind: 'ending',
      product,
      installation,
      contracts: namesOf(ending),
      trial,
      ...(timeZone === undefined ? {} : { timeZone }),
      endsAt: until,
      graceUntil,
      hosts: hostsAt(contracts, until - 1),
      ...(next ? { nextStartsAt: next.from } : {}),
    },
  };
}

/** Index of the last period that is connected to the one in force, or else to the last one that was; -1 without one. */
function lastConnected(periods: readonly Period[], now: Instant): number {
  let index = periods.findLastIndex(({ from }) => from <= now);
  // Nothing has begun yet: what comes first is what will end.
  if (index < 0) index = periods.length > 0 ? 0 : -1;
  for (let next = periods[index + 1]; next; next = periods[index + 1]) {
    const graceUntil = periods[index]?.graceUntil ?? null;
    if (graceUntil !== null && next.from > graceUntil) break;
    index += 1;
  }
  return index;
}
