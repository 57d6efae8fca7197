import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { expect, it } from 'vitest';
import { readKeySet } from '../../../agent/src/file/key-set.ts';
import { jwkOf } from '../../../lambdas/core/jws.ts';
import { p256Key, rsaKey } from '../../builders/signing-key.ts';
import { aFolder } from './support.ts';

const ec = p256Key();
const rsa = rsaKey();
const ecJwk = jwkOf(ec.publicKey);
const rsaJwk = jwkOf(rsa.publicKey);

const pinned = (content: unknown): string => {
  const path = join(aFolder(), 'jwks.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

it('finds each key by its kid, with the algorithm that is pinned to it', async () => {
  const keys = await readKeySet(pinned({ keys: [ecJwk, rsaJwk] }));
  expect([...keys.keys()]).toEqual([ec.publicKey.kid, rsa.publicKey.kid]);
  expect(keys.get(ec.publicKey.kid)).toMatchObject({ alg: 'ES256' });
  expect(keys.get(rsa.publicKey.kid)).toMatchObject({ alg: 'RS256' });
  expect(keys.get('other')).toBeUndefined();
});

it('passes over keys of other algorithms and uses, and members that it does not know', async () => {
  const others = [
    { ...ecJwk, alg: 'ES384', kid: 'a' },
    { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', alg: 'EdDSA', kid: 'b' },
    { ...rsaJwk, alg: 'PS256', kid: 'c' },
    { ...rsaJwk, use: 'enc', kid: 'd' },
    { ...ecJwk, alg: undefined, kid: 'e' },
  ];
  const path = pinned({ keys: [...others, { ...ecJwk, x5c: ['none'], note: 1 }], more: true });
  expect([...(await readKeySet(path)).keys()]).toEqual([ec.publicKey.kid]);
  await expect(readKeySet(pinned({ keys: others }))).rejects.toMatchObject({
    code: 'keys',
    message: expect.stringContaining('no key for ES256 or RS256') as unknown,
  });
});

it('reads a file that begins with a byte order mark', async () => {
  expect((await readKeySet(pinned(`\uFEFF${JSON.stringify({ keys: [ecJwk] })}`))).size).toBe(1);
});

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
const secret = ec.privateKey.export({ format: 'jwk' });

it.each([
  ['is not JSON', '{"keys": ['],
  ['is not JSON', ''],
  ['is not a JWK set', '[]'],
  ['is not a JWK set', { keys: {} }],
  ['a member is not a key', { keys: ['x'] }],
  ['a key has no kid', { keys: [{ ...ecJwk, kid: undefined }] }],
  ['a key has no kid', { keys: [{ ...ecJwk, kid: 'a\u001b[2J' }] }],
  ['twice', { keys: [ecJwk, ecJwk] }],
  ['another thumbprint', { keys: [{ ...ecJwk, kid: 'other' }] }],
  ['another thumbprint', { keys: [{ ...rsaJwk, kid: ec.publicKey.kid }] }],
  ['not a key for ES256', { keys: [{ ...ecJwk, x: 'AAAA' }] }],
  ['not a key for ES256', { keys: [{ ...ecJwk, y: ecJwk['x'] }] }],
  ['not a key for ES256', { keys: [{ ...rsaJwk, alg: 'ES256' }] }],
  ['not a key for ES256', { keys: [{ ...otherCurve, alg: 'ES256', kid: 'x' }] }],
  ['not a key for RS256', { keys: [{ ...ecJwk, alg: 'RS256' }] }],
  ['shorter than 2048', { keys: [{ ...weak, alg: 'RS256', kid: await calculateJwkThumbprint(weak) }] }],
  ['private key', { keys: [{ ...secret, alg: 'ES256', kid: ec.publicKey.kid }] }],
  ['too large', `{"keys": [], "x": "${'x'.repeat(65_536)}"}`],
])('is a fault with advice: %s', async (why, content) => {
  const fault = await readKeySet(pinned(content)).catch((error: unknown) => error);
  expect(fault).toMatchObject({ name: 'AgentFault', code: 'keys' });
  expect(fault).toMatchObject({ message: expect.stringContaining(why) as unknown });
  expect(fault).toMatchObject({ advice: expect.stringContaining('jwks.json') as unknown });
  expect(String(fault)).not.toMatch(/[\u0000-\u001f]/);
});

it('is a fault where there is no file, a folder, or a pipe that nobody writes to', async () => {
  const folder = aFolder();
  await expect(readKeySet(join(folder, 'none'))).rejects.toMatchObject({
    code: 'keys',
    message: expect.stringContaining('is missing') as unknown,
  });
  mkdirSync(join(folder, 'sub'));
  await expect(readKeySet(join(folder, 'sub'))).rejects.toMatchObject({ code: 'keys' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(readKeySet(join(folder, 'pipe'))).rejects.toMatchObject({ code: 'keys' });
});
