import type { Instant } from '../instant.ts';
import type { Day } from '../calendar.ts';

/** One report: of a customer, to an address, about the period that was over on a day. */
export interface ReportClaim {
  readonly customerId: string;
  /** In lower case. */
  readonly address: string;
  readonly dueOn: Day;
}

/** Which reports were sent. */
export interface SentReports {
  /** Reserves a report until an instant, unless it was sent, or a later one, or somebody else is sending it. */
  take(claim: ReportClaim, now: Instant, until: Instant): Promise<'taken' | 'sent' | 'busy'>;
  /** Notes that it was sent. */
  finish(claim: ReportClaim): Promise<void>;
  /** Gives it back unsent. */
  release(claim: ReportClaim): Promise<void>;
}
