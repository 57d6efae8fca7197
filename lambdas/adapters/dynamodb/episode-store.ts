import {
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Episode, EpisodeKey, Said } from '../../core/alerts/episode.ts';
import type { AlertKind } from '../../core/alerts/kinds.ts';
import type { EpisodeStore } from '../../core/alerts/ports.ts';
import type { Instant } from '../../core/instant.ts';
import { batchGet } from './batch-get.ts';
import { fromItem, toItem, type Item } from './client.ts';
import { unlessConditionFails } from './condition.ts';
import { cursorOf, keyOf } from './cursor.ts';

/** An episode as it is stored: kind and subject make the sort key. */
type StoredEpisode = Omit<Episode, 'kind' | 'subjectId'> & { readonly episode: string };

const itemKeyOf = ({ customerId, kind, subjectId }: EpisodeKey): Item =>
  toItem({ customerId, episode: `${kind}#${subjectId}` });

function fromStored(kind: AlertKind, item: Item): Episode {
  const { episode, ...stored } = fromItem<StoredEpisode>(item);
  return { ...stored, kind, subjectId: episode.slice(kind.length + 1) };
}

/** The open episodes in the table of episodes. */
export class DynamoDBEpisodes implements EpisodeStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read(keys: readonly EpisodeKey[]): Promise<readonly Episode[]> {
    const [first] = keys;
    if (!first) return [];
    const items = await batchGet(this.client, this.table, keys.map(itemKeyOf), { ConsistentRead: true });
    return items.map((item) => fromStored(first.kind, item));
  }

  open(episode: Episode): Promise<'opened' | 'open already'> {
    const { kind, subjectId, ...stored } = episode;
    return unlessConditionFails(
      this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item: { ...toItem(stored), ...itemKeyOf(episode) },
          ConditionExpression: 'attribute_not_exists(customerId)',
        }),
      ),
      'opened',
      'open already',
    );
  }

  async page(
    kind: AlertKind,
    cursor: string | undefined,
  ): Promise<{ episodes: readonly Episode[]; next?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new ScanCommand({
        TableName: this.table,
        ConsistentRead: true,
        FilterExpression: 'begins_with(episode, :kind)',
        ExpressionAttributeValues: toItem({ ':kind': `${kind}#` }),
        ...(cursor === undefined ? {} : { ExclusiveStartKey: keyOf(cursor) }),
      }),
    );
    return {
      episodes: Items.map((item) => fromStored(kind, item)),
      ...(LastEvaluatedKey ? { next: cursorOf(LastEvaluatedKey) } : {}),
    };
  }

  cursorBehind(key: EpisodeKey): string {
    return cursorOf(itemKeyOf(key));
  }

  say(episode: Episode, since: Instant, said: Said): Promise<'written' | 'conflict'> {
    return unlessConditionFails(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: itemKeyOf(episode),
          UpdateExpression: 'SET #since = :since, #said = :said, #version = :next',
          ConditionExpression: '#version = :expected',
          ExpressionAttributeNames: { '#since': 'since', '#said': 'said', '#version': 'version' },
          ExpressionAttributeValues: toItem({
            ':since': since,
            ':said': said,
            ':next': episode.version + 1,
            ':expected': episode.version,
          }),
        }),
      ),
      'written',
      'conflict',
    );
  }

  close(episode: Episode): Promise<'written' | 'conflict'> {
    return unlessConditionFails(
      this.client.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: itemKeyOf(episode),
          ConditionExpression: '#version = :expected',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: toItem({ ':expected': episode.version }),
        }),
      ),
      'written',
      'conflict',
    );
  }
}
