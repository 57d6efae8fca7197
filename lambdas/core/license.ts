import type { Instant } from './instant.ts';
import type { InstallationKey } from './installation.ts';

/** A machine: `id` is stable and chosen by the product, `name` is for display only and hostile text. */
export interface Host {
  readonly id: string;
  readonly name?: string;
}

/** Declared move of a license to another host: by host id, or by the serial of a starter file to install there. */
interface PendingTransfer {
  readonly hostId?: string;
  readonly starterSerial?: string;
}

/** The file that a license points to: the last one that was committed, the only one that may be delivered. */
export interface CurrentFile {
  readonly serial: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** Sequence number of the file which this one replaced; a presented non-current file above it is a fork. */
  readonly replacesSeq: number;
  /** Version of the installation it was decided on. */
  readonly installationVersion: number;
}

/** The right of one host to run the product in an installation. About 300 bytes as an item: this is what scans read. */
export interface License extends InstallationKey {
  readonly licenseId: string;
  /** Bumped by renewal, binding, take-over, revocation, reinstatement; 0 where no item is stored yet. */
  readonly version: number;
  readonly state: 'active' | 'revoked';
  readonly stateReason?: string;
  readonly createdAt: Instant;
  /** An unbound license can be bound until then. */
  readonly lapsesAt?: Instant;
  /** Fingerprint of the order that created it, to recognise a retry. */
  readonly requestHash?: string;
  readonly host?: Host;
  /** The most recent former hosts, newest last. */
  readonly formerHosts: readonly string[];
  readonly transfer?: PendingTransfer;
  /** Sequence number of the current file, 0 before the first. */
  readonly seq: number;
  readonly current?: CurrentFile;
  /** New serials of one UTC day. */
  readonly serialsOn?: { readonly day: string; readonly count: number };
  readonly forkSeenAt?: Instant;
  /** Last genuine attempt of the bound host, renewed or refused. */
  readonly lastSeenAt?: Instant;
  /** Since when the bound host is refused; cleared by a renewal. */
  readonly failingSince?: Instant;
  readonly refusalsInRow?: number;
  readonly lastRefusal?: string;
}
