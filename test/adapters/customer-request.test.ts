import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as customerRequest from '../../lambdas/adapters/customer-request.ts';
import type { Request } from '../../lambdas/adapters/http.ts';
import type { Problem } from '../../lambdas/core/problem.ts';

type Adapter = typeof customerRequest;

/** A fresh copy: names of claims are read once, when a function starts. */
async function load(environment: Readonly<Record<string, string>> = {}): Promise<Adapter> {
  vi.resetModules();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return import('../../lambdas/adapters/customer-request.ts');
}

let adapter: Adapter;
beforeEach(async () => {
  adapter = await load();
});
afterEach(() => vi.unstubAllEnvs());

const eventOf = (claims: unknown, rest: object = {}): Request =>
  ({
    requestContext: { requestId: 'r-1', authorizer: { jwt: { claims, scopes: null } } },
    ...rest,
  }) as unknown as Request;

const sound = { sub: 'u-1', customer: 'acme', role: 'manager', token_use: 'access' };

/** Code and detail of what is thrown; after resetting modules `instanceof` would compare two classes. */
function problemOf(act: () => unknown): Pick<Problem, 'code' | 'detail'> {
  try {
    act();
  } catch (error) {
    return error as Problem;
  }
  throw new Error('nothing was thrown');
}

describe('who calls', () => {
  it('is what the token says', () => {
    expect(adapter.memberOf(eventOf(sound))).toEqual({ customerId: 'acme', role: 'manager', subject: 'u-1' });
    expect(adapter.memberOf(eventOf({ ...sound, role: 'viewer', email: 'ops@acme.example' }))).toEqual({
      customerId: 'acme',
      role: 'viewer',
      subject: 'u-1',
      email: 'ops@acme.example',
    });
  });

  it('is never what path, query, headers or body say', () => {
    const event = eventOf(sound, {
      pathParameters: { customer: 'globex', customerId: 'globex' },
      queryStringParameters: { customer: 'globex', role: 'manager' },
      headers: { customer: 'globex' },
      body: '{"customer":"globex"}',
    });
    expect(adapter.memberOf(event).customerId).toBe('acme');
  });

  it('may be told by a token that does not say what it is for, as those of other issuers', () => {
    expect(adapter.memberOf(eventOf({ sub: 'u-1', customer: 'acme', role: 'viewer' })).role).toBe('viewer');
  });

  it.each([
    ['no customer', { customer: undefined }],
    ['an empty customer', { customer: '' }],
    ['a customer that breaks keys', { customer: 'acme#x' }],
    ['a list of customers', { customer: '[acme globex]' }],
    ['a customer that is no text', { customer: ['acme'] }],
    ['a customer with blanks', { customer: ' acme' }],
    ['a customer that is too long', { customer: 'a'.repeat(65) }],
    ['no role', { role: undefined }],
    ['another role', { role: 'admin' }],
    ['a role in capitals', { role: 'Manager' }],
    ['a list of roles', { role: '[manager]' }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['an endless subject', { sub: 'x'.repeat(256) }],
    ['an endless address', { email: 'x'.repeat(321) }],
  ])('is unknown where the token has %s', (_, given) => {
    expect(problemOf(() => adapter.memberOf(eventOf({ ...sound, ...given }))).code).toBe('token-incomplete');
  });

  it.each([{}, { authorizer: undefined }, { authorizer: { iam: {} } }, { authorizer: { jwt: {} } }])(
    'is unknown where no token was checked: %j',
    (requestContext) => {
      expect(problemOf(() => adapter.memberOf({ requestContext } as unknown as Request)).code).toBe(
        'token-incomplete',
      );
    },
  );

  it('is not said by an id token, which is not for us', () => {
    expect(problemOf(() => adapter.memberOf(eventOf({ ...sound, token_use: 'id' })))).toMatchObject({
      code: 'token-incomplete',
      detail: 'Send the access token, not the id token.',
    });
  });
});

describe('a manager', () => {
  it('may do what only managers may', () => {
    expect(adapter.managerOf(eventOf(sound)).subject).toBe('u-1');
  });

  it('is not a viewer, nor somebody without a customer', () => {
    const viewer = { ...sound, role: 'viewer' };
    expect(problemOf(() => adapter.managerOf(eventOf(viewer))).code).toBe('role-insufficient');
    expect(problemOf(() => adapter.managerOf(eventOf({ role: 'manager', sub: 'u-1' }))).code).toBe(
      'token-incomplete',
    );
  });
});

it('Claims have the names that the stage gives them', async () => {
  const { memberOf } = await load({
    CUSTOMER_CLAIM: 'https://vendor.example/customer',
    ROLE_CLAIM: 'lp_role',
  });
  const claims = { sub: 'u-1', 'https://vendor.example/customer': 'acme', lp_role: 'viewer' };
  expect(memberOf(eventOf({ ...claims, customer: 'globex', role: 'manager' }))).toMatchObject({
    customerId: 'acme',
    role: 'viewer',
  });
  expect(problemOf(() => memberOf(eventOf(sound))).code).toBe('token-incomplete');
});
