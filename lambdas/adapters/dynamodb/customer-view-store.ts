import { GetItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inPieces } from '../../core/alerts/in-pieces.ts';
import type { CustomerViewStore, FileRecord, RefusalCount } from '../../core/customer-view/view-store.ts';
import type { Installation, InstallationKey } from '../../core/installation.ts';
import { claimsOf } from '../../core/license-file.ts';
import type { License } from '../../core/license.ts';
import { batchGet } from './batch-get.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { installationsOf, recordsQuery } from './customer-queries.ts';
import { installationFromItem, installationItemKey } from './installation-items.ts';
import { licenseFromItem } from './license-items.ts';
import { TIMELINE_ATTRIBUTES } from './readable-attributes.ts';
import { issueKey } from './record-items.ts';

/** Licenses of one batch, and batches under way at a time. */
const BATCH_SIZE = 100;
const BATCHES_AT_ONCE = 8;

export interface CustomerViewTables {
  readonly installations: string;
  readonly licenses: string;
  readonly renewals: string;
}

/** What is read of a record: who called is not among it. */
type ReadRecord = { readonly record: string } & Partial<
  Record<'payload', string> & Record<'count', number> & Pick<FileRecord, 'outcome'>
>;

/** The tables as the customers' reading API reads them; what each read costs is in docs/customers-api.md. */
export class DynamoDBCustomerViewStore implements CustomerViewStore {
  private readonly client: DynamoDBClient;
  private readonly tables: CustomerViewTables;

  constructor(client: DynamoDBClient, tables: CustomerViewTables) {
    this.client = client;
    this.tables = tables;
  }

  readInstallations(customerId: string): Promise<readonly Installation[]> {
    return installationsOf(this.client, this.tables.installations, customerId, { ConsistentRead: true });
  }

  async readInstallation(key: InstallationKey): Promise<Installation | undefined> {
    const item = await this.get(this.tables.installations, toItem(installationItemKey(key)));
    return item && installationFromItem(item);
  }

  async readLicenses(licenseIds: readonly string[]): Promise<readonly License[]> {
    const batches = Array.from({ length: Math.ceil(licenseIds.length / BATCH_SIZE) }, (_, index) =>
      licenseIds.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    const found: License[] = [];
    await inPieces(batches, BATCHES_AT_ONCE, async (batch) => {
      const keys = batch.map((licenseId) => toItem({ licenseId }));
      found.push(...(await batchGet(this.client, this.tables.licenses, keys, {})).map(licenseFromItem));
    });
    return found;
  }

  async readLicense(licenseId: string): Promise<License | undefined> {
    const item = await this.get(this.tables.licenses, toItem({ licenseId }));
    return item && licenseFromItem(item);
  }

  async filesBefore(licenseId: string, seq: number, count: number): Promise<readonly FileRecord[]> {
    const records = await this.records(licenseId, '#record < :before', { ':before': issueKey(seq) }, count);
    return records.flatMap(({ outcome, payload }) =>
      outcome === undefined || payload === undefined ? [] : [{ outcome, claims: claimsOf(payload) }],
    );
  }

  async refusalsBefore(
    licenseId: string,
    before: string | undefined,
    count: number,
  ): Promise<readonly RefusalCount[]> {
    // A range of sort keys includes its end, so one more is read.
    const records = await this.records(
      licenseId,
      '#record BETWEEN :first AND :last',
      { ':first': 'refusal#', ':last': before ?? 'refusal$' },
      count + 1,
    );
    return records
      .filter(({ record }) => record !== before)
      .slice(0, count)
      .map(({ record, count: times = 0 }) => {
        const [, day = '', code = '', by] = record.split('#');
        return {
          record,
          day,
          code,
          by: by === 'bound' ? 'bound' : 'other',
          count: times,
        };
      });
  }

  private async get(table: string, key: Item): Promise<Item | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  /** Records of a license from the highest sort key down, `count` of them if there are as many. */
  private async records(
    licenseId: string,
    range: string,
    values: Record<string, string>,
    count: number,
  ): Promise<ReadRecord[]> {
    const found: ReadRecord[] = [];
    let startKey: Item | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          ...recordsQuery(this.tables.renewals, licenseId, range, values, TIMELINE_ATTRIBUTES),
          ScanIndexForward: false,
          Limit: count - found.length,
          ...(startKey ? { ExclusiveStartKey: startKey } : {}),
        }),
      );
      found.push(...(page.Items ?? []).map((item) => fromItem<ReadRecord>(item)));
      startKey = page.LastEvaluatedKey;
    } while (startKey && found.length < count);
    return found;
  }
}
