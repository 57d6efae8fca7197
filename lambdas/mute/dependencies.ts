import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBCustomerStore } from '../adapters/dynamodb/customer-store.ts';
import { createKmsClient } from '../adapters/kms-keys.ts';
import { MuteTokens } from '../adapters/mute-key.ts';
import { createObservability } from '../adapters/observability.ts';
import { parseMuteEnv } from './env.ts';
import type { MuteHandlerDependencies } from './mute-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): MuteHandlerDependencies {
  const env = parseMuteEnv(environment);
  return {
    customers: new DynamoDBCustomerStore(createDynamoDBClient(), env.CUSTOMERS_TABLE),
    tokens: new MuteTokens(createKmsClient(), env.MUTE_KEY_ID),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
