import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CustomersPart } from '../../core/installation-lists.ts';
import type { Installation } from '../../core/installation.ts';
import { toItem } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { installationItemKey, storedLists } from './installation-items.ts';

/** Writes licenses and declarations of an installation if its version is still the one that was read. */
export function writeLists(
  client: DynamoDBClient,
  table: string,
  installation: Installation,
  { licenses, declarations }: CustomersPart,
): Promise<'written' | 'conflict'> {
  const stored = storedLists(licenses, declarations);
  return unlessConditionFails(
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: toItem(installationItemKey(installation)),
        UpdateExpression: 'SET licenses = :licenses, declarations = :declarations, version = :next',
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: toItem({
          ':licenses': stored.licenses,
          ':declarations': stored.declarations,
          ':version': installation.version,
          ':next': installation.version + 1,
        }),
      }),
    ),
    'written',
    'conflict',
  );
}
