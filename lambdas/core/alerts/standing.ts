import type { Instant } from '../instant.ts';
import type { AlertKind } from './kinds.ts';
import type { EndingSubject, ExpiringSubject, FailedSubject, OfflineSubject, Subject } from './subjects.ts';

/** A step of a ladder and the instant from which on it is due. */
export interface Rung<Step extends string = string> {
  readonly step: Step;
  readonly at: Instant;
}

interface TroubleWith<S extends Subject> {
  readonly kind: S['kind'];
  /** Tells this trouble from a later one of the same subject and kind. */
  readonly since: Instant;
  /** Ascending. */
  readonly ladder: readonly Rung<S['step']>[];
  /** The subject but for its step. */
  readonly about: Omit<S, 'step'>;
}

/** What is wrong with a subject. */
export type Trouble =
  | TroubleWith<OfflineSubject>
  | TroubleWith<FailedSubject>
  | TroubleWith<ExpiringSubject>
  | TroubleWith<EndingSubject>;

/**
 * How a subject stands. It has one trouble at most, so that no two kinds of e-mail can speak of the same host at a time.
 * `silenced`: not worth saying, for a reason that is known; `undecided`: it may become a trouble or well again.
 */
export type Standing =
  | { readonly kind: 'not-installed' | 'silenced' | 'undecided' }
  | ({ readonly kind: 'healthy' } & HealthyFacts)
  | Trouble;

/** What tells that a subject has become well, from settings or terms by which it merely counts as well. */
export interface HealthyFacts {
  readonly lastSeenAt?: Instant;
  readonly expiresAt?: Instant;
  /** Null: there is no end. */
  readonly endsAt?: Instant | null;
}

/** The trouble of that kind, if it stands so. */
export const troubleOf = (standing: Standing, kind: AlertKind): Trouble | undefined =>
  'ladder' in standing && standing.kind === kind ? standing : undefined;

/** The subject on a step of its ladder. */
export const subjectOn = (trouble: Trouble, step: string): Subject =>
  // The step comes from the ladder of this very trouble, so it fits its kind.
  ({ ...trouble.about, step }) as Subject;

/** A ladder in order of time; a rung that is not later than the one before it is left out. */
export function ladderOf<Step extends string>(rungs: readonly Rung<Step>[]): Rung<Step>[] {
  const sorted = rungs.toSorted((a, b) => a.at - b.at);
  return sorted.filter(({ at }, index) => index === 0 || at > (sorted[index - 1]?.at ?? at));
}
