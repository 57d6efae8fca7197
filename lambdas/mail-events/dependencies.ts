import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBRecipients } from '../adapters/dynamodb/recipient-store.ts';
import { createObservability } from '../adapters/observability.ts';
import { parseMailEventsEnv } from './env.ts';
import type { MailEventsHandlerDependencies } from './mail-events-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): MailEventsHandlerDependencies {
  const env = parseMailEventsEnv(environment);
  return {
    recipients: new DynamoDBRecipients(createDynamoDBClient(), env.RECIPIENTS_TABLE),
    observability: createObservability(),
  };
}
