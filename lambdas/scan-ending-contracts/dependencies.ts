import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { EndingSubjects } from '../adapters/dynamodb/installation-subjects.ts';
import { createScanning } from '../adapters/scanning.ts';
import { parseScanEndingContractsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv) {
  const env = parseScanEndingContractsEnv(environment);
  const client = createDynamoDBClient();
  return createScanning(env, client, {
    obeysHold: false,
    subjects: (limits) => new EndingSubjects(client, env.INSTALLATIONS_TABLE, limits),
  });
}
