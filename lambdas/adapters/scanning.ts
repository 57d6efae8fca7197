import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import type * as z from 'zod/mini';
import type { AlertLimits } from '../core/alerts/limits.ts';
import type { ScanSubjects } from '../core/alerts/ports.ts';
import type { SilenceSample } from '../core/alerts/silence-sample.ts';
import { DynamoDBClaims } from './dynamodb/claim-store.ts';
import { DynamoDBEpisodes } from './dynamodb/episode-store.ts';
import { DynamoDBScans } from './dynamodb/scan-store.ts';
import { alertLimitsOf, alertLimitVariables } from './alert-limits.ts';
import { text } from './environment.ts';
import { createKmsClient } from './kms-keys.ts';
import { MuteTokens } from './mute-key.ts';
import { createObservability } from './observability.ts';
import type { ScanHandlerDependencies } from './scan-handler.ts';
import { createSending, sendingVariables } from './sending.ts';

/** The environment of every scan. */
export const scanningVariables = {
  ...sendingVariables,
  ...alertLimitVariables,
  /** The name of the function, under which its state is kept. */
  POWERTOOLS_SERVICE_NAME: text,
  INSTALLATIONS_TABLE: text,
  EPISODES_TABLE: text,
  SCANS_TABLE: text,
  MUTE_KEY_ID: text,
  MUTE_URL: text,
};

type ScanningEnv = z.output<z.ZodMiniObject<typeof scanningVariables>>;

/** What differs between the scans. */
export interface ScanOptions<Item> {
  /** Whether the kind is held back while customers are silent together. */
  readonly obeysHold: boolean;
  readonly subjects: (limits: AlertLimits, sample: SilenceSample) => ScanSubjects<Item>;
}

/** What every scan works with. */
export function createScanning<Item>(
  env: ScanningEnv,
  client: DynamoDBClient,
  { obeysHold, subjects }: ScanOptions<Item>,
): ScanHandlerDependencies<Item> {
  const limits = alertLimitsOf(env);
  const tokens = new MuteTokens(createKmsClient(), env.MUTE_KEY_ID);
  const sending = createSending(env, client);
  const shared = {
    ...sending,
    scan: env.POWERTOOLS_SERVICE_NAME,
    obeysHold,
    episodes: new DynamoDBEpisodes(client, env.EPISODES_TABLE),
    claims: new DynamoDBClaims(client, env.EPISODES_TABLE),
    scans: new DynamoDBScans(client, env.SCANS_TABLE),
    muteUrlFor: async (contact: Parameters<MuteTokens['tokenFor']>[0]) =>
      `${env.MUTE_URL}?token=${await tokens.tokenFor(contact)}`,
    newToken: randomUUID,
    settings: { ...sending.settings, limits },
  };
  return {
    observability: createObservability(),
    scanWith: (sample) => ({ ...shared, subjects: subjects(limits, sample) }),
  };
}
