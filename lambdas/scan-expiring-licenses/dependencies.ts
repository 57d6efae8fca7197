import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { ExpiringSubjects } from '../adapters/dynamodb/license-subjects.ts';
import { createScanning } from '../adapters/scanning.ts';
import { parseScanExpiringLicensesEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv) {
  const env = parseScanExpiringLicensesEnv(environment);
  const client = createDynamoDBClient();
  const tables = { licenses: env.LICENSES_TABLE, installations: env.INSTALLATIONS_TABLE };
  return createScanning(env, client, {
    obeysHold: true,
    subjects: (limits) => new ExpiringSubjects(client, tables, limits),
  });
}
