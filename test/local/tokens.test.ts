import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../local/data-folder.ts';
import type { Exchange } from '../../local/gateway.ts';
import type { TokenOptions } from '../../local/oidc.ts';
import { FIXTURE_ISSUER } from './fixture-assembly.ts';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

let service: FixtureService;
const exchanges: Exchange[] = [];

beforeAll(async () => {
  service = await startFixture({ onAnswer: (exchange) => exchanges.push(exchange) });
});
afterAll(() => service.stop());

const call = (authorization?: string, method = 'GET') =>
  fetch(`${service.url}/members/m-1?x=1`, {
    method,
    headers: authorization === undefined ? {} : { authorization },
  });

const aToken = async (options: TokenOptions = {}): Promise<string> =>
  (await service.token('acme', 'manager', options)).access_token;

const nowInSeconds = (): number => Math.floor(service.clock.now().getTime() / 1000);

/** What a sound token says, to be signed by somebody else. */
const claims = (given: JWTPayload = {}): JWTPayload => ({
  iss: FIXTURE_ISSUER,
  client_id: 'fixture-portal',
  sub: 'somebody',
  customer: 'acme',
  role: 'manager',
  iat: nowInSeconds(),
  exp: nowInSeconds() + 900,
  ...given,
});

interface IssuerKey extends JsonWebKey {
  readonly kid: string;
}

async function issuerKey(): Promise<IssuerKey> {
  const { keys } = await jsonOf<{ keys: IssuerKey[] }>(fetch(`${await service.issuerUrl()}/jwks`));
  return keys[0]!;
}

interface EchoedEvent {
  readonly routeKey: string;
  readonly requestContext: { readonly authorizer: unknown };
}

describe('A token of the issuer', () => {
  it('opens the route, and its claims reach the function as text', async () => {
    const now = nowInSeconds();
    const token = await aToken({
      email: 'ops@acme.example',
      claims: {
        'cognito:groups': ['a', 'b'],
        email_verified: true,
        address: { region: 'BE', country: 'DE' },
      },
    });
    const response = await call(`Bearer ${token}`);
    expect(response.status).toBe(200);
    const event = await jsonOf<EchoedEvent>(response);
    expect(event.routeKey).toBe('GET /members/{id}');
    expect(event.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          iss: FIXTURE_ISSUER,
          client_id: 'fixture-portal',
          token_use: 'access',
          sub: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
          jti: expect.any(String) as string,
          customer: 'acme',
          role: 'manager',
          email: 'ops@acme.example',
          iat: expect.stringMatching(/^\d+$/) as string,
          nbf: expect.stringMatching(/^\d+$/) as string,
          exp: expect.stringMatching(/^\d+$/) as string,
          'cognito:groups': '[a b]',
          email_verified: 'true',
          address: 'map[country:DE region:BE]',
        },
        scopes: null,
      },
    });
    expect(Number((event.requestContext.authorizer as Echoed).jwt.claims['exp'])).toBeGreaterThanOrEqual(
      now + 900,
    );
  });

  it.each(['Bearer ', 'bearer ', ''])('is taken after "%s"', async (prefix) => {
    expect((await call(prefix + (await aToken()), 'DELETE')).status).toBe(200);
  });

  it.each([
    ['the audience', { shape: 'aud' }],
    ['one of several audiences', { claims: { aud: ['somebody', 'another-portal'] } }],
    ['an audience, whatever client asked for it', { shape: 'aud', claims: { client_id: 'somebody' } }],
  ] as const)('may name the portal as %s', async (_, options) => {
    expect((await call(`Bearer ${await aToken(options)}`)).status).toBe(200);
  });

  it('names the same person alike, and another one otherwise', async () => {
    const subject = async (...asked: Parameters<FixtureService['token']>) => {
      const { access_token: token } = await service.token(...asked);
      return (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub;
    };
    const first = await subject('acme', 'manager', { email: 'a@acme.example' });
    expect(await subject('globex', 'viewer', { email: 'a@acme.example' })).toBe(first);
    expect(await subject('acme', 'manager', { email: 'b@acme.example' })).not.toBe(first);
    expect(await subject('acme', 'viewer')).not.toBe(await subject('acme', 'manager'));
  });
});

interface Echoed {
  readonly jwt: { readonly claims: Record<string, string> };
}

describe('Refused with a bare 401', () => {
  const refused = async (authorization: string | undefined): Promise<string> => {
    const before = exchanges.length;
    const response = await call(authorization);
    expect(response.status, authorization).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ message: 'Unauthorized' });
    expect(exchanges.length).toBe(before + 1);
    return response.headers.get('www-authenticate') ?? '';
  };

  it.each([undefined, '', 'Bearer', 'Bearer '])(
    'is a request without a token (%j)',
    async (authorization) => {
      expect(await refused(authorization)).toBe('Bearer');
    },
  );

  it.each(['Bearer x', 'Bearer a.b.c', 'Basic YTpi', 'AWS4-HMAC-SHA256 Credential=local/x'])(
    'is what is no token (%s)',
    async (authorization) => {
      expect(await refused(authorization)).toMatch(/^Bearer scope="" error="invalid_token"/);
    },
  );

  it.each<readonly [string, () => Readonly<Record<string, unknown>>]>([
    ['has expired', () => ({ exp: nowInSeconds() - 1 })],
    ['expires now', () => ({ exp: nowInSeconds() })],
    ['never expires', () => ({ exp: undefined })],
    ['is valid later', () => ({ nbf: nowInSeconds() + 60 })],
    ['is from the future', () => ({ iat: nowInSeconds() + 60 })],
    ['has no issuer', () => ({ iss: undefined })],
    ['is of another issuer', () => ({ iss: 'https://oidc.other.example' })],
    ['is of an issuer with a slash', () => ({ iss: `${FIXTURE_ISSUER}/` })],
    ['is for another client', () => ({ client_id: 'somebody' })],
    ['is for nobody', () => ({ client_id: undefined })],
    ['is for a list of clients', () => ({ client_id: ['fixture-portal'] })],
    ['is for another audience', () => ({ aud: 'somebody' })],
    ['is for no audience', () => ({ aud: [] })],
  ])('is a token with a genuine signature that %s', async (_, given) => {
    expect((await call(`Bearer ${await aToken()}`)).status).toBe(200);
    await refused(`Bearer ${await aToken({ claims: given() })}`);
  });

  it('is one without a signature', async () => {
    await refused(`Bearer ${new UnsecuredJWT(claims()).encode()}`);
    const [header = '', payload = ''] = (await aToken()).split('.');
    await refused(`Bearer ${header}.${payload}.`);
    await refused(`Bearer ${header}.${payload}`);
  });

  it('is one whose claims were changed', async () => {
    const [header = '', payload = '', signature = ''] = (await aToken()).split('.');
    const read = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JWTPayload;
    const changed = Buffer.from(JSON.stringify({ ...read, customer: 'globex' })).toString('base64url');
    await refused(`Bearer ${header}.${changed}.${signature}`);
    expect((await call(`Bearer ${header}.${payload}.${signature}`)).status).toBe(200);
  });

  it('is one that takes the public key for a secret', async () => {
    const key = await issuerKey();
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, JSON.stringify(key), key.n ?? '']) {
      const header = { alg: 'HS256', typ: 'JWT', kid: key.kid };
      await refused(
        `Bearer ${await new SignJWT(claims()).setProtectedHeader(header).sign(Buffer.from(secret))}`,
      );
    }
  });

  it.each(['RS256', 'PS256', 'ES256'])(
    'is one of another key (%s), also under the name of the right one',
    async (alg) => {
      const { kid } = await issuerKey();
      const { privateKey, publicKey } = await generateKeyPair(alg);
      const headers = [
        { alg, kid },
        { alg, kid: 'other' },
        { alg },
        { alg, kid, jwk: await exportJWK(publicKey) },
        { alg, kid: '../jwks', jku: 'http://127.0.0.1:1/jwks' },
      ];
      for (const header of headers)
        await refused(`Bearer ${await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey)}`);
    },
  );
});

describe('The clock of the service decides', () => {
  it('when a token expires, 15 minutes after it was issued', async () => {
    const token = await aToken();
    await service.clock.advance(14 * 60_000);
    expect((await call(`Bearer ${token}`)).status).toBe(200);
    await service.clock.advance(60_000);
    expect((await call(`Bearer ${token}`)).status).toBe(401);
    expect((await call(`Bearer ${await aToken()}`)).status).toBe(200);
  });
});

describe('GET /_local/token', () => {
  const ask = (query: string) => fetch(`${service.url}/_local/token${query}`);

  it('gives a token that the API takes', async () => {
    const response = await ask('?customer=acme&role=manager&email=ops%40acme.example');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const issued = await jsonOf<{ access_token: string }>(response);
    expect(issued).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 900,
    });
    const event = await jsonOf<EchoedEvent>(call(`Bearer ${issued.access_token}`));
    expect((event.requestContext.authorizer as Echoed).jwt.claims).toMatchObject({
      customer: 'acme',
      role: 'manager',
      email: 'ops@acme.example',
    });
  });

  it('gives one of a viewer where no role is asked for, and of the other shape where it is', async () => {
    const { access_token: token } = await jsonOf<{ access_token: string }>(ask('?customer=acme&shape=aud'));
    const event = await jsonOf<EchoedEvent>(call(`Bearer ${token}`));
    const { claims: found } = (event.requestContext.authorizer as Echoed).jwt;
    expect(found).toMatchObject({ role: 'viewer', aud: 'fixture-portal' });
    expect(found).not.toHaveProperty('client_id');
    expect(found).not.toHaveProperty('email');
  });

  it.each([
    '',
    '?customer=',
    '?role=manager',
    '?customer=acme&role=admin',
    '?customer=acme&x=1',
    '?customer=acme&shape=x',
  ])('says what is wrong with "%s"', async (query) => {
    const response = await ask(query);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('customer=acme') as string,
    });
  });
});

it('The issuer is an OpenID Connect server under the name that the template gives it', async () => {
  const address = `${await service.issuerUrl()}/.well-known/openid-configuration`;
  expect(await jsonOf(fetch(address))).toMatchObject({ issuer: FIXTURE_ISSUER });
  expect(await issuerKey()).toMatchObject({ kty: 'RSA', alg: 'RS256' });
  expect(await issuerKey()).not.toHaveProperty('d');
});

it('Every answer of a route is told, with the route', async () => {
  exchanges.length = 0;
  const answered = await call(`Bearer ${await aToken()}`);
  await call('Bearer x', 'DELETE');
  await fetch(`${service.url}/nowhere`);
  await fetch(`${service.url}/_local/clock`);
  expect(exchanges).toMatchObject([
    { method: 'GET', path: '/members/m-1', routeKey: 'GET /members/{id}', status: 200 },
    { method: 'DELETE', path: '/members/m-1', routeKey: 'DELETE /members/{id}', status: 401 },
    { method: 'GET', path: '/nowhere', routeKey: '$default', status: 200 },
  ]);
  expect(exchanges[0]?.body.toString()).toBe(await answered.text());
  expect(exchanges[1]?.headers).toMatchObject({ 'content-type': 'application/json' });
});

it('A token survives a restart of the service', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'licensing-tokens-'));
  const before = await startFixture({ dataDir });
  const { access_token: token } = await before.token('acme', 'viewer');
  await before.stop();
  const after = await startFixture({ dataDir });
  try {
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${after.url}/members/m-1`, { headers })).status).toBe(200);
  } finally {
    await after.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('An issuer whose key is damaged is a fault of the service, not of the token, and a start that failed can be stopped', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'licensing-tokens-'));
  const data = await openDataFolder(dataDir);
  await data.state.put('oidc/key', { kty: 'RSA', kid: 'k', alg: 'RS256' });
  await data.close();
  const damaged = await startFixture({ dataDir });
  try {
    await expect(damaged.token('acme', 'viewer')).rejects.toThrow('the stored key of the issuer is damaged');
    const headers = { authorization: `Bearer ${await aToken()}` };
    expect((await fetch(`${damaged.url}/members/m-1`, { headers })).status).toBe(500);
  } finally {
    await damaged.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
