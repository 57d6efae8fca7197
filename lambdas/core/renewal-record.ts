import { DAY, type Instant } from './instant.ts';
import type { LicenseClaims } from './license-file.ts';

/** Who called: the address from the request context of the gateway, the host as claimed. */
export interface Caller {
  readonly sourceIp: string;
  readonly hostId?: string;
  readonly hostName?: string;
}

export type IssueOutcome = 'issued' | 'starter' | 'renewed' | 'bound' | 'taken-over';

/**
 * One signed file, written before the license points to it; never overwritten, never deleted before its retention ends.
 * It keeps what was signed instead of the file: the same file is rebuilt from header, payload and signature.
 */
export interface IssueRecord {
  readonly licenseId: string;
  readonly seq: number;
  readonly outcome: IssueOutcome;
  /** Protected header and payload as the exact text that was signed. */
  readonly header: string;
  readonly payload: string;
  readonly signature: Uint8Array;
  /** The parsed payload. */
  readonly claims: LicenseClaims;
  readonly replacesSeq: number;
  /** Versions it was decided on. */
  readonly licenseVersion: number;
  readonly installationVersion: number;
  /** Written for the auditor; no function reads it back. */
  readonly caller?: Caller;
}

export interface RefusalRecord {
  readonly licenseId: string;
  readonly code: string;
  readonly at: Instant;
  /** Whether the claimed host is the one the license is bound to. */
  readonly by: 'bound' | 'other';
  readonly serial: string;
  readonly caller: Caller;
}

/** When a record may be deleted: a retention after its file has expired, or after its last refusal. */
export const retentionEnd = (from: Instant, retentionDays: number): Instant => from + retentionDays * DAY;
