import { MINUTE, type Clock, type Instant } from '../clock.ts';
import type { GenuineFile } from '../license.ts';
import type { Outcome } from '../outcome.ts';
import { faultOf, isLocked, withVerified, type Attempt, type AttemptState } from './attempt-state.ts';
import { isStarved, lockedOut, lockWorked, mergedLock, storeLockedOut } from './locked.ts';
import {
  begun,
  CLOCK_TOLERANCE,
  firstAttempt,
  isPlausible,
  planOfFound,
  settled,
  soonAfterChange,
  type Random,
} from './pacing.ts';
import type { StateStore } from './state-store.ts';

/** The wall clock is looked at this often, so that sleep of the machine and jumps of the clock are noticed. */
const STEP = MINUTE;

/** What an attempt on one file has come to. */
export interface WatchEvent {
  readonly path: string;
  readonly attempt: Attempt;
  /** On disk now; absent where it cannot be read. */
  readonly file?: GenuineFile;
  /** With the time of the next attempt; stored already. */
  readonly state: AttemptState;
}

export interface WatchParts {
  /** The license files that are there now; asked every minute. Where it rejects, the files known so far are kept. */
  readonly files: () => Promise<readonly string[]>;
  /**
   * Renews one file. Whatever it throws is a fault of this attempt, but for the reason of `signal`: then it was given up. It
   * has to end by itself, also once `signal` has aborted.
   */
  readonly renewOnce: (path: string, signal: AbortSignal) => Promise<Outcome>;
  /** The file at a path, verified. */
  readonly read: (path: string) => Promise<GenuineFile>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the watch: waiting ends at once, an attempt that is under way is finished and stored. */
  readonly signal: AbortSignal;
  /**
   * Any text that changes when somebody replaces the file, such as inode and time. Then it is tried soon, at most every 15
   * minutes; a file that is new is renewed when it is due.
   */
  readonly versionOf?: (path: string) => Promise<string | undefined>;
  /**
   * After each attempt: reports, hooks, warnings, metrics. Resolves to the state to remember. Of this file only, the next
   * attempt waits for it, and where it rejects, nothing else happens than `onTrouble`. Not after one that another agent's lock
   * kept out, unless nothing else has come for an hour.
   */
  readonly onAttempt?: (event: WatchEvent) => Promise<AttemptState>;
  /** Another agent holds the lock of a file: told for the first attempt that it keeps out. */
  readonly onLocked?: (path: string, detail: string) => void;
  /** What went wrong around the attempts: files that cannot be listed, states that cannot be stored. */
  readonly onTrouble?: (trouble: Trouble) => void;
}

export interface Trouble {
  readonly doing: 'list' | 'store' | 'report';
  readonly path?: string;
  readonly error: unknown;
}

/**
 * Keeps license files fresh until `signal` aborts, and never gives up. Each file has a loop of its own, so that none waits
 * for another. Files that appear are picked up within a minute, those that disappear are let go. Never rejects.
 */
export async function watch(parts: WatchParts): Promise<void> {
  const { clock, signal } = parts;
  const loops = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  while (!signal.aborted) {
    const paths = await listed(parts);
    if (paths !== undefined) {
      for (const [path, { stop }] of loops) if (!paths.has(path)) stop.abort();
      for (const path of paths) {
        // A loop that was stopped is still there until its attempt has ended: two never work on one file.
        if (loops.has(path)) continue;
        const stop = new AbortController();
        const ended = keepFresh(path, parts, stop.signal)
          // Of a part that breaks its promise; the loop begins anew with the next listing.
          .catch((error: unknown) => parts.onTrouble?.({ doing: 'report', path, error }))
          .finally(() => loops.delete(path));
        loops.set(path, { stop, ended });
      }
    }
    await clock.wait(STEP, signal);
  }
  const ending = [...loops.values()];
  for (const { stop } of ending) stop.abort();
  await Promise.all(ending.map(({ ended }) => ended));
}

async function listed({ files, onTrouble }: WatchParts): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set(await files());
  } catch (error) {
    onTrouble?.({ doing: 'list', error });
    return undefined;
  }
}

async function keepFresh(path: string, parts: WatchParts, signal: AbortSignal): Promise<void> {
  const { store, clock, random } = parts;
  let state = await store.read(path);
  let version = await versionOf(path, parts);
  let seenAt = clock.now();
  let dueAt = firstAttempt(state, seenAt, random);
  let changeDueAt: Instant | undefined;

  while (!signal.aborted) {
    const now = clock.now();
    // The clock was set back: what was planned by it may be far away.
    if (now < seenAt - CLOCK_TOLERANCE) {
      dueAt = firstAttempt(state, now, random);
      changeDueAt = undefined;
    }
    seenAt = now;
    if (now < dueAt) {
      await clock.wait(Math.min(STEP, dueAt - now), signal);
      const found = await versionOf(path, parts);
      if (found === version) continue;
      version = found;
      // Somebody else replaced the file. Another agent may have left a plan.
      const theirs = await newerState(path, state, parts);
      if (theirs !== undefined) {
        state = theirs;
        dueAt = firstAttempt(theirs, clock.now(), random);
        continue;
      }
      state = lockWorked(state);
      const planned = await planOfNew(path, state, parts);
      if (planned === undefined) {
        // Put there by a person, who would like to see it renewed.
        const soon = soonAfterChange(changeDueAt, clock.now(), random);
        if (soon < dueAt) dueAt = changeDueAt = soon;
      } else {
        const isWell = state.lastAttemptAt !== undefined && state.failingSince === undefined;
        dueAt = isWell ? planned : Math.min(dueAt, planned);
        state = { ...state, nextAttemptAt: dueAt };
      }
      continue;
    }
    const theirs = await newerState(path, state, parts);
    if (theirs !== undefined) {
      state = theirs;
      dueAt = plannedAt(theirs, now);
      if (dueAt > now) continue;
    }
    state = await tryOnce(path, state, parts, signal);
    dueAt = state.nextAttemptAt ?? clock.now() + STEP;
    seenAt = clock.now();
    version = await versionOf(path, parts);
  }
}

/** One attempt, stored and reported. Never rejects. */
async function tryOnce(
  path: string,
  state: AttemptState,
  parts: WatchParts,
  signal: AbortSignal,
): Promise<AttemptState> {
  const { clock, random, onAttempt, onLocked, onTrouble } = parts;
  const startedAt = clock.now();
  await store(path, begun(state, startedAt, random), parts);
  const attempt = await attemptOf(path, parts, signal);
  // The state that is stored says that its end was not seen, which is so.
  if (attempt === undefined) return state;
  const now = clock.now();
  let before = state;
  if (isLocked(attempt)) {
    if (state.lockedSince === undefined) onLocked?.(path, attempt.detail);
    before = lockedOut(state, startedAt, now);
    if (!isStarved(before, now)) {
      await storeLockedOut(path, before, {
        ...parts.store,
        write: (file, waiting) => store(file, waiting, parts),
      });
      return before;
    }
  }
  const file =
    attempt.kind === 'renewed' || attempt.kind === 'unchanged'
      ? attempt.file
      : await parts.read(path).catch(() => undefined);
  const after = withVerified(settled(before, attempt, { claims: file?.claims, now, random }), file);
  await store(path, after, parts);
  if (onAttempt === undefined) return after;
  try {
    const event = { path, attempt, state: after, ...(file === undefined ? {} : { file }) };
    const reported = await onAttempt(event);
    if (reported !== after) await store(path, reported, parts);
    return reported;
  } catch (error) {
    onTrouble?.({ doing: 'report', path, error });
    return after;
  }
}

/** Undefined where it was given up because the watch ends. */
async function attemptOf(
  path: string,
  { renewOnce }: WatchParts,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  try {
    return await renewOnce(path, signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    return faultOf(error);
  }
}

async function store(path: string, state: AttemptState, { store, onTrouble }: WatchParts): Promise<void> {
  try {
    await store.write(path, state);
  } catch (error) {
    // It is still remembered here; only a restart forgets it.
    onTrouble?.({ doing: 'store', path, error });
  }
}

/** What another agent, or the command, has remembered since. */
async function newerState(
  path: string,
  state: AttemptState,
  { store }: WatchParts,
): Promise<AttemptState | undefined> {
  const remembered = await store.read(path);
  if ((remembered.lastAttemptAt ?? -1) <= (state.lastAttemptAt ?? -1)) return undefined;
  return mergedLock(remembered, state);
}

/** When the file is due that somebody has put there; undefined unless it is genuine, bound to a host and new. */
async function planOfNew(
  path: string,
  state: AttemptState,
  { read, clock, random }: WatchParts,
): Promise<Instant | undefined> {
  const { claims } = (await read(path).catch(() => undefined)) ?? {};
  return claims?.host === undefined ? undefined : planOfFound(claims, state, clock.now(), random);
}

const plannedAt = (state: AttemptState, now: Instant): Instant =>
  state.nextAttemptAt !== undefined && isPlausible(state, now) ? state.nextAttemptAt : now;

const versionOf = async (path: string, { versionOf }: WatchParts): Promise<string | undefined> =>
  versionOf === undefined ? undefined : versionOf(path).catch(() => undefined);
