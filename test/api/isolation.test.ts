import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../lambdas/core/api/operation.ts';
import { operations } from '../../lambdas/core/api/operations.ts';
import { useWorld } from '../integration/world.ts';
import { ApiClient, type ApiAnswer, type Caller } from './api-client.ts';
import { bytesOf, exampleBodyOf, pathOf, type Versions } from './example-requests.ts';
import { populate, unknown, type Named, type Populated } from './population.ts';

const world = useWorld();
let client: ApiClient;
let own: Populated;
let foreign: Populated;

beforeAll(async () => {
  client = new ApiClient(world.service);
  own = await populate(world.service, client, 'zzown');
  foreign = await populate(world.service, client, 'zzforeign');
}, 120_000);

afterAll(() => client.close());

const ROLES = ['viewer', 'manager'] as const;
type Role = (typeof ROLES)[number];

/** What only reads comes first, and what only removes: what others write must not be taken for a leak. */
const ORDER = ['GET', 'DELETE', 'PUT', 'POST'];
const ofCustomers: readonly Operation[] = operations
  .filter(({ audience }) => audience === 'customer')
  .toSorted((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));

const cases = ofCustomers.map((operation) => [operation.id, operation] as const);

const tokenOf = async (
  customerId: string,
  role: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> => (await world.service.token(customerId, role, { claims })).access_token;

const memberOf = async (role: Role): Promise<Caller> => ({ token: await tokenOf(own.customerId, role) });

interface Asked {
  /** What the path names. */
  readonly path: Named;
  /** What the body names. */
  readonly body: Named;
}

async function ask(operation: Operation, { path, body }: Asked, caller: Caller): Promise<ApiAnswer> {
  const example = exampleBodyOf(operation, body, await versions());
  return client.send({
    method: operation.method,
    path: pathOf(operation, path),
    caller,
    ...(example === undefined
      ? {}
      : { headers: { 'content-type': example.mediaType ?? 'application/json' }, body: bytesOf(example) }),
  });
}

/** Of the own customer: no request is to be refused for being out of date. */
async function versions(): Promise<Versions> {
  const viewer = await memberOf('viewer');
  const path = `/v1/customer/installations/${own.product}/${own.installation}/distribution`;
  const { body: distribution } = await client.json('GET', path, viewer);
  const { body: contacts } = await client.json('GET', '/v1/customer/contacts', viewer);
  return { installation: distribution['version'], contacts: contacts['version'] };
}

/** An answer without what differs by chance, and without what the caller has named itself. */
function comparable({ status, headers, body }: ApiAnswer, named: Named): object {
  const { date, 'apigw-requestid': id, 'content-length': length, ...told } = headers;
  expect({ date, id, length }).toBeDefined();
  const echoes = Object.entries(named).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const text = echoes
    .sort(([, a], [, b]) => b.length - a.length)
    .reduce((rest, [name, value]) => rest.replaceAll(value, `<${name}>`), body.toString());
  return {
    status,
    headers: told,
    text: text
      .replace(/"requestId":"[^"]*"/, '"requestId"')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<instant>'),
  };
}

const codeOf = ({ body }: ApiAnswer): unknown => {
  const text = body.toString();
  return text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined;
};

const namesSomething = ({ pathParameters }: Operation): boolean =>
  Object.keys(pathParameters ?? {}).length > 0;

/** Members are named by their address, and anybody's may be invited. */
const createsWhatItNames = ({ id }: Operation): boolean => id === 'putMember';

describe.each(ROLES)('for a %s', (role) => {
  const mayCall = (operation: Operation) => role === 'manager' || (operation.role ?? 'viewer') === 'viewer';

  it.each(cases)('%s answers about the own customer, and of nobody else', async (_id, operation) => {
    const answer = await ask(operation, { path: own, body: own }, await memberOf(role));
    if (mayCall(operation)) {
      expect([401, 403]).not.toContain(answer.status);
      if (operation.method === 'GET') expect(answer.status, answer.body.toString()).toBe(200);
    } else {
      expect(answer.status).toBe(403);
      expect(codeOf(answer)).toBe('role-insufficient');
    }
    expect(answer.body.toString('latin1')).not.toContain(foreign.mark);
  });

  it.each(cases.filter(([, operation]) => namesSomething(operation)))(
    '%s answers about what is foreign as about what does not exist',
    async (_id, operation) => {
      const caller = await memberOf(role);
      const nothing = unknown();
      const aboutForeign = await ask(operation, { path: foreign, body: foreign }, caller);
      const aboutNothing = await ask(operation, { path: nothing, body: nothing }, caller);
      expect(comparable(aboutForeign, foreign)).toEqual(comparable(aboutNothing, nothing));
      if (!mayCall(operation)) expect(codeOf(aboutForeign)).toBe('role-insufficient');
      else if (!createsWhatItNames(operation))
        expect(aboutForeign.status, aboutForeign.body.toString()).toBe(404);
    },
  );

  it.each(cases.filter(([, { body }]) => body !== undefined))(
    '%s takes from the body what is foreign for what does not exist',
    async (_id, operation) => {
      const caller = await memberOf(role);
      const nothing = unknown();
      const path = createsWhatItNames(operation) ? unknown() : own;
      const aboutForeign = await ask(operation, { path, body: foreign }, caller);
      const aboutNothing = await ask(operation, { path, body: nothing }, caller);
      // A file of nobody can be malformed, one of somebody else only not genuine.
      if (operation.id === 'renewUploads') {
        const forged = { ...foreign, file: forgeryOf(foreign.file) };
        const aboutForgery = await ask(operation, { path, body: forged }, caller);
        expect(comparable(aboutForeign, foreign)).toEqual(comparable(aboutForgery, forged));
      } else if (aboutForeign.status >= 400) {
        expect(comparable(aboutForeign, foreign)).toEqual(comparable(aboutNothing, nothing));
      } else {
        // A body that names nothing of anybody.
        expect(aboutForeign.body.toString('latin1')).not.toContain(foreign.mark);
      }
    },
  );
});

/** The same file with one character of its signature changed. */
function forgeryOf(file: string): string {
  const at = file.lastIndexOf('.') + 5;
  return file.slice(0, at) + (file[at] === 'A' ? 'B' : 'A') + file.slice(at + 1);
}

describe('the foreign customer', () => {
  it('was not changed by any of this', async () => {
    const token = await tokenOf(foreign.customerId, 'manager');
    const { body: members } = await client.json('GET', '/v1/customer/members', { token });
    expect(JSON.stringify(members)).not.toContain(own.mark);
    const { body: licenses } = await client.json('GET', '/v1/customer/licenses', { token });
    expect((licenses['items'] as { licenseId: string }[]).map(({ licenseId }) => licenseId).sort()).toEqual(
      [...foreign.licenseIds].sort(),
    );
    expect(JSON.stringify(licenses)).not.toContain('retiresAt');
  });
});

/** Tokens that open nothing, by what is wrong with them. */
const FORGERIES: Readonly<Record<string, () => Promise<string>>> = {
  none: () => Promise.resolve(''),
  garbage: () => Promise.resolve('e30.e30.e30'),
  expired: () => tokenOf(own.customerId, 'manager', { iat: seconds() - 1000, exp: seconds() - 100 }),
  'of the future': () => tokenOf(own.customerId, 'manager', { nbf: seconds() + 600 }),
  'without an end': () => tokenOf(own.customerId, 'manager', { exp: undefined }),
  'of another issuer': () => tokenOf(own.customerId, 'manager', { iss: 'https://other.example' }),
  'for another audience': () => tokenOf(own.customerId, 'manager', { client_id: 'another-portal' }),
  'for another audience, naming the portal as the client': () =>
    tokenOf(own.customerId, 'manager', { aud: 'another-portal' }),
  'with alg none': async () => {
    const { header, claims } = await soundParts();
    const [, payload] = new UnsecuredJWT(claims).encode().split('.');
    return `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${payload}.`;
  },
  'with HS256 under the public key': async () => {
    const { header, claims } = await soundParts();
    const pem = createPublicKey({ key: await publicKey(), format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(Buffer.from(pem));
  },
  'signed by another key of the same id': async () => {
    const { header, claims } = await soundParts();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey);
  },
  'of another customer, its payload exchanged': async () => {
    const [header, , signature] = (await tokenOf(own.customerId, 'manager')).split('.');
    const { claims } = await soundParts();
    const payload = Buffer.from(JSON.stringify({ ...claims, customer: foreign.customerId }));
    return `${header}.${payload.toString('base64url')}.${signature}`;
  },
};

/** Tokens that are genuine and name nobody who may do anything. */
const INCOMPLETE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'without a customer': { customer: undefined },
  'without a role': { role: undefined },
  'with two customers': { customer: ['a', 'b'] },
  'with a customer that is no id': { customer: '../acme' },
  'with an empty customer': { customer: '' },
  'with another role': { role: 'admin' },
  'with a role in capitals': { role: 'MANAGER' },
  'with several roles': { role: ['viewer', 'manager'] },
  'without a subject': { sub: undefined },
};

const seconds = (): number => Math.floor(world.now().getTime() / 1000);

async function soundParts() {
  const token = await tokenOf(own.customerId, 'manager');
  return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
}

async function publicKey(): Promise<JsonWebKey> {
  const response = await fetch(`${await world.service.issuerUrl()}/jwks`);
  const { keys } = (await response.json()) as { keys: JsonWebKey[] };
  return keys[0]!;
}

describe('a token', () => {
  it.each(Object.entries(FORGERIES))('%s opens no route', async (_fault, forge) => {
    const token = await forge();
    for (const operation of ofCustomers) {
      const answer = await ask(operation, { path: own, body: own }, { token });
      expect(answer.status, operation.id).toBe(401);
      expect(answer.body.toString()).toBe('{"message":"Unauthorized"}');
    }
  });

  it.each(Object.entries(INCOMPLETE))('%s lets nobody do anything', async (_fault, claims) => {
    const token = await tokenOf(own.customerId, 'manager', claims);
    for (const operation of ofCustomers) {
      const answer = await ask(operation, { path: own, body: own }, { token });
      expect(answer.status, operation.id).toBe(403);
      expect(codeOf(answer), operation.id).toBe('token-incomplete');
    }
  });

  it('opens no route of the vendor, and a signature none of the customers', async () => {
    const manager = await memberOf('manager');
    for (const operation of operations) {
      if (operation.audience === 'public') continue;
      const caller: Caller = operation.audience === 'vendor' ? manager : { as: 'vendor' };
      const answer = await ask(operation, { path: own, body: own }, caller);
      expect(answer.status, operation.id).toBe(operation.audience === 'vendor' ? 403 : 401);
      expect(answer.body.toString()).toMatch(/^\{"message":"(Forbidden|Unauthorized)"\}$/);
    }
  });

  it('is for its customer, whatever header, query or body says', async () => {
    const token = await tokenOf(own.customerId, 'viewer');
    for (const headers of [
      { customer: foreign.customerId },
      { 'x-customer': foreign.customerId },
      { 'x-amzn-oidc-identity': foreign.customerId },
    ]) {
      const path = `/v1/customer/me?customer=${foreign.customerId}&customerId=${foreign.customerId}`;
      const answer = await client.send({ method: 'GET', path, caller: { token }, headers });
      expect(answer.body.toString()).not.toContain(foreign.mark);
    }
  });
});
