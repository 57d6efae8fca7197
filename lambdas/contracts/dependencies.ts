import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { createObservability } from '../adapters/observability.ts';
import { createOrderTaking } from '../adapters/order-taking.ts';
import type { ContractsHandlerDependencies } from './contracts-handler.ts';
import { parseContractsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): ContractsHandlerDependencies {
  const env = parseContractsEnv(environment);
  return {
    ...createOrderTaking(env, createDynamoDBClient()),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
