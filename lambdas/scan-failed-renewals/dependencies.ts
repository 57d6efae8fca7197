import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { FailedSubjects } from '../adapters/dynamodb/license-subjects.ts';
import { createScanning } from '../adapters/scanning.ts';
import { parseScanFailedRenewalsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv) {
  const env = parseScanFailedRenewalsEnv(environment);
  const client = createDynamoDBClient();
  const tables = { licenses: env.LICENSES_TABLE, installations: env.INSTALLATIONS_TABLE };
  return createScanning(env, client, {
    obeysHold: false,
    subjects: () => new FailedSubjects(client, tables),
  });
}
