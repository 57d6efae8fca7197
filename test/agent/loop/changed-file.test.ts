import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../agent/src/clock.ts';
import { FRESH_STATE } from '../../../agent/src/loop/attempt-state.ts';
import { planOfFound } from '../../../agent/src/loop/pacing.ts';
import { arrange, FILE } from './agent-host.ts';
import { genuineFile, NOW } from './builders.ts';
import { memoryStore } from './simulated-service.ts';

/** A watched file of which tests and other agents change the version. */
function watched() {
  let touched = 0;
  const host = arrange({
    parts: {
      versionOf: (path) => Promise.resolve(`${touched} ${host.service.files.get(path)?.claims.seq ?? ''}`),
    },
  });
  return { ...host, touch: () => (touched += 1) };
}

describe('two agents that share a file and no state', () => {
  it('do not set each other off: together they ask about once a day', async () => {
    const { clock, service, start } = watched();
    const first = start();
    const { start: startSecond } = arrange({
      seed: 2,
      parts: {
        files: service.list,
        renewOnce: service.renewOnce,
        read: service.read,
        clock,
        store: memoryStore(),
        versionOf: (path) => Promise.resolve(String(service.files.get(path)?.claims.seq)),
      },
    });
    const second = startSecond();
    await clock.run(20 * DAY);
    await Promise.all([first.stop(), second.stop()]);
    expect(service.attempts.length).toBeGreaterThanOrEqual(19);
    expect(service.attempts.length).toBeLessThanOrEqual(2 + 1.25 * 20);
    expect(service.lapses).toBe(0);
  });
});

describe('a file that somebody changes', () => {
  it('is due by its own age where it is new', async () => {
    const { clock, service, start } = watched();
    const agent = start();
    await clock.run(20 * HOUR);
    const tries = service.attempts.length;
    service.files.set(FILE, genuineFile({ seq: 50, iat: clock.now() - HOUR }));
    await clock.run(19 * HOUR);
    expect(service.attempts.length).toBe(tries);
    await clock.run(4.1 * HOUR);
    expect(service.attempts.length).toBe(tries + 1);
    await agent.stop();
  });

  it('is tried at most every 15 minutes, however often that is', async () => {
    const { clock, service, start, touch } = watched();
    const agent = start();
    await clock.run(10 * MINUTE);
    const tries = service.attempts.length;
    // Old at each change, as if a backup came back.
    for (let minute = 0; minute < 120; minute += 1) {
      service.files.set(FILE, genuineFile({ seq: 1, iat: NOW - 3 * DAY }));
      touch();
      await clock.run(MINUTE);
    }
    await agent.stop();
    const more = service.attempts.length - tries;
    expect(more).toBeGreaterThanOrEqual(6);
    expect(more).toBeLessThanOrEqual(8);
  });

  it('is tried at its first contact soon, however new it is', async () => {
    const { clock, service, start } = watched();
    const agent = start();
    await clock.run(0);
    service.files.set(FILE, genuineFile({ seq: 9, iat: clock.now() }));
    await clock.run(6 * MINUTE);
    expect(service.attempts.length).toBe(1);
    await agent.stop();
  });

  it('that is a starter is tried soon, however new it is', async () => {
    const { clock, service, start } = watched();
    const agent = start();
    await clock.run(2 * HOUR);
    const { host, ...claims } = genuineFile({ seq: 0, iat: clock.now() }).claims;
    expect(host).toBeDefined();
    service.files.set(FILE, { text: 'starter', kid: 'key', claims });
    await clock.run(6 * MINUTE);
    expect(service.attempts.length).toBe(2);
    await agent.stop();
  });
});

describe('the plan for a file that was found', () => {
  const claims = genuineFile({ iat: NOW }).claims;
  const plan = (now: number, random = 0, state = FRESH_STATE): number | undefined =>
    planOfFound(claims, state, now, () => random);

  it('is its issue and its interval, shortened by the usual jitter, by the clock of the service', () => {
    expect(plan(NOW + HOUR)).toBe(NOW + DAY);
    expect(plan(NOW + HOUR, 0.99999)).toBe(NOW + 0.85 * DAY + 1);
    expect(plan(NOW + 2 * DAY, 0, { failuresInRow: 0, clockAhead: 2 * DAY })).toBe(NOW + 3 * DAY);
  });

  it('is none where that has passed, and is never further away than the interval', () => {
    expect(plan(NOW + DAY)).toBeUndefined();
    expect(plan(NOW - 400 * DAY)).toBe(NOW - 399 * DAY);
    const short = { ...claims, exp: NOW + 3 * HOUR };
    expect(planOfFound(short, FRESH_STATE, NOW, () => 0)).toBe(NOW + HOUR);
  });
});
