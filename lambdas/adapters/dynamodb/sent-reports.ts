import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../core/instant.ts';
import type { ReportClaim, SentReports } from '../../core/report/report-ports.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';

interface StoredReport {
  readonly dueOn?: string;
}

const keyOf = ({ customerId, address }: ReportClaim): Item =>
  toItem({ customerId, episode: `report#${address}` });

/** The last report to each contact, beside the episodes of its customer: one item, whatever the number of reports. */
export class DynamoDBSentReports implements SentReports {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async take(claim: ReportClaim, now: Instant, until: Instant): Promise<'taken' | 'sent' | 'busy'> {
    const taken = await unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: keyOf(claim),
          UpdateExpression: 'SET #until = :until',
          ConditionExpression:
            '(attribute_not_exists(dueOn) OR dueOn < :dueOn) AND (attribute_not_exists(#until) OR #until <= :now)',
          ExpressionAttributeNames: { '#until': 'until' },
          ExpressionAttributeValues: toItem({ ':dueOn': claim.dueOn, ':now': now, ':until': until }),
        }),
      ),
      'taken',
      'refused',
    );
    if (taken === 'taken') return taken;
    const { Item: item = {} } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: keyOf(claim), ConsistentRead: true }),
    );
    const { dueOn = '' } = fromItem<StoredReport>(item);
    return dueOn >= claim.dueOn ? 'sent' : 'busy';
  }

  async finish(claim: ReportClaim): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: keyOf(claim),
        UpdateExpression: 'SET dueOn = :dueOn REMOVE #until',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: toItem({ ':dueOn': claim.dueOn }),
      }),
    );
  }

  async release(claim: ReportClaim): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: keyOf(claim),
        UpdateExpression: 'REMOVE #until',
        ExpressionAttributeNames: { '#until': 'until' },
      }),
    );
  }
}
