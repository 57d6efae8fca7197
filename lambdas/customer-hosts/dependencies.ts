import { randomBytes } from 'node:crypto';
import { createDynamoDBClient } from '../adapters/dynamodb/client.ts';
import { DynamoDBInstallationLists } from '../adapters/dynamodb/installation-store.ts';
import { DynamoDBLicenseStates } from '../adapters/dynamodb/license-store.ts';
import { DynamoDBTransferStore } from '../adapters/dynamodb/transfer-store.ts';
import { createIssuing } from '../adapters/issuing.ts';
import { createObservability } from '../adapters/observability.ts';
import { createSending } from '../adapters/sending.ts';
import { LICENSE_ID_BYTES, licenseIdOf } from '../core/license-id.ts';
import type { CustomerHostsHandlerDependencies } from './customer-hosts-handler.ts';
import { parseCustomerHostsEnv } from './env.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): CustomerHostsHandlerDependencies {
  const env = parseCustomerHostsEnv(environment);
  const client = createDynamoDBClient();
  const issuing = createIssuing(env, client);
  return {
    ...issuing,
    lists: new DynamoDBInstallationLists(client, env.INSTALLATIONS_TABLE),
    licenses: new DynamoDBLicenseStates(client, env.LICENSES_TABLE),
    transfers: new DynamoDBTransferStore(client, {
      transfers: env.TRANSFERS_TABLE,
      licenses: env.LICENSES_TABLE,
    }),
    receipts: createSending(env, client),
    newLicenseId: () => licenseIdOf(randomBytes(LICENSE_ID_BYTES)),
    newTransferSuffix: () => randomBytes(9).toString('base64url'),
    starterLapseDays: env.STARTER_LAPSE_DAYS,
    transferLimit: env.TRANSFER_LIMIT,
    documentationUrl: env.DOCUMENTATION_URL,
    observability: createObservability(),
  };
}
