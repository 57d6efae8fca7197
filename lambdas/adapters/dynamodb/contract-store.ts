import { GetItemCommand, PutItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Contract } from '../../core/contract.ts';
import type { ContractStore } from '../../core/order-ports.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { queryAll } from './query.ts';

/** A contract as it is stored: the document whole, its revision beside it to write on the condition of it. */
interface StoredContract extends Contract {
  readonly revision: number;
}

/** The table of contracts. */
export class DynamoDBContractStore implements ContractStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read(customerId: string, contractId: string): Promise<Contract | undefined> {
    const { Item: item } = await this.client.send(
      new GetItemCommand({
        TableName: this.table,
        Key: toItem({ customerId, contractId }),
        ConsistentRead: true,
      }),
    );
    return item && contractFromItem(item);
  }

  async readAll(customerId: string): Promise<readonly Contract[]> {
    const items = await queryAll(this.client, this.queryOf(customerId));
    return items.map(contractFromItem);
  }

  async readPage(
    customerId: string,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): Promise<{ contracts: readonly Contract[]; next?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new QueryCommand({
        ...this.queryOf(customerId),
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ customerId, contractId: after }) }),
      }),
    );
    const contracts = Items.map(contractFromItem);
    const last = LastEvaluatedKey && contracts.at(-1);
    return { contracts, ...(last ? { next: last.contractId } : {}) };
  }

  write(contract: Contract, expectedRevision: number | undefined): Promise<'written' | 'conflict'> {
    const stored: StoredContract = { ...contract, revision: contract.document.revision };
    const condition =
      expectedRevision === undefined
        ? { ConditionExpression: 'attribute_not_exists(contractId)' }
        : {
            ConditionExpression: 'revision = :expected',
            ExpressionAttributeValues: toItem({ ':expected': expectedRevision }),
          };
    return unlessConditionFails(
      this.client.send(new PutItemCommand({ TableName: this.table, Item: toItem(stored), ...condition })),
      'written',
      'conflict',
    );
  }

  private queryOf(customerId: string) {
    return {
      TableName: this.table,
      KeyConditionExpression: 'customerId = :customerId',
      ExpressionAttributeValues: toItem({ ':customerId': customerId }),
      ConsistentRead: true,
    };
  }
}

function contractFromItem(item: Item): Contract {
  const { revision, ...contract } = fromItem<StoredContract>(item);
  return contract;
}
