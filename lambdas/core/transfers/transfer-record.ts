import type { Instant } from '../instant.ts';
import type { InstallationKey } from '../installation.ts';
import type { Host, License } from '../license.ts';
import type { IssueRecord } from '../renewal-record.ts';

/** Who did it, as the token says. */
export interface Person {
  readonly subject: string;
  readonly email?: string;
}

/**
 * A license that goes to another host (`transfer`), to the same machine under another id (`repair`), or a new license that
 * takes the place of a retired one (`replacement`). Kept for good: it is the proof of who accepted which terms when.
 */
export interface TransferRecord extends InstallationKey {
  /** `<declared at>#<random>`: the order of the list. */
  readonly id: string;
  readonly kind: 'transfer' | 'repair' | 'replacement';
  readonly licenseId: string;
  readonly from?: Host;
  /** As far as it was known then. */
  readonly to: Partial<Host>;
  /** The retired license of a replacement. */
  readonly replaces?: string;
  readonly terms?: { readonly version: string; readonly hash: string };
  readonly by: Person;
  readonly declaredAt: Instant;
  /** Of a replacement. Of others the license says when the new host took over: a renewal does not write here. */
  readonly completedAt?: Instant;
  readonly cancelledAt?: Instant;
  /** The starter file that takes the license over, as it was signed. */
  readonly starter?: Pick<IssueRecord, 'header' | 'payload' | 'signature'>;
}

export interface TransferStore {
  /** Writes the record unless it is there. */
  put(record: TransferRecord): Promise<void>;
  read(customerId: string, id: string): Promise<TransferRecord | undefined>;
  noteCancelled(customerId: string, id: string, at: Instant): Promise<void>;
  /** The records before a given one, newest first; one more than the page is asked for tells whether there is a next. */
  readPage(customerId: string, limit: number, before?: string): Promise<readonly TransferRecord[]>;
  /** Licenses as the list of transfers needs them, in no order. */
  readMoves(licenseIds: readonly string[]): Promise<readonly LicenseMoves[]>;
}

export type LicenseMoves = Pick<License, 'licenseId' | 'movedAt' | 'repairedAt' | 'transfer'>;

export interface TransferState {
  readonly status: 'pending' | 'completed' | 'cancelled';
  readonly completedAt?: Instant;
}

/**
 * What became of a transfer. A license has one pending at a time, so the first move from its declaration on is its own. Moves
 * older than 365 days are forgotten: then it is known that it was completed, and not when.
 */
export function stateOf(
  { id, kind, declaredAt, completedAt, cancelledAt }: TransferRecord,
  license: LicenseMoves | undefined,
  oldestMove: Instant,
): TransferState {
  if (completedAt !== undefined) return { status: 'completed', completedAt };
  if (cancelledAt !== undefined) return { status: 'cancelled' };
  if (license?.transfer?.id === id) return { status: 'pending' };
  const moves = (kind === 'repair' ? license?.repairedAt : license?.movedAt) ?? [];
  const moved = moves.find((instant) => instant >= declaredAt);
  if (moved !== undefined) return { status: 'completed', completedAt: moved };
  // Accepted, but a fault kept it from being declared; of an old one nothing else is known than that it was not cancelled.
  return { status: declaredAt > oldestMove ? 'cancelled' : 'completed' };
}
