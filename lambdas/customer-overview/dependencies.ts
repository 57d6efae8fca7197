import { alertLimitsOf } from '../adapters/alert-limits.ts';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBCustomerStore } from '../adapters/dynamodb/customer-store.ts';
import { DynamoDBCustomerViewStore } from '../adapters/dynamodb/customer-view-store.ts';
import { createObservability } from '../adapters/observability.ts';
import type { CustomerOverviewHandlerDependencies } from './customer-overview-handler.ts';
import { parseCustomerOverviewEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomerOverviewHandlerDependencies {
  const env = parseCustomerOverviewEnv(environment);
  const client = createDynamoDBClient();
  return {
    store: new DynamoDBCustomerViewStore(client, {
      installations: env.INSTALLATIONS_TABLE,
      licenses: env.LICENSES_TABLE,
      renewals: env.RENEWALS_TABLE,
    }),
    customers: new DynamoDBCustomerStore(client, env.CUSTOMERS_TABLE),
    limits: alertLimitsOf(env),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
