import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Installation } from '../../core/installation.ts';
import { claimsOf, type LicenseClaims } from '../../core/license-file.ts';
import type { License } from '../../core/license.ts';
import type { ReportStore } from '../../core/report/health-facts.ts';
import { batchGet } from './batch-get.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { installationsOf, recordsQuery } from './customer-queries.ts';
import { licenseFromItem } from './license-items.ts';
import { queryAll } from './query.ts';
import { REPORT_ATTRIBUTES } from './readable-attributes.ts';
import { BEHIND_ISSUES } from './record-items.ts';

export interface ReportTables {
  readonly installations: string;
  readonly licenses: string;
  readonly renewals: string;
}

/** What a report reads of a record: who called is not among it. */
type ReadRecord = Partial<Record<'payload', string> & Record<'count', number>> & { readonly record: string };

/** The tables as a report reads them: whole customers, at half the price of a consistent read. */
export class DynamoDBReportStore implements ReportStore {
  private readonly client: DynamoDBClient;
  private readonly tables: ReportTables;

  constructor(client: DynamoDBClient, tables: ReportTables) {
    this.client = client;
    this.tables = tables;
  }

  readInstallations(customerId: string): Promise<readonly Installation[]> {
    return installationsOf(this.client, this.tables.installations, customerId);
  }

  async readLicenses(licenseIds: readonly string[]): Promise<readonly License[]> {
    const keys = licenseIds.map((licenseId) => toItem({ licenseId }));
    return (await batchGet(this.client, this.tables.licenses, keys, {})).map(licenseFromItem);
  }

  async *issuedFiles(licenseId: string, pageSize: number): AsyncGenerator<LicenseClaims, void> {
    let startKey: Item | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          ...this.recordsOf(licenseId, '#record < :behind', { ':behind': BEHIND_ISSUES }),
          ScanIndexForward: false,
          Limit: pageSize,
          ...(startKey ? { ExclusiveStartKey: startKey } : {}),
        }),
      );
      for (const item of page.Items ?? []) {
        const { payload } = fromItem<ReadRecord>(item);
        if (payload !== undefined) yield claimsOf(payload);
      }
      startKey = page.LastEvaluatedKey;
    } while (startKey);
  }

  async countRefusals(
    licenseId: string,
    firstDay: string,
    lastDay: string,
  ): Promise<ReadonlyMap<string, number>> {
    const items = await queryAll(
      this.client,
      this.recordsOf(licenseId, '#record BETWEEN :first AND :last', {
        ':first': `refusal#${firstDay}#`,
        // The first sort key behind those of the day.
        ':last': `refusal#${lastDay}$`,
      }),
    );
    const counts = new Map<string, number>();
    for (const item of items) {
      const { record, count = 0 } = fromItem<ReadRecord>(item);
      const [, , code = ''] = record.split('#');
      counts.set(code, (counts.get(code) ?? 0) + count);
    }
    return counts;
  }

  private recordsOf(licenseId: string, range: string, values: Record<string, string>) {
    return recordsQuery(this.tables.renewals, licenseId, range, values, REPORT_ATTRIBUTES);
  }
}
