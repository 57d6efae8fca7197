import type { problems, RefusalCode } from '../../../problem.ts';
import type { HostHealth } from '../../../report/health-report.ts';

/** Refusals that no alert speaks of, as they are the caller's own mistake. */
type CallerRefusal = {
  [Code in RefusalCode]: (typeof problems)[Code]['refusal'] extends 'caller' ? Code : never;
}[RefusalCode];

/** What the report says besides what alerts say too, in one language. */
export interface ReportTexts {
  /** The headline in the subject line, behind what the e-mail is. */
  readonly titled: (headline: string) => string;
  /** Parts of the headline; those that apply are joined. */
  readonly headline: {
    readonly none: string;
    readonly cannotRenew: (hosts: number) => string;
    readonly well: (hosts: number) => string;
    readonly attention: (troubled: number, hosts: number) => string;
    readonly inGrace: (hosts: number) => string;
    /** Contracts that end in the period that has begun, with nothing behind them. */
    readonly endings: (contracts: number) => string;
  };
  /** First and last day of the period. */
  readonly period: (from: string, to: string) => string;
  readonly health: Readonly<Record<HostHealth, string>>;
  readonly attention: string;
  readonly state: string;
  readonly product: string;
  readonly reason: string;
  readonly renewals: {
    readonly title: string;
    readonly counts: (renewals: number, refusals: number) => string;
    readonly refused: string;
    readonly times: (count: number) => string;
    readonly callerReasons: Readonly<Record<CallerRefusal, string>>;
  };
  readonly options: {
    readonly title: string;
    readonly hosts: (licensed: number, ordered: number) => string;
    readonly none: string;
    readonly noContract: string;
    /** Installations that are not listed. */
    readonly more: (installations: number) => string;
    readonly contracted: string;
    readonly delivered: string;
    readonly everyHost: (quantity: string) => string;
    readonly behindTitle: string;
    readonly behind: (hosts: number) => string;
  };
  readonly coming: {
    readonly title: (until: string) => string;
    readonly nothing: string;
    readonly contract: string;
    readonly starts: string;
    readonly quantity: string;
    readonly follows: string;
    readonly nothingFollows: string;
    /** Nothing follows, and there is no grace, or it is what ends. */
    readonly hostsStop: string;
  };
  readonly more: (count: number) => string;
  readonly why: (customer: string, every: 'week' | 'month') => string;
  readonly stop: string;
}
