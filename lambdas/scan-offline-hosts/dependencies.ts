import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { OfflineSubjects } from '../adapters/dynamodb/license-subjects.ts';
import { createScanning } from '../adapters/scanning.ts';
import { parseScanOfflineHostsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv) {
  const env = parseScanOfflineHostsEnv(environment);
  const client = createDynamoDBClient();
  const tables = { licenses: env.LICENSES_TABLE, installations: env.INSTALLATIONS_TABLE };
  return createScanning(env, client, {
    obeysHold: true,
    subjects: (limits, sample) =>
      new OfflineSubjects(client, tables, limits, (customerId, lastSeenAt) =>
        sample.observe(customerId, lastSeenAt),
      ),
  });
}
