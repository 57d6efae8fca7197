import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CustomersLicenses } from '../../core/hosts/ports.ts';
import type { Instant } from '../../core/instant.ts';
import type { LicenseStates } from '../../core/license-state.ts';
import type { License, PendingTransfer } from '../../core/license.ts';
import { toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** What the vendor and the customer change in a license. */
export class DynamoDBLicenseStates implements LicenseStates, CustomersLicenses {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  writeState(license: License): Promise<'written' | 'conflict'> {
    const { state, stateReason } = license;
    return this.writeVersion(license, { state, stateReason });
  }

  writeTransfer(license: License, transfer: PendingTransfer | undefined): Promise<'written' | 'conflict'> {
    return this.writeVersion(license, { transfer });
  }

  writeRetirement(license: License, retiresAt: Instant | undefined): Promise<'written' | 'conflict'> {
    return this.writeVersion(license, { retiresAt });
  }

  /** The condition spares a read, and answers for a license of somebody else like for none. */
  writeSite(customerId: string, licenseId: string, site: string | undefined): Promise<'written' | 'unknown'> {
    const names = { '#customerId': 'customerId', '#site': 'site' };
    const expected = { ':customerId': customerId };
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ licenseId }),
          UpdateExpression: site === undefined ? 'REMOVE #site' : 'SET #site = :site',
          ConditionExpression: '#customerId = :customerId',
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: toItem(site === undefined ? expected : { ...expected, ':site': site }),
        }),
      ),
      'written',
      'unknown',
    );
  }

  /** A count of its own: nothing that a renewal decides on, so it bumps no version. */
  writeAllowance(licenseId: string, extra: number, reason: string): Promise<'written' | 'unknown'> {
    const update = assign({ extraTransfers: extra, extraTransfersReason: reason });
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ licenseId }),
          ...update,
          ConditionExpression: 'attribute_exists(licenseId)',
        }),
      ),
      'written',
      'unknown',
    );
  }

  private writeVersion(
    { licenseId, version }: License,
    change: Readonly<Record<string, unknown>>,
  ): Promise<'written' | 'conflict'> {
    const update = assign({ ...change, version: version + 1 });
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: toItem({ licenseId }),
          ...update,
          ConditionExpression: '#version = :expected',
          ExpressionAttributeValues: {
            ...update.ExpressionAttributeValues,
            ...toItem({ ':expected': version }),
          },
        }),
      ),
      'written',
      'conflict',
    );
  }
}
