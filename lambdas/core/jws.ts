import { createHash, createPublicKey, verify as verifySignature, type KeyObject } from 'node:crypto';

export type Algorithm = 'ES256' | 'RS256';

/** A public key of ours: the algorithm is pinned to the key, whatever a header says. */
export interface PublicKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
}

/** Public keys by `kid`. */
export type KeyRing = ReadonlyMap<string, PublicKey>;

export const TYPE = 'license+jwt';

/**
 * Reads a DER SubjectPublicKeyInfo, as KMS GetPublicKey returns it.
 * @throws {TypeError} unless it is P-256 or RSA.
 */
export function publicKeyFromDer(der: Uint8Array): PublicKey {
  const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') {
    return { kid: thumbprint({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }), alg: 'ES256', key };
  }
  if (jwk.kty === 'RSA') {
    return { kid: thumbprint({ e: jwk.e, kty: jwk.kty, n: jwk.n }), alg: 'RS256', key };
  }
  throw new TypeError(`A signing key must be P-256 or RSA, not ${String(jwk.crv ?? jwk.kty)}`);
}

/** RFC 7638: SHA-256 over the required members in lexical order; the callers list them in that order. */
const thumbprint = (members: Record<string, string | undefined>): string =>
  createHash('sha256').update(JSON.stringify(members)).digest('base64url');

/** The key as a member of a JWK set (RFC 7517). */
export function jwkOf(publicKey: PublicKey): Record<string, unknown> {
  return { ...publicKey.key.export({ format: 'jwk' }), kid: publicKey.kid, alg: publicKey.alg, use: 'sig' };
}

/**
 * ECDSA signatures come from KMS as DER `SEQUENCE { INTEGER r, INTEGER s }`; JOSE wants r||s, 32 bytes each. DER drops
 * leading zeros (about 1 signature in 120 has a short r or s) and adds one where the top bit is set.
 * @throws {TypeError} when the bytes are not such a sequence.
 */
export function derToRaw(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64);
  let offset = 2;
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new TypeError('Not a DER ECDSA signature');
  for (const end of [32, 64]) {
    const length = der[offset + 1] ?? 0;
    let bytes = der.subarray(offset + 2, offset + 2 + length);
    if (der[offset] !== 0x02 || length === 0 || bytes.length !== length) {
      throw new TypeError('Not a DER ECDSA signature');
    }
    if (bytes.length === 33 && bytes[0] === 0) bytes = bytes.subarray(1);
    if (bytes.length > 32) throw new TypeError('A P-256 signature has integers of at most 32 bytes');
    raw.set(bytes, end - bytes.length);
    offset += 2 + length;
  }
  if (offset !== der.length) throw new TypeError('Not a DER ECDSA signature');
  return raw;
}

/** What goes under the signature: `base64url(header).base64url(payload)`. */
export const signingInputOf = (header: string, payload: string): string =>
  `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;

/** JWS compact serialization, RFC 7515 section 7.1. */
export const compactOf = (header: string, payload: string, signature: Uint8Array): string =>
  `${signingInputOf(header, payload)}.${Buffer.from(signature).toString('base64url')}`;

export type OpenedJws =
  | { readonly kind: 'genuine'; readonly payload: unknown }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'not-genuine' };

/**
 * Opens a compact JWS made by one of our keys. Only the exact form we issue is accepted: three canonical base64url
 * segments and a header of exactly `alg`, `kid` and `typ`. A key that the text brings along is never looked at.
 */
export function openCompact(text: string, keys: KeyRing): OpenedJws {
  const segments = text.split('.');
  const [headerText, payloadText, signatureText] = segments;
  if (segments.length !== 3 || !headerText || !payloadText || signatureText === undefined) {
    return { kind: 'malformed' };
  }
  const header = parseJson(decodeSegment(headerText));
  const signature = decodeSegment(signatureText);
  const payload = decodeSegment(payloadText);
  if (!isObject(header) || !signature || !payload) return { kind: 'malformed' };

  const publicKey = typeof header.kid === 'string' ? keys.get(header.kid) : undefined;
  const ours =
    publicKey !== undefined &&
    header.alg === publicKey.alg &&
    header.typ === TYPE &&
    Object.keys(header).length === 3;
  if (!ours) return { kind: 'not-genuine' };

  const genuine = verifySignature(
    'sha256',
    Buffer.from(`${headerText}.${payloadText}`),
    { key: publicKey.key, dsaEncoding: 'ieee-p1363' },
    signature,
  );
  return genuine ? { kind: 'genuine', payload: parseJson(payload) } : { kind: 'not-genuine' };
}

/** Decodes one segment; undefined unless it is the canonical base64url of its bytes (one file, one text). */
function decodeSegment(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === segment ? bytes : undefined;
}

function parseJson(bytes: Buffer | undefined): unknown {
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
