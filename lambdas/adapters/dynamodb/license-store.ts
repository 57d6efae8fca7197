import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LicenseStates } from '../../core/license-state.ts';
import type { License } from '../../core/license.ts';
import { toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { assign } from './update.ts';

/** What the vendor changes in a license. */
export class DynamoDBLicenseStates implements LicenseStates {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  writeState({ licenseId, version, state, stateReason }: License): Promise<'written' | 'conflict'> {
    const update = assign({ state, stateReason, version: version + 1 });
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
