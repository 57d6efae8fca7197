import type { GenuineFile } from './license.ts';

/** Where the way to the service breaks. Each has an exit code and a line of advice of its own. */
export type Obstacle = 'dns' | 'connect' | 'timeout' | 'tls' | 'proxy' | 'http';

/** Why an answer of 200 is not taken for the new license file. */
export type Rejection =
  | 'not-a-license'
  | 'too-large'
  | 'unknown-key'
  | 'bad-signature'
  | 'other-license'
  | 'other-host'
  | 'no-host'
  | 'older'
  | 'expired';

/** What a request for renewal was answered. */
export type Answer =
  | {
      readonly kind: 'file';
      /** Not checked yet, at most 16 KiB. */
      readonly text: string;
      /** Seconds to wait before the next renewal, as the service asks. */
      readonly renewAfter?: number;
      /** Seconds by which the clock of this machine is ahead of the server's; absent where it did not say. */
      readonly clockAhead?: number;
    }
  | Refused
  | Unreachable;

/** The service knows the file and says no, with a reason. Nothing else is ever taken for it. */
interface Refused {
  readonly kind: 'refused';
  /** `contract-ended`, `license-transferred`, … as in the protocol. */
  readonly code: string;
  /** For people. */
  readonly detail: string;
  readonly retryAfter?: number;
  readonly clockAhead?: number;
}

/** No answer of the service: it says nothing about the license. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly obstacle: Obstacle;
  /** For people: what was tried, what came. Without credentials. */
  readonly detail: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  readonly retryAfter?: number;
  readonly clockAhead?: number;
}

/** What came of one attempt to renew one file. Only `renewed` has changed the file on disk. */
export type Outcome =
  | {
      readonly kind: 'renewed';
      readonly before: GenuineFile;
      readonly file: GenuineFile;
      readonly renewAfter?: number;
      readonly clockAhead?: number;
    }
  | {
      /** The service delivered the very file that is here. */
      readonly kind: 'unchanged';
      readonly file: GenuineFile;
      readonly renewAfter?: number;
      readonly clockAhead?: number;
    }
  | Refused
  | Unreachable
  | {
      readonly kind: 'rejected';
      readonly reason: Rejection;
      readonly detail: string;
      readonly clockAhead?: number;
    }
  | { readonly kind: 'not-written'; readonly detail: string };
