import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertedCustomers, CustomerToAlert } from '../../core/alerts/ports.ts';
import { muteOf } from '../../core/alerts/recipients.ts';
import type { AlertKind } from '../../core/alerts/kinds.ts';
import type { Customer } from '../../core/customer.ts';
import type { CustomerStore } from '../../core/order-ports.ts';
import { projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** The members of a customer document, and its key. */
const READ = ['customerId', 'name', 'contacts', 'alertsFrom', 'offlineAfterHours'] as const;

/** The table of customers. */
export class DynamoDBCustomerStore implements CustomerStore, AlertedCustomers {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read(customerId: string): Promise<Customer | undefined> {
    return this.get<Customer>(customerId, READ);
  }

  async readWithMutes(customerId: string): Promise<CustomerToAlert | undefined> {
    const stored = await this.get<Customer & { mutes?: Set<string> }>(customerId, [...READ, 'mutes']);
    if (!stored) return undefined;
    const { mutes = new Set<string>(), ...customer } = stored;
    return { customer, mutes };
  }

  /** Notes that an address wants no more of a kind; false where there is no such customer. */
  mute(customerId: string, kind: AlertKind, email: string): Promise<boolean> {
    return this.changeMutes(customerId, 'ADD', muteOf(kind, email));
  }

  /** Takes a mute back; false where there is no such customer. */
  unmute(customerId: string, kind: AlertKind, email: string): Promise<boolean> {
    return this.changeMutes(customerId, 'DELETE', muteOf(kind, email));
  }

  /** Writes the members of the document alone: whatever else is noted of a customer stays. */
  async write({
    customerId,
    name,
    contacts,
    alertsFrom,
    offlineAfterHours,
  }: Customer): Promise<'created' | 'replaced'> {
    const { Attributes } = await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: toItem({ customerId }),
        ...assign({ name, contacts, alertsFrom, offlineAfterHours }),
        ReturnValues: 'UPDATED_OLD',
      }),
    );
    return Attributes ? 'replaced' : 'created';
  }

  private async get<Shape>(customerId: string, names: readonly string[]): Promise<Shape | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: toItem({ customerId }),
        ConsistentRead: true,
        ...projectionOf(names),
      }),
    );
    return item && fromItem<Shape>(item);
  }

  private changeMutes(customerId: string, verb: 'ADD' | 'DELETE', mute: string): Promise<boolean> {
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ customerId }),
          UpdateExpression: `${verb} mutes :mute`,
          ConditionExpression: 'attribute_exists(customerId)',
          ExpressionAttributeValues: toItem({ ':mute': new Set([mute]) }),
        }),
      ),
      true,
      false,
    );
  }
}
