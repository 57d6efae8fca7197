import type { Instant } from '../clock.ts';
import { AgentFault, type FaultCode } from '../fault.ts';
import { printable } from '../file/printable.ts';
import type { GenuineFile } from '../license.ts';
import type { Outcome } from '../outcome.ts';
import { knownOf, type KnownClaims } from './last-verified.ts';

/** What stopped an attempt on this machine, before the service was asked; `internal` is a bug of the agent. */
export interface Faulted {
  readonly kind: 'fault';
  readonly code: FaultCode | 'internal';
  readonly detail: string;
}

/** What came of an attempt, whether or not the service could be asked. */
export type Attempt = Outcome | Faulted;

/** Why the last attempt did not renew. */
export interface Failure {
  readonly kind: 'refused' | 'unreachable' | 'rejected' | 'not-written' | 'fault';
  /** The code of the refusal or fault, the obstacle, or the reason of the rejection. */
  readonly code: string;
  /** For people, on one line, at most 300 characters. */
  readonly detail: string;
  readonly at: Instant;
}

/** What is remembered of one license file across restarts. Whatever is absent is not known. */
export interface AttemptState {
  readonly lastAttemptAt?: Instant;
  /** When the service last delivered a file, be it the one that was there. */
  readonly lastRenewedAt?: Instant;
  /** The first failure since the last success; absent while renewals succeed. */
  readonly failingSince?: Instant;
  readonly failuresInRow: number;
  readonly lastFailure?: Failure;
  readonly nextAttemptAt?: Instant;
  /** Attempts in a row of which the end was not seen, because the agent was killed or crashed. */
  readonly unfinished?: number;
  /** When the first of the last attempts met a lock, if all of them since have. */
  readonly lockedSince?: Instant;
  /** Of the file, when it was last read and verified: warnings go on by it where the file cannot be read. */
  readonly lastVerified?: KnownClaims;
  /** UTC day, `2026-11-24`, of the last warning in the log and by command. */
  readonly warnedOn?: string;
  /** UTC day of the last warning that the mail relay took. */
  readonly mailedOn?: string;
  /** Seconds by which the clock of this machine was last seen ahead of the service's. */
  readonly clockAhead?: number;
}

/** Nothing is known yet. */
export const FRESH_STATE: AttemptState = { failuresInRow: 0 };

/** The state once `attempt` has ended. When to try next is not in it: see `settled` in pacing.ts. */
export function stateAfter(state: AttemptState, attempt: Attempt, now: Instant): AttemptState {
  const { warnedOn, mailedOn, lockedSince, lastVerified } = state;
  const clockAhead = clockAheadAfter(state, attempt);
  const kept = {
    lastAttemptAt: now,
    ...(lockedSince === undefined || !isLocked(attempt) ? {} : { lockedSince }),
    ...(lastVerified === undefined ? {} : { lastVerified }),
    ...(warnedOn === undefined ? {} : { warnedOn }),
    ...(mailedOn === undefined ? {} : { mailedOn }),
    ...(clockAhead === undefined ? {} : { clockAhead: Math.trunc(clockAhead) }),
  };
  if (attempt.kind === 'renewed' || attempt.kind === 'unchanged') {
    return { ...kept, lastRenewedAt: now, failuresInRow: 0 };
  }
  const { lastRenewedAt, failingSince = now, failuresInRow } = state;
  return {
    ...kept,
    ...(lastRenewedAt === undefined ? {} : { lastRenewedAt }),
    failingSince: Math.min(failingSince, now),
    failuresInRow: failuresInRow + 1,
    lastFailure: {
      kind: attempt.kind,
      code: printable(codeOf(attempt), 64),
      detail: printable(attempt.detail),
      at: now,
    },
  };
}

/** An attempt begins: remembered before it, so that an agent that dies of it does not try without end. */
export const stateBefore = (state: AttemptState, now: Instant): AttemptState => ({
  ...state,
  lastAttemptAt: now,
  unfinished: (state.unfinished ?? 0) + 1,
});

/** The state with what is on disk now, where that could be verified. */
export const withVerified = (state: AttemptState, file: GenuineFile | undefined): AttemptState =>
  file === undefined ? state : { ...state, lastVerified: knownOf(file.claims) };

export const isLocked = (attempt: Attempt): attempt is Faulted =>
  attempt.kind === 'fault' && attempt.code === 'locked';

/** What a thrown value means for the attempt. The text of an unknown error stays out: it may hold anything. */
export function faultOf(error: unknown): Faulted {
  if (error instanceof AgentFault) {
    return { kind: 'fault', code: error.code, detail: printable(`${error.message}. ${error.advice}`) };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'fault', code: 'internal', detail: `Internal error (${printable(name, 60)})` };
}

type Failed = Exclude<Attempt, { kind: 'renewed' | 'unchanged' }>;

function codeOf(attempt: Failed): string {
  switch (attempt.kind) {
    case 'refused':
    case 'fault':
      return attempt.code;
    case 'unreachable':
      return attempt.obstacle;
    case 'rejected':
      return attempt.reason;
    case 'not-written':
      return 'not-written';
  }
}

function clockAheadAfter(state: AttemptState, attempt: Attempt): number | undefined {
  const seen = 'clockAhead' in attempt ? attempt.clockAhead : undefined;
  if (seen !== undefined && Number.isFinite(seen)) return seen;
  // A success without a date says nothing, and what was seen before may have been corrected since.
  return attempt.kind === 'renewed' || attempt.kind === 'unchanged' ? undefined : state.clockAhead;
}
