import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../core/instant.ts';
import type { LicenseMoves, TransferRecord, TransferStore } from '../../core/transfers/transfer-record.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';

/** Behind every instant that an id can begin with. */
const BEHIND_ALL = '~';

/** A record as it is stored: its id is the sort key. */
type StoredTransfer = Omit<TransferRecord, 'id'> & { readonly transfer: string };

/** The table of transfers. */
export class DynamoDBTransferStore implements TransferStore {
  private readonly client: DynamoDBClient;
  private readonly tables: { readonly transfers: string; readonly licenses: string };

  constructor(client: DynamoDBClient, tables: { readonly transfers: string; readonly licenses: string }) {
    this.client = client;
    this.tables = tables;
  }

  async put({ id, ...record }: TransferRecord): Promise<void> {
    await unlessConditionFails(
      this.client.send(
        new PutItemCommand({
          TableName: this.tables.transfers,
          Item: toItem({ ...record, transfer: id } satisfies StoredTransfer),
          ConditionExpression: 'attribute_not_exists(customerId)',
        }),
      ),
      undefined,
      undefined,
    );
  }

  async read(customerId: string, id: string): Promise<TransferRecord | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.tables.transfers,
        Key: toItem({ customerId, transfer: id }),
        ConsistentRead: true,
      }),
    );
    return item && recordOf(item);
  }

  async noteCancelled(customerId: string, id: string, at: Instant): Promise<void> {
    await unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.tables.transfers,
          Key: toItem({ customerId, transfer: id }),
          UpdateExpression: 'SET cancelledAt = if_not_exists(cancelledAt, :at)',
          ConditionExpression: 'attribute_exists(customerId)',
          ExpressionAttributeValues: toItem({ ':at': at }),
        }),
      ),
      undefined,
      undefined,
    );
  }

  async readPage(customerId: string, limit: number, before = BEHIND_ALL): Promise<readonly TransferRecord[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.tables.transfers,
        KeyConditionExpression: '#customerId = :customerId AND #transfer < :before',
        ExpressionAttributeNames: { '#customerId': 'customerId', '#transfer': 'transfer' },
        ExpressionAttributeValues: toItem({ ':customerId': customerId, ':before': before }),
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    return Items.map(recordOf);
  }

  async readMoves(licenseIds: readonly string[]): Promise<readonly LicenseMoves[]> {
    const items = await batchGet(
      this.client,
      this.tables.licenses,
      licenseIds.map((licenseId) => toItem({ licenseId })),
      { ...projectionOf(['licenseId', 'movedAt', 'repairedAt', 'transfer']), ConsistentRead: true },
    );
    return items.map((item) => fromItem<LicenseMoves>(item));
  }
}

function recordOf(item: Item): TransferRecord {
  const { transfer, ...record } = fromItem<StoredTransfer>(item);
  return { ...record, id: transfer };
}
