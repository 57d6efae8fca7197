import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBHeldFileStore } from '../adapters/dynamodb/held-file-store.ts';
import { DynamoDBInstallationLists } from '../adapters/dynamodb/installation-store.ts';
import { createObservability } from '../adapters/observability.ts';
import type { CustomerDistributionHandlerDependencies } from './customer-distribution-handler.ts';
import { parseCustomerDistributionEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomerDistributionHandlerDependencies {
  const env = parseCustomerDistributionEnv(environment);
  const client = createDynamoDBClient();
  return {
    lists: new DynamoDBInstallationLists(client, env.INSTALLATIONS_TABLE),
    files: new DynamoDBHeldFileStore(client, { licenses: env.LICENSES_TABLE, renewals: env.RENEWALS_TABLE }),
    defaults: {
      validityDays: env.VALIDITY_DAYS,
      graceDays: env.GRACE_DAYS,
      renewEverySeconds: env.RENEW_EVERY_SECONDS,
    },
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
