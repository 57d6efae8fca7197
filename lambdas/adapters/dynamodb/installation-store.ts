import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LicenseList, LicenseLists } from '../../core/issue-license.ts';
import type { InstallationStore, OrderedInstallation } from '../../core/order-ports.ts';
import { toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { installationFromItem, installationItemKey } from './installation-items.ts';
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

  async readAll(customerId: string): Promise<readonly OrderedInstallation[]> {
    const items = await this.query(customerId, ['customerName', 'version', 'contracts']);
    return items.map((item) => {
      const { licenses, ...ordered } = installationFromItem(item);
      return ordered;
    });
  }

  async readLicenseLists(customerId: string): Promise<readonly LicenseList[]> {
    const items = await this.query(customerId, ['licenses']);
    return items.map((item) => {
      const { product, installation, licenses } = installationFromItem(item);
      return { customerId, product, installation, licenses };
    });
  }

  /** An update and not a put: the list of licenses, and whatever newer code notes there, stay as they are. */
  write(installation: OrderedInstallation): Promise<'written' | 'conflict'> {
    const { customerName, contracts, version } = installation;
    const { UpdateExpression, ...expression } = assign({ customerName, contracts, version: version + 1 });
    const isNew = version === 0;
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem(installationItemKey(installation)),
          UpdateExpression: `${UpdateExpression}, licenses = if_not_exists(licenses, :none)`,
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

  private query(customerId: string, attributes: readonly string[]): Promise<Item[]> {
    const names = ['customerId', 'installation', ...attributes];
    return queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: '#customerId = :customerId',
      ProjectionExpression: names.map((name) => `#${name}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: toItem({ ':customerId': customerId }),
      ConsistentRead: true,
    });
  }
}
