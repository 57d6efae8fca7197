import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBCustomerStore } from '../adapters/dynamodb/customer-store.ts';
import { DynamoDBInstallationStore } from '../adapters/dynamodb/installation-store.ts';
import { createObservability } from '../adapters/observability.ts';
import { createSchedulerClient, SchedulerReportSchedules } from '../adapters/report-schedules.ts';
import type { CustomersHandlerDependencies } from './customers-handler.ts';
import { parseCustomersEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomersHandlerDependencies {
  const env = parseCustomersEnv(environment);
  const client = createDynamoDBClient();
  return {
    customers: new DynamoDBCustomerStore(client, env.CUSTOMERS_TABLE),
    installations: new DynamoDBInstallationStore(client, env.INSTALLATIONS_TABLE),
    reportSchedules: new SchedulerReportSchedules(createSchedulerClient(), env),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
