import { HOUR, MINUTE, type Instant } from '../clock.ts';
import type { AttemptState } from './attempt-state.ts';
import type { StateStore } from './state-store.ts';

/** Another agent is at work on the file; what it leaves behind is looked at then. */
const PAUSE = MINUTE;
/** So long nothing but locks may be met before that is a failure like others. */
const PATIENCE = HOUR;

/** The state after an attempt that met a lock. Who holds it stores what comes of it, so that it is no failure. */
export const lockedOut = (state: AttemptState, startedAt: Instant, now: Instant): AttemptState => ({
  ...state,
  lastAttemptAt: startedAt,
  nextAttemptAt: now + PAUSE,
  lockedSince: Math.min(state.lockedSince ?? startedAt, startedAt),
});

/** The state once somebody else has changed the file: whoever held its lock was alive. */
export function lockWorked(state: AttemptState): AttemptState {
  const { lockedSince, ...others } = state;
  return lockedSince === undefined ? state : others;
}

/** Whether nothing but locks was met for so long that nobody can be at work any more. */
export const isStarved = ({ lockedSince = Infinity }: AttemptState, now: Instant): boolean =>
  now - lockedSince >= PATIENCE;

/**
 * Stores that a lock was met, in place of the beginning of the attempt, which has ended: the next run has to know since when.
 * Not where the holder of the lock has stored meanwhile what came of its own attempt.
 */
export async function storeLockedOut(path: string, state: AttemptState, store: StateStore): Promise<void> {
  const { unfinished, lastAttemptAt } = await store.read(path);
  if (unfinished !== undefined && lastAttemptAt === state.lastAttemptAt) await store.write(path, state);
}

/** What another agent has remembered: one that has begun, or met a lock as well, may stand before the same one. */
export function mergedLock(theirs: AttemptState, { lockedSince }: AttemptState): AttemptState {
  const hasEnded = theirs.unfinished === undefined && theirs.lockedSince === undefined;
  if (lockedSince === undefined || hasEnded) return theirs;
  return { ...theirs, lockedSince: Math.min(lockedSince, theirs.lockedSince ?? lockedSince) };
}
