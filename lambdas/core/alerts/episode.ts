import type { Instant } from '../instant.ts';
import type { AlertKind } from './kinds.ts';
import type { Subject } from './subjects.ts';

/** What was last said of an episode. */
export interface Said {
  readonly at: Instant;
  readonly subject: Subject;
  /** Addresses that it went to, in lower case. */
  readonly to: readonly string[];
}

/** One trouble of one subject that has been found and is not over. */
export interface Episode {
  readonly customerId: string;
  readonly kind: AlertKind;
  /** The id of the license, or `<product>#<name>` of the installation. */
  readonly subjectId: string;
  /** Which trouble of the subject it is; see `Trouble.since`. */
  readonly since: Instant;
  readonly openedAt: Instant;
  /** Bumped by every write. */
  readonly version: number;
  readonly said?: Said;
}

export type EpisodeKey = Pick<Episode, 'customerId' | 'kind' | 'subjectId'>;
