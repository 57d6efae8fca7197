import type { Instant } from './instant.ts';
import type { InstallationKey } from './installation.ts';

/** A machine: `id` is stable and chosen by the product, `name` is for display only and hostile text. */
export interface Host {
  readonly id: string;
  readonly name?: string;
}

/** Declared move of a license to another host: by host id, or by the serial of a starter file to install there. */
export interface PendingTransfer {
  /** Key of its record, where the acceptance of the terms is kept. */
  readonly id?: string;
  readonly hostId?: string;
  /** The customer's own name for the new host, for display. */
  readonly hostName?: string;
  readonly starterSerial?: string;
  readonly declaredAt?: Instant;
  /** The machine is the same and only its id has changed: not counted as a transfer. */
  readonly isRepair?: boolean;
}

/** The last file that a former host holds: valid there until its expiry, whatever the license says since. */
export interface FileLeftBehind {
  readonly hostId: string;
  readonly hostName?: string;
  readonly seq: number;
  readonly expiresAt: Instant;
}

/** A host that presented a file of a license under an id that the license does not know. */
export interface UnknownHost extends Host {
  readonly seenAt: Instant;
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
  /** Bumped by renewal, binding, take-over, revocation, reinstatement, retirement, transfers; 0 where no item is stored yet. */
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
  /** When the license was taken over by other hosts, repairs left out; oldest first, those of the last 365 days. */
  readonly movedAt?: readonly Instant[];
  /** When it was taken over by the same machine under a new id; as `movedAt`. */
  readonly repairedAt?: readonly Instant[];
  /** Transfers that the vendor allows above the cap of the stage. */
  readonly extraTransfers?: number;
  /** Why the vendor allows them. */
  readonly extraTransfersReason?: string;
  /** Files that former hosts still hold, those that have not expired, newest last. */
  readonly leftBehind?: readonly FileLeftBehind[];
  /** From this instant on the license is retired by its customer, and renews no more. */
  readonly retiresAt?: Instant;
  /** The customer's own word for where the host stands. */
  readonly site?: string;
  /** The last host of unknown id that presented a file of this license and was refused. */
  readonly unknownHost?: UnknownHost;
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
