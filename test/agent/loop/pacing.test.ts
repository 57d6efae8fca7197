import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../agent/src/clock.ts';
import { FRESH_STATE, type Attempt, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { begun, firstAttempt, nextAttempt, settled } from '../../../agent/src/loop/pacing.ts';
import { genuineFile, NOW, renewedTo, unreachable } from './builders.ts';

const LATEST = (): number => 0;
/** Pauses are rounded up to whole seconds. */
const EARLIEST = (): number => 1 - 2 ** -53;

/** Any number that a header or a file may lead to. */
const anySeconds = fc.oneof(
  fc.integer({ min: -10, max: 10 * DAY }),
  fc.constantFrom(NaN, Infinity, 1e300, 0.5),
);
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const untilExpiry = fc.integer({ min: -400 * DAY, max: 400 * DAY });

const pauseAfter = (
  attempt: Attempt,
  { failuresInRow = 1, untilExp = 35 * DAY, every = DAY, random = LATEST } = {},
): number => {
  const { claims } = genuineFile({
    exp: NOW + untilExp,
    renewal: { url: 'https://licensing.vendor.example', everySeconds: every },
  });
  const state: AttemptState = { ...FRESH_STATE, failuresInRow };
  return nextAttempt({ attempt, state, claims, now: NOW, random }) - NOW;
};

const refused = (retryAfter?: number): Attempt => ({
  kind: 'refused',
  code: 'contract-ended',
  detail: 'The contract has ended.',
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

describe('after a success', () => {
  it('waits as the service asks, within 15 minutes and 7 days', () => {
    const file = genuineFile();
    expect(pauseAfter(renewedTo(file, 80_000), { random: EARLIEST })).toBe(80_000);
    expect(pauseAfter(renewedTo(file, 0))).toBe(15 * MINUTE);
    expect(pauseAfter(renewedTo(file, 30 * DAY))).toBe(7 * DAY);
    expect(pauseAfter(renewedTo(file, NaN))).toBe(DAY);
    expect(pauseAfter({ kind: 'unchanged', file, renewAfter: 80_000 })).toBe(80_000);
  });

  it('waits the interval of the file, up to 15 % less, where the service asks for nothing', () => {
    const file = genuineFile();
    expect(pauseAfter(renewedTo(file), { every: 6 * HOUR })).toBe(6 * HOUR);
    expect(pauseAfter(renewedTo(file), { every: 6 * HOUR, random: EARLIEST })).toBe(0.85 * 6 * HOUR + 1);
    expect(pauseAfter(renewedTo(file), { every: 1e9 })).toBe(7 * DAY);
    expect(pauseAfter(renewedTo(file), { every: -1 })).toBe(DAY);
  });

  it('comes back before a file of a short life has expired', () => {
    expect(pauseAfter(renewedTo(genuineFile(), DAY), { untilExp: DAY })).toBe(8 * HOUR);
    expect(pauseAfter(renewedTo(genuineFile(), DAY), { untilExp: 2 * MINUTE })).toBe(15 * MINUTE);
  });

  it('stays within its bounds for any header, file, expiry and random number', () => {
    fc.assert(
      fc.property(
        fc.option(anySeconds, { nil: undefined }),
        anySeconds,
        untilExpiry,
        anyRandom,
        (renewAfter, every, untilExp, random) => {
          const attempt = renewedTo(genuineFile(), renewAfter);
          const pause = pauseAfter(attempt, { every, untilExp, random: () => random });
          expect(Number.isInteger(pause)).toBe(true);
          expect(pause).toBeGreaterThanOrEqual(0.85 * 15 * MINUTE);
          expect(pause).toBeLessThanOrEqual(7 * DAY);
          // Jitter only shortens, and by 15 % at most.
          const longest = pauseAfter(attempt, { every, untilExp });
          expect(pause).toBeLessThanOrEqual(longest);
          expect(pause).toBeGreaterThanOrEqual(Math.floor(0.85 * longest));
        },
      ),
    );
  });
});

describe('after a failure', () => {
  it('tries again after 1, 10 and 100 minutes, then daily, each up to 15 % earlier', () => {
    const pauses = [1, 2, 3, 4, 5, 1000].map((failuresInRow) => pauseAfter(unreachable(), { failuresInRow }));
    expect(pauses).toEqual([MINUTE, 10 * MINUTE, 100 * MINUTE, DAY, DAY, DAY]);
    expect(pauseAfter(unreachable(), { failuresInRow: 9, random: EARLIEST })).toBe(0.85 * DAY + 1);
  });

  it('does not try before Retry-After, and no less often than daily', () => {
    expect(pauseAfter(unreachable({ retryAfter: 1800 }), { random: EARLIEST })).toBe(1800);
    expect(pauseAfter(unreachable({ retryAfter: 1e9 }))).toBe(DAY);
    expect(pauseAfter(unreachable({ retryAfter: 1800 }), { failuresInRow: 4 })).toBe(DAY);
    expect(pauseAfter(unreachable({ retryAfter: -5 }))).toBe(MINUTE);
  });

  it('asks a service that refuses with Retry-After 3600 at most 5 times on the first day, then daily', () => {
    const pauses = [1, 2, 3, 4, 5].map((failuresInRow) => pauseAfter(refused(3600), { failuresInRow }));
    expect(pauses).toEqual([HOUR, HOUR, 100 * MINUTE, DAY, DAY]);
  });

  it('tries more often near the expiry, on both sides of it, but never more often than every 10 minutes', () => {
    const at = (untilExp: number): number => pauseAfter(unreachable(), { failuresInRow: 9, untilExp });
    expect([4 * DAY, DAY, 3 * HOUR, HOUR, 0, -HOUR, -DAY, -4 * DAY].map(at)).toEqual([
      DAY,
      8 * HOUR,
      HOUR,
      20 * MINUTE,
      10 * MINUTE,
      20 * MINUTE,
      8 * HOUR,
      DAY,
    ]);
  });

  it('does not lose a license to the Retry-After of a gateway, but obeys that of a refusal', () => {
    expect(pauseAfter(unreachable({ retryAfter: DAY }), { untilExp: HOUR })).toBe(20 * MINUTE);
    expect(pauseAfter(refused(DAY), { untilExp: HOUR })).toBe(DAY);
  });

  it('looks hourly whether a fault of this machine is repaired, without a file as well', () => {
    const attempt: Attempt = { kind: 'fault', code: 'file-damaged', detail: 'It is damaged.' };
    const state: AttemptState = { failuresInRow: 9 };
    expect(nextAttempt({ attempt, state, now: NOW, random: LATEST })).toBe(NOW + HOUR);
  });

  it('stays within its bounds for any failure, header, expiry and random number', () => {
    const failed = fc.oneof(
      fc.option(anySeconds, { nil: undefined }).map(refused),
      anySeconds.map((retryAfter) => unreachable({ retryAfter })),
      fc.constantFrom<Attempt>(
        unreachable(),
        { kind: 'rejected', reason: 'older', detail: 'It is older.' },
        { kind: 'not-written', detail: 'The disk is full.' },
        { kind: 'fault', code: 'internal', detail: 'Internal error' },
      ),
    );
    fc.assert(
      fc.property(
        failed,
        fc.nat(2000),
        untilExpiry,
        anyRandom,
        (attempt, failuresInRow, untilExp, random) => {
          const pause = pauseAfter(attempt, { failuresInRow, untilExp, random: () => random });
          expect(pause).toBeGreaterThanOrEqual(0.85 * MINUTE);
          expect(pause).toBeLessThanOrEqual(DAY);
          expect(pause).toBeLessThanOrEqual(pauseAfter(attempt, { failuresInRow, untilExp }));
          const { retryAfter = 0 } = 'retryAfter' in attempt ? attempt : {};
          if (attempt.kind === 'refused' && retryAfter >= 0) {
            expect(pause).toBeGreaterThanOrEqual(Math.min(DAY, retryAfter));
          }
        },
      ),
    );
  });

  it('makes fewer than 1.2 requests a day in a year of refusal', () => {
    let state = FRESH_STATE;
    let now = NOW;
    let requests = 0;
    const claims = genuineFile({ exp: NOW + 10 * DAY }).claims;
    while (now < NOW + 365 * DAY) {
      state = settled(state, refused(3600), { claims, now, random: () => 0.5 });
      requests += 1;
      now = state.nextAttemptAt ?? Infinity;
    }
    expect(requests).toBeLessThan(1.2 * 365);
    expect(requests).toBeGreaterThan(365);
  });
});

describe('the first attempt of an agent', () => {
  it('comes within 5 minutes where nothing is known, where the plan is overdue, and where a clock ahead of time made it', () => {
    const states: readonly AttemptState[] = [
      FRESH_STATE,
      { failuresInRow: 0, lastAttemptAt: NOW - 3 * DAY, nextAttemptAt: NOW - 2 * DAY },
      { failuresInRow: 0, nextAttemptAt: NOW + 400 * DAY },
      { failuresInRow: 0, lastAttemptAt: NOW + DAY, nextAttemptAt: NOW + 2 * DAY },
    ];
    for (const state of states) {
      expect(firstAttempt(state, NOW, LATEST)).toBe(NOW);
      expect(firstAttempt(state, NOW, EARLIEST)).toBe(NOW + 299);
    }
  });

  it('keeps the plan of before the restart', () => {
    const state = settled(FRESH_STATE, renewedTo(genuineFile(), 80_000), {
      claims: genuineFile().claims,
      now: NOW,
      random: LATEST,
    });
    expect(firstAttempt(state, NOW + 60, LATEST)).toBe(NOW + 80_000);
    // A clock that was corrected by some minutes does not matter.
    expect(firstAttempt(state, NOW - 600, LATEST)).toBe(NOW + 80_000);
  });

  it('is planned later and later where the agent dies in each attempt, up to daily', () => {
    let state: AttemptState = FRESH_STATE;
    let now = NOW;
    let deaths = 0;
    while (now < NOW + 10 * DAY) {
      now = firstAttempt(state, now, () => 0.5);
      state = begun(state, now, () => 0.5);
      deaths += 1;
      // Whatever started it again does so every second.
      now += 1;
      expect(firstAttempt(state, now, LATEST)).toBeGreaterThan(now);
    }
    expect(deaths).toBeLessThanOrEqual(15);
  });
});
