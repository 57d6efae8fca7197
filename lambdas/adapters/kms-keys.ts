import { GetPublicKeyCommand, SignCommand, KMSClient, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { createHash } from 'node:crypto';
import { CLIENT_SETTINGS, lean } from './aws-client.ts';
import { derToRaw, publicKeyFromDer, type Algorithm, type KeyRing, type PublicKey } from '../core/jws.ts';
import type { Signer } from '../core/ports.ts';

/** KMS takes the message itself up to this many bytes, and its digest above. */
const MAX_RAW_BYTES = 4096;

const kmsAlgorithms: Record<Algorithm, SigningAlgorithmSpec> = {
  ES256: 'ECDSA_SHA_256',
  RS256: 'RSASSA_PKCS1_V1_5_SHA_256',
};

export const createKmsClient = (): KMSClient => lean(new KMSClient(CLIENT_SETTINGS));

/** The signing key in KMS: its private part signs there, its public part is fetched once per container. */
export class KmsSigningKey implements Signer {
  private readonly client: KMSClient;
  private readonly keyId: string;
  private publicKey: Promise<PublicKey> | undefined;

  constructor(client: KMSClient, keyId: string) {
    this.client = client;
    this.keyId = keyId;
  }

  /** The public keys that files of this service can be signed with. */
  async keyRing(): Promise<KeyRing> {
    const publicKey = await this.describe();
    return new Map([[publicKey.kid, publicKey]]);
  }

  describe(): Promise<PublicKey> {
    this.publicKey ??= this.fetchPublicKey();
    return this.publicKey;
  }

  async sign(signingInput: string): Promise<Uint8Array> {
    const { alg } = await this.describe();
    const message = Buffer.from(signingInput);
    const { Signature } = await this.client.send(
      new SignCommand({
        KeyId: this.keyId,
        SigningAlgorithm: kmsAlgorithms[alg],
        ...(message.length <= MAX_RAW_BYTES
          ? { Message: message, MessageType: 'RAW' }
          : { Message: createHash('sha256').update(message).digest(), MessageType: 'DIGEST' }),
      }),
    );
    if (!Signature) throw new Error('KMS answered without a signature');
    return alg === 'ES256' ? derToRaw(Signature) : Signature;
  }

  private async fetchPublicKey(): Promise<PublicKey> {
    try {
      const { PublicKey: der } = await this.client.send(new GetPublicKeyCommand({ KeyId: this.keyId }));
      if (!der) throw new Error('KMS answered without a public key');
      return publicKeyFromDer(der);
    } catch (error) {
      // A failed fetch must not stay for the life of the container.
      this.publicKey = undefined;
      throw error;
    }
  }
}
