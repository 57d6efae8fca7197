import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { DynamoDBMemberStore } from '../../lambdas/adapters/dynamodb/member-store.ts';
import { listen } from '../../local/http.ts';

/** The store of members over an empty table of the embedded engine. */
export async function startMembersTable(): Promise<{
  store: DynamoDBMemberStore;
  client: DynamoDBClient;
  stop: () => void;
}> {
  const server = dynalite({ createTableMs: 0 });
  const endpoint = await listen(server, 0);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: 'members',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'subject', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'subject', KeyType: 'HASH' }],
    }),
  );
  const stop = (): void => {
    client.destroy();
    server.close();
  };
  return { store: new DynamoDBMemberStore(client, 'members'), client, stop };
}
