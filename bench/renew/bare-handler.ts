/**
 * The floor that the renew function is measured against: it makes the four calls of a recorded renewal, for the license that
 * the request names, and does nothing else. No file is verified, nothing is decided, composed, checked or logged.
 */
import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { CUSTOMER_HEADER, LICENSE_HEADER, type RecordedCalls } from './bare-request.ts';

/** The environment of the renew function, and the calls to make. */
const {
  LICENSES_TABLE: licenses = '',
  INSTALLATIONS_TABLE: installations = '',
  RENEWALS_TABLE: renewals = '',
  SIGNING_KEY_ID: signingKey = '',
  RECORDED_CALLS: calls = '{}',
  LEAN_CLIENTS: lean = '',
} = process.env;
const recorded = JSON.parse(calls) as RecordedCalls;
const message = Buffer.from(recorded.Sign.Message, 'base64');

/** As the SDK makes them; `LEAN_CLIENTS` sets them as the renew function does, to tell what that saves. */
const settings = { maxAttempts: 3, ...(lean === '' ? {} : { cacheMiddleware: true }) };
const dynamodb = new DynamoDBClient(settings);
const kms = new KMSClient(settings);
if (lean !== '') for (const client of [dynamodb, kms]) client.middlewareStack.remove('loggerMiddleware');

/** @public The entry of the bundle. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const licenseId = { S: event.headers[LICENSE_HEADER] ?? '' };
  const customerId = { S: event.headers[CUSTOMER_HEADER] ?? '' };
  const { Responses } = await dynamodb.send(
    new BatchGetItemCommand({
      RequestItems: {
        [licenses]: { Keys: [{ licenseId }], ConsistentRead: true },
        [installations]: { Keys: [{ customerId, installation: { S: 'ES#main' } }] },
      },
    }),
  );
  const version = Responses?.[licenses]?.[0]?.['version'] ?? { N: '0' };
  const next = { N: String(Number(version.N) + 1) };
  const { Signature } = await kms.send(
    new SignCommand({ ...recorded.Sign, KeyId: signingKey, Message: message }),
  );
  await dynamodb.send(
    new PutItemCommand({
      ...recorded.PutItem,
      TableName: renewals,
      Item: {
        ...recorded.PutItem.Item,
        licenseId,
        record: { S: `bench#${next.N.padStart(12, '0')}` },
        signature: { B: Signature ?? message },
      },
    }),
  );
  await dynamodb.send(
    new UpdateItemCommand({
      ...recorded.UpdateItem,
      TableName: licenses,
      Key: { licenseId },
      ExpressionAttributeValues: {
        ...recorded.UpdateItem.ExpressionAttributeValues,
        ':version': next,
        ':expected': version,
      },
    }),
  );
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/jwt' },
    body: Buffer.from(event.body ?? '', 'base64').toString('latin1'),
  };
}
