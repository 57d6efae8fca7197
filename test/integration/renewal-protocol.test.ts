import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compactVerify, createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { actionsOf } from '../support/aws-proxy.ts';
import { forgeriesOf } from './forgeries.ts';
import { expectNoLeaks, expectProblem } from './expectations.ts';
import { manyLines } from './walk.ts';
import { aHostId, claimsIn, useWorld } from './world.ts';

const world = useWorld();

describe('the public routes', () => {
  test('ping answers the same to everybody, to the letter', async () => {
    const { result, calls } = await world.proxy.during(() => world.send('GET', '/v1/ping', ''));
    expect(result.status).toBe(200);
    expect(result.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(result.text).toBe('automated-licensing: ok\n');
    expect(calls).toEqual([]);
  });

  test.each([
    ['GET', '/'],
    ['POST', '/v1/licenses/renew/more'],
    ['PUT', '/v1/licenses/renew'],
    ['DELETE', '/v1/customers/acme'],
  ])('%s %s is no route', async (method, path) => {
    const { result, calls } = await world.proxy.during(() => world.send(method, path, ''));
    expectProblem(result, 404, 'route-not-found');
    expect(calls).toEqual([]);
  });

  test('routes of the vendor are closed to who does not sign', async () => {
    const { result, calls } = await world.proxy.during(() => world.send('GET', '/v1/customers/acme', ''));
    expect(result.status).toBe(403);
    expect(JSON.parse(result.text)).toEqual({ message: 'Forbidden' });
    expect(calls).toEqual([]);
  });
});

describe('a genuine file', () => {
  test('renews with four calls to AWS on a warm function', async () => {
    const { file, licenseId, hostId } = await world.licensedHost();
    const second = await world.renewed(file);
    const { result, calls } = await world.proxy.during(() => world.renew(second));

    expect(result.status).toBe(200);
    expect(actionsOf(calls)).toEqual(['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem']);
    expect(result.headers['content-type']).toBe('application/jwt');
    expect(result.headers['cache-control']).toBe('no-store');
    const claims = claimsIn(result.text);
    expect(result.headers['license-serial']).toBe(claims.jti);
    expect(result.headers['license-expires']).toBe(
      `${new Date(claims.exp * 1000).toISOString().slice(0, 19)}Z`,
    );
    const renewAfter = Number(result.headers['renew-after']);
    expect(renewAfter).toBeGreaterThanOrEqual(0.85 * 86_400 - 1);
    expect(renewAfter).toBeLessThanOrEqual(86_400);
    expect(claims).toMatchObject({
      sub: licenseId,
      seq: claimsIn(second).seq + 1,
      replaces: claimsIn(second).jti,
      host: { id: hostId, name: `rip-of-${hostId}` },
      exp: claims.iat + 35 * 86_400,
    });
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ serial: claims.jti, seq: claims.seq });
  });

  test('and its successor are verified by jose with the published keys', async () => {
    const { file } = await world.licensedHost();
    const renewed = await world.renewed(file);
    const keys = await world.publishedKeys();
    for (const text of [file, renewed]) {
      const { payload, protectedHeader } = await jwtVerify(text, createLocalJWKSet(keys), {
        algorithms: ['ES256'],
        typ: 'license+jwt',
        issuer: 'https://licensing.local.example',
        currentDate: world.now(),
      });
      expect(payload.sub).toBe(claimsIn(file).sub);
      expect(protectedHeader).toEqual({ alg: 'ES256', kid: keys.keys[0]?.kid, typ: 'license+jwt' });
    }
    expect(keys.keys).toHaveLength(1);
    expect(keys.keys[0]).not.toHaveProperty('d');
  });

  test('is verified by openssl on the command line', async () => {
    const { file } = await world.licensedHost();
    const [header, payload, signature = ''] = (await world.renewed(file)).split('.');
    const jwk = (await world.publishedKeys()).keys[0];
    const folder = mkdtempSync(join(tmpdir(), 'openssl-'));
    const inFolder = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const keyFile = inFolder('key.pem', key);
    const signatureFile = inFolder('signature', derOf(Buffer.from(signature, 'base64url')));
    const verify = (text: string) =>
      promisify(execFile)('openssl', [
        ...['dgst', '-sha256', '-verify', keyFile, '-signature', signatureFile],
        inFolder('text', text),
      ]);

    expect((await verify(`${header}.${payload}`)).stdout).toContain('Verified OK');
    await expect(verify(`${header}.${payload}x`)).rejects.toMatchObject({ stdout: /Verification failure/i });
    rmSync(folder, { recursive: true });
  });

  test('of more than 4 KiB is signed by its digest and verifies like any other', async () => {
    const { file } = await world.licensedHost({ lines: manyLines() });
    const { result, calls } = await world.proxy.during(() => world.renewed(file));
    expect(calls.find(({ action }) => action === 'Sign')?.input).toMatchObject({ MessageType: 'DIGEST' });
    expect(claimsIn(result).options).toHaveLength(60);
    await compactVerify(result, createLocalJWKSet(await world.publishedKeys()));
  });

  test.each([
    ['curl --data-binary', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text, which the gateway does not encode', { 'content-type': 'text/plain' }],
    ['JSON by name', { 'content-type': 'application/json' }],
    ['bytes', { 'content-type': 'application/octet-stream' }],
    ['a type that does not exist', { 'content-type': 'nonsense' }],
    ['text that is said to be compressed', { 'content-type': 'text/plain', 'content-encoding': 'gzip' }],
  ])('renews whatever its media type: %s', async (_name, headers) => {
    const { file } = await world.licensedHost();
    expect((await world.renew(file, { headers })).status).toBe(200);
  });

  test.each([
    ['a line feed', '', '\n'],
    ['a line feed of Windows', '', '\r\n'],
    ['white space all around', ' \t\r\n', '\n\n  \t'],
  ])('renews with %s', async (_name, before, after) => {
    const { file } = await world.licensedHost();
    const encoded = await world.renewed(`${before}${file}${after}`);
    const asText = await world.renew(`${before}${encoded}${after}`, {
      headers: { 'content-type': 'text/plain' },
    });
    expect(asText.status).toBe(200);
  });

  test('renews 400 days after it expired', async () => {
    const { file, licenseId } = await world.licensedHost({ endsOn: world.day(1500) });
    await world.advanceDays(35 + 400);
    const claims = claimsIn(await world.renewed(file));
    expect(claims.exp).toBeGreaterThan(world.now().getTime() / 1000 + 34 * 86_400);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ serial: claims.jti });
  });
});

describe('what is not a genuine file', () => {
  let file: string;

  beforeAll(async () => {
    file = await world.renewed((await world.licensedHost()).file);
  });

  const expectRefusedWithoutCalls = async (
    body: string | Buffer,
    [status, code]: readonly [number, string],
    headers: Record<string, string | string[]> = {},
  ) => {
    const { result, calls } = await world.proxy.during(() => world.renew(body, { headers }));
    expectProblem(result, status, code);
    expect(calls).toEqual([]);
  };

  test('costs no call and is refused, however it was forged', async () => {
    const [key] = (await world.publishedKeys()).keys;
    for (const { name, text, code } of forgeriesOf(file, { ...key })) {
      const { result, calls } = await world.proxy.during(() => world.renew(text));
      expect({ name, code: expectProblem(result, 400).code, calls }).toEqual({ name, code, calls: [] });
    }
  });

  test('is refused even if our own key has signed it', async () => {
    const [headerText = '', payloadText = ''] = file.split('.');
    const header = Buffer.from(headerText, 'base64url').toString();
    const payload = Buffer.from(payloadText, 'base64url').toString();
    const { kid } = JSON.parse(header) as { kid: string };
    const signed = [
      [JSON.stringify({ alg: 'ES256', kid, typ: 'at+jwt' }), payload],
      [JSON.stringify({ alg: 'ES256', kid }), payload],
      [JSON.stringify({ alg: 'ES256', kid, typ: 'license+jwt', crit: ['exp'] }), payload],
      [header, '{"sub":"lic_1"}'],
      [header, 'no JSON'],
    ] as const;
    for (const [forgedHeader, forgedPayload] of signed) {
      await expectRefusedWithoutCalls(await world.signedByTheService(forgedHeader, forgedPayload), [
        400,
        'file-not-genuine',
      ]);
    }
  });

  test.each([
    ['nothing', '', 'body-empty', 400],
    ['white space alone', ' \r\n\t ', 'body-empty', 400],
    ['16 KiB of text', 'x'.repeat(16 * 1024), 'file-malformed', 400],
    ['16 KiB and one byte', 'x'.repeat(16 * 1024 + 1), 'body-too-large', 413],
    ['a megabyte', 'x'.repeat(1024 * 1024), 'body-too-large', 413],
    ['bytes', Buffer.from([0, 0xff, 0xfe, 0x2e, 0x80, 0x2e, 0xc3, 0x28]), 'file-malformed', 400],
    ['a JSON document', '{"license":true}', 'file-malformed', 400],
    ['dots', '..', 'file-malformed', 400],
  ])('costs no call and is refused: %s', async (_name, body, code, status) => {
    await expectRefusedWithoutCalls(body, [status, code]);
    await expectRefusedWithoutCalls(body, [status, code], { 'content-type': 'text/plain' });
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['with a space', 'H 1'],
    ['not ASCII', 'H-\u00e9'],
    ['a tabulator inside', 'H\t1'],
  ])('a Host-Id that is %s costs no call and is refused', async (_name, hostId) => {
    await expectRefusedWithoutCalls(file, [400, 'host-id-invalid'], { 'host-id': hostId });
  });

  test('says the same about a license that exists and one that does not', async () => {
    const [header = '', payload = '', signature = ''] = file.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const answers = [claims, { ...claims, sub: 'lic_unknown' }].map(async (forged) => {
      const text = Buffer.from(JSON.stringify({ ...forged, seq: 99 })).toString('base64url');
      const { requestId, ...rest } = expectProblem(
        await world.renew([header, text, signature].join('.')),
        400,
      );
      return rest;
    });
    const [known, unknown] = await Promise.all(answers);
    expect(known).toEqual(unknown);
  });
});

describe('headers', () => {
  test('a forwarded address is not believed: the stored one is that of the connection', async () => {
    const { file, licenseId } = await world.licensedHost();
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
      'x-amzn-trace-id': 'Root=1-203.0.113.9',
    };
    await world.renewed(file, { headers });
    const records = await world.stored.records(licenseId);
    expect(records.map(({ sourceIp }) => sourceIp)).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(JSON.stringify(records)).not.toContain('203.0.113.9');
  });

  test('a Host-Id that comes twice names no host', async () => {
    const { file, hostId } = await world.licensedHost();
    expectProblem(
      await world.renew(file, { headers: { 'host-id': [hostId, hostId] } }),
      403,
      'host-mismatch',
    );
    expectProblem(
      await world.renew(file, { headers: { 'host-id': [hostId, 'HOST-other'] } }),
      403,
      'host-mismatch',
    );
  });

  test('a Host-Id of 128 characters is one', async () => {
    const { file } = await world.starter();
    const hostId = aHostId().padEnd(128, '!');
    expect(claimsIn(await world.renewed(file, { hostId })).host).toEqual({ id: hostId });
  });

  test('a Host-Name is cleaned and cut to 255 characters', async () => {
    const { file } = await world.licensedHost();
    const { host } = claimsIn(await world.renewed(file, { hostName: `rip\u0085-${'x'.repeat(300)}` }));
    expect(host?.name).toBe(`rip-${'x'.repeat(251)}`);
  });
});

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));

/** Two unsigned integers as the DER sequence that openssl reads. */
function derOf(raw: Buffer): Buffer {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((half) => {
    const start = half.findIndex((byte) => byte !== 0);
    const bytes = Buffer.concat([
      half[start]! >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0),
      half.subarray(start),
    ]);
    return Buffer.concat([Buffer.from([2, bytes.length]), bytes]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
