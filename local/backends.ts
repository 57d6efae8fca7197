import type { Assembly } from './assembly.ts';
import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import { startDynamoDBLocal } from './dynamodb-local-engine.ts';
import { startDynalite } from './dynalite-engine.ts';
import type { Engine, EngineChoice } from './engine.ts';
import { listen } from './http.ts';
import { createKms } from './kms.ts';
import { openSigningKey } from './kms-keys.ts';
import type { Mailbox } from './mailbox.ts';
import { createSes } from './ses.ts';
import { Template } from './template.ts';

/** Addresses of the services that functions call. */
export interface AwsEndpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly ses: string;
}

export interface KeyIdentity {
  readonly keyId: string;
  readonly arn: string;
}

/** What stands in for AWS. */
export interface StandIns {
  readonly endpoints: AwsEndpoints;
  /** Signing keys by logical id. */
  readonly keys: ReadonlyMap<string, KeyIdentity>;
  stop(): Promise<void>;
}

export interface StandInOptions {
  readonly assembly: Assembly;
  readonly folder: DataFolder;
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  readonly engine: EngineChoice;
  readonly dynamodbLocal: { readonly installation: string; readonly tether: string; readonly onLog: (line: string) => void };
  readonly region: string;
}

export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { assembly, folder, clock, mailbox, region } = options;
  const keyFolder = folder.folder('keys');
  const keys = new Map(
    Template.signingKeys(assembly).map(({ logicalId, spec }) => [
      logicalId,
      openSigningKey(keyFolder, logicalId, spec, `arn:aws:kms:${region}:000000000000`),
    ]),
  );
  const aliases = new Map(
    [...Template.keyAliases(assembly)].map(([alias, logicalId]) => [alias, keys.get(logicalId)?.keyId ?? '']),
  );
  const engine = await startEngine(options);
  const kms = createKms([...keys.values()], aliases);
  const ses = createSes(mailbox, clock);
  return {
    endpoints: { dynamodb: engine.url, kms: await listen(kms, 0), ses: await listen(ses, 0) },
    keys,
    async stop() {
      for (const server of [kms, ses]) {
        server.close();
        server.closeAllConnections();
      }
      await engine.stop();
    },
  };
}

function startEngine({ engine, folder, dynamodbLocal }: StandInOptions): Promise<Engine> {
  if (typeof engine === 'object') return Promise.resolve({ url: engine.url, stop: () => Promise.resolve() });
  switch (engine) {
    case 'memory':
      return startDynalite();
    case 'embedded':
      return startDynalite(folder.folder('dynamodb'));
    case 'dynamodb-local':
      return startDynamoDBLocal({ ...dynamodbLocal, folder: folder.folder('dynamodb-local') });
  }
}
