import { describe, expect, it } from 'vitest';
import { DAY, MINUTE, type Instant } from '../../../agent/src/clock.ts';
import { FRESH_STATE, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { firstAttempt, settled } from '../../../agent/src/loop/pacing.ts';
import { genuineFile, NOW, randomOf, renewedTo, unreachable } from './builders.ts';

const AGENTS = 10_000;
const END = NOW + 60 * DAY;
const LAST_DAYS = END - 3 * DAY;

interface Fleet {
  /** What the service says in `Renew-After`. */
  readonly renewAfter: (random: () => number) => number | undefined;
  readonly isOut?: (now: Instant) => boolean;
}

/** When requests come in the last three of 60 days, in order. */
function requestsOf({ renewAfter, isOut }: Fleet): readonly Instant[] {
  const requests: Instant[] = [];
  for (let agent = 0; agent < AGENTS; agent += 1) {
    const random = randomOf(agent);
    let state: AttemptState = FRESH_STATE;
    let now = firstAttempt(state, NOW + Math.floor(MINUTE * random()), random);
    while (now < END) {
      if (now >= LAST_DAYS) requests.push(now);
      const file = genuineFile({ iat: now });
      const attempt = isOut?.(now) === true ? unreachable() : renewedTo(file, renewAfter(random));
      state = settled(state, attempt, { claims: file.claims, now, random });
      now = state.nextAttemptAt ?? END;
    }
  }
  return requests.sort((a, b) => a - b);
}

/** Requests in the busiest ten minutes, wherever they begin. */
function busiest(requests: readonly Instant[]): number {
  let first = 0;
  let most = 0;
  requests.forEach((at, index) => {
    while ((requests[first] ?? at) <= at - 10 * MINUTE) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

describe('10,000 agents that were started in the same minute', () => {
  it.each<[string, Fleet]>([
    ['as the service asks', { renewAfter: (random) => Math.floor(DAY * (0.85 + 0.15 * random())) }],
    ['by their own jitter', { renewAfter: () => undefined }],
    [
      'also after an outage of 12 hours for all of them',
      { renewAfter: () => undefined, isOut: (now) => now > NOW + 40 * DAY && now < NOW + 40.5 * DAY },
    ],
  ])('are spread over the day in the last 3 of 60 days, %s', (_, fleet) => {
    const requests = requestsOf(fleet);
    const mean = requests.length / (3 * 144);
    expect(requests.length / 3 / AGENTS).toBeLessThan(1.25);
    expect(busiest(requests) / mean).toBeLessThan(2);
  });
});
