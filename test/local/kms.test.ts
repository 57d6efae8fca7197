import { createHash, createHmac, createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  KMSInvalidMacException,
  ListKeysCommand,
  SignCommand,
  VerifyMacCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSigningKey } from '../../local/kms-keys.ts';
import { openMacKey } from '../../local/mac-keys.ts';
import { startFixture, type FixtureService } from './fixture-service.ts';

let service: FixtureService;
let kms: KMSClient;
beforeAll(async () => {
  service = await startFixture();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  kms = new KMSClient({ endpoint: service.endpoints.kms, region: 'eu-west-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  kms.destroy();
  await service.stop();
});

const keyFor = (logicalId: 'Key' | 'RsaKey'): string =>
  openSigningKey(
    join(service.dataDir, 'keys'),
    logicalId,
    logicalId === 'Key' ? 'ECC_NIST_P256' : 'RSA_2048',
    'arn',
  ).keyId;

async function publicKeyOf(KeyId: string): Promise<KeyObject> {
  const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
}

const sign = async (
  KeyId: string,
  Message: Uint8Array,
  MessageType: 'RAW' | 'DIGEST',
  SigningAlgorithm: SigningAlgorithmSpec,
) =>
  (await kms.send(new SignCommand({ KeyId, Message, MessageType, SigningAlgorithm }))).Signature ??
  new Uint8Array();

const KEYS = [
  ['Key', 'ECDSA_SHA_256'],
  ['RsaKey', 'RSASSA_PKCS1_V1_5_SHA_256'],
] as const;

describe.each(KEYS)('%s', (logicalId, algorithm) => {
  it('signs messages as they are and ready-made digests alike', async () => {
    const keyId = keyFor(logicalId);
    const key = await publicKeyOf(keyId);
    for (let round = 0; round < 20; round += 1) {
      const message = randomBytes(1 + round * 200);
      const digest = createHash('sha256').update(message).digest();

      expect(verify('sha256', message, key, await sign(keyId, message, 'RAW', algorithm))).toBe(true);
      expect(verify('sha256', message, key, await sign(keyId, digest, 'DIGEST', algorithm))).toBe(true);
    }
  });

  it('takes raw messages up to 4,096 bytes and digests of 32', async () => {
    const keyId = keyFor(logicalId);
    const tooLong = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };

    await sign(keyId, randomBytes(4096), 'RAW', algorithm);
    await expect(sign(keyId, randomBytes(4097), 'RAW', algorithm)).rejects.toMatchObject(tooLong);
    await expect(sign(keyId, randomBytes(33), 'DIGEST', algorithm)).rejects.toMatchObject(tooLong);
  });

  it('is described by its public key', async () => {
    const described = await kms.send(new GetPublicKeyCommand({ KeyId: keyFor(logicalId) }));

    expect(described).toMatchObject({ KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: [algorithm] });
    expect(described.KeyId).toMatch(/^arn:aws:kms:eu-west-1:000000000000:key\/mrk-[0-9a-f]{32}$/);
  });
});

describe('the key', () => {
  it('is found by id, ARN and alias, and by nothing else', async () => {
    const keyId = keyFor('Key');
    const { KeyId: arn = '' } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
    for (const id of [arn, 'alias/signing', 'arn:aws:kms:eu-west-1:000000000000:alias/signing']) {
      expect((await kms.send(new GetPublicKeyCommand({ KeyId: id }))).KeyId).toBe(arn);
    }
    for (const id of ['mrk-0', 'alias/other', 'alias/']) {
      await expect(kms.send(new GetPublicKeyCommand({ KeyId: id }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
    }
  });

  it('signs with its own algorithm only', async () => {
    const message = randomBytes(8);
    const wrong = sign(keyFor('Key'), message, 'RAW', 'RSASSA_PKCS1_V1_5_SHA_256');
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
    const unknown = sign(keyFor('Key'), message, 'RAW', 'ECDSA_SHA_512');
    await expect(unknown).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is readable by its owner only and the same after a restart', () => {
    const folder = join(service.dataDir, 'keys');
    const file = join(folder, 'Key.pem');

    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openSigningKey(folder, 'Key', 'ECC_NIST_P256', 'arn').keyId).toBe(keyFor('Key'));
  });

  it('is named in one line where it is damaged or of another kind', () => {
    const folder = service.folder('other-keys');
    openSigningKey(folder, 'Key', 'ECC_NIST_P256', 'arn');
    expect(() => openSigningKey(folder, 'Key', 'RSA_2048', 'arn')).toThrow(/Key\.pem is no RSA_2048 key/);

    const file = join(folder, 'Key.pem');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60));
    expect(() => openSigningKey(folder, 'Key', 'ECC_NIST_P256', 'arn')).toThrow(
      /damaged .*Key\.pem is no private key/,
    );
  });
});

describe('the HMAC key', () => {
  const folder = (): string => join(service.dataDir, 'keys');
  const keyId = (): string => openMacKey(folder(), 'MacKey', 'arn').keyId;
  const given = (Message: Uint8Array) => ({ KeyId: keyId(), MacAlgorithm: 'HMAC_SHA_256', Message }) as const;
  const macOf = async (message: Uint8Array): Promise<Uint8Array> =>
    (await kms.send(new GenerateMacCommand(given(message)))).Mac ?? new Uint8Array();

  it('computes HMAC-SHA-256 and recognises its own', async () => {
    const message = randomBytes(4096);
    const mac = await macOf(message);

    const { secret } = openMacKey(folder(), 'MacKey', 'arn');
    expect(Buffer.from(mac)).toEqual(createHmac('sha256', secret).update(message).digest());
    const verified = await kms.send(new VerifyMacCommand({ ...given(message), Mac: mac }));
    expect(verified).toMatchObject({ MacValid: true, MacAlgorithm: 'HMAC_SHA_256' });
    expect(verified.KeyId).toMatch(/^arn:aws:kms:eu-west-1:000000000000:key\/[0-9a-f]{32}$/);
  });

  it('refuses every other MAC', async () => {
    const message = Buffer.from('token');
    const mac = await macOf(message);
    const flipped = mac.map((byte, index) => (index === 31 ? byte ^ 1 : byte));
    for (const wrong of [
      flipped,
      mac.slice(0, 31),
      Buffer.concat([mac, mac]),
      await macOf(Buffer.from('x')),
    ]) {
      const verified = kms.send(new VerifyMacCommand({ ...given(message), Mac: wrong }));
      await expect(verified).rejects.toBeInstanceOf(KMSInvalidMacException);
    }
  });

  it('takes messages up to 4,096 bytes and its own algorithm', async () => {
    await expect(macOf(randomBytes(4097))).rejects.toMatchObject({ name: 'ValidationException' });
    const other = new GenerateMacCommand({ ...given(randomBytes(8)), MacAlgorithm: 'HMAC_SHA_512' });
    await expect(kms.send(other)).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  it('neither signs nor lets a signing key compute MACs', async () => {
    const signed = sign(keyId(), randomBytes(8), 'RAW', 'ECDSA_SHA_256');
    await expect(signed).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
    const mac = new GenerateMacCommand({ ...given(randomBytes(8)), KeyId: keyFor('Key') });
    await expect(kms.send(mac)).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  it('is readable by its owner only, and named in one line where it is damaged', () => {
    expect(statSync(join(folder(), 'MacKey.hmac')).mode & 0o777).toBe(0o600);
    const other = service.folder('other-mac-keys');
    openMacKey(other, 'MacKey', 'arn');
    writeFileSync(join(other, 'MacKey.hmac'), 'half');
    expect(() => openMacKey(other, 'MacKey', 'arn')).toThrow(/damaged .*MacKey\.hmac is no HMAC key/);
  });
});

it('says that it is not all of KMS', async () => {
  await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
});
