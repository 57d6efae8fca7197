import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Host, License } from '../../core/license.ts';
import type { LicenseHosts } from '../../core/order-changes.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';

/** Which hosts have which licenses, for display. */
export class DynamoDBLicenseHosts implements LicenseHosts {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async readHosts(licenseIds: readonly string[]): Promise<ReadonlyMap<string, Host>> {
    const keys = licenseIds.map((licenseId) => toItem({ licenseId }));
    const items = await batchGet(this.client, this.table, keys, projectionOf(['licenseId', 'host']));
    return new Map(
      items
        .map((item) => fromItem<Pick<License, 'licenseId' | 'host'>>(item))
        .flatMap(({ licenseId, host }) => (host ? [[licenseId, host] as const] : [])),
    );
  }
}
