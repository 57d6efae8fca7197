import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBContractStore } from '../adapters/dynamodb/contract-store.ts';
import { DynamoDBCustomerStore } from '../adapters/dynamodb/customer-store.ts';
import { DynamoDBInstallationStore } from '../adapters/dynamodb/installation-store.ts';
import { createObservability } from '../adapters/observability.ts';
import type { ContractsHandlerDependencies } from './contracts-handler.ts';
import { parseContractsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): ContractsHandlerDependencies {
  const env = parseContractsEnv(environment);
  const client = createDynamoDBClient();
  return {
    customers: new DynamoDBCustomerStore(client, env.CUSTOMERS_TABLE),
    contracts: new DynamoDBContractStore(client, env.CONTRACTS_TABLE),
    installations: new DynamoDBInstallationStore(client, env.INSTALLATIONS_TABLE),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
