import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { DynamoDBCustomerStore } from './dynamodb/customer-store.ts';
import { DynamoDBRecipients } from './dynamodb/recipient-store.ts';
import { text, wholeNumber } from './environment.ts';
import { createSesClient, SesMailer } from './ses-mailer.ts';

/** The environment of every function that sends e-mail. */
export const sendingVariables = {
  CUSTOMERS_TABLE: text,
  RECIPIENTS_TABLE: text,
  MAIL_FROM: text,
  MAIL_REPLY_TO: text,
  MAIL_VENDOR: text,
  MAIL_CONFIGURATION_SET: text,
  DAILY_MAIL_LIMIT: wholeNumber,
  PORTAL_URL: z.optional(text),
};

type SendingEnv = z.output<z.ZodMiniObject<typeof sendingVariables>>;

/** What every function that sends e-mail works with. */
export function createSending(env: SendingEnv, client: DynamoDBClient) {
  const sender = {
    from: env.MAIL_FROM,
    replyTo: env.MAIL_REPLY_TO,
    configurationSet: env.MAIL_CONFIGURATION_SET,
  };
  return {
    customers: new DynamoDBCustomerStore(client, env.CUSTOMERS_TABLE),
    recipients: new DynamoDBRecipients(client, env.RECIPIENTS_TABLE),
    mailer: new SesMailer(createSesClient(), sender),
    settings: {
      vendorAddress: env.MAIL_VENDOR,
      dailyLimit: env.DAILY_MAIL_LIMIT,
      ...(env.PORTAL_URL === undefined ? {} : { portalUrl: env.PORTAL_URL }),
    },
  };
}
