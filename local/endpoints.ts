import type { Server } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import type { Assembly } from './assembly.ts';
import type { ServiceClock } from './clock.ts';
import { createCognito } from './cognito.ts';
import type { DataFolder } from './data-folder.ts';
import { ensureKey, type EndpointKey } from './endpoint-keys.ts';
import { closeServer, listen } from './http.ts';
import { createKms, type KmsKey } from './kms.ts';
import { openSigningKey } from './kms-keys.ts';
import { LocalRunError, messageOf } from './local-run-error.ts';
import { openMacKey } from './mac-keys.ts';
import type { Mail, Mailbox } from './mailbox.ts';
import type { ScheduleStore } from './schedule-store.ts';
import { createScheduler } from './scheduler.ts';
import { createSes } from './ses.ts';
import { ACCOUNT, Template } from './template.ts';

/** Where functions reach AWS. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly ses: string;
  readonly scheduler: string;
  readonly cognito: string;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** For endpoints that take any. */
export const ANY_CREDENTIALS: AwsCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Keys of KMS by logical id. */
export type Keys = ReadonlyMap<string, EndpointKey>;

/** Runs when the service stops; the last one added runs first. */
export type OnStop = (close: () => Promise<unknown>) => void;

export interface StandInParts {
  readonly data: DataFolder;
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  readonly scheduleStore: ScheduleStore;
  /** Called with every e-mail once it is kept. */
  readonly onSent: (mail: Mail, messageId: string) => void;
}

/**
 * The stand-in for the template's user pools: its address. The tokens come from this machine whatever AWS is there, and so the
 * accounts are here, too.
 */
export function startCognito(
  assembly: Assembly,
  region: string,
  { data, clock }: Pick<StandInParts, 'data' | 'clock'>,
  onStop: OnStop,
): Promise<string> {
  const pools = new Template(assembly, region, () => undefined).namesOf('AWS::Cognito::UserPool');
  const server = createCognito(pools, { state: data.state, clock });
  onStop(() => closeServer(server));
  return listen(server, 0);
}

/** Stand-ins for KMS, SES and EventBridge Scheduler on this machine, with the template's keys in the data folder. */
export async function startStandIns(
  assembly: Assembly,
  region: string,
  { data, clock, mailbox, scheduleStore, onSent }: StandInParts,
  onStop: OnStop,
): Promise<{ endpoints: Omit<Endpoints, 'dynamodb' | 'cognito'>; keys: Keys }> {
  const folder = data.folder('keys');
  const arnPrefix = `arn:aws:kms:${region}:${ACCOUNT}`;
  const keys = new Map<string, KmsKey>(
    Template.keys(assembly).map(({ logicalId, spec }) => [
      logicalId,
      spec === 'HMAC_256'
        ? openMacKey(folder, logicalId, arnPrefix)
        : openSigningKey(folder, logicalId, spec, arnPrefix),
    ]),
  );
  const aliases = new Map(
    [...Template.keyAliases(assembly)].map(([alias, logicalId]) => [alias, keys.get(logicalId)?.keyId ?? '']),
  );
  const serve = (server: Server): Promise<string> => {
    onStop(() => closeServer(server));
    return listen(server, 0);
  };
  const scheduler = createScheduler({
    store: scheduleStore,
    groups: new Template(assembly, region, () => undefined).namesOf('AWS::Scheduler::ScheduleGroup'),
    arnPrefix: `arn:aws:scheduler:${region}:${ACCOUNT}`,
  });
  const endpoints = {
    kms: await serve(createKms([...keys.values()], aliases)),
    ses: await serve(createSes(mailbox, clock, onSent)),
    scheduler: await serve(scheduler),
  };
  return { endpoints, keys };
}

/** The template's keys at an outside endpoint, made there where they are missing. */
export async function keysAt(
  endpoint: string,
  assembly: Assembly,
  region: string,
  credentials: AwsCredentials,
): Promise<Keys> {
  const client = new KMSClient({ endpoint, region, credentials });
  const keys = new Map<string, EndpointKey>();
  for (const { logicalId, spec } of Template.keys(assembly)) {
    const alias = `alias/${assembly.stackName}-${logicalId}`;
    keys.set(logicalId, await reaching(endpoint, ensureKey(client, alias, spec)));
  }
  client.destroy();
  return keys;
}

/** Turns a fault of an outside endpoint into a line that says which one cannot be used. */
export async function reaching<T>(endpoint: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LocalRunError) throw error;
    throw new LocalRunError(`${endpoint} cannot be used: ${messageOf(error) || String(error)}`, {
      cause: error,
    });
  }
}
