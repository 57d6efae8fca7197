import { createKmsClient, KmsSigningKey } from '../adapters/kms-keys.ts';
import { createObservability } from '../adapters/observability.ts';
import { parseKeysEnv } from './env.ts';
import type { KeysHandlerDependencies } from './keys-handler.ts';

export function createDependencies(environment: NodeJS.ProcessEnv): KeysHandlerDependencies {
  const env = parseKeysEnv(environment);
  const signingKey = new KmsSigningKey(createKmsClient(), env.SIGNING_KEY_ID);
  return {
    keyRing: () => signingKey.keyRing(),
    logger: createObservability().logger,
    documentationUrl: env.DOCUMENTATION_URL,
  };
}
