import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { createIssuing } from '../adapters/issuing.ts';
import { createObservability } from '../adapters/observability.ts';
import type { RenewHandlerDependencies } from './renew-handler.ts';
import { parseRenewEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): RenewHandlerDependencies {
  const env = parseRenewEnv(environment);
  const issuing = createIssuing(env, createDynamoDBClient());
  return {
    ...issuing,
    keyRing: () => issuing.signer.keyRing(),
    random: Math.random,
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
