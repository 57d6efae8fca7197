import type { KMSClient } from '@aws-sdk/client-kms';
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, type KeySpec } from '@aws-sdk/client-kms';

export interface EndpointKey {
  readonly keyId: string;
  readonly arn: string;
}

/** A key at an outside endpoint: found by its alias after a restart, made with it the first time. */
export async function ensureKey(client: KMSClient, alias: string, spec: KeySpec): Promise<EndpointKey> {
  const known = await client.send(new DescribeKeyCommand({ KeyId: alias })).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  });
  const key =
    known?.KeyMetadata ??
    (
      await client.send(
        spec === 'HMAC_256'
          ? new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'GENERATE_VERIFY_MAC' })
          : new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY', MultiRegion: true }),
      )
    ).KeyMetadata;
  const keyId = key?.KeyId ?? '';
  if (!known) await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));
  return { keyId, arn: key?.Arn ?? keyId };
}
