import type { GenuineFile } from '../license.ts';
import type { Warning } from '../warning/expiry-warning.ts';
import type { Attempt, AttemptState } from './attempt-state.ts';

/** What came of an attempt to renew a file. */
export interface RenewalReport {
  readonly path: string;
  readonly attempt: Attempt;
  /** On disk now; absent where it cannot be read. */
  readonly file?: GenuineFile;
  readonly state: AttemptState;
  /** What people should know of the file on disk. */
  readonly warning?: Warning;
}

/** A file has really changed. */
export interface RenewedReport extends RenewalReport {
  readonly attempt: Extract<Attempt, { kind: 'renewed' }>;
  /** The new one, on disk now. */
  readonly file: GenuineFile;
}

/** A file expires soon, or has expired. */
export interface ExpiringReport extends RenewalReport {
  readonly warning: Warning;
}

/** What a renewer tells. */
export interface RenewerEvents {
  /** After each attempt, whatever came of it; not after one that another agent's lock kept out, before that lasts an hour. */
  attempt: [RenewalReport];
  /** After a file has really changed: read it again. */
  renewed: [RenewedReport];
  /** After each attempt from 10 days before the expiry on, also where the file cannot be read any more. */
  expiring: [ExpiringReport];
  /** Something around the attempts: a state that cannot be stored, a folder that cannot be listed. Once a UTC day while it lasts. */
  trouble: [Error];
}
