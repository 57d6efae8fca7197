import { randomBytes } from 'node:crypto';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBInstallationStore } from '../adapters/dynamodb/installation-store.ts';
import { DynamoDBLicenseStates } from '../adapters/dynamodb/license-store.ts';
import { DynamoDBRenewalStore } from '../adapters/dynamodb/renewal-store.ts';
import { createKmsClient, KmsSigningKey } from '../adapters/kms-keys.ts';
import { createObservability } from '../adapters/observability.ts';
import { LICENSE_ID_BYTES, licenseIdOf } from '../core/license-id.ts';
import { parseLicensesEnv } from './env.ts';
import type { LicensesHandlerDependencies } from './licenses-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): LicensesHandlerDependencies {
  const env = parseLicensesEnv(environment);
  const client = createDynamoDBClient();
  const tables = {
    licenses: env.LICENSES_TABLE,
    installations: env.INSTALLATIONS_TABLE,
    renewals: env.RENEWALS_TABLE,
  };
  return {
    store: new DynamoDBRenewalStore(client, tables, env.RETENTION_DAYS),
    lists: new DynamoDBInstallationStore(client, env.INSTALLATIONS_TABLE),
    states: new DynamoDBLicenseStates(client, env.LICENSES_TABLE),
    signer: new KmsSigningKey(createKmsClient(), env.SIGNING_KEY_ID),
    newSerial: () => randomBytes(16).toString('base64url'),
    newLicenseId: () => licenseIdOf(randomBytes(LICENSE_ID_BYTES)),
    starterLapseDays: env.STARTER_LAPSE_DAYS,
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
