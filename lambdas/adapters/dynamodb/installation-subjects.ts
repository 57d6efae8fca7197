import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { endingStanding } from '../../core/alerts/ending-standing.ts';
import type { EpisodeKey } from '../../core/alerts/episode.ts';
import type { AlertLimits } from '../../core/alerts/limits.ts';
import type { ScanPage, ScanSubjects } from '../../core/alerts/ports.ts';
import type { Standing } from '../../core/alerts/standing.ts';
import type { Instant } from '../../core/instant.ts';
import type { Installation } from '../../core/installation.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { toItem, type Item } from './client.ts';
import { cursorOf, keyOf } from './cursor.ts';
import { installationFromItem } from './installation-items.ts';

/** Segments that are read at a time. */
const SEGMENTS = 4;

type Ordered = Pick<Installation, 'customerId' | 'product' | 'installation' | 'contracts'>;

/** The lists of licenses, which make most of an item, are left out. */
const wanted = projectionOf(['customerId', 'installation', 'contracts']);

/** Looks for installations whose entitlement ends. Only their contracts together tell, so no query can leave any out. */
export class EndingSubjects implements ScanSubjects<Ordered> {
  readonly kind = 'ending';
  readonly segments = SEGMENTS;
  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly limits: AlertLimits;

  constructor(client: DynamoDBClient, table: string, limits: AlertLimits) {
    this.client = client;
    this.table = table;
    this.limits = limits;
  }

  async page(segment: number, cursor: string | undefined, now: Instant): Promise<ScanPage<Ordered>> {
    const {
      Items = [],
      ScannedCount = 0,
      LastEvaluatedKey,
    } = await this.client.send(
      new ScanCommand({
        TableName: this.table,
        Segment: segment,
        TotalSegments: SEGMENTS,
        ...wanted,
        ...(cursor === undefined ? {} : { ExclusiveStartKey: keyOf(cursor) }),
      }),
    );
    return {
      suspects: Items.map(installationFromItem).filter((one) => this.isSuspect(one, now)),
      read: ScannedCount,
      ...(LastEvaluatedKey ? { next: cursorOf(LastEvaluatedKey) } : {}),
    };
  }

  keyOf({ customerId, product, installation }: Ordered): EpisodeKey {
    return { customerId, kind: this.kind, subjectId: `${product}#${installation}` };
  }

  standings(
    installations: readonly Ordered[],
    now: Instant,
    limitsOf: (customerId: string) => AlertLimits,
  ): Promise<readonly Standing[]> {
    return Promise.resolve(
      installations.map((installation) =>
        endingStanding(installation, now, limitsOf(installation.customerId)),
      ),
    );
  }

  async reread(customerId: string, subjectIds: readonly string[]): Promise<readonly Ordered[]> {
    const keys: Item[] = subjectIds.map((installation) => toItem({ customerId, installation }));
    const items = await batchGet(this.client, this.table, keys, { ConsistentRead: true, ...wanted });
    return items.map(installationFromItem);
  }

  /** One that cannot be judged is left to the judge, who reports it. */
  private isSuspect(installation: Ordered, now: Instant): boolean {
    try {
      return endingStanding(installation, now, this.limits).kind === 'ending';
    } catch {
      return true;
    }
  }
}
