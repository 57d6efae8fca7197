/** What a change takes away, for its headline. */
export interface Shrinking {
  /** Some hosts are refused, or all of an installation, or some get less of an option. */
  readonly what: 'some-hosts' | 'all-hosts' | 'options';
  /** Hosts that this is about. */
  readonly count: number;
  /** The first day of it. @default - at once */
  readonly from: string | undefined;
  /** The last day before. */
  readonly ends: string;
  /** Whether it is the same day for all of them. */
  readonly same: boolean;
}

/** What somebody gets of an option, and for how long. */
export interface LessOfOption {
  readonly before: number;
  readonly after: number;
  /** @default - at once */
  readonly from: string | undefined;
  /** Last day. @default - for good */
  readonly until: string | undefined;
}

/** What must be done to move a license. */
interface Moving {
  readonly byStarterFile: boolean;
  /** The new host was named by its id. */
  readonly byHostId: boolean;
  /** Whether another host has the license now. */
  readonly replacesHost: boolean;
  readonly portal: boolean;
}

/** What notices say that are not about trouble of hosts, in one language. */
export interface NoticeTexts {
  readonly invitation: {
    readonly headline: string;
    readonly what: (customer: string, invitedBy: string | undefined) => string;
    readonly may: (role: 'viewer' | 'manager') => string;
    readonly signInAs: string;
    readonly role: string;
    readonly roles: Readonly<Record<'viewer' | 'manager', string>>;
    readonly steps: (portal: boolean) => readonly string[];
    readonly unexpected: string;
  };
  readonly transfer: {
    readonly headline: string;
    readonly what: (installation: string) => string;
    readonly oldHost: string;
    readonly neverBound: string;
    readonly overlap: (until: string) => string;
    readonly from: string;
    readonly to: string;
    /** The new host has neither id nor name yet. */
    readonly unnamed: string;
    readonly acceptedBy: string;
    readonly terms: string;
    readonly acceptedAt: string;
    readonly steps: (moving: Moving) => readonly string[];
    readonly why: string;
  };
  readonly change: {
    readonly headline: (shrinking: Shrinking) => string;
    readonly what: (contract: string, received: string) => string;
    readonly fetched: string;
    readonly hostsTitle: (installation: string) => string;
    readonly ordered: (less: LessOfOption, licensed: number) => string;
    readonly refused: (shrinking: Shrinking) => string;
    /** Why these hosts and not others. */
    readonly latestFirst: string;
    readonly stop: string;
    readonly steps: (all: boolean, portal: boolean) => readonly string[];
    readonly refusedFrom: string;
    readonly atOnce: string;
    readonly optionsTitle: (installation: string) => string;
    readonly less: (less: LessOfOption) => string;
    readonly moreHosts: (count: number) => string;
    readonly moreChanges: string;
    readonly why: (customer: string) => string;
  };
}
