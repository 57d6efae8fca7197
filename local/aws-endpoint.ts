import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  NotFoundException,
} from '@aws-sdk/client-kms';
import type { KeyIdentity } from './backends.ts';
import { LocalRunError, messageOf } from './local-run-error.ts';
import type { TemplateKey } from './template.ts';

/** An AWS emulator, or AWS itself, that takes the place of all stand-ins. */
export interface AwsEndpoint {
  readonly url: string;
  /** Credentials for it, as environment variables of the SDK. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Credentials of the environment, or made-up ones: emulators take any. */
export function credentialsIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
    return { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  }
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...(AWS_SESSION_TOKEN !== undefined && { AWS_SESSION_TOKEN }) };
}

export const clientSettings = (endpoint: string, region: string, credentials: Readonly<Record<string, string>>) => ({
  endpoint,
  region,
  credentials: {
    accessKeyId: credentials['AWS_ACCESS_KEY_ID'] ?? 'local',
    secretAccessKey: credentials['AWS_SECRET_ACCESS_KEY'] ?? 'local',
    ...(credentials['AWS_SESSION_TOKEN'] !== undefined && { sessionToken: credentials['AWS_SESSION_TOKEN'] }),
  },
});

/** Signing keys at the endpoint: found by their alias, or created with it, so that the next start finds them. */
export async function ensureSigningKeys(
  { url, credentials }: AwsEndpoint,
  region: string,
  stackName: string,
  keys: readonly TemplateKey[],
): Promise<Map<string, KeyIdentity>> {
  const client = new KMSClient(clientSettings(url, region, credentials));
  try {
    const made = await Promise.all(
      keys.map(async ({ logicalId, spec }) => {
        const alias = `alias/${stackName}-${logicalId}`;
        return [logicalId, (await findKey(client, alias)) ?? (await createKey(client, alias, spec))] as const;
      }),
    );
    return new Map(made);
  } catch (error) {
    throw new LocalRunError(`the signing key cannot be made at ${url}: ${messageOf(error)}`, { cause: error });
  } finally {
    client.destroy();
  }
}

async function findKey(client: KMSClient, alias: string): Promise<KeyIdentity | undefined> {
  try {
    return identityOf((await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata);
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

async function createKey(client: KMSClient, alias: string, spec: TemplateKey['spec']): Promise<KeyIdentity> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }));
  const key = identityOf(KeyMetadata);
  await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key.keyId }));
  return key;
}

function identityOf(metadata: { KeyId?: string | undefined; Arn?: string | undefined } | undefined): KeyIdentity {
  if (metadata?.KeyId === undefined || metadata.Arn === undefined) throw new Error('the answer names no key');
  return { keyId: metadata.KeyId, arn: metadata.Arn };
}
