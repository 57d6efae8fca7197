import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunError } from './local-run-error.ts';

/** Key specs of the signing keys that the stages can select. */
export type KeySpec = 'ECC_NIST_P256' | 'RSA_2048';

export const isKeySpec = (spec: unknown): spec is KeySpec => spec === 'ECC_NIST_P256' || spec === 'RSA_2048';

export interface SigningKey {
  /** Shaped like the id of a multi-Region key; follows from the public key, so it survives a restart with it. */
  readonly keyId: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
}

/** Takes the private key from `folder`, or makes it there, readable by its owner only. */
export function openSigningKey(folder: string, name: string, spec: KeySpec, arnPrefix: string): SigningKey {
  const file = join(folder, `${name}.pem`);
  if (!existsSync(file)) {
    // Renamed into place: a kill in between leaves no half of a key.
    writeFileSync(`${file}.new`, generate(spec), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const privateKey = read(file, spec);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const keyId = `mrk-${createHash('sha256').update(publicKey).digest('hex').slice(0, 32)}`;
  return { keyId, arn: `${arnPrefix}:key/${keyId}`, spec, privateKey, publicKey };
}

function generate(spec: KeySpec): string | Buffer {
  const { privateKey } =
    spec === 'RSA_2048'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

function read(file: string, spec: KeySpec): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch (error) {
    throw new LocalRunError(
      `the data folder is damaged (${file} is no private key): move it away and start again`,
      {
        cause: error,
      },
    );
  }
  if (key.asymmetricKeyType !== (spec === 'RSA_2048' ? 'rsa' : 'ec')) {
    throw new LocalRunError(
      `${file} is no ${spec} key, which the template now asks for: move it away and start again`,
    );
  }
  return key;
}
