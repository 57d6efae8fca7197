import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertKind } from '../../core/alerts/kinds.ts';
import type { AlertedCustomers, CustomerToAlert } from '../../core/alerts/ports.ts';
import { muteOf } from '../../core/alerts/recipients.ts';
import {
  customerInForce,
  type ContactChange,
  type CustomerChanges,
  type CustomerLayers,
} from '../../core/contacts-layer.ts';
import type { Customer } from '../../core/customer.ts';
import type { CustomerStore } from '../../core/order-ports.ts';
import type { ContactStore } from '../../core/save-contacts.ts';
import { projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** The members of a customer document, and its key. */
const DOCUMENT = ['customerId', 'name', 'contacts', 'alertsFrom', 'offlineAfterHours', 'managers'] as const;

/** What the customer said itself, beside the document. */
interface OwnChanges {
  readonly contactChanges?: readonly ContactChange[];
  readonly ownOfflineAfterHours?: number;
}

const IN_FORCE = [...DOCUMENT, 'contactChanges', 'ownOfflineAfterHours'] as const;

/** The table of customers: the vendor's document, and what the customer and its contacts said beside it. */
export class DynamoDBCustomerStore implements CustomerStore, ContactStore, AlertedCustomers {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** As it counts: the vendor's document under what the customer said. */
  async read(customerId: string): Promise<Customer | undefined> {
    const stored = await this.get<Customer & OwnChanges>(customerId, IN_FORCE);
    return stored && customerInForce(layersIn(stored));
  }

  async readWithMutes(customerId: string): Promise<CustomerToAlert | undefined> {
    const layers = await this.readLayers(customerId);
    return layers && { customer: customerInForce(layers), mutes: layers.mutes };
  }

  async readLayers(customerId: string): Promise<CustomerLayers | undefined> {
    const stored = await this.get<
      Customer & OwnChanges & { mutes?: ReadonlySet<string>; contactsVersion?: number }
    >(customerId, [...IN_FORCE, 'mutes', 'contactsVersion']);
    if (!stored) return undefined;
    const { mutes = new Set<string>(), contactsVersion = 0, ...customer } = stored;
    return { ...layersIn(customer), mutes, counter: contactsVersion };
  }

  writeChanges(
    customerId: string,
    { contacts, offlineAfterHours }: CustomerChanges,
    unmuted: readonly string[],
    counter: number,
  ): Promise<'written' | 'conflict'> {
    const update = assign({ contactChanges: contacts, ownOfflineAfterHours: offlineAfterHours });
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ customerId }),
          UpdateExpression: `${update.UpdateExpression} ADD contactsVersion :one${
            unmuted.length > 0 ? ' DELETE mutes :unmuted' : ''
          }`,
          // An item that was written before there was a counter has none.
          ConditionExpression: `attribute_exists(customerId) AND ${
            counter === 0 ? 'attribute_not_exists(contactsVersion)' : 'contactsVersion = :counter'
          }`,
          ExpressionAttributeNames: update.ExpressionAttributeNames,
          ExpressionAttributeValues: {
            ...update.ExpressionAttributeValues,
            ...toItem({
              ':one': 1,
              ...(counter === 0 ? {} : { ':counter': counter }),
              ...(unmuted.length > 0 ? { ':unmuted': new Set(unmuted) } : {}),
            }),
          },
        }),
      ),
      'written',
      'conflict',
    );
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
    managers,
  }: Customer): Promise<'created' | 'replaced'> {
    const update = assign({ name, contacts, alertsFrom, offlineAfterHours, managers });
    const { Attributes } = await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: toItem({ customerId }),
        ...update,
        // Whoever is changing contacts above this document looks at it again.
        UpdateExpression: `${update.UpdateExpression} ADD contactsVersion :one`,
        ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ...toItem({ ':one': 1 }) },
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

/** The two layers of a stored customer, without members that are not there. */
const layersIn = ({
  contactChanges = [],
  ownOfflineAfterHours,
  ...vendor
}: Customer & OwnChanges): Pick<CustomerLayers, 'vendor' | 'changes'> => ({
  vendor,
  changes: {
    contacts: contactChanges,
    ...(ownOfflineAfterHours === undefined ? {} : { offlineAfterHours: ownOfflineAfterHours }),
  },
});
