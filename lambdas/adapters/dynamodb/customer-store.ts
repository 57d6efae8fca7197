import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Customer } from '../../core/customer.ts';
import type { CustomerStore } from '../../core/order-ports.ts';
import { fromItem, toItem } from './client.ts';
import { assign } from './update.ts';

/** The members of a customer document, and its key. */
const READ = ['customerId', 'name', 'contacts', 'alertsFrom', 'offlineAfterHours'] as const;

/** The table of customers. */
export class DynamoDBCustomerStore implements CustomerStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read(customerId: string): Promise<Customer | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: toItem({ customerId }),
        ConsistentRead: true,
        ProjectionExpression: READ.map((name) => `#${name}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(READ.map((name) => [`#${name}`, name])),
      }),
    );
    return item && fromItem<Customer>(item);
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
}
