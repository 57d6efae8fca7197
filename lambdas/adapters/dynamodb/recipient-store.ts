import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RecipientStore } from '../../core/alerts/recipient-ports.ts';
import type { Instant } from '../../core/instant.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** The table of addresses, each with what was learned of it and how much it got today. */
export class DynamoDBRecipients implements RecipientStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async readDisabled(addresses: readonly string[]): Promise<ReadonlySet<string>> {
    const keys = addresses.map((address) => toItem({ address }));
    const items = await batchGet(this.client, this.table, keys, projectionOf(['address', 'disabledAt']));
    const disabled = items.filter((item) => 'disabledAt' in item);
    return new Set(disabled.map((item) => fromItem<{ address: string }>(item).address));
  }

  async haveRoom(addresses: readonly string[], day: string, limit: number): Promise<boolean> {
    const keys = addresses.map((address) => toItem({ address }));
    const items = await batchGet(this.client, this.table, keys, {
      ...projectionOf(['sentOn', 'sentCount']),
      ConsistentRead: true,
    });
    return items
      .map((item) => fromItem<{ sentOn?: string; sentCount?: number }>(item))
      .every(({ sentOn, sentCount = 0 }) => sentOn !== day || sentCount < limit);
  }

  /** One call on most days; the first e-mail of a day takes two, and up to one more when two of them race. */
  async countMail(address: string, day: string): Promise<void> {
    const addOne = {
      UpdateExpression: 'ADD sentCount :one',
      ConditionExpression: 'sentOn = :day',
      ExpressionAttributeValues: toItem({ ':one': 1, ':day': day }),
    };
    if (await this.update(address, addOne)) return;
    const isFirst = await this.update(address, {
      UpdateExpression: 'SET sentOn = :day, sentCount = :one',
      ConditionExpression: 'attribute_not_exists(sentOn) OR sentOn <> :day',
      ExpressionAttributeValues: toItem({ ':one': 1, ':day': day }),
    });
    if (!isFirst) await this.update(address, addOne);
  }

  async disable(address: string, because: 'bounce' | 'complaint', at: Instant): Promise<void> {
    const update = assign({ disabledAt: at, disabledBecause: because });
    await this.client.send(
      new UpdateItemCommand({ TableName: this.table, Key: toItem({ address }), ...update }),
    );
  }

  private update(
    address: string,
    update: Pick<
      ConstructorParameters<typeof UpdateItemCommand>[0],
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> {
    return unlessConditionFails(
      this.client.send(new UpdateItemCommand({ TableName: this.table, Key: toItem({ address }), ...update })),
      true,
      false,
    );
  }
}
