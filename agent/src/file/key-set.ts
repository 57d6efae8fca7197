import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { AgentFault } from '../fault.ts';
import { systemCodeOf } from './fs-error.ts';
import { printable } from './printable.ts';
import { readBounded } from './read-bounded.ts';

type Algorithm = 'ES256' | 'RS256';

/** A public key with the one algorithm that it may be used with. */
interface PinnedKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
}

/** The pinned keys by `kid`; never empty. */
export type KeySet = ReadonlyMap<string, PinnedKey>;

const MAX_BYTES = 65_536;

/** NIST SP 800-131A: shorter moduli are disallowed. */
const MIN_RSA_BITS = 2048;

const ADVICE =
  'Take the key set of the product again, as the vendor delivers it or as its service answers at /.well-known/jwks.json, and name it with --key-set.';

/**
 * Reads the pinned JWK set, at most 64 KiB. Keys of other algorithms or uses are passed over: a set may grow. What claims to be
 * ES256 or RS256 must be whole, or every renewal would fail for a reason that is hard to see.
 * @throws {AgentFault} `keys`
 */
export async function readKeySet(path: string): Promise<KeySet> {
  const shown = printable(path);
  const fault = (why: string, cause?: unknown): AgentFault =>
    new AgentFault('keys', `The key set ${shown} ${why}`, ADVICE, { cause });
  let bytes: Buffer;
  try {
    bytes = await readBounded(path, MAX_BYTES);
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fault('is missing', cause);
    throw fault(`cannot be read: ${code ?? (cause instanceof Error ? cause.message : 'unknown')}`, cause);
  }
  let keys: KeySet;
  try {
    keys = await keysOf(bytes);
  } catch (cause) {
    throw fault(`is damaged: ${cause instanceof Error ? cause.message : 'unknown'}`, cause);
  }
  if (keys.size === 0) throw fault('has no key for ES256 or RS256');
  return keys;
}

async function keysOf(bytes: Buffer): Promise<KeySet> {
  let set: unknown;
  try {
    set = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    // The message of JSON.parse quotes the text.
    throw new TypeError('it is not JSON');
  }
  if (!isObject(set) || !Array.isArray(set['keys'])) throw new TypeError('it is not a JWK set');
  const keys = new Map<string, PinnedKey>();
  for (const member of set['keys'] as readonly unknown[]) {
    const key = await pinnedKeyOf(member);
    if (key === undefined) continue;
    if (keys.has(key.kid)) throw new TypeError(`it has the key ${key.kid} twice`);
    keys.set(key.kid, key);
  }
  return keys;
}

async function pinnedKeyOf(jwk: unknown): Promise<PinnedKey | undefined> {
  if (!isObject(jwk)) throw new TypeError('a member is not a key');
  const { alg, kid, use } = jwk;
  if (['d', 'p', 'q', 'k'].some((member) => member in jwk)) {
    throw new TypeError('it holds a private key, which must never leave the vendor');
  }
  if ((alg !== 'ES256' && alg !== 'RS256') || (use !== undefined && use !== 'sig')) return undefined;
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) throw new TypeError('a key has no kid');
  const expected = alg === 'ES256' ? ec(jwk) : rsa(jwk);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: expected, format: 'jwk' });
  } catch (cause) {
    throw new TypeError(`the key ${kid} is not a key for ${alg}`, { cause });
  }
  if (alg === 'RS256' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) {
    throw new TypeError(`the key ${kid} is shorter than ${MIN_RSA_BITS} bits`);
  }
  // A kid is the thumbprint of its key; one changed letter in a key shows here and not as a bad signature.
  if ((await calculateJwkThumbprint(expected)) !== kid) {
    throw new TypeError(`the key ${kid} has another thumbprint`);
  }
  return { kid, alg, key };
}

// Only what makes the public key, so that nothing else in the set decides on how it is used.
const ec = ({ kty, crv, x, y }: Record<string, unknown>) => ({
  kty: kty === 'EC' ? 'EC' : '',
  crv: crv === 'P-256' ? 'P-256' : '',
  x: textOf(x),
  y: textOf(y),
});

const rsa = ({ kty, n, e }: Record<string, unknown>) => ({
  kty: kty === 'RSA' ? 'RSA' : '',
  n: textOf(n),
  e: textOf(e),
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
