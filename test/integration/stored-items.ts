import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { fileOf } from '../../lambdas/core/issuing.ts';
import type { IssueRecord } from '../../lambdas/core/renewal-record.ts';
import type { TestService } from '../support/service.ts';

export type Item = Record<string, unknown>;

/** The tables of a running service, to look at and to tamper with behind the back of the functions. */
export class StoredItems {
  private readonly client: DynamoDBClient;
  private readonly names: ReadonlyMap<string, string>;

  constructor({ endpoints, region, tableNames }: Pick<TestService, 'endpoints' | 'region' | 'tableNames'>) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    this.client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
    this.names = tableNames;
  }

  close(): void {
    this.client.destroy();
  }

  licenseItem(licenseId: string): Promise<Item | undefined> {
    return this.get('licenses', { licenseId });
  }

  /** The installation `main` of the product ES. */
  installationItem(customerId: string): Promise<Item | undefined> {
    return this.get('installations', { customerId, installation: 'ES#main' });
  }

  /** Every renewal record of a license: issues, then refusals. */
  async records(licenseId: string): Promise<Item[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.tableName('renewals'),
        KeyConditionExpression: 'licenseId = :licenseId',
        ExpressionAttributeValues: { ':licenseId': { S: licenseId } },
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => unmarshall(item));
  }

  /** The file that a license points to, from its record. */
  async currentFile(licenseId: string): Promise<string> {
    const { seq } = (await this.licenseItem(licenseId)) ?? {};
    const record = (await this.records(licenseId)).find((candidate) => candidate['seq'] === seq);
    if (record === undefined) throw new Error(`${licenseId} points to no record`);
    return fileOf(record as unknown as IssueRecord);
  }

  /** Declares another host as the one that the license is moved to. */
  async declareTransfer(licenseId: string, transfer: Item): Promise<void> {
    const license = await this.licenseItem(licenseId);
    await this.put('licenses', { ...license, transfer, version: Number(license?.['version']) + 1 });
  }

  async get(table: string, key: Item): Promise<Item | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tableName(table), Key: marshall(key), ConsistentRead: true }),
    );
    return Item && unmarshall(Item);
  }

  /** The items of a table whose partition key is the customer. */
  async ofCustomer(table: string, customerId: string): Promise<Item[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.tableName(table),
        KeyConditionExpression: 'customerId = :customerId',
        ExpressionAttributeValues: { ':customerId': { S: customerId } },
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => unmarshall(item));
  }

  async put(table: string, item: Item): Promise<void> {
    await this.client.send(new PutItemCommand({ TableName: this.tableName(table), Item: marshall(item) }));
  }

  async remove(table: string, key: Item): Promise<void> {
    await this.client.send(new DeleteItemCommand({ TableName: this.tableName(table), Key: marshall(key) }));
  }

  tableName(table: string): string {
    const name = this.names.get(table);
    if (name === undefined) throw new Error(`No function knows a table ${table}`);
    return name;
  }
}
