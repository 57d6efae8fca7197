import { DAY, HOUR, MINUTE, type Instant } from '../clock.ts';
import type { LicenseClaims } from '../license.ts';
import { FRESH_STATE, stateAfter, stateBefore, type Attempt, type AttemptState } from './attempt-state.ts';

/** Between two renewals that succeed, whatever the service or the file ask for. */
const SHORTEST_INTERVAL = 15 * MINUTE;
const LONGEST_INTERVAL = 7 * DAY;
const USUAL_INTERVAL = DAY;

/** After the first, second, third failure in a row, and after each later one. */
const LADDER = [MINUTE, 10 * MINUTE, 100 * MINUTE, DAY] as const;

const SHORTEST_RETRY_AFTER = MINUTE;
const LONGEST_RETRY_AFTER = DAY;
/** However near the expiry is, failures are not repeated faster than this, apart from the first. */
const SHORTEST_URGENT = 10 * MINUTE;
/** What fails on this machine costs the service nothing, and people are waiting for it while they repair it. */
const LONGEST_AFTER_FAULT = HOUR;

/** The service's own share. A fleet that started in one minute is spread over the whole day after two months. */
const JITTER = 0.15;
/** First contacts are spread over so many seconds. */
const FIRST_SPREAD = 5 * MINUTE;
/** Corrections of a clock that plans survive. */
export const CLOCK_TOLERANCE = 15 * MINUTE;

/** 0 <= random < 1. */
export type Random = () => number;

export interface Attempted {
  readonly attempt: Attempt;
  /** As `stateAfter` made it of this attempt. */
  readonly state: AttemptState;
  /** Of the file that is on disk now; absent where it cannot be read. */
  readonly claims?: Pick<LicenseClaims, 'exp' | 'renewal'> | undefined;
  readonly now: Instant;
  readonly random: Random;
}

/**
 * When to try again.
 *
 * - After a success: after `Renew-After`, bounded to 15 minutes to 7 days; without it after the interval of the file (24 h
 *   where it names none), within the same bounds, times 0.85 to 1. At most a third of the time to `exp`, but 15 minutes.
 * - After a failure: after 1, 10, 100 minutes, then daily, times 0.85 to 1. At most a third of the time to `exp`, or since
 *   `exp`, but 10 minutes: near the expiry more often, and long after it daily again.
 * - Never before `Retry-After`, bounded to 1 minute to 24 hours. Near the expiry that holds for a refusal only: what a
 *   gateway asks for must not cost the license.
 * - After a fault on this machine: the same, at most an hour.
 */
export function nextAttempt({ attempt, state, claims, now, random }: Attempted): Instant {
  const jitter = 1 - JITTER * random();
  const untilExpiry = claims === undefined ? Infinity : Math.abs(claims.exp - now);

  if (attempt.kind === 'renewed' || attempt.kind === 'unchanged') {
    const interval =
      bounded(attempt.renewAfter, SHORTEST_INTERVAL, LONGEST_INTERVAL) ??
      intervalOf(claims?.renewal.everySeconds) * jitter;
    const urgent = Math.max(SHORTEST_INTERVAL, untilExpiry / 3) * jitter;
    return now + Math.ceil(Math.min(interval, urgent));
  }

  const urgent = Math.max(SHORTEST_URGENT, untilExpiry / 3);
  const pause = Math.min(rungOf(state.failuresInRow), urgent) * jitter;
  switch (attempt.kind) {
    case 'refused':
      return now + Math.ceil(Math.max(pause, retryAfterOf(attempt.retryAfter)));
    case 'unreachable':
      return now + Math.ceil(Math.max(pause, Math.min(retryAfterOf(attempt.retryAfter), urgent)));
    case 'fault':
      return now + Math.ceil(Math.min(pause, LONGEST_AFTER_FAULT));
    case 'rejected':
    case 'not-written':
      return now + Math.ceil(pause);
  }
}

/**
 * When to renew a file that somebody else has put there, as if it had been delivered here when it was issued; undefined
 * where that time has passed, so that it is not new. By that two agents that share no state renew it once between them.
 */
export function planOfFound(
  { iat, exp, renewal }: Pick<LicenseClaims, 'iat' | 'exp' | 'renewal'>,
  { clockAhead = 0 }: AttemptState,
  now: Instant,
  random: Random,
): Instant | undefined {
  const issuedAt = iat + clockAhead;
  const urgent = Math.max(SHORTEST_INTERVAL, (exp - iat) / 3);
  const pause = Math.min(intervalOf(renewal.everySeconds), urgent) * (1 - JITTER * random());
  // One that seems to come from the future was issued now at the latest.
  const planned = Math.ceil(Math.min(issuedAt, now) + pause);
  return planned > now ? planned : undefined;
}

/**
 * When to try a file that somebody else has changed and that is not new: soon, as after a start, but 15 minutes after the
 * last time for that reason.
 */
export const soonAfterChange = (last: Instant | undefined, now: Instant, random: Random): Instant =>
  Math.max(firstAttempt(FRESH_STATE, now, random), (last ?? -Infinity) + SHORTEST_INTERVAL);

/** The state after an attempt, with the time of the next one. */
export function settled(
  state: AttemptState,
  attempt: Attempt,
  { claims, now, random }: Omit<Attempted, 'attempt' | 'state'>,
): AttemptState {
  const after = stateAfter(state, attempt, now);
  return { ...after, nextAttemptAt: nextAttempt({ attempt, state: after, claims, now, random }) };
}

/** The state while an attempt runs: if it is never settled, the next one comes as after failures, up to daily. */
export function begun(state: AttemptState, now: Instant, random: Random): AttemptState {
  const before = stateBefore(state, now);
  const pause = rungOf(Math.max(before.unfinished ?? 1, state.failuresInRow + 1)) * (1 - JITTER * random());
  return { ...before, nextAttemptAt: now + Math.ceil(pause) };
}

/**
 * When an agent that has just started, or whose clock has jumped, tries: as planned before, if that lies ahead; else within
 * 5 minutes, spread at random. A plan that a clock ahead of time has made does not hold.
 */
export function firstAttempt(state: AttemptState, now: Instant, random: Random): Instant {
  const { nextAttemptAt } = state;
  if (nextAttemptAt !== undefined && nextAttemptAt > now && isPlausible(state, now)) return nextAttemptAt;
  return now + Math.floor(FIRST_SPREAD * random());
}

/** Whether the plan in the state can have been made by a clock that agrees with this one. */
export function isPlausible({ lastAttemptAt, nextAttemptAt }: AttemptState, now: Instant): boolean {
  if (lastAttemptAt !== undefined && lastAttemptAt > now + CLOCK_TOLERANCE) return false;
  return nextAttemptAt === undefined || nextAttemptAt <= now + LONGEST_INTERVAL + CLOCK_TOLERANCE;
}

/** Seconds between two renewals that succeed, by the file. */
const intervalOf = (everySeconds: number | undefined): number =>
  bounded(everySeconds, SHORTEST_INTERVAL, LONGEST_INTERVAL) ?? USUAL_INTERVAL;

/** Seconds of the step of the ladder; the last one holds for all that follow. */
const rungOf = (failures: number): number => LADDER[Math.max(0, failures - 1)] ?? DAY;

const retryAfterOf = (seconds: number | undefined): number =>
  bounded(seconds, SHORTEST_RETRY_AFTER, LONGEST_RETRY_AFTER) ?? 0;

/** Absent where there is no usable number; negative ones, and what is not a number, ask for nothing. */
function bounded(seconds: number | undefined, min: number, max: number): number | undefined {
  if (seconds === undefined || Number.isNaN(seconds) || seconds < 0) return undefined;
  return Math.min(max, Math.max(min, seconds));
}
