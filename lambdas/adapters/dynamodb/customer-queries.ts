import type { DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Installation } from '../../core/installation.ts';
import { projectionOf } from './batch-get.ts';
import { toItem } from './client.ts';
import { installationFromItem } from './installation-items.ts';
import { queryAll } from './query.ts';

/** All installations of a customer, at twice the price where they have to be those of this moment. */
export async function installationsOf(
  client: DynamoDBClient,
  table: string,
  customerId: string,
  options: Pick<QueryCommandInput, 'ConsistentRead'> = {},
): Promise<Installation[]> {
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'customerId = :customerId',
    ExpressionAttributeValues: toItem({ ':customerId': customerId }),
    ...options,
  });
  return items.map(installationFromItem);
}

/** Asks for the records of a license in a range of sort keys, and of them for nothing but these attributes. */
export const recordsQuery = (
  table: string,
  licenseId: string,
  range: string,
  values: Readonly<Record<string, string>>,
  attributes: readonly string[],
): QueryCommandInput => ({
  TableName: table,
  KeyConditionExpression: `#licenseId = :licenseId AND ${range}`,
  ExpressionAttributeValues: toItem({ ':licenseId': licenseId, ...values }),
  Select: 'SPECIFIC_ATTRIBUTES',
  ...projectionOf(attributes),
});
