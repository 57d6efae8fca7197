import { randomBytes } from 'node:crypto';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBRenewalStore } from '../adapters/dynamodb/renewal-store.ts';
import { createKmsClient, KmsSigningKey } from '../adapters/kms-keys.ts';
import { createObservability } from '../adapters/observability.ts';
import type { RenewHandlerDependencies } from './renew-handler.ts';
import { parseRenewEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): RenewHandlerDependencies {
  const env = parseRenewEnv(environment);
  const signingKey = new KmsSigningKey(createKmsClient(), env.SIGNING_KEY_ID);
  const tables = {
    licenses: env.LICENSES_TABLE,
    installations: env.INSTALLATIONS_TABLE,
    renewals: env.RENEWALS_TABLE,
  };
  return {
    store: new DynamoDBRenewalStore(createDynamoDBClient(), tables, env.RETENTION_DAYS),
    signer: signingKey,
    keyRing: () => signingKey.keyRing(),
    newSerial: () => randomBytes(16).toString('base64url'),
    random: Math.random,
    settings: {
      issuer: env.ISSUER,
      renewalUrl: env.RENEWAL_URL,
      defaults: {
        validityDays: env.VALIDITY_DAYS,
        graceDays: env.GRACE_DAYS,
        renewEverySeconds: env.RENEW_EVERY_SECONDS,
      },
    },
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
