import { DAY, type Instant } from '../instant.ts';
import { COUNTED_DAYS } from './moves.ts';
import { stateOf, type TransferRecord, type TransferState, type TransferStore } from './transfer-record.ts';

export interface TransferPage {
  readonly items: readonly (TransferRecord & { readonly state: TransferState })[];
  /** Id of the last record, where more follow. */
  readonly last?: string;
}

/** The transfers of a customer, newest first, with what became of them. */
export async function listTransfers(
  transfers: Pick<TransferStore, 'readPage' | 'readMoves'>,
  customerId: string,
  { limit, before }: { readonly limit: number; readonly before?: string },
  now: Instant,
): Promise<TransferPage> {
  const found = await transfers.readPage(customerId, limit + 1, before);
  const records = found.slice(0, limit);
  const open = records.filter(
    (record) => record.completedAt === undefined && record.cancelledAt === undefined,
  );
  const moves = new Map(
    (await transfers.readMoves([...new Set(open.map(({ licenseId }) => licenseId))])).map((license) => [
      license.licenseId,
      license,
    ]),
  );
  const last = found.length > limit ? records.at(-1) : undefined;
  return {
    items: records.map((record) => ({
      ...record,
      state: stateOf(record, moves.get(record.licenseId), now - COUNTED_DAYS * DAY),
    })),
    ...(last ? { last: last.id } : {}),
  };
}
