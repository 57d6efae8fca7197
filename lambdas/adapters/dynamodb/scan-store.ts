import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ScanState, ScanStore } from '../../core/alerts/ports.ts';
import type { Instant } from '../../core/instant.ts';
import { fromItem, isConditionFailure, toItem, type Item } from './client.ts';

interface StoredScan {
  /** As text: a checkpoint holds thousands of numbers, which take less room so. */
  readonly state?: string;
}

const stateIn = (item: Item | undefined): ScanState => {
  const text = item && fromItem<StoredScan>(item).state;
  // Only this class writes it.
  return text === undefined ? {} : (JSON.parse(text) as ScanState);
};

/** One item per scan: its lease and how far it is. */
export class DynamoDBScans implements ScanStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async take(scan: string, token: string, now: Instant, until: Instant): Promise<ScanState | 'busy'> {
    try {
      const { Attributes } = await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ scan }),
          UpdateExpression: 'SET #token = :token, #until = :until',
          ConditionExpression: 'attribute_not_exists(#until) OR #until <= :now OR #token = :token',
          ExpressionAttributeNames: { '#token': 'token', '#until': 'until' },
          ExpressionAttributeValues: toItem({ ':token': token, ':until': until, ':now': now }),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return stateIn(Attributes);
    } catch (error) {
      if (isConditionFailure(error)) return 'busy';
      throw error;
    }
  }

  async read(scan: string): Promise<ScanState> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: toItem({ scan }), ConsistentRead: true }),
    );
    return stateIn(item);
  }

  async release(scan: string, token: string, state: ScanState): Promise<void> {
    try {
      await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ scan }),
          UpdateExpression: 'SET #state = :state REMOVE #token, #until',
          ConditionExpression: '#token = :token',
          ExpressionAttributeNames: { '#state': 'state', '#token': 'token', '#until': 'until' },
          ExpressionAttributeValues: toItem({ ':state': JSON.stringify(state), ':token': token }),
        }),
      );
    } catch (error) {
      // The lease was lost, or an attempt of the SDK whose reply was lost has given it back.
      if (!isConditionFailure(error)) throw error;
    }
  }
}
