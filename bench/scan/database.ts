import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  type AttributeDefinition,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../lambdas/adapters/dynamodb/client.ts';

/** DynamoDB takes this many items at once. */
const BATCH = 25;
const CONNECTIONS = 8;

/** The keys of `lib/constructs/license-tables.ts`. */
const KEYS = {
  customers: ['customerId'],
  installations: ['customerId', 'installation'],
  licenses: ['licenseId'],
  episodes: ['customerId', 'episode'],
  recipients: ['address'],
  scans: ['scan'],
} as const;

export type TableName = keyof typeof KEYS;

/** What functions of the benchmark reach AWS with. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
export const REGION = 'eu-west-1';

/** The engine, filled for the benchmark. */
export class Database {
  private readonly client: DynamoDBClient;

  constructor(url: string) {
    this.client = new DynamoDBClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
  }

  /** Creates a table of that kind; `prefix` tells those of different fleets and runs apart. */
  async create(kind: TableName, prefix: string): Promise<string> {
    const name = `${prefix}-${kind}`;
    await this.client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: schema(KEYS[kind]),
        AttributeDefinitions: [
          ...KEYS[kind].map(textNamed),
          ...(kind === 'licenses'
            ? [textNamed('customerId'), { AttributeName: 'failingSince', AttributeType: 'N' as const }]
            : []),
        ],
        ...(kind === 'licenses'
          ? {
              GlobalSecondaryIndexes: [
                {
                  IndexName: 'failing',
                  KeySchema: schema(['customerId', 'failingSince']),
                  Projection: { ProjectionType: 'KEYS_ONLY' },
                },
              ],
            }
          : {}),
      }),
    );
    return name;
  }

  /** Writes items, by several connections at a time. */
  async fill(table: string, items: Iterable<Item>): Promise<void> {
    const batches = inBatches(items);
    const writer = async (): Promise<void> => {
      for (const batch of batches) await this.write(table, batch);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, writer));
  }

  close(): void {
    this.client.destroy();
  }

  private async write(table: string, batch: readonly Item[]): Promise<void> {
    const requests = batch.map((item) => ({ PutRequest: { Item: item } }));
    const { UnprocessedItems } = await this.client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
    );
    if (Object.keys(UnprocessedItems ?? {}).length > 0)
      throw new Error(`${table} took only some of the items`);
  }
}

const schema = (names: readonly string[]): KeySchemaElement[] =>
  names.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' }));

const textNamed = (name: string): AttributeDefinition => ({ AttributeName: name, AttributeType: 'S' });

function* inBatches(items: Iterable<Item>): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    if (batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
