import { randomBytes } from 'node:crypto';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBInstallationStore } from '../adapters/dynamodb/installation-store.ts';
import { DynamoDBLicenseStates } from '../adapters/dynamodb/license-store.ts';
import { createIssuing } from '../adapters/issuing.ts';
import { createObservability } from '../adapters/observability.ts';
import { LICENSE_ID_BYTES, licenseIdOf } from '../core/license-id.ts';
import { parseLicensesEnv } from './env.ts';
import type { LicensesHandlerDependencies } from './licenses-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): LicensesHandlerDependencies {
  const env = parseLicensesEnv(environment);
  const client = createDynamoDBClient();
  const licenses = new DynamoDBLicenseStates(client, env.LICENSES_TABLE);
  return {
    ...createIssuing(env, client),
    lists: new DynamoDBInstallationStore(client, env.INSTALLATIONS_TABLE),
    licenses,
    states: licenses,
    newLicenseId: () => licenseIdOf(randomBytes(LICENSE_ID_BYTES)),
    starterLapseDays: env.STARTER_LAPSE_DAYS,
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
