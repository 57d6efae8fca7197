import { createSignInAccounts } from '../adapters/cognito-accounts.ts';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBMemberStore } from '../adapters/dynamodb/member-store.ts';
import { createObservability } from '../adapters/observability.ts';
import { createSchedulerClient, SchedulerReportSchedules } from '../adapters/report-schedules.ts';
import { createSending } from '../adapters/sending.ts';
import type { CustomerAccountHandlerDependencies } from './customer-account-handler.ts';
import { parseCustomerAccountEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomerAccountHandlerDependencies {
  const env = parseCustomerAccountEnv(environment);
  const client = createDynamoDBClient();
  return {
    ...createSending(env, client),
    members: new DynamoDBMemberStore(client, env.MEMBERS_TABLE),
    accounts: createSignInAccounts(env.USER_POOL_ID),
    tokensFollowMembers: env.USER_POOL_ID !== undefined,
    reportSchedules: new SchedulerReportSchedules(createSchedulerClient(), env),
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
