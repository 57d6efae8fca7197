import { realpath, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { AgentFault } from '../fault.ts';
import { systemCallOf, systemCodeOf } from './fs-error.ts';
import { notWritten } from './not-written.ts';
import { printable } from './printable.ts';

export interface LockOptions {
  /** How long to wait for another process. 45 unless given: longer than a lock of a killed one counts. */
  readonly waitSeconds?: number;
  /** How long a lock counts that nobody touches. 30 unless given; its owner touches it three times as often. */
  readonly staleSeconds?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

const POLL_MS = 100;

/**
 * Does some work while no other process does any on the same file. The lock is the folder `<file>.lock` beside the real file. It
 * is about other processes of this machine, so that it goes by the system's time and not by a Clock.
 * @param work gets a signal that aborts if the lock was lost, as after a long sleep of the machine: `replaceFile` does no harm
 *   then, but others may be at work
 * @throws {AgentFault} `locked`, `file-missing`; `not-written` where no lock can be made, since then no file can either; the reason
 *   of the given signal where that ended the waiting
 */
export async function withLock<Result>(
  path: string,
  work: (lost: AbortSignal) => Promise<Result>,
  options: LockOptions = {},
): Promise<Result> {
  const lost = new AbortController();
  const release = await acquire(path, options, () => lost.abort());
  try {
    return await work(lost.signal);
  } finally {
    // A lock that was lost is somebody else's; one that cannot be removed goes stale.
    await release().catch(() => undefined);
  }
}

async function acquire(path: string, options: LockOptions, onCompromised: () => void) {
  const { waitSeconds = 45, staleSeconds = 30, signal } = options;
  const real = await realpath(path).catch((cause: unknown) => {
    throw new AgentFault(
      'file-missing',
      `There is no license file ${printable(path)} that this user can see`,
      'Check the path, and the rights on the folders above it.',
      { cause },
    );
  });
  const folder = `${real}.lock`;
  const isLeftOver = leftoverDetector(folder, staleSeconds * 1000);
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const staleMs = staleSeconds * 1000;
      return await lock(real, {
        realpath: false,
        retries: 0,
        stale: staleMs,
        update: staleMs / 3,
        onCompromised,
      });
    } catch (error) {
      if (!isHeld(error)) throw faultOf(error, path, real);
    }
    if (await isLeftOver()) {
      await rmdir(folder).catch(() => undefined);
    } else if (performance.now() >= deadline) {
      throw held(path, folder);
    }
    await pause(POLL_MS + Math.random() * POLL_MS);
  }
}

/**
 * Whether a lock has not been touched for so long while we looked. Its age by the clock, which the library judges by, says
 * nothing where the clock was wrong when its owner was killed: a lock from the future would stay for years.
 */
function leftoverDetector(folder: string, staleMs: number): () => Promise<boolean> {
  let seen: { readonly mtime: number; readonly since: number } | undefined;
  return async () => {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || found.mtimeMs !== seen?.mtime) {
      seen = found === undefined ? undefined : { mtime: found.mtimeMs, since: performance.now() };
      return false;
    }
    if (performance.now() - seen.since < staleMs) return false;
    seen = undefined;
    return true;
  };
}

const isHeld = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ELOCKED';

function faultOf(error: unknown, path: string, real: string): unknown {
  // Only a lock that cannot be removed is another's; all else is about making one.
  const isForeign =
    systemCallOf(error) === 'rmdir' || ['ENOTDIR', 'ENOTEMPTY'].includes(systemCodeOf(error) ?? '');
  return isForeign ? held(path, `${real}.lock`) : (notWritten(error, path, dirname(real)) ?? error);
}

const held = (path: string, folder: string): AgentFault =>
  new AgentFault(
    'locked',
    `Another agent is at work on ${printable(path)}`,
    `Let it finish. If none runs, remove ${printable(folder)}.`,
  );
