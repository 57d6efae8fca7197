import { createHash, type JsonWebKey } from 'node:crypto';
import { compactOf, signingInputOf } from '../../../lambdas/core/jws.ts';
import { headerText } from '../../../lambdas/core/license-composition.ts';
import { signatureOf, type SigningKey } from '../../builders/signing-key.ts';

/** Order of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The smallest nonce whose r begins with two bytes of zero, so that nobody has to wait for chance. */
const NONCE = 40393n;
const R = 0x00003f5f178aa0706c4231eb6e5495aa1642c5b8a994127c89465f22994a42f9n;

const bytesOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

const mod = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

/** The first bytes of r and s, in hex: what decides how DER writes them. */
export type Shape = readonly [r: RegExp, s: RegExp];

/** A file as the service signs it, signed again until its r and s begin so. */
export function fileOfShape(claims: object, key: SigningKey, [r, s]: Shape): string {
  const header = headerText(key.publicKey);
  const payload = JSON.stringify(claims);
  const input = signingInputOf(header, payload);
  for (;;) {
    const signature = signatureOf(input, key);
    const [rHex, sHex] = [signature.subarray(0, 32), signature.subarray(32)].map((one) =>
      one.toString('hex'),
    );
    if (r.test(rHex!) && s.test(sHex!)) return compactOf(header, payload, signature);
  }
}

/** A genuine file of which r and s both begin with two bytes of zero: once in four thousand million by chance. */
export function fileOfTwoShort(claims: object, key: SigningKey): string {
  const header = headerText(key.publicKey);
  const { d = '' }: JsonWebKey = key.privateKey.export({ format: 'jwk' });
  const secret = BigInt(`0x${Buffer.from(d, 'base64url').toString('hex')}`);
  const inverse = power(NONCE, ORDER - 2n);
  for (let attempt = 0; ; attempt += 1) {
    const payload = JSON.stringify({ ...claims, jti: `serial-${attempt}` });
    const digest = createHash('sha256').update(signingInputOf(header, payload)).digest('hex');
    const s = mod(inverse * (BigInt(`0x${digest}`) + R * secret));
    if (s >> 240n === 0n) return compactOf(header, payload, Buffer.concat([bytesOf(R), bytesOf(s)]));
  }
}
