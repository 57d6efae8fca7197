import type { AlertKind } from '../../alerts/kinds.ts';
import type { problems, RefusalCode } from '../../problem.ts';
import type { TimeSpan } from '../dates.ts';

/** Refusals that somebody is told of; a new one does not compile until each language has its text. */
export type MailedRefusal = {
  [Code in RefusalCode]: (typeof problems)[Code]['refusal'] extends 'caller' ? never : Code;
}[RefusalCode];

/** How many hosts, and whether it was said before. */
export interface HostCount {
  readonly count: number;
  readonly still: boolean;
}

/** Hosts of which the same is said. */
export interface HostGroup {
  readonly count: number;
  /** The product they run, if it is one. */
  readonly product: string | undefined;
  /** Their contracts, if there are few. */
  readonly contracts: string | undefined;
  /** Whether the reader has the portal. */
  readonly portal: boolean;
}

/** The moment the trouble of the first of them began. */
export interface Beginning {
  readonly count: number;
  readonly since: string;
  readonly span: TimeSpan | undefined;
}

/** How long license files are still good. */
export interface Outlook extends Pick<HostGroup, 'count' | 'product'> {
  readonly state: 'valid' | 'some-expired' | 'expired';
  /** End of the file that ends first. */
  readonly until: string;
  /** Days until then. */
  readonly days: number;
  /** Whether all end then. */
  readonly same: boolean;
}

/** Contracts of which the same is said. */
export interface ContractGroup {
  /** How many contracts. */
  readonly count: number;
  /** Their references, if there are few. */
  readonly names: string | undefined;
  readonly product: string | undefined;
  readonly trial: boolean;
  readonly hosts: number;
  /** First end, and whether all end then. */
  readonly ends: string;
  readonly days: number;
  readonly same: boolean;
  /** Where hosts go on for a while: until when, and in how many days. */
  readonly grace: { readonly until: string; readonly days: number } | undefined;
  /** Start of a later contract. */
  readonly next: string | undefined;
}

/** All that e-mails about trouble say, in one language. */
export interface Texts {
  readonly words: {
    readonly whatToDo: string;
    readonly hostId: string;
    readonly license: string;
    readonly contract: (count: number) => string;
    readonly installation: string;
    readonly lastSeen: string;
    readonly lastRenewed: string;
    readonly validUntil: string;
    readonly expired: string;
    readonly refusedSince: string;
    readonly code: string;
    readonly hosts: string;
    readonly ends: string;
    readonly ended: string;
    readonly graceUntil: string;
    readonly graceEnded: string;
    /** When something ends that has no end. */
    readonly never: string;
    readonly nextStarts: string;
    readonly newOnes: string;
    readonly reminded: string;
    /** What is over, in a mail that says more than that. */
    readonly recovered: string;
  };
  readonly number: (count: number) => string;
  /** A headline that also says how many are over. */
  readonly andAlso: (headline: string, over: string) => string;
  readonly list: (items: readonly string[]) => string;
  /** What is not listed: hosts, or contracts. */
  readonly more: (count: number, kind: AlertKind) => string;
  readonly showAll: string;
  readonly openPortal: string;
  readonly vendorNote: (customer: string) => string;
  readonly why: (customer: string, kind: AlertKind) => string;
  readonly reply: string;
  readonly mute: (kind: AlertKind) => { readonly text: string; readonly link: string };
  /** Somebody has to keep getting it. */
  readonly mustStay: string;

  readonly outlook: (outlook: Outlook) => string;
  readonly unknownOutlook: (group: HostGroup) => string;

  readonly offline: {
    readonly headline: (hosts: HostCount) => string;
    readonly retireHeadline: (count: number) => string;
    readonly recovered: (count: number) => string;
    readonly alsoRecovered: (count: number) => string;
    readonly recoveredWhat: (count: number) => string;
    readonly title: string;
    readonly retireTitle: string;
    readonly what: (beginning: Beginning) => string;
    readonly steps: (group: HostGroup) => readonly string[];
    readonly retireSteps: (group: HostGroup) => readonly string[];
    readonly lastMail: string;
  };
  readonly failed: {
    readonly headline: (hosts: HostCount, reason: string | undefined) => string;
    readonly recovered: (count: number) => string;
    readonly alsoRecovered: (count: number) => string;
    readonly recoveredWhat: (count: number) => string;
    readonly since: (beginning: Beginning) => string;
    readonly reasons: Readonly<Record<MailedRefusal, RefusalTexts>>;
    readonly otherTitle: (code: string) => string;
    readonly otherWhat: (code: string, count: number) => string;
    readonly otherSteps: (code: string, group: HostGroup) => readonly string[];
  };
  readonly expiring: {
    readonly headline: (hosts: HostCount, outlook: Pick<Outlook, 'state' | 'days' | 'same'>) => string;
    readonly recovered: (count: number) => string;
    readonly alsoRecovered: (count: number) => string;
    readonly recoveredWhat: (count: number) => string;
    readonly title: string;
    readonly manualTitle: string;
    readonly what: (beginning: Beginning) => string;
    readonly manualWhat: (beginning: Beginning) => string;
    readonly steps: (group: HostGroup) => readonly string[];
    readonly manualSteps: (group: HostGroup) => readonly string[];
  };
  readonly ending: {
    readonly headline: (phase: EndingPhase | 'mixed', group: ContractGroup) => string;
    readonly recovered: (group: Pick<ContractGroup, 'count' | 'names' | 'product' | 'trial'>) => string;
    readonly alsoRecovered: (count: number) => string;
    readonly recoveredWhat: (count: number) => string;
    readonly title: (phase: EndingPhase) => string;
    readonly what: (phase: EndingPhase, group: ContractGroup) => string;
    readonly consequence: (phase: EndingPhase, group: ContractGroup) => string;
    readonly steps: (group: ContractGroup) => readonly string[];
  };
}

/** Before the end, in the grace after it, or after that. */
export type EndingPhase = 'ahead' | 'grace' | 'over';

interface RefusalTexts {
  /** The reason in a few words, as it stands in the subject line. */
  readonly reason: string;
  readonly what: (count: number) => string;
  readonly steps: (group: HostGroup) => readonly string[];
}
