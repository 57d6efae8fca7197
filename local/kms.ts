import { constants, privateEncrypt, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { p256 } from '@noble/curves/nist.js';
import { jsonAnswer, readBody, send, type HttpAnswer } from './http.ts';
import type { KeySpec, SigningKey } from './kms-keys.ts';
import { isMacOf, macOf, type MacKey } from './mac-keys.ts';

/** KMS takes RAW messages of at most 4,096 bytes; longer ones are sent as their digest. */
const MAX_RAW = 4096;
const DIGEST_LENGTH = 32;
const MAX_BODY = 64 * 1024;
const MEDIA_TYPE = 'application/x-amz-json-1.1';
const ALGORITHM: Record<KeySpec, string> = {
  ECC_NIST_P256: 'ECDSA_SHA_256',
  RSA_2048: 'RSASSA_PKCS1_V1_5_SHA_256',
};
const MAC_ALGORITHM = 'HMAC_SHA_256';
/** RFC 8017, section 9.2, note 1: what precedes a SHA-256 digest in a PKCS #1 v1.5 signature. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

class KmsError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export type KmsKey = SigningKey | MacKey;

type Parameters = Readonly<Record<string, unknown>>;
type Operation<Key> = (key: Key, parameters: Parameters) => object;

const signingOperations: Readonly<Record<string, Operation<SigningKey>>> = {
  Sign(key, { Message, MessageType = 'RAW', SigningAlgorithm }) {
    if (!Object.values(ALGORITHM).includes(String(SigningAlgorithm))) {
      throw new KmsError(
        'ValidationException',
        `SigningAlgorithm ${String(SigningAlgorithm)} is not supported`,
      );
    }
    if (SigningAlgorithm !== ALGORITHM[key.spec]) {
      throw new KmsError(
        'InvalidKeyUsageException',
        `Algorithm ${String(SigningAlgorithm)} is incompatible with key spec ${key.spec}.`,
      );
    }
    if (MessageType === 'RAW') return signature(key, sign('sha256', rawMessage(Message), key.privateKey));
    const message = bytesIn('Message', Message);
    if (MessageType !== 'DIGEST')
      throw new KmsError('ValidationException', `MessageType ${String(MessageType)} is not valid`);
    if (message.length !== DIGEST_LENGTH) {
      throw new KmsError('ValidationException', 'Digest is invalid length for algorithm.');
    }
    return signature(key, signDigest(key, message));
  },

  GetPublicKey: (key) => ({
    KeyId: key.arn,
    KeySpec: key.spec,
    CustomerMasterKeySpec: key.spec,
    KeyUsage: 'SIGN_VERIFY',
    PublicKey: key.publicKey.toString('base64'),
    SigningAlgorithms: [ALGORITHM[key.spec]],
  }),
};

const macOperations: Readonly<Record<string, Operation<MacKey>>> = {
  GenerateMac(key, { Message, MacAlgorithm }) {
    const message = messageFor(MacAlgorithm, Message);
    return { KeyId: key.arn, Mac: macOf(key, message).toString('base64'), MacAlgorithm };
  },

  VerifyMac(key, { Message, MacAlgorithm, Mac }) {
    const message = messageFor(MacAlgorithm, Message);
    if (!isMacOf(key, message, bytesIn('Mac', Mac))) throw new KmsError('KMSInvalidMacException', '');
    return { KeyId: key.arn, MacValid: true, MacAlgorithm };
  },
};

function bytesIn(name: string, value: unknown): Buffer {
  if (typeof value === 'string' && value !== '') return Buffer.from(value, 'base64');
  throw new KmsError('ValidationException', `${name} is missing`);
}

function rawMessage(value: unknown): Buffer {
  const message = bytesIn('Message', value);
  if (message.length <= MAX_RAW) return message;
  throw new KmsError('ValidationException', `Message must have length less than or equal to ${MAX_RAW}`);
}

function messageFor(algorithm: unknown, message: unknown): Buffer {
  if (algorithm === MAC_ALGORITHM) return rawMessage(message);
  const isOther = /^HMAC_SHA_(?:224|384|512)$/.test(String(algorithm));
  throw isOther
    ? new KmsError(
        'InvalidKeyUsageException',
        `Algorithm ${String(algorithm)} is incompatible with key spec HMAC_256.`,
      )
    : new KmsError('ValidationException', `MacAlgorithm ${String(algorithm)} is not supported`);
}

const signature = (key: SigningKey, bytes: Uint8Array): object => ({
  KeyId: key.arn,
  Signature: Buffer.from(bytes).toString('base64'),
  SigningAlgorithm: ALGORITHM[key.spec],
});

/** node:crypto always hashes for EC keys, so a ready-made digest goes through another implementation. */
function signDigest({ spec, privateKey }: SigningKey, digest: Buffer): Uint8Array {
  if (spec === 'RSA_2048') {
    const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
    return privateEncrypt(key, Buffer.concat([DIGEST_INFO, digest]));
  }
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return p256.sign(digest, secret, { prehash: false, lowS: false, format: 'der' });
}

/**
 * KMS's JSON 1.1 protocol, as far as licensing needs it: `Sign` and `GetPublicKey` with the template's signing keys,
 * `GenerateMac` and `VerifyMac` with its HMAC keys. Who calls is not checked. `aliases` maps alias names to key ids.
 */
export function createKms(keys: readonly KmsKey[], aliases: ReadonlyMap<string, string>): Server {
  const find = (id: unknown): KmsKey => {
    const name = typeof id === 'string' ? id : '';
    const alias = aliases.get(name.slice(name.indexOf('alias/')));
    const key = keys.find(({ keyId, arn }) => [keyId, arn].includes(name) || keyId === alias);
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${name}' does not exist`);
    return key;
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const action = target.replace(/^TrentService\./, '');
    const body = await readBody(request, MAX_BODY);
    if (!(action in signingOperations) && !(action in macOperations))
      throw new KmsError('UnknownOperationException', `${target} is not part of the local run`);
    const parameters = parse(body?.toString() ?? '');
    const key = find(parameters['KeyId']);
    const answered =
      key.spec === 'HMAC_256'
        ? macOperations[action]?.(key, parameters)
        : signingOperations[action]?.(key, parameters);
    if (answered !== undefined) return answered;
    throw new KmsError('InvalidKeyUsageException', `${key.arn} is not made for ${action}.`);
  };

  return createServer((request, response) => {
    // As in the database: the caller's clock may be a moved one.
    response.sendDate = false;
    answer(request)
      .then((body) => jsonAnswer(200, body, MEDIA_TYPE))
      .catch(failure)
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
}

function failure(error: unknown): HttpAnswer {
  const { type, message } =
    error instanceof KmsError ? error : new KmsError('KMSInternalException', String(error));
  return jsonAnswer(type === 'KMSInternalException' ? 500 : 400, { __type: type, message }, MEDIA_TYPE);
}

function parse(text: string): Parameters {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Parameters;
  } catch {
    // Falls through to the same answer.
  }
  throw new KmsError('SerializationException', 'The body is no JSON object');
}
