import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, systemClock } from '../../../agent/src/clock.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import { FRESH_STATE, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { settled } from '../../../agent/src/loop/pacing.ts';
import { stateStore, type StateStore } from '../../../agent/src/loop/state-store.ts';
import type { WatchEvent } from '../../../agent/src/loop/watch.ts';
import type { Outcome } from '../../../agent/src/outcome.ts';
import { arrange, FILE } from './agent-host.ts';
import { genuineFile } from './builders.ts';
import { memoryStore } from './simulated-service.ts';

describe('time that does not pass evenly', () => {
  it('is noticed within a minute after the machine has slept for 3 days', async () => {
    const { clock, service, start } = arrange();
    const agent = start();
    await clock.run(HOUR);
    expect(service.attempts.length).toBe(1);
    clock.jump(3 * DAY);
    await clock.run(MINUTE);
    expect(service.attempts.length).toBe(2);
    await clock.run(HOUR);
    expect(service.attempts.length).toBe(2);
    await agent.stop();
  });

  it('does not stop renewals for 400 days after the clock was that much ahead', async () => {
    const { clock, service, states, start } = arrange();
    const agent = start();
    await clock.run(HOUR);
    clock.jump(400 * DAY);
    await clock.run(HOUR);
    expect(service.attempts.length).toBe(2);
    clock.jump(-400 * DAY);
    await clock.run(6 * MINUTE);
    expect(service.attempts.length).toBe(3);
    await agent.stop();
    expect(states.get(FILE)?.nextAttemptAt).toBeLessThan(clock.now() + DAY + 1);
  });

  it('is noticed by an agent that starts after the clock was set back by a day', async () => {
    const { clock, service, start } = arrange();
    const before = start();
    await clock.run(HOUR);
    await before.stop();
    clock.jump(-DAY);
    const after = start();
    await clock.run(6 * MINUTE);
    expect(service.attempts.length).toBe(2);
    await clock.run(20 * HOUR);
    expect(service.attempts.length).toBe(2);
    await after.stop();
  });

  it('brings a new license to a machine that wakes up after 400 days', async () => {
    const { clock, service, start } = arrange();
    const agent = start();
    await clock.run(HOUR);
    clock.jump(400 * DAY);
    await clock.run(MINUTE);
    await agent.stop();
    expect(service.files.get(FILE)?.claims.exp).toBeGreaterThan(clock.now());
  });
});

describe('an agent that is killed between the attempt and the storing of its state', () => {
  /** From its first attempt on, nothing is stored any more: the agent is as good as dead. */
  const dying = (states: Map<string, AttemptState>): StateStore => ({
    read: memoryStore(states).read,
    write: (path, state) =>
      state.unfinished === undefined ? new Promise(() => undefined) : memoryStore(states).write(path, state),
  });

  it('asks once more after a minute, and then has what it needs', async () => {
    const states = new Map<string, AttemptState>();
    const { clock, service, start } = arrange({ parts: { store: dying(states) } });
    const doomed = start();
    await clock.run(6 * MINUTE);
    doomed.kill();
    expect(service.attempts.length).toBe(1);

    const { list: files, renewOnce, read } = service;
    const { start: restart } = arrange({
      parts: { files, renewOnce, read, clock, store: memoryStore(states) },
    });
    const agent = restart();
    await clock.run(DAY / 2);
    await agent.stop();
    expect(service.attempts.length).toBe(2);
    expect(states.get(FILE)?.unfinished).toBeUndefined();
  });

  it('again and again asks about daily, however often it is started', async () => {
    const { clock, service, start } = arrange({ parts: { store: dying(new Map()) } });
    for (let minute = 0; minute < 10 * 24 * 60; minute += 5) {
      const agent = start();
      await clock.run(5 * MINUTE);
      agent.kill();
    }
    expect(service.attempts.length).toBeGreaterThanOrEqual(10);
    expect(service.attempts.length).toBeLessThanOrEqual(15);
  });
});

describe('several files', () => {
  it('do not wait for each other: one hangs, one faults, one has no state that can be stored', async () => {
    const events: WatchEvent[] = [];
    const states = new Map<string, AttemptState>();
    const memory = memoryStore(states);
    const { clock, service, troubles, start } = arrange({
      parts: {
        store: {
          read: memory.read,
          write: (path, state) =>
            path.includes('read-only') ? Promise.reject(new Error('EROFS')) : memory.write(path, state),
        },
        onAttempt: (event) => {
          events.push(event);
          return path(event) === 'reported'
            ? Promise.reject(new Error('report'))
            : Promise.resolve(event.state);
        },
      },
    });
    const path = (event: WatchEvent): string => event.path.slice('/licenses/'.length, -'.lic'.length);
    for (const name of ['read-only', 'reported', 'hanging', 'damaged'])
      service.install(`/licenses/${name}.lic`);
    const renewOnce = service.renewOnce;
    const hanging = new Promise<Outcome>(() => undefined);
    Object.assign(service, {
      renewOnce: (file: string): Promise<Outcome> => {
        if (file.includes('hanging')) return hanging;
        if (file.includes('damaged')) throw new AgentFault('file-damaged', 'It is damaged', 'Restore it.');
        return renewOnce(file);
      },
    });
    start();
    await clock.run(10 * DAY);
    const count = (name: string): number => events.filter((event) => path(event) === name).length;
    for (const name of ['es', 'read-only', 'reported']) {
      expect(count(name), name).toBeGreaterThanOrEqual(10);
      expect(count(name), name).toBeLessThanOrEqual(13);
    }
    expect(count('hanging')).toBe(0);
    // Hourly: whoever repairs it waits for the agent.
    expect(count('damaged')).toBeGreaterThan(240);
    expect(states.get('/licenses/damaged.lic')?.lastFailure).toMatchObject({
      kind: 'fault',
      code: 'file-damaged',
    });
    expect(new Set(troubles.map(({ doing }) => doing))).toEqual(new Set(['store', 'report']));
  });

  it('are picked up when they appear, and let go when they disappear', async () => {
    const { clock, service, start } = arrange();
    const agent = start();
    await clock.run(HOUR);
    service.install('/licenses/second.lic');
    await clock.run(6 * MINUTE + 1);
    expect(service.attempts.map(({ path }) => path)).toEqual([FILE, '/licenses/second.lic']);
    service.files.delete(FILE);
    await clock.run(5 * DAY);
    await agent.stop();
    expect(service.attempts.filter(({ path }) => path === FILE).length).toBe(1);
    expect(service.attempts.length).toBeGreaterThanOrEqual(6);
  });

  it('are kept where the folder cannot be listed for a while', async () => {
    let isListable = true;
    const { clock, service, troubles, start } = arrange({
      parts: {
        files: () => (isListable ? service.list() : Promise.reject(new Error('EACCES'))),
      },
    });
    const agent = start();
    await clock.run(HOUR);
    isListable = false;
    await clock.run(3 * DAY);
    await agent.stop();
    expect(service.attempts.length).toBeGreaterThanOrEqual(4);
    expect(troubles[0]?.doing).toBe('list');
  });
});

describe('ending the watch', () => {
  it('is prompt with the real clock as well, and leaves its plan on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-watch-'));
    const file = join(folder, 'es.lic');
    let renewed: () => void = () => undefined;
    const hasRenewed = new Promise<void>((resolve) => (renewed = resolve));
    const { start } = arrange({
      parts: {
        files: () => Promise.resolve([file]),
        renewOnce: () => Promise.resolve({ kind: 'unchanged', file: genuineFile(), renewAfter: 80_000 }),
        onAttempt: ({ state }) => {
          renewed();
          return Promise.resolve(state);
        },
        random: () => 0,
        clock: systemClock,
        store: stateStore(),
      },
    });
    const agent = start();
    await hasRenewed;
    await agent.stop();
    const { lastAttemptAt = NaN, nextAttemptAt } = await stateStore().read(file);
    expect(Math.abs(lastAttemptAt - systemClock.now())).toBeLessThan(60);
    expect(nextAttemptAt).toBeGreaterThan(lastAttemptAt);
    expect(await readdir(folder)).toEqual(['es.lic.state.json']);
    await rm(folder, { recursive: true });
  });

  it('takes no time while it waits', async () => {
    const { clock, start } = arrange();
    const agent = start();
    await clock.run(HOUR);
    await agent.stop();
  });

  it('lets the attempt under way finish, stores what came of it, and begins no other', async () => {
    let finish: (outcome: Outcome) => void = () => undefined;
    let begunAttempts = 0;
    const { clock, states, start } = arrange({
      parts: {
        renewOnce: () => {
          begunAttempts += 1;
          return new Promise((resolve) => (finish = resolve));
        },
      },
    });
    const agent = start();
    await clock.run(6 * MINUTE);
    let hasEnded = false;
    const ended = agent.stop().then(() => (hasEnded = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasEnded).toBe(false);
    expect(states.get(FILE)).toMatchObject({ unfinished: 1 });
    finish({ kind: 'unchanged', file: genuineFile() });
    await ended;
    expect(states.get(FILE)?.unfinished).toBeUndefined();
    expect(states.get(FILE)?.lastRenewedAt).toBe(clock.now());
    expect(begunAttempts).toBe(1);
  });
});

describe('another agent, or a person, at the same files', () => {
  it('is not repeated: what it has renewed and remembered is taken over', async () => {
    const { clock, service, states, start } = arrange();
    const agent = start();
    await clock.run(20 * HOUR);
    const file = service.files.get(FILE) ?? genuineFile();
    states.set(
      FILE,
      settled(
        FRESH_STATE,
        { kind: 'unchanged', file },
        { claims: file.claims, now: clock.now(), random: () => 0 },
      ),
    );
    await clock.run(23 * HOUR);
    expect(service.attempts.length).toBe(1);
    await clock.run(HOUR + MINUTE);
    expect(service.attempts.length).toBe(2);
    await agent.stop();
  });

  it('that holds the lock is waited for, a minute at a time, and that is no failure', async () => {
    let isLocked = true;
    const events: WatchEvent[] = [];
    const { clock, service, start } = arrange({
      parts: {
        renewOnce: (path) =>
          isLocked
            ? Promise.reject(new AgentFault('locked', 'It is locked', 'Wait.'))
            : service.renewOnce(path),
        onAttempt: (event) => {
          events.push(event);
          return Promise.resolve(event.state);
        },
      },
    });
    const agent = start();
    await clock.run(30 * MINUTE);
    isLocked = false;
    await clock.run(2 * MINUTE);
    await agent.stop();
    expect(service.attempts.length).toBe(1);
    expect(events.map(({ attempt }) => attempt.kind)).toEqual(['renewed']);
  });

  it('that puts another file in the place of one that fails sees it tried within minutes', async () => {
    let version = '1';
    let isOut = true;
    const { clock, service, start } = arrange({
      isOut: () => isOut,
      parts: { versionOf: () => Promise.resolve(version) },
    });
    const agent = start();
    await clock.run(5 * DAY);
    const tries = service.attempts.length;
    isOut = false;
    version = '2';
    await clock.run(7 * MINUTE);
    expect(service.attempts.length).toBe(tries + 1);
    await agent.stop();
  });
});

describe('an attempt that ends by a bug', () => {
  it('is a failure like others, whose text says nothing that the error said', async () => {
    const { clock, states, start } = arrange({
      parts: { renewOnce: () => Promise.reject(new TypeError('cannot read eyJhbGciOi of undefined')) },
    });
    const agent = start();
    await clock.run(HOUR);
    await agent.stop();
    expect(states.get(FILE)?.lastFailure).toMatchObject({
      code: 'internal',
      detail: 'Internal error (TypeError)',
    });
  });
});
