import type { Customer } from '../customer.ts';
import type { Instant } from '../instant.ts';
import type { AlertKind } from './kinds.ts';
import type { Episode, EpisodeKey, Said } from './episode.ts';
import type { AlertLimits } from './limits.ts';
import type { Standing } from './standing.ts';
import type { StoredSample } from './silence-sample.ts';

/** One page of what a scan reads. */
export interface ScanPage<Item> {
  /** The items that may be in trouble; the others are left out. */
  readonly suspects: readonly Item[];
  /** How many were read. */
  readonly read: number;
  /** Where the next page starts; absent behind the last one. */
  readonly next?: string;
}

/**
 * What one kind of alert looks at: its query and its condition, and nothing else. Everything but `page` is the same for all
 * kinds that look at licenses.
 */
export interface ScanSubjects<Item> {
  readonly kind: AlertKind;
  /** Parts that are read at the same time. */
  readonly segments: number;
  /** One page of a segment, eventually consistent: what it misses, the next run finds. */
  page(segment: number, cursor: string | undefined, now: Instant): Promise<ScanPage<Item>>;
  keyOf(item: Item): EpisodeKey;
  /** How items of one customer or many stand. Reads what decides on them besides themselves. */
  standings(
    items: readonly Item[],
    now: Instant,
    limitsOf: (customerId: string) => AlertLimits,
  ): Promise<readonly Standing[]>;
  /** The items of a customer as they are now, strongly consistent; those that are gone are left out. */
  reread(customerId: string, subjectIds: readonly string[]): Promise<readonly Item[]>;
}

/** Open episodes. Every write is conditional: of two that race, one wins. */
export interface EpisodeStore {
  /** Those of the episodes that are open, as they are now. */
  read(keys: readonly EpisodeKey[]): Promise<readonly Episode[]>;
  /** Opens an episode unless it is open. */
  open(episode: Episode): Promise<'opened' | 'open already'>;
  /** One page of the open episodes of a kind, strongly consistent; episodes of a customer come together. */
  page(kind: AlertKind, cursor: string | undefined): Promise<{ episodes: readonly Episode[]; next?: string }>;
  /** Where a scan of the episodes goes on behind this one. */
  cursorBehind(key: EpisodeKey): string;
  /** Notes what was said, if the stored version is still that of `episode`. */
  say(episode: Episode, since: Instant, said: Said): Promise<'written' | 'conflict'>;
  /** Ends an episode, if the stored version is still that of `episode`. */
  close(episode: Episode): Promise<'written' | 'conflict'>;
}

/** The right to mail a customer about one kind; it ends by itself, so that a crash holds nobody up. */
export interface Claim {
  readonly customerId: string;
  /** What is claimed, such as the kind. */
  readonly about: string;
  /** Chosen by whoever claims. */
  readonly token: string;
  /** What is to be sent, as a fingerprint. */
  readonly digest: string;
}

export interface ClaimStore {
  /**
   * Takes a claim that nobody holds. `sentTo` are the addresses to which a holder that did not finish has sent the same
   * (the same digest); they need not get it twice.
   */
  take(claim: Claim, now: Instant, until: Instant): Promise<{ readonly sentTo: readonly string[] } | 'busy'>;
  /** Notes that an address was sent to. */
  noteSent(claim: Claim, address: string): Promise<void>;
  /** Ends a claim, and with it what was sent: all of it is noted in the episodes. */
  release(claim: Claim): Promise<void>;
  /** Lets others take the claim before it ends; to whom was sent stays known. */
  giveUp(claim: Claim): Promise<void>;
}

/** How far a scan is, in plain data. */
export interface Checkpoint {
  /** When the part that is going on was begun. */
  readonly startedAt: Instant;
  /** Where each segment goes on; null: it is done. */
  readonly segments: readonly (string | null)[];
  readonly sample: StoredSample;
  /** Where the second pass goes on; absent during the first. */
  readonly episodes?: string;
}

export interface ScanState {
  readonly checkpoint?: Checkpoint;
  /** Until when nothing is mailed, because too many customers fell silent together. */
  readonly heldUntil?: Instant;
}

/** The state of a scan: one run at a time holds its lease. */
export interface ScanStore {
  take(scan: string, token: string, now: Instant, until: Instant): Promise<ScanState | 'busy'>;
  read(scan: string): Promise<ScanState>;
  /** Stores the state and gives the lease back, if it is still held. */
  release(scan: string, token: string, state: ScanState): Promise<void>;
}

/** What is known of a customer when it is to be mailed. */
export interface CustomerToAlert {
  readonly customer: Customer;
  /** Kinds that contacts do not want any more, `<kind> <address>`. */
  readonly mutes: ReadonlySet<string>;
}

export interface AlertedCustomers {
  /** Strongly consistent. */
  readWithMutes(customerId: string): Promise<CustomerToAlert | undefined>;
}
