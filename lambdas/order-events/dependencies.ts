import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { createObservability } from '../adapters/observability.ts';
import { createOrderTaking } from '../adapters/order-taking.ts';
import { parseOrderEventsEnv } from './env.ts';
import type { OrderEventsHandlerDependencies } from './order-events-handler.ts';

export const createDependencies = (environment: NodeJS.ProcessEnv): OrderEventsHandlerDependencies => ({
  ...createOrderTaking(parseOrderEventsEnv(environment), createDynamoDBClient()),
  observability: createObservability(),
});
