import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FileKey, HeldFileStore } from '../../core/customer-distribution/held-files.ts';
import { claimsOf, type OptionWindow } from '../../core/license-file.ts';
import type { License } from '../../core/license.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { fromItem, toItem } from './client.ts';
import { licenseFromItem } from './license-items.ts';
import { FILE_ATTRIBUTES } from './readable-attributes.ts';
import { issueKey } from './record-items.ts';

interface StoredFile {
  readonly licenseId: string;
  readonly record: string;
  readonly payload: string;
}

const nameOf = (licenseId: string, record: string): string => `${licenseId} ${record}`;

/** Licenses and what their files say, many at once. */
export class DynamoDBHeldFileStore implements HeldFileStore {
  private readonly client: DynamoDBClient;
  private readonly tables: { readonly licenses: string; readonly renewals: string };

  constructor(client: DynamoDBClient, tables: { readonly licenses: string; readonly renewals: string }) {
    this.client = client;
    this.tables = tables;
  }

  async readLicenses(licenseIds: readonly string[]): Promise<readonly License[]> {
    const keys = licenseIds.map((licenseId) => toItem({ licenseId }));
    const items = await batchGet(this.client, this.tables.licenses, keys, { ConsistentRead: true });
    return items.map(licenseFromItem);
  }

  async readOptions(files: readonly FileKey[]): Promise<readonly (readonly OptionWindow[] | undefined)[]> {
    const keys = files.map(({ licenseId, seq }) => toItem({ licenseId, record: issueKey(seq) }));
    const items = await batchGet(this.client, this.tables.renewals, keys, {
      ConsistentRead: true,
      ...projectionOf(FILE_ATTRIBUTES),
    });
    const options = new Map(
      items.map((item) => {
        const { licenseId, record, payload } = fromItem<StoredFile>(item);
        return [nameOf(licenseId, record), claimsOf(payload).options];
      }),
    );
    return files.map(({ licenseId, seq }) => options.get(nameOf(licenseId, issueKey(seq))));
  }
}
