import type { Instant, Span } from './instant.ts';

/** What an installation is known by: one customer, one product, one name. */
export interface InstallationKey {
  readonly customerId: string;
  readonly product: string;
  /** The name, `main` unless ordered otherwise. */
  readonly installation: string;
}

/** `pool` is divided over the hosts of the installation, `every-host` is given to each. */
type Scope = 'pool' | 'every-host';

/** A line of a contract in force: a quantity of an option over a span. */
export interface Line extends Span {
  readonly option: string;
  readonly scope: Scope;
  readonly quantity: number;
}

/**
 * One contract as the installation counts it: instants instead of days, after supersession and cancellation.
 * A suspended one stays in the list, to name the reason of a refusal, but entitles to nothing.
 */
export interface ContractTerms extends Span {
  readonly id: string;
  /** The customer's own name for the order, such as a purchase order. */
  readonly reference?: string;
  readonly kind: 'subscription' | 'perpetual' | 'trial';
  readonly suspended: boolean;
  /** Hosts ordered; an add-on contract may have 0 and then entitles no host by itself. */
  readonly hosts: number;
  /** Days of grace after the end; absent: the default of the stage. */
  readonly graceDays?: number;
  /** Days a license file is valid; absent: the default of the stage. */
  readonly validityDays?: number;
  /** Seconds between two renewals; absent: the default of the stage. */
  readonly renewEverySeconds?: number;
  readonly connection: 'online' | 'manual';
  /** Zone whose days the contract was ordered in, to name its last one; absent in items of older versions. */
  readonly timeZone?: string;
  readonly lines: readonly Line[];
}

/** A license in the list of its installation, in the order in which they were declared. */
export interface LicenseEntry {
  readonly id: string;
  readonly hostId?: string;
  /** An unbound license lapses at this instant and carries no share from then on. */
  readonly lapsesAt?: Instant;
  /** A retired license carries no share from this instant on, and its place is free then. */
  readonly retiresAt?: Instant;
  /** The retired license whose place this one took: it inherits how often that one was moved. */
  readonly replaces?: string;
}

/** How a customer spreads one option of the pools over its hosts, from an instant on. */
export interface Declaration {
  readonly option: string;
  readonly effectiveAt: Instant;
  /** By license id. A license that is not named takes part in what the named ones leave. */
  readonly quantities: Readonly<Record<string, number>>;
}

/** Hosts that were ordered until an order lowered them: as many may go on through a grace. */
interface KeptHosts {
  readonly hosts: number;
  /** When the lower order was received. */
  readonly endedAt: Instant;
}

/** The one item from which a renewal computes a share: the united contracts and the licenses of an installation. */
export interface Installation extends InstallationKey {
  readonly customerName: string;
  /** Bumped by every change of the item. */
  readonly version: number;
  readonly contracts: readonly ContractTerms[];
  readonly licenses: readonly LicenseEntry[];
  /** By option and instant, the one in force and those to come; absent: everything is spread evenly. */
  readonly declarations?: readonly Declaration[];
  /** Absent: no order has lowered the hosts lately. */
  readonly keptHosts?: readonly KeptHosts[];
}

/** What the stage gives to contracts that say nothing themselves. */
export interface TermDefaults {
  readonly validityDays: number;
  readonly graceDays: number;
  readonly renewEverySeconds: number;
}
