/**
 * The floor that the renew function is measured against: it makes the four calls of a recorded renewal, for the license that
 * the request names, and does nothing else. No file is verified, nothing is decided, composed, checked or logged.
 */
import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  type BatchGetItemCommandInput,
  type PutItemCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { KMSClient, SignCommand, type MessageType, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The inputs of a renewal's calls, as they went over the wire: bytes are base64. */
export interface RecordedCalls {
  readonly BatchGetItem: BatchGetItemCommandInput;
  readonly Sign: {
    readonly KeyId: string;
    readonly SigningAlgorithm: SigningAlgorithmSpec;
    readonly MessageType: MessageType;
    readonly Message: string;
  };
  readonly PutItem: PutItemCommandInput & { readonly Item: NonNullable<PutItemCommandInput['Item']> };
  readonly UpdateItem: UpdateItemCommandInput;
}

/** Header that names the license; the installation is the recorded one. */
export const LICENSE_HEADER = 'bench-license';

const recorded = JSON.parse(process.env['RECORDED_CALLS'] ?? '{}') as RecordedCalls;
const message = Buffer.from(recorded.Sign.Message, 'base64');
const dynamodb = new DynamoDBClient({ maxAttempts: 3 });
const kms = new KMSClient({ maxAttempts: 3 });

/** Two tables are read: the license by its key, the installation by the recorded one. */
const [licenses = '', installations = ''] = Object.entries(recorded.BatchGetItem.RequestItems ?? {})
  .sort(([, one], [, other]) => Number(other.ConsistentRead ?? false) - Number(one.ConsistentRead ?? false))
  .map(([table]) => table);
const installation = recorded.BatchGetItem.RequestItems?.[installations];

/** @public The entry of the bundle. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const licenseId = { S: event.headers[LICENSE_HEADER] ?? '' };
  const { Responses } = await dynamodb.send(
    new BatchGetItemCommand({
      RequestItems: {
        [licenses]: { Keys: [{ licenseId }], ConsistentRead: true },
        ...(installation === undefined ? {} : { [installations]: installation }),
      },
    }),
  );
  const version = Responses?.[licenses]?.[0]?.['version'] ?? { N: '0' };
  const next = { N: String(Number(version.N) + 1) };
  const { Signature } = await kms.send(new SignCommand({ ...recorded.Sign, Message: message }));
  await dynamodb.send(
    new PutItemCommand({
      ...recorded.PutItem,
      Item: {
        ...recorded.PutItem.Item,
        licenseId,
        record: { S: `bench#${(next.N ?? '').padStart(12, '0')}` },
        signature: { B: Signature ?? message },
      },
    }),
  );
  await dynamodb.send(
    new UpdateItemCommand({
      ...recorded.UpdateItem,
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
