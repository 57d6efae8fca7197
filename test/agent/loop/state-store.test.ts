import fc from 'fast-check';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '../../../agent/src/clock.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import {
  faultOf,
  FRESH_STATE,
  stateAfter,
  stateBefore,
  type Attempt,
  type AttemptState,
} from '../../../agent/src/loop/attempt-state.ts';
import { readState, stateStore, statePathOf, writeState } from '../../../agent/src/loop/state-store.ts';
import { genuineFile, NOW, renewedTo, unreachable } from './builders.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-state-'));
  path = join(folder, 'es.lic.state.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const FULL: AttemptState = {
  lastAttemptAt: NOW,
  lastRenewedAt: NOW - HOUR,
  failingSince: NOW - 10,
  failuresInRow: 2,
  lastFailure: { kind: 'unreachable', code: 'dns', detail: 'No such name.', at: NOW },
  nextAttemptAt: NOW + 600,
  unfinished: 1,
  lockedSince: NOW - 20,
  lastVerified: {
    sub: 'lic_1',
    jti: 'serial-1',
    product: 'ES',
    host: { id: 'H-1' },
    iat: NOW,
    exp: NOW + 35 * 24 * HOUR,
    entitledUntil: NOW + 300 * 24 * HOUR,
    contracts: [{ id: 'k-1' }],
    renewal: { everySeconds: 24 * HOUR },
  },
  warnedOn: '2026-11-24',
  mailedOn: '2026-11-23',
  clockAhead: -3,
};

describe('the stored state', () => {
  it('is read as it was written, again and again, and leaves nothing beside it', async () => {
    await writeState(path, { failuresInRow: 7 });
    await writeState(path, FULL);
    expect(await readState(path)).toEqual(FULL);
    expect(await readdir(folder)).toEqual(['es.lic.state.json']);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1 });
  });

  it('lies beside the license file, or in a folder that is made for it', async () => {
    expect(statePathOf('/a/es.lic')).toBe('/a/es.lic.state.json');
    const store = stateStore(join(folder, 'deep', 'state'));
    await store.write('/a/es.lic', FULL);
    await store.write('/b/es.lic', FRESH_STATE);
    expect(await store.read('/a/es.lic')).toEqual(FULL);
    expect(await store.read('/b/es.lic')).toEqual(FRESH_STATE);
  });

  it('begins fresh where it is missing, damaged, of another version, or no file', async () => {
    expect(await readState(path)).toEqual(FRESH_STATE);
    for (const text of [
      '',
      '{"version": 1, "failuresInRow": 3',
      'null',
      '[]',
      '{"version": 2, "failuresInRow": 3}',
      `{"version": 1, "pad": "${'x'.repeat(70_000)}"}`,
    ]) {
      await writeFile(path, text);
      expect(await readState(path), text.slice(0, 40)).toEqual(FRESH_STATE);
    }
    await rm(path);
    await mkdir(path);
    expect(await readState(path)).toEqual(FRESH_STATE);
  });

  it('forgets a damaged member only, and shows no control characters of a text that somebody put there', async () => {
    await writeFile(
      path,
      JSON.stringify({
        ...FULL,
        version: 1,
        nextAttemptAt: 1e300,
        lastAttemptAt: '5',
        warnedOn: 'today',
        clockAhead: null,
        unfinished: -1,
        lockedSince: 'yesterday',
        lastVerified: { ...FULL.lastVerified, exp: 'never' },
        lastFailure: { ...FULL.lastFailure, detail: `\u001b[2J${'x'.repeat(5000)}` },
      }),
    );
    const state = await readState(path);
    expect(Object.keys(state).sort()).toEqual(
      ['failingSince', 'failuresInRow', 'lastFailure', 'lastRenewedAt', 'mailedOn'].sort(),
    );
    expect(state.lastFailure?.detail.length).toBeLessThanOrEqual(301);
    expect(state.lastFailure?.detail).not.toContain('\u001b');
  });

  it('is never a reason to fail, whatever is in the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((one) => JSON.stringify({ ...one, version: 1 })),
        ),
        async (text) => {
          await writeFile(path, text);
          expect((await readState(path)).failuresInRow).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not follow a link that waits where it is written, and keeps the old one where it cannot be written', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, `${path}.${process.pid}.tmp`);
    await writeState(path, FULL);
    expect(await readFile(victim, 'utf8')).toBe('precious');

    const blocked = join(folder, 'blocked');
    await mkdir(join(blocked, 'child'), { recursive: true });
    await expect(writeState(blocked, FULL)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['blocked', 'es.lic.state.json', 'victim']);
  });
});

describe('the state after an attempt', () => {
  const failures: readonly [Attempt, string][] = [
    [unreachable({ obstacle: 'tls' }), 'tls'],
    [{ kind: 'refused', code: 'license-transferred', detail: 'It has moved.' }, 'license-transferred'],
    [{ kind: 'rejected', reason: 'bad-signature', detail: 'Its signature is wrong.' }, 'bad-signature'],
    [{ kind: 'not-written', detail: 'The disk is full.' }, 'not-written'],
    [faultOf(new AgentFault('host-id', 'No host id', 'Give one.')), 'host-id'],
  ];

  it.each(failures)('remembers the cause of a failure: %o', (attempt, code) => {
    const state = stateAfter(FRESH_STATE, attempt, NOW);
    expect(state).toMatchObject({
      failingSince: NOW,
      failuresInRow: 1,
      lastFailure: { kind: attempt.kind, code, at: NOW },
    });
  });

  it('counts failures in a row from the first one on, and forgets them with a success', () => {
    const first = stateAfter(FULL, unreachable(), NOW + 10);
    expect(first).toMatchObject({ failingSince: NOW - 10, failuresInRow: 3, lastRenewedAt: NOW - HOUR });
    expect(first.unfinished).toBeUndefined();
    const renewed = stateAfter(first, renewedTo(genuineFile()), NOW + 20);
    expect(renewed).toEqual({
      lastAttemptAt: NOW + 20,
      lastRenewedAt: NOW + 20,
      failuresInRow: 0,
      lastVerified: FULL.lastVerified,
      warnedOn: '2026-11-24',
      mailedOn: '2026-11-23',
    });
  });

  it('does not fail since tomorrow after the clock was set back', () => {
    expect(stateAfter({ failuresInRow: 1, failingSince: NOW + 999 }, unreachable(), NOW).failingSince).toBe(
      NOW,
    );
  });

  it('remembers how far the clock is ahead until a success says otherwise', () => {
    const seen = stateAfter(FRESH_STATE, unreachable({ clockAhead: 90_000 }), NOW);
    expect(stateAfter(seen, unreachable(), NOW).clockAhead).toBe(90_000);
    expect(stateAfter(seen, unreachable({ clockAhead: NaN }), NOW).clockAhead).toBe(90_000);
    expect(stateAfter(seen, renewedTo(genuineFile()), NOW).clockAhead).toBeUndefined();
  });

  it('counts attempts of which the end was not seen', () => {
    expect(stateBefore(stateBefore(FRESH_STATE, NOW), NOW + 1)).toEqual({
      failuresInRow: 0,
      lastAttemptAt: NOW + 1,
      unfinished: 2,
    });
  });
});
