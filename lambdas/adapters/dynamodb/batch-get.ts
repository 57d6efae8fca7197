import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './client.ts';

/** DynamoDB takes this many keys at once. */
const BATCH_SIZE = 100;

/** Keys that DynamoDB left over are asked for again this often without progress, with growing pauses. */
const ATTEMPTS = 5;
const PAUSE_MS = 50;

/** The items of one table under the given keys, in no order; those that do not exist are left out. Keys must differ. */
export async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  options: Omit<KeysAndAttributes, 'Keys'>,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += BATCH_SIZE) {
    let request: BatchGetItemCommandInput['RequestItems'] = {
      [table]: { ...options, Keys: keys.slice(start, start + BATCH_SIZE) },
    };
    for (let attempt = 1; ; attempt += 1) {
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems: request }),
      );
      const found = Responses?.[table] ?? [];
      items.push(...found);
      if (!UnprocessedKeys || Object.keys(UnprocessedKeys).length === 0) break;
      if (found.length > 0) attempt = 1;
      if (attempt === ATTEMPTS) throw new Error('Keys stayed unprocessed');
      request = UnprocessedKeys;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
    }
  }
  return items;
}

/** The parts of a read that name the wanted attributes. */
export const projectionOf = (names: readonly string[]) => ({
  ProjectionExpression: names.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
});
