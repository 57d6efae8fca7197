import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { createIssuing } from '../adapters/issuing.ts';
import { createObservability } from '../adapters/observability.ts';
import type { CustomerRenewalsHandlerDependencies } from './customer-renewals-handler.ts';
import { parseCustomerRenewalsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomerRenewalsHandlerDependencies {
  const env = parseCustomerRenewalsEnv(environment);
  const issuing = createIssuing(env, createDynamoDBClient());
  return {
    ...issuing,
    keyRing: () => issuing.signer.keyRing(),
    elapsed: () => performance.now(),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
