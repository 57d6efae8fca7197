import { ScanCommand, type DynamoDBClient, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import type { EpisodeKey } from '../../core/alerts/episode.ts';
import type { AlertKind } from '../../core/alerts/kinds.ts';
import { licenseStanding } from '../../core/alerts/license-standing.ts';
import type { AlertLimits } from '../../core/alerts/limits.ts';
import type { ScanPage, ScanSubjects } from '../../core/alerts/ports.ts';
import { LEAST_OFFLINE_HOURS } from '../../core/alerts/silence-limits.ts';
import type { Standing } from '../../core/alerts/standing.ts';
import { DAY, HOUR, type Instant } from '../../core/instant.ts';
import type { ContractTerms } from '../../core/installation.ts';
import type { License } from '../../core/license.ts';
import { batchGet, projectionOf } from './batch-get.ts';
import { toItem, type Item } from './client.ts';
import { cursorOf, keyOf } from './cursor.ts';
import { installationFromItem, installationItemKey } from './installation-items.ts';
import { licenseFromItem } from './license-items.ts';

/** Segments that are read at a time: more would wait for the one core of the function, not for the table. */
const SEGMENTS = 4;

export interface AlertTables {
  readonly licenses: string;
  readonly installations: string;
}

/** What the scans of licenses have in common: everything but the query. */
abstract class LicenseSubjects implements ScanSubjects<License> {
  abstract readonly kind: AlertKind;
  readonly segments: number = SEGMENTS;
  protected readonly client: DynamoDBClient;
  protected readonly tables: AlertTables;

  constructor(client: DynamoDBClient, tables: AlertTables) {
    this.client = client;
    this.tables = tables;
  }

  abstract page(segment: number, cursor: string | undefined, now: Instant): Promise<ScanPage<License>>;

  keyOf({ customerId, licenseId }: License): EpisodeKey {
    return { customerId, kind: this.kind, subjectId: licenseId };
  }

  async standings(
    licenses: readonly License[],
    now: Instant,
    limitsOf: (customerId: string) => AlertLimits,
  ): Promise<readonly Standing[]> {
    const contracts = await this.contractsOf(licenses);
    return licenses.map((license) =>
      licenseStanding(license, contracts.get(nameOf(license)), now, limitsOf(license.customerId)),
    );
  }

  /** Of the licenses under these ids those that belong to the customer. */
  async reread(customerId: string, licenseIds: readonly string[]): Promise<readonly License[]> {
    const licenses = await this.readLicenses(licenseIds, true);
    return licenses.filter((license) => license.customerId === customerId);
  }

  protected async readLicenses(licenseIds: readonly string[], ConsistentRead: boolean): Promise<License[]> {
    const keys = [...new Set(licenseIds)].map((licenseId) => toItem({ licenseId }));
    const items = await batchGet(this.client, this.tables.licenses, keys, { ConsistentRead });
    return items.map(licenseFromItem);
  }

  protected async scan(
    segment: number,
    cursor: string | undefined,
    input: Omit<ScanCommandInput, 'TableName'>,
  ): Promise<{ items: readonly Item[]; read: number; next?: string }> {
    const {
      Items = [],
      ScannedCount = 0,
      LastEvaluatedKey,
    } = await this.client.send(
      new ScanCommand({
        TableName: this.tables.licenses,
        Segment: segment,
        TotalSegments: this.segments,
        ...input,
        ...(cursor === undefined ? {} : { ExclusiveStartKey: keyOf(cursor) }),
      }),
    );
    return {
      items: Items,
      read: ScannedCount,
      ...(LastEvaluatedKey ? { next: cursorOf(LastEvaluatedKey) } : {}),
    };
  }

  /** Contracts by installation; of an installation that is gone there are none. */
  private async contractsOf(
    licenses: readonly License[],
  ): Promise<ReadonlyMap<string, readonly ContractTerms[]>> {
    const keys = new Map(licenses.map((license) => [nameOf(license), toItem(installationItemKey(license))]));
    const items = await batchGet(this.client, this.tables.installations, [...keys.values()], {
      ConsistentRead: true,
      ...projectionOf(['customerId', 'installation', 'contracts']),
    });
    return new Map(items.map(installationFromItem).map((one) => [nameOf(one), one.contracts]));
  }
}

const nameOf = ({
  customerId,
  product,
  installation,
}: Pick<License, 'customerId' | 'product' | 'installation'>) => `${customerId}#${product}#${installation}`;

/** Looks for hosts that are silent, and at the silence of all customers together: reads every license. */
export class OfflineSubjects extends LicenseSubjects {
  override readonly kind = 'offline';
  private readonly observe: (customerId: string, lastSeenAt: Instant) => void;
  private readonly leastSilence: number;

  constructor(
    client: DynamoDBClient,
    tables: AlertTables,
    limits: AlertLimits,
    observe: (customerId: string, lastSeenAt: Instant) => void,
  ) {
    super(client, tables);
    this.observe = observe;
    this.leastSilence = Math.min(LEAST_OFFLINE_HOURS, limits.offlineAfterHours) * HOUR;
  }

  override async page(segment: number, cursor: string | undefined, now: Instant): Promise<ScanPage<License>> {
    const { items, read, next } = await this.scan(segment, cursor, {});
    const silentSince = now - this.leastSilence;
    const suspects: License[] = [];
    for (const item of items) {
      // Looked at as they come: turning every item into a license would take longer than reading it.
      const lastSeenAt = Number(item['lastSeenAt']?.N ?? Number.NaN);
      if (Number.isNaN(lastSeenAt) || item['state']?.S !== 'active') continue;
      this.observe(item['customerId']?.S ?? '', lastSeenAt);
      if (lastSeenAt <= silentSince) suspects.push(licenseFromItem(item));
    }
    return { suspects, read, ...(next === undefined ? {} : { next }) };
  }
}

/** Looks for files that expire: the table leaves the others out. */
export class ExpiringSubjects extends LicenseSubjects {
  override readonly kind = 'expiring';
  private readonly withinSeconds: number;

  constructor(client: DynamoDBClient, tables: AlertTables, limits: AlertLimits) {
    super(client, tables);
    this.withinSeconds = limits.expiringWithinDays * DAY;
  }

  override async page(segment: number, cursor: string | undefined, now: Instant): Promise<ScanPage<License>> {
    const { items, ...page } = await this.scan(segment, cursor, {
      FilterExpression: 'expiresAt <= :soon AND #state = :active AND attribute_exists(host)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: toItem({ ':soon': now + this.withinSeconds, ':active': 'active' }),
    });
    return { suspects: items.map(licenseFromItem), ...page };
  }
}

/** Looks for hosts that are refused: the sparse index holds nothing else. */
export class FailedSubjects extends LicenseSubjects {
  override readonly kind = 'failed';
  override readonly segments = 1;

  override async page(segment: number, cursor: string | undefined): Promise<ScanPage<License>> {
    const { items, ...page } = await this.scan(segment, cursor, { IndexName: 'failing' });
    const ids = items.flatMap((item) => item['licenseId']?.S ?? []);
    return { suspects: await this.readLicenses(ids, false), ...page };
  }
}
