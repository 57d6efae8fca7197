import { DeleteItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Claim, ClaimStore } from '../../core/alerts/ports.ts';
import type { Instant } from '../../core/instant.ts';
import { unlessConditionFails } from './condition.ts';
import { fromItem, isConditionFailure, toItem, type Item } from './client.ts';

interface StoredClaim {
  /** `<digest> <address>`: of what was sent, and to whom. It outlives a holder that did not finish. */
  readonly sentTo?: ReadonlySet<string>;
}

const itemKeyOf = ({ customerId, about }: Claim): Item => toItem({ customerId, episode: `claim#${about}` });

/** Claims, beside the episodes that they are about. */
export class DynamoDBClaims implements ClaimStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async take(
    claim: Claim,
    now: Instant,
    until: Instant,
  ): Promise<{ readonly sentTo: readonly string[] } | 'busy'> {
    try {
      const { Attributes } = await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: itemKeyOf(claim),
          UpdateExpression: 'SET #token = :token, #until = :until',
          ConditionExpression: 'attribute_not_exists(#until) OR #until <= :now OR #token = :token',
          ExpressionAttributeNames: { '#token': 'token', '#until': 'until' },
          ExpressionAttributeValues: toItem({ ':token': claim.token, ':until': until, ':now': now }),
          ReturnValues: 'ALL_NEW',
        }),
      );
      const { sentTo = new Set<string>() } = fromItem<StoredClaim>(Attributes ?? {});
      const same = `${claim.digest} `;
      return {
        sentTo: [...sentTo].flatMap((sent) => (sent.startsWith(same) ? sent.slice(same.length) : [])),
      };
    } catch (error) {
      if (isConditionFailure(error)) return 'busy';
      throw error;
    }
  }

  async noteSent(claim: Claim, address: string): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: itemKeyOf(claim),
        UpdateExpression: 'ADD sentTo :address',
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: toItem({
          ':address': new Set([`${claim.digest} ${address}`]),
          ':token': claim.token,
        }),
      }),
    );
  }

  async giveUp(claim: Claim): Promise<void> {
    await unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: itemKeyOf(claim),
          UpdateExpression: 'REMOVE #token, #until',
          ConditionExpression: '#token = :token',
          ExpressionAttributeNames: { '#token': 'token', '#until': 'until' },
          ExpressionAttributeValues: toItem({ ':token': claim.token }),
        }),
      ),
      undefined,
      undefined,
    );
  }

  async release(claim: Claim): Promise<void> {
    try {
      await this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: itemKeyOf(claim),
          ConditionExpression: 'attribute_not_exists(#token) OR #token = :token',
          ExpressionAttributeNames: { '#token': 'token' },
          ExpressionAttributeValues: toItem({ ':token': claim.token }),
        }),
      );
    } catch (error) {
      // Somebody else has taken it since: it is theirs now.
      if (!isConditionFailure(error)) throw error;
    }
  }
}
