import { alertLimitsOf } from '../adapters/alert-limits.ts';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBReportStore } from '../adapters/dynamodb/report-store.ts';
import { DynamoDBSentReports } from '../adapters/dynamodb/sent-reports.ts';
import { createObservability } from '../adapters/observability.ts';
import { createSending } from '../adapters/sending.ts';
import { parseSendReportEnv } from './env.ts';
import type { SendReportHandlerDependencies } from './send-report-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): SendReportHandlerDependencies {
  const env = parseSendReportEnv(environment);
  const client = createDynamoDBClient();
  const { settings, ...sending } = createSending(env, client);
  return {
    ...sending,
    ...(settings.portalUrl === undefined ? {} : { portalUrl: settings.portalUrl }),
    store: new DynamoDBReportStore(client, {
      installations: env.INSTALLATIONS_TABLE,
      licenses: env.LICENSES_TABLE,
      renewals: env.RENEWALS_TABLE,
    }),
    sentReports: new DynamoDBSentReports(client, env.EPISODES_TABLE),
    limits: alertLimitsOf(env),
    observability: createObservability(),
  };
}
