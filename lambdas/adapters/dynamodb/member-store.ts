import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { AddressLinks, MemberStore, MembershipChoices } from '../../core/members/member-ports.ts';
import type { Roster } from '../../core/members/member.ts';
import { projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** Neither an id of a customer nor an address has a `#` where these have theirs. */
const rosterKey = (customerId: string) => toItem({ subject: `customer#${customerId}` });
const addressKey = (email: string) => toItem({ subject: `address#${email}` });

/** The table of members: an item per customer with all its members, and an item per address with the customers to look at. */
export class DynamoDBMemberStore implements MemberStore, MembershipChoices {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read(customerId: string): Promise<Roster> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: rosterKey(customerId),
        ConsistentRead: true,
        ...projectionOf(['members', 'invited', 'version']),
      }),
    );
    return item
      ? { customerId, ...fromItem<Omit<Roster, 'customerId'>>(item) }
      : { customerId, version: 0, members: [] };
  }

  write({ customerId, version, members, invited }: Roster): Promise<'written' | 'conflict'> {
    const update = assign({ members, invited, version: version + 1 });
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: rosterKey(customerId),
          ...update,
          ConditionExpression: version === 0 ? 'attribute_not_exists(subject)' : '#version = :expected',
          ExpressionAttributeValues: {
            ...update.ExpressionAttributeValues,
            ...(version === 0 ? {} : toItem({ ':expected': version })),
          },
        }),
      ),
      'written',
      'conflict',
    );
  }

  async link(email: string, customerId: string): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: addressKey(email),
        UpdateExpression: 'ADD customers :customer',
        ExpressionAttributeValues: toItem({ ':customer': new Set([customerId]) }),
      }),
    );
  }

  async unlink(email: string, customerId: string): Promise<'others' | 'none'> {
    const { Attributes } = await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: addressKey(email),
        UpdateExpression: 'DELETE customers :customer',
        ExpressionAttributeValues: toItem({ ':customer': new Set([customerId]) }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    if (Attributes?.['customers']) {
      if (Attributes['chosen']?.S === customerId) await this.dropChoice(email, customerId);
      return 'others';
    }
    // Nobody's address stays here; somebody may have invited it again meanwhile.
    return unlessConditionFails(
      this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: addressKey(email),
          ConditionExpression: 'attribute_not_exists(customers)',
        }),
      ),
      'none',
      'others',
    );
  }

  /** Takes the choice of a customer back, which would count again with the next invitation; unless that has come meanwhile. */
  private async dropChoice(email: string, customerId: string): Promise<void> {
    await unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: addressKey(email),
          UpdateExpression: 'REMOVE chosen',
          ConditionExpression: 'chosen = :customer AND NOT contains(customers, :customer)',
          ExpressionAttributeValues: toItem({ ':customer': customerId }),
        }),
      ),
      undefined,
      undefined,
    );
  }

  async linksOf(email: string): Promise<AddressLinks> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: addressKey(email),
        ConsistentRead: true,
        ...projectionOf(['customers', 'chosen']),
      }),
    );
    const { customers = new Set<string>(), chosen } = item
      ? fromItem<{ customers?: ReadonlySet<string>; chosen?: string }>(item)
      : {};
    return { customers: [...customers], ...(chosen === undefined ? {} : { chosen }) };
  }

  choose(email: string, customerId: string): Promise<'chosen' | 'not-linked'> {
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: addressKey(email),
          UpdateExpression: 'SET chosen = :customer',
          // So that there never is a choice alone, which would stay when the last customer is gone.
          ConditionExpression: 'contains(customers, :customer)',
          ExpressionAttributeValues: toItem({ ':customer': customerId }),
        }),
      ),
      'chosen',
      'not-linked',
    );
  }
}
