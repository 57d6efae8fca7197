import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../agent/src/clock.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import { FRESH_STATE, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { isStarved, lockedOut } from '../../../agent/src/loop/locked.ts';
import type { WatchEvent } from '../../../agent/src/loop/watch.ts';
import { arrange, FILE } from './agent-host.ts';
import { genuineFile, NOW } from './builders.ts';
import { memoryStore } from './simulated-service.ts';

function lockedHost(states = new Map<string, AttemptState>()) {
  const events: WatchEvent[] = [];
  const told: string[] = [];
  const lock = { isHeld: true };
  const host = arrange({
    parts: {
      store: memoryStore(states),
      renewOnce: (path) =>
        lock.isHeld
          ? Promise.reject(new AgentFault('locked', 'Another agent is at work', 'Wait.'))
          : host.service.renewOnce(path),
      onLocked: (path, detail) => told.push(`${path} ${detail}`),
      onAttempt: (event) => {
        events.push(event);
        return Promise.resolve(event.state);
      },
    },
  });
  return { ...host, states, events, told, lock };
}

describe('a file whose lock never goes away', () => {
  it('fails after an hour: stored and reported, and told when it is first met', async () => {
    const { clock, states, events, told, start } = lockedHost();
    const agent = start();
    await clock.run(50 * MINUTE);
    expect([events, told]).toEqual([[], [`${FILE} Another agent is at work. Wait.`]]);
    await clock.run(20 * MINUTE);
    expect(events[0]).toMatchObject({ attempt: { kind: 'fault', code: 'locked' }, file: genuineFile() });
    expect(states.get(FILE)).toMatchObject({
      lastFailure: { code: 'locked' },
      lockedSince: expect.any(Number) as number,
    });
    await clock.run(10 * HOUR);
    expect(events.length).toBeGreaterThanOrEqual(10);
    expect(events.length).toBeLessThanOrEqual(15);
    expect(told).toHaveLength(1);
    await agent.stop();
  });

  it('is renewed within an hour after it is free, and then all is forgotten', async () => {
    const { clock, service, states, lock, start } = lockedHost();
    const agent = start();
    await clock.run(5 * HOUR);
    lock.isHeld = false;
    await clock.run(HOUR);
    await agent.stop();
    expect(service.attempts.length).toBe(1);
    expect(states.get(FILE)).not.toHaveProperty('lockedSince');
    expect(states.get(FILE)?.failuresInRow).toBe(0);
  });

  it('fails for agents that are restarted every 20 minutes, and for two that share their state', async () => {
    const restarted = lockedHost();
    for (let start = 0; start < 6; start += 1) {
      const agent = restarted.start();
      await restarted.clock.run(20 * MINUTE);
      await agent.stop();
    }
    expect(restarted.events.length).toBeGreaterThan(0);

    const states = new Map<string, AttemptState>();
    const two = [lockedHost(states), lockedHost(states)];
    const agents = two.map(({ start }) => start());
    for (let minute = 0; minute < 120; minute += 1) {
      for (const { clock } of two) await clock.run(MINUTE);
    }
    for (const agent of agents) await agent.stop();
    expect(two.flatMap(({ events }) => events).length).toBeGreaterThan(0);
  });

  it('does not starve by a clock that was ahead when it was first met', () => {
    const ahead = lockedOut(FRESH_STATE, NOW + 10 * HOUR, NOW + 10 * HOUR);
    expect(isStarved(lockedOut(ahead, NOW, NOW), NOW)).toBe(false);
    expect(isStarved(lockedOut(ahead, NOW, NOW), NOW + HOUR)).toBe(true);
    expect(isStarved(FRESH_STATE, NOW)).toBe(false);
  });
});
