import type { Instant } from '../instant.ts';
import type { Host } from '../license.ts';

/** A contract as an e-mail names it; `reference` is the customer's own, such as a purchase order. */
export interface ContractName {
  readonly id: string;
  readonly reference?: string;
}

/** What every subject of an alert belongs to. */
interface InInstallation {
  readonly product: string;
  /** `main` unless ordered otherwise. */
  readonly installation: string;
  /** The contracts in force; empty where none is known. */
  readonly contracts: readonly ContractName[];
}

interface HostSubject extends InInstallation {
  readonly licenseId: string;
  /** Hostile text: whoever shows it cuts and escapes it. */
  readonly host?: Host;
}

export interface OfflineSubject extends HostSubject {
  readonly kind: 'offline';
  /** Step of the ladder; `expired`: the file has long run out, and the question is whether the host still exists. */
  readonly step: 'silent' | 'silent-10-days' | 'silent-20-days' | 'expired';
  readonly lastSeenAt: Instant;
  /** When the file on the host expires. */
  readonly expiresAt: Instant;
}

export interface FailedSubject extends HostSubject {
  readonly kind: 'failed';
  /** `refused`, then once a week. */
  readonly step: 'refused' | 'week-1' | 'week-2' | 'week-3' | 'week-4';
  readonly failingSince: Instant;
  /** Code of the last refusal, one of the `ProblemCode`s that are refusals. */
  readonly code: string;
  readonly expiresAt?: Instant;
}

export interface ExpiringSubject extends HostSubject {
  readonly kind: 'expiring';
  readonly step: 'expiring' | '7-days' | '3-days' | '1-day' | 'expired';
  readonly lastSeenAt: Instant;
  readonly expiresAt: Instant;
  /** Files of `manual` installations are uploaded by people; nothing calls by itself. */
  readonly connection: 'online' | 'manual';
}

export interface EndingSubject extends InInstallation {
  readonly kind: 'ending';
  readonly step:
    'ending' | '30-days' | '15-days' | '7-days' | '1-day' | 'ended' | 'half-of-grace' | 'last-day-of-grace';
  readonly trial: boolean;
  /** Zone in which the contract was ordered: its last day is a day there. */
  readonly timeZone?: string;
  /** End of the entitlement, exclusive: usually a midnight, of which people name the day before. */
  readonly endsAt: Instant;
  /** Until when hosts go on, exclusive; equal to `endsAt` where there is no grace. */
  readonly graceUntil: Instant;
  /** Hosts ordered. */
  readonly hosts: number;
  /** Start of a later contract that leaves a gap which no grace covers. */
  readonly nextStartsAt?: Instant;
}

export type Subject = OfflineSubject | FailedSubject | ExpiringSubject | EndingSubject;

/** What is said of a subject: for the first time, once more, or that it is over. */
export type NoticeKind = 'open' | 'remind' | 'recover';

export interface Notice {
  readonly notice: NoticeKind;
  /** Where it is over: as it was when something was last said; `step` is the last one that was said. */
  readonly subject: Subject;
  /** Of a contract that goes on: the end of the entitlement now; null where it has none. */
  readonly nowEndsAt?: Instant | null;
}
