import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CLIENT_SETTINGS, lean } from '../aws-client.ts';

/** A put or update that the SDK retries may find its own first attempt: the protocol expects that. */
export const createDynamoDBClient = (): DynamoDBClient => lean(new DynamoDBClient(CLIENT_SETTINGS));

export type Item = Record<string, AttributeValue>;

/** Undefined members are left out; nothing else is converted. */
export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });

/** An item as plain data. The caller vouches for `Shape`: only this project writes the tables. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- a cast with a name, so that it can be found
export const fromItem = <Shape>(item: Item): Shape => unmarshall(item) as Shape;

export const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';
