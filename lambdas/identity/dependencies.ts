import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBMemberStore } from '../adapters/dynamodb/member-store.ts';
import { createObservability } from '../adapters/observability.ts';
import { parseIdentityEnv } from './env.ts';
import type { IdentityHandlerDependencies } from './identity-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): IdentityHandlerDependencies {
  const env = parseIdentityEnv(environment);
  return {
    members: new DynamoDBMemberStore(createDynamoDBClient(), env.MEMBERS_TABLE),
    observability: createObservability(),
  };
}
