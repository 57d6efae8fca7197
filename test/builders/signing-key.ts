import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { headerText } from '../../lambdas/core/license-composition.ts';
import {
  compactOf,
  publicKeyFromDer,
  signingInputOf,
  type KeyRing,
  type PublicKey,
} from '../../lambdas/core/jws.ts';

/** A key pair that really signs, as KMS would hold it. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
}

export const p256Key = (): SigningKey => keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
export const rsaKey = (): SigningKey => keyOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));

function keyOf(pair: { publicKey: KeyObject; privateKey: KeyObject }): SigningKey {
  const der = pair.publicKey.export({ format: 'der', type: 'spki' });
  return { publicKey: publicKeyFromDer(der), privateKey: pair.privateKey };
}

export const ringOf = (...keys: readonly SigningKey[]): KeyRing =>
  new Map(keys.map(({ publicKey }) => [publicKey.kid, publicKey]));

/** The JOSE signature of a text: r||s for P-256. */
export const signatureOf = (input: string, { privateKey }: SigningKey): Buffer =>
  sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });

/** A compact JWS over any header and payload text, with a true signature of the key. */
export const signedCompact = (header: string, payload: string, key: SigningKey): string =>
  compactOf(header, payload, signatureOf(signingInputOf(header, payload), key));

/** A license file over any claims, signed as the service signs. */
export const signedFile = (claims: unknown, key: SigningKey): string =>
  signedCompact(headerText(key.publicKey), JSON.stringify(claims), key);
