import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CustomersPart, InstallationLists } from '../../core/installation-lists.ts';
import type { Installation, InstallationKey } from '../../core/installation.ts';
import type { LicenseList, LicenseLists } from '../../core/issue-license.ts';
import type { InstallationStore } from '../../core/order-ports.ts';
import { toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { installationFromItem, installationItemKey } from './installation-items.ts';
import { writeLists } from './installation-lists.ts';
import { queryAll } from './query.ts';
import { assign } from './update.ts';

/** The table of installations, as orders and lists use it. */
export class DynamoDBInstallationStore implements InstallationStore, LicenseLists {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async readAll(customerId: string): Promise<readonly Installation[]> {
    const items = await this.query(customerId);
    return items.map(installationFromItem);
  }

  async readLicenseLists(customerId: string): Promise<readonly LicenseList[]> {
    const items = await this.query(customerId);
    return items.map((item) => {
      const { product, installation, licenses } = installationFromItem(item);
      return { customerId, product, installation, licenses };
    });
  }

  /** An update and not a put: licenses, declarations, and whatever newer code notes there, stay as they are. */
  write(installation: Installation): Promise<'written' | 'conflict'> {
    const { customerName, contracts, keptHosts, version } = installation;
    const { UpdateExpression, ...expression } = assign({
      customerName,
      contracts,
      version: version + 1,
      keptHosts,
    });
    const isNew = version === 0;
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem(installationItemKey(installation)),
          // In front: the expression may end with what is removed.
          UpdateExpression: UpdateExpression.replace(
            'SET ',
            'SET licenses = if_not_exists(licenses, :none), ',
          ),
          ConditionExpression: isNew ? 'attribute_not_exists(customerId)' : '#version = :expected',
          ExpressionAttributeNames: expression.ExpressionAttributeNames,
          ExpressionAttributeValues: {
            ...expression.ExpressionAttributeValues,
            ...toItem({ ':none': [], ...(isNew ? {} : { ':expected': version }) }),
          },
        }),
      ),
      'written',
      'conflict',
    );
  }

  private query(customerId: string): Promise<Item[]> {
    return queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'customerId = :customerId',
      ExpressionAttributeValues: toItem({ ':customerId': customerId }),
      ConsistentRead: true,
    });
  }
}

/** The table of installations, as customers change it. */
export class DynamoDBInstallationLists implements InstallationLists {
  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly installations: DynamoDBInstallationStore;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
    this.installations = new DynamoDBInstallationStore(client, table);
  }

  async read(key: InstallationKey): Promise<Installation | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: toItem(installationItemKey(key)),
        ConsistentRead: true,
      }),
    );
    return item && installationFromItem(item);
  }

  readAll(customerId: string): Promise<readonly Installation[]> {
    return this.installations.readAll(customerId);
  }

  write(installation: Installation, part: CustomersPart): Promise<'written' | 'conflict'> {
    return writeLists(this.client, this.table, installation, part);
  }
}
