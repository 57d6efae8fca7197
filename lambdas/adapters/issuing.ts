import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import type * as z from 'zod/mini';
import type { IssuingSettings } from '../core/license-composition.ts';
import { DynamoDBRenewalStore } from './dynamodb/renewal-store.ts';
import { text, wholeNumber } from './environment.ts';
import { createKmsClient, KmsSigningKey } from './kms-keys.ts';

/** The environment of every function that issues license files. */
export const issuingVariables = {
  LICENSES_TABLE: text,
  INSTALLATIONS_TABLE: text,
  RENEWALS_TABLE: text,
  SIGNING_KEY_ID: text,
  ISSUER: text,
  RENEWAL_URL: text,
  DOCUMENTATION_URL: text,
  VALIDITY_DAYS: wholeNumber,
  GRACE_DAYS: wholeNumber,
  RENEW_EVERY_SECONDS: wholeNumber,
  RETENTION_DAYS: wholeNumber,
};

type IssuingEnv = z.output<z.ZodMiniObject<typeof issuingVariables>>;

export interface Issuing {
  readonly store: DynamoDBRenewalStore;
  readonly signer: KmsSigningKey;
  readonly newSerial: () => string;
  readonly settings: IssuingSettings;
}

/** What every function that issues license files works with. */
export function createIssuing(env: IssuingEnv, client: DynamoDBClient): Issuing {
  const tables = {
    licenses: env.LICENSES_TABLE,
    installations: env.INSTALLATIONS_TABLE,
    renewals: env.RENEWALS_TABLE,
  };
  return {
    store: new DynamoDBRenewalStore(client, tables, env.RETENTION_DAYS),
    signer: new KmsSigningKey(createKmsClient(), env.SIGNING_KEY_ID),
    newSerial: () => randomBytes(16).toString('base64url'),
    settings: {
      issuer: env.ISSUER,
      renewalUrl: env.RENEWAL_URL,
      defaults: {
        validityDays: env.VALIDITY_DAYS,
        graceDays: env.GRACE_DAYS,
        renewEverySeconds: env.RENEW_EVERY_SECONDS,
      },
    },
  };
}
