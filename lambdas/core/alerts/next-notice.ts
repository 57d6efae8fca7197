import type { Instant } from '../instant.ts';
import type { Episode } from './episode.ts';
import type { AlertKind } from './kinds.ts';
import { subjectOn, troubleOf, type HealthyFacts, type Standing } from './standing.ts';
import type { Notice, Subject } from './subjects.ts';

/** What is to be done about a subject now. `close`: the trouble is over, or another kind speaks of it, without a word. */
export type NextNotice =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'close' }
  | { readonly kind: 'say'; readonly notice: Notice };

export interface NoticeFacts {
  /** How the subject stands now. */
  readonly standing: Standing;
  /** What was said before; undefined where no episode is open. */
  readonly episode: Pick<Episode, 'since' | 'said'> | undefined;
  /** What was due before is never said: the customer was imported with a past. */
  readonly alertsFrom: Instant;
  /** What was said last has reached nobody, and there is somebody else to say it to. */
  readonly undelivered?: boolean;
}

/**
 * What is due, from what is stored and the time alone: asked twice, it answers the same until what was said is stored. Of
 * several rungs that have passed only the latest is said, and a well subject is worth a word only if its trouble was.
 */
export function nextNotice(kind: AlertKind, facts: NoticeFacts, now: Instant): NextNotice {
  const { standing, episode, alertsFrom, undelivered = false } = facts;
  const trouble = troubleOf(standing, kind);
  const said = episode?.said;
  if (!trouble) {
    if (!episode || standing.kind === 'undecided') return { kind: 'nothing' };
    if (standing.kind !== 'healthy' || !said || !hasRecovered(said.subject, standing))
      return { kind: 'close' };
    const { endsAt } = standing;
    const goesOn = endsAt === undefined ? {} : { nowEndsAt: endsAt };
    return { kind: 'say', notice: { notice: 'recover', subject: said.subject, ...goesOn } };
  }
  const before = episode?.since === trouble.since ? said : undefined;
  const saidAt = undelivered ? undefined : before?.at;
  const due = trouble.ladder.findLast(
    ({ at }) => at <= now && at >= alertsFrom && (saidAt === undefined || at > saidAt),
  );
  if (!due) return { kind: 'nothing' };
  const notice = saidAt === undefined ? 'open' : 'remind';
  return { kind: 'say', notice: { notice, subject: subjectOn(trouble, due.step) } };
}

/** Whether something has happened since it was said: nobody is back because patience was raised. */
function hasRecovered(said: Subject, { lastSeenAt = 0, expiresAt = 0, endsAt }: HealthyFacts): boolean {
  switch (said.kind) {
    case 'offline':
      return lastSeenAt > said.lastSeenAt;
    case 'expiring':
      return expiresAt > said.expiresAt;
    case 'failed':
      return true;
    case 'ending':
      return endsAt === null || (endsAt !== undefined && endsAt > said.endsAt);
  }
}
