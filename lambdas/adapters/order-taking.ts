import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { TakeOrderDependencies } from '../core/take-order.ts';
import { createSignInAccounts } from './cognito-accounts.ts';
import { DynamoDBContractStore } from './dynamodb/contract-store.ts';
import { DynamoDBInstallationStore } from './dynamodb/installation-store.ts';
import { DynamoDBMemberStore } from './dynamodb/member-store.ts';
import { DynamoDBClaims } from './dynamodb/claim-store.ts';
import { DynamoDBLicenseHosts } from './dynamodb/license-hosts.ts';
import { DynamoDBNoticeOutbox } from './dynamodb/notice-outbox.ts';
import { text, wholeNumber } from './environment.ts';
import { createSending, sendingVariables } from './sending.ts';

/** The environment of every function that takes orders. */
export const orderVariables = {
  ...sendingVariables,
  MEMBERS_TABLE: text,
  /** The user pool that makes the tokens; absent: another issuer does. */
  USER_POOL_ID: z.optional(text),
  CONTRACTS_TABLE: text,
  INSTALLATIONS_TABLE: text,
  LICENSES_TABLE: text,
  EPISODES_TABLE: text,
  VALIDITY_DAYS: wholeNumber,
  GRACE_DAYS: wholeNumber,
  RENEW_EVERY_SECONDS: wholeNumber,
};

type OrderEnv = z.output<z.ZodMiniObject<typeof orderVariables>>;

/** What every function that takes orders works with. */
export const createOrderTaking = (env: OrderEnv, client: DynamoDBClient) =>
  ({
    ...createSending(env, client),
    members: new DynamoDBMemberStore(client, env.MEMBERS_TABLE),
    accounts: createSignInAccounts(env.USER_POOL_ID),
    contracts: new DynamoDBContractStore(client, env.CONTRACTS_TABLE),
    installations: new DynamoDBInstallationStore(client, env.INSTALLATIONS_TABLE),
    outbox: new DynamoDBNoticeOutbox(client, env.EPISODES_TABLE),
    claims: new DynamoDBClaims(client, env.EPISODES_TABLE),
    licenseHosts: new DynamoDBLicenseHosts(client, env.LICENSES_TABLE),
    newToken: randomUUID,
    pause: (milliseconds: number) => setTimeout(milliseconds),
    defaults: {
      validityDays: env.VALIDITY_DAYS,
      graceDays: env.GRACE_DAYS,
      renewEverySeconds: env.RENEW_EVERY_SECONDS,
    },
  }) satisfies TakeOrderDependencies;
