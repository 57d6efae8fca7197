import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { utcDayOf, type Instant } from '../../core/instant.ts';
import type { Installation, InstallationKey, LicenseEntry } from '../../core/installation.ts';
import type { License, UnknownHost } from '../../core/license.ts';
import type { RenewalStore } from '../../core/ports.ts';
import { Problem } from '../../core/problem.ts';
import { retentionEnd, type IssueRecord, type RefusalRecord } from '../../core/renewal-record.ts';
import { toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { installationFromItem, installationItemKey } from './installation-items.ts';
import { writeLists } from './installation-lists.ts';
import { licenseFromItem, storedLicense } from './license-items.ts';
import { READABLE_ATTRIBUTES } from './readable-attributes.ts';
import { BEHIND_ISSUES, issueKey, recordFromItem, recordToItem } from './record-items.ts';
import { assign } from './update.ts';

/** Reads of a batch that DynamoDB left over are asked for again this often, with growing pauses. */
const BATCH_ATTEMPTS = 4;
const BATCH_PAUSE_MS = 50;

export interface RenewalTables {
  readonly licenses: string;
  readonly installations: string;
  readonly renewals: string;
}

/** The tables as a renewal uses them; every method documents its cost in docs/design.md. */
export class DynamoDBRenewalStore implements RenewalStore {
  private readonly client: DynamoDBClient;
  private readonly tables: RenewalTables;
  private readonly retentionDays: number;

  constructor(client: DynamoDBClient, tables: RenewalTables, retentionDays: number) {
    this.client = client;
    this.tables = tables;
    this.retentionDays = retentionDays;
  }

  async readForRenewal(
    licenseId: string,
    key: InstallationKey,
  ): Promise<{ license: License | undefined; installation: Installation | undefined }> {
    const { licenses, installations } = this.tables;
    let license: Item | undefined;
    let installation: Item | undefined;
    let request: BatchGetItemCommandInput['RequestItems'] = {
      [licenses]: { Keys: [toItem({ licenseId })], ConsistentRead: true },
      [installations]: { Keys: [toItem(installationItemKey(key))] },
    };
    for (let attempt = 1; ; attempt += 1) {
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await this.client.send(
        new BatchGetItemCommand({ RequestItems: request }),
      );
      license ??= Responses?.[licenses]?.[0];
      installation ??= Responses?.[installations]?.[0];
      if (!UnprocessedKeys || Object.keys(UnprocessedKeys).length === 0) break;
      if (attempt === BATCH_ATTEMPTS)
        throw new Problem('unavailable', { cause: new Error('Keys stayed unprocessed') });
      request = UnprocessedKeys;
      await new Promise((resolve) => setTimeout(resolve, BATCH_PAUSE_MS * 2 ** attempt));
    }
    return {
      license: license && licenseFromItem(license),
      installation: installation && installationFromItem(installation),
    };
  }

  async readLicense(licenseId: string): Promise<License | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.tables.licenses,
        Key: toItem({ licenseId }),
        ConsistentRead: true,
      }),
    );
    return item && licenseFromItem(item);
  }

  async readInstallation(key: InstallationKey): Promise<Installation | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.tables.installations,
        Key: toItem(installationItemKey(key)),
        ConsistentRead: true,
      }),
    );
    return item && installationFromItem(item);
  }

  putRecord(record: IssueRecord): Promise<'stored' | 'taken'> {
    return unlessConditionFails(
      this.client.send(
        new PutItemCommand({
          TableName: this.tables.renewals,
          Item: recordToItem(record, this.retentionDays),
          ConditionExpression: 'attribute_not_exists(licenseId)',
        }),
      ),
      'stored',
      'taken',
    );
  }

  async readRecord(licenseId: string, seq: number): Promise<IssueRecord | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.tables.renewals,
        Key: toItem({ licenseId, record: issueKey(seq) }),
        ConsistentRead: true,
        ...readable,
      }),
    );
    return item && recordFromItem(item);
  }

  async newestRecord(licenseId: string): Promise<IssueRecord | undefined> {
    const { Items } = await this.client.send(
      new QueryCommand({
        TableName: this.tables.renewals,
        KeyConditionExpression: '#licenseId = :licenseId AND #record < :behind',
        ExpressionAttributeValues: toItem({ ':licenseId': licenseId, ':behind': BEHIND_ISSUES }),
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
        Select: 'SPECIFIC_ATTRIBUTES',
        ...readable,
      }),
    );
    const newest = Items?.[0];
    return newest && recordFromItem(newest);
  }

  commit(license: License, expectedVersion: number): Promise<'committed' | 'conflict'> {
    const { licenseId, ...stored } = storedLicense(license);
    const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = assign({
      ...cleared,
      ...(expectedVersion === 0 ? stored : changedByIssue(stored)),
    });
    const condition =
      expectedVersion === 0
        ? { ConditionExpression: 'attribute_not_exists(licenseId)', ExpressionAttributeValues }
        : {
            ConditionExpression: '#version = :expected',
            ExpressionAttributeValues: {
              ...ExpressionAttributeValues,
              ...toItem({ ':expected': expectedVersion }),
            },
          };
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.tables.licenses,
          Key: toItem({ licenseId }),
          UpdateExpression,
          ExpressionAttributeNames,
          ...condition,
        }),
      ),
      'committed',
      'conflict',
    );
  }

  async recordRefusal({ licenseId, code, at, by, serial, caller }: RefusalRecord): Promise<void> {
    const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = assign({
      lastAt: at,
      serial,
      sourceIp: caller.sourceIp,
      hostId: caller.hostId,
      hostName: caller.hostName,
      expiresOn: retentionEnd(at, this.retentionDays),
    });
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.tables.renewals,
        Key: toItem({ licenseId, record: `refusal#${utcDayOf(at)}#${code}#${by}` }),
        UpdateExpression: `${UpdateExpression} ADD #count :one`,
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#count': 'count' },
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ...toItem({ ':one': 1 }) },
      }),
    );
  }

  async noteRefusal(licenseId: string, code: string, at: Instant): Promise<void> {
    const update = new UpdateItemCommand({
      TableName: this.tables.licenses,
      Key: toItem({ licenseId }),
      UpdateExpression:
        'SET lastSeenAt = :at, lastRefusal = :code, failingSince = if_not_exists(failingSince, :at) ADD refusalsInRow :one',
      ConditionExpression: 'attribute_exists(licenseId)',
      ExpressionAttributeValues: toItem({ ':at': at, ':code': code, ':one': 1 }),
    });
    await this.client.send(update);
  }

  async noteUnknownHost(licenseId: string, host: UnknownHost): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.tables.licenses,
        Key: toItem({ licenseId }),
        UpdateExpression: 'SET unknownHost = :host',
        ConditionExpression: 'attribute_exists(licenseId)',
        ExpressionAttributeValues: toItem({ ':host': host }),
      }),
    );
  }

  writeLicenseList(
    installation: Installation,
    licenses: readonly LicenseEntry[],
  ): Promise<'written' | 'conflict'> {
    const { declarations = [] } = installation;
    return writeLists(this.client, this.tables.installations, installation, { licenses, declarations });
  }
}

const readable = {
  ProjectionExpression: READABLE_ATTRIBUTES.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(READABLE_ATTRIBUTES.map((name) => [`#${name}`, name])),
};

/**
 * Attributes that an issue removes unless it sets them. An unknown host that is noted in between is lost with them, and noted
 * again when it asks again.
 */
const cleared = {
  leftBehind: undefined,
  unknownHost: undefined,
  lapsesAt: undefined,
  transfer: undefined,
  failingSince: undefined,
  refusalsInRow: undefined,
  lastRefusal: undefined,
};

/** An issue leaves alone what it does not change: identity, state, the customer's words, and whatever newer code keeps there. */
function changedByIssue(
  license: Omit<ReturnType<typeof storedLicense>, 'licenseId'>,
): Record<string, unknown> {
  const { customerId, product, installation, createdAt, requestHash, ...stored } = license;
  const { state, stateReason, retiresAt, site, extraTransfers, extraTransfersReason, ...changed } = stored;
  return changed;
}
