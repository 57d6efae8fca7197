/**
 * The floor that a scan is measured against: the pages of a parallel scan of the same table, with the same client and as many
 * segments, and nothing done with the items but counting them.
 */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient, type Item } from '../../lambdas/adapters/dynamodb/client.ts';

const { LICENSES_TABLE: table = '', SEGMENTS: segments = '4' } = process.env;
const client = createDynamoDBClient();

/** @public The entry of the bundle. */
export async function handler(): Promise<{ read: number }> {
  const TotalSegments = Number(segments);
  const counts = await Promise.all(
    Array.from({ length: TotalSegments }, async (_, Segment) => {
      let read = 0;
      let start: Item | undefined;
      do {
        const input = { TableName: table, Segment, TotalSegments };
        const { Items = [], LastEvaluatedKey } = await client.send(
          new ScanCommand(start === undefined ? input : { ...input, ExclusiveStartKey: start }),
        );
        read += Items.length;
        start = LastEvaluatedKey;
      } while (start !== undefined);
      return read;
    }),
  );
  return { read: counts.reduce((sum, count) => sum + count, 0) };
}
