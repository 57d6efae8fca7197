import { describe, expect, it } from 'vitest';
import { DAY } from '../../../agent/src/clock.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import { whyNotAccepted } from '../../../agent/src/file/acceptance.ts';
import type { GenuineFile, LicenseClaims } from '../../../agent/src/license.ts';
import { renewFile, type RenewalParts } from '../../../agent/src/renew-file.ts';
import { genuineFile, NOW } from './builders.ts';

const numbered = (seq: number, claims: Partial<LicenseClaims> = {}): GenuineFile =>
  genuineFile({ seq, iat: NOW + seq, exp: NOW + 35 * DAY, ...claims });

/**
 * A renewal of file 1 that is answered with file 2. While the service is asked the machine sleeps: the lock is lost, and what
 * is on the disk becomes `there`, or nothing.
 */
function asleep(there: GenuineFile | undefined, isNoticed = true) {
  const lost = new AbortController();
  const disk: { file: GenuineFile | undefined; readonly written: string[] } = {
    file: numbered(1),
    written: [],
  };
  const parts: RenewalParts = {
    read: () =>
      disk.file
        ? Promise.resolve(disk.file)
        : Promise.reject(new AgentFault('file-missing', 'It is missing', 'Put it there.')),
    open: () => Promise.resolve(numbered(2)),
    whyNotAccepted,
    whyNotReplaceable: () => Promise.resolve(undefined),
    replace: (_path, text) => {
      disk.written.push(text);
      return Promise.resolve();
    },
    lock: (_path, work) => work(lost.signal),
    ask: () => {
      disk.file = there;
      if (isNoticed) lost.abort();
      return Promise.resolve({ kind: 'file', text: 'file.2', renewAfter: 80_000 });
    },
    now: () => NOW,
  };
  return { disk, outcome: renewFile('/licenses/es.lic', parts) };
}

describe('an answer to an agent whose lock was lost while the machine slept', () => {
  it.each([true, false])('does not replace a newer file (noticed: %s)', async (isNoticed) => {
    const { disk, outcome } = asleep(numbered(5), isNoticed);
    expect(await outcome).toEqual({ kind: 'unchanged', file: numbered(5) });
    expect(disk.written).toEqual([]);
  });

  it('does not replace a file of another license: somebody is at work', async () => {
    const { disk, outcome } = asleep(numbered(7, { sub: 'lic_2' }));
    await expect(outcome).rejects.toMatchObject({ code: 'locked' });
    expect(disk.written).toEqual([]);
  });

  it('is given up where nothing can be read any more', async () => {
    const { disk, outcome } = asleep(undefined);
    await expect(outcome).rejects.toMatchObject({ code: 'locked' });
    expect(disk.written).toEqual([]);
  });

  it('is taken where nobody else has written', async () => {
    const { disk, outcome } = asleep(numbered(1));
    expect(await outcome).toMatchObject({ kind: 'renewed', before: numbered(1), file: numbered(2) });
    expect(disk.written).toEqual(['file.2']);
  });

  it('is the file that another agent was given as well', async () => {
    const { disk, outcome } = asleep(numbered(2));
    expect(await outcome).toMatchObject({ kind: 'unchanged', renewAfter: 80_000 });
    expect(disk.written).toEqual([]);
  });

  it('heals a file that was damaged while the lock was held', async () => {
    const { disk, outcome } = asleep(undefined, false);
    expect((await outcome).kind).toBe('renewed');
    expect(disk.written).toEqual(['file.2']);
  });
});

it('A file that could not be replaced is not renewed in vain: the service would take the host for healthy', async () => {
  let isAsked = false;
  const parts: RenewalParts = {
    read: () => Promise.resolve(numbered(1)),
    open: () => Promise.resolve(numbered(2)),
    whyNotAccepted,
    whyNotReplaceable: () =>
      Promise.resolve(new AgentFault('not-written', 'It is of another', 'Give it away')),
    replace: () => Promise.resolve(),
    lock: (_path, work) => work(new AbortController().signal),
    ask: () => {
      isAsked = true;
      return Promise.resolve({ kind: 'file', text: 'file.2' });
    },
    now: () => NOW,
  };
  const outcome = await renewFile('/licenses/es.lic', parts);
  expect(outcome).toEqual({ kind: 'not-written', detail: 'It is of another. Give it away' });
  expect(isAsked).toBe(false);
});
