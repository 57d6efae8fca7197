import { DeleteItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ShrinkNotice } from '../../core/order-changes.ts';
import type { NoticeOutbox } from '../../core/order-notices.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { queryAll } from './query.ts';

interface StoredNotice {
  readonly notice: ShrinkNotice;
}

const prefixOf = (contractId: string): string => `change#${contractId}#`;

/** None of the parts can contain `#`. */
const keyOf = ({ customerId, contractId, revision, product, installation, version }: ShrinkNotice): Item =>
  toItem({
    customerId,
    episode: `${prefixOf(contractId)}${revision}#${product}#${installation}#${version}`,
  });

/** What customers are still to be told of orders, beside their episodes. */
export class DynamoDBNoticeOutbox implements NoticeOutbox {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async note(notice: ShrinkNotice): Promise<void> {
    const item = { ...keyOf(notice), ...toItem({ notice } satisfies StoredNotice) };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item: item }));
  }

  async read(customerId: string, contractId: string): Promise<readonly ShrinkNotice[]> {
    const items = await queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'customerId = :customerId AND begins_with(episode, :prefix)',
      ExpressionAttributeValues: toItem({ ':customerId': customerId, ':prefix': prefixOf(contractId) }),
      ConsistentRead: true,
    });
    return items.map((item) => fromItem<StoredNotice>(item).notice);
  }

  async remove(notice: ShrinkNotice): Promise<void> {
    await this.client.send(new DeleteItemCommand({ TableName: this.table, Key: keyOf(notice) }));
  }
}
