import type { Server } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import type { Assembly } from './assembly.ts';
import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import { ensureSigningKey, type EndpointKey } from './endpoint-keys.ts';
import { closeServer, listen } from './http.ts';
import { createKms } from './kms.ts';
import { openSigningKey } from './kms-keys.ts';
import { LocalRunError, messageOf } from './local-run-error.ts';
import type { Mailbox } from './mailbox.ts';
import { createSes } from './ses.ts';
import { Template } from './template.ts';

/** Where functions reach AWS. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly ses: string;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Account number in ARNs of what is made on one machine. */
export const ACCOUNT = '000000000000';

/** For endpoints that take any. */
export const ANY_CREDENTIALS: AwsCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Signing keys by logical id. */
export type SigningKeys = ReadonlyMap<string, EndpointKey>;

/** Runs when the service stops; the last one added runs first. */
export type OnStop = (close: () => Promise<unknown>) => void;

/** Stand-ins for KMS and SES on this machine, with the template's signing keys in the data folder. */
export async function startStandIns(
  assembly: Assembly,
  region: string,
  { data, clock, mailbox }: { data: DataFolder; clock: ServiceClock; mailbox: Mailbox },
  onStop: OnStop,
): Promise<{ endpoints: Omit<Endpoints, 'dynamodb'>; keys: SigningKeys }> {
  const folder = data.folder('keys');
  const keys = new Map(
    Template.signingKeys(assembly).map(({ logicalId, spec }) => [
      logicalId,
      openSigningKey(folder, logicalId, spec, `arn:aws:kms:${region}:${ACCOUNT}`),
    ]),
  );
  const aliases = new Map(
    [...Template.keyAliases(assembly)].map(([alias, logicalId]) => [alias, keys.get(logicalId)?.keyId ?? '']),
  );
  const serve = (server: Server): Promise<string> => {
    onStop(() => closeServer(server));
    return listen(server, 0);
  };
  const kms = await serve(createKms([...keys.values()], aliases));
  return { endpoints: { kms, ses: await serve(createSes(mailbox, clock)) }, keys };
}

/** The template's signing keys at an outside endpoint, made there where they are missing. */
export async function signingKeysAt(
  endpoint: string,
  assembly: Assembly,
  region: string,
  credentials: AwsCredentials,
): Promise<SigningKeys> {
  const client = new KMSClient({ endpoint, region, credentials });
  const keys = new Map<string, EndpointKey>();
  for (const { logicalId, spec } of Template.signingKeys(assembly)) {
    const alias = `alias/${assembly.stackName}-${logicalId}`;
    keys.set(logicalId, await reaching(endpoint, ensureSigningKey(client, alias, spec)));
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
