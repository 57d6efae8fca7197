import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalRunError } from './local-run-error.ts';

const POLL_MS = 100;

/** Creates the table where it is missing; one that is there is taken as it is, if it has the right keys. */
export async function ensureTable(
  client: DynamoDBClient,
  input: CreateTableCommandInput & { TableName: string },
): Promise<void> {
  const existing = await describe(client, input.TableName);
  if (existing !== undefined) {
    if (shapeOf(existing) === shapeOf(input)) return;
    throw new LocalRunError(
      `table ${input.TableName} has other keys or indexes than the template: start with an empty data folder`,
    );
  }
  await client.send(new CreateTableCommand(input));
  while ((await describe(client, input.TableName))?.TableStatus !== 'ACTIVE') await sleep(POLL_MS);
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Keys and indexes as comparable text. */
function shapeOf({
  KeySchema,
  GlobalSecondaryIndexes,
}: Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'>): string {
  const keys = (schema: TableDescription['KeySchema']): string[] =>
    (schema ?? []).map(({ AttributeName, KeyType }) => `${KeyType ?? ''} ${AttributeName ?? ''}`);
  const indexes = (GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema: schema }) => [
    IndexName,
    keys(schema),
  ]);
  return JSON.stringify([keys(KeySchema), indexes.sort()]);
}
