import { describe, expect, it } from 'vitest';
import { EXAMPLE_FILE } from '../../lambdas/core/api/examples.ts';
import type { Exchange } from '../../local/gateway.ts';
import { AnswerCheck } from '../support/openapi.ts';

const check = new AnswerCheck();

const json = 'application/json';
const problemJson = 'application/problem+json';

function faultsOf(routeKey: string, given: Partial<Omit<Exchange, 'body'>> & { body?: unknown }): string[] {
  const [method = '', path = ''] = routeKey.split(' ');
  const { body, ...rest } = given;
  return check.faultsOf({
    ...{ method, path, routeKey, status: 200 },
    headers: { 'content-type': json },
    ...rest,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
  });
}

const problem = (code: string, status: number, given: object = {}) => ({
  status,
  headers: { 'content-type': problemJson },
  body: {
    type: `https://licensing.vendor.example/problems#${code}`,
    ...{ title: 'No such license', status, code, detail: 'Correct the id.', requestId: 'x', ...given },
  },
});

const LIST = 'GET /v1/customers/{customerId}/licenses';
const SHOW = 'GET /v1/licenses/{licenseId}';
const RENEW = 'POST /v1/licenses/renew';

const renewed = {
  headers: {
    'content-type': 'application/jwt',
    'license-serial': 'x',
    'license-expires': '2026-04-06T06:12:44Z',
    'renew-after': '80000',
  },
  body: EXAMPLE_FILE,
};

describe('The check of answers takes', () => {
  it.each([
    ['a list', LIST, { body: { licenses: [{ licenseId: 'l', product: 'ES', installation: 'main' }] } }],
    ['a file', RENEW, renewed],
    ['a problem', SHOW, problem('license-not-found', 404)],
    ['a bare answer of the gateway', SHOW, { status: 403, body: { message: 'Forbidden' } }],
    ['the answer of the fallback', '$default', problem('route-not-found', 404)],
    [
      'an answer that is still the same',
      'GET /v1/terms',
      { status: 304, headers: { etag: '"x"', 'cache-control': 'x' }, body: '' },
    ],
    [
      'a media type with a parameter',
      'GET /v1/ping',
      { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'automated-licensing: ok\n' },
    ],
  ])('%s', (_what, routeKey, given) => {
    expect(faultsOf(routeKey, given)).toEqual([]);
  });
});

describe('The check of answers finds', () => {
  it.each([
    ['a route that no operation describes', 'GET /v1/secret', { body: {} }, 'no operation'],
    ['a status', LIST, { status: 202, body: { licenses: [] } }, 'status is not described'],
    ['a member that is missing', LIST, { body: {} }, 'licenses'],
    ['a member too many', LIST, { body: { licenses: [], serial: 'x' } }, 'serial'],
    [
      'a member too many, deep inside',
      LIST,
      { body: { licenses: [{ licenseId: 'l', product: 'ES', installation: 'main', jti: 'x' }] } },
      'jti',
    ],
    ['a wrong type', LIST, { body: { licenses: 'none' } }, 'must be array'],
    ['a body that is no JSON', LIST, { body: '{' }, 'must be object'],
    ['another media type', LIST, { headers: { 'content-type': 'text/html' }, body: '' }, 'text/html'],
    [
      'a body where there is none',
      'GET /v1/terms',
      { status: 304, headers: { etag: '"x"', 'cache-control': 'x' }, body: 'x' },
      'a body',
    ],
    [
      'a header that is missing',
      RENEW,
      { ...renewed, headers: { 'content-type': 'application/jwt' } },
      'License-Serial',
    ],
    ['a code of other routes', SHOW, problem('host-limit', 404), 'allowedValues'],
    ['a problem with a member too many', SHOW, problem('license-not-found', 404, { stack: 'x' }), 'stack'],
    ['a problem without Retry-After', SHOW, problem('unavailable', 503), 'Retry-After'],
    [
      'a Retry-After too many',
      SHOW,
      { ...problem('license-not-found', 404), headers: { 'content-type': problemJson, 'retry-after': '60' } },
      'Retry-After',
    ],
    ['a fallback that answers anything else', '$default', { status: 200, body: {} }, 'only 404'],
  ])('%s', (_what, routeKey, given, fault) => {
    expect(faultsOf(routeKey, given).join('; ')).toContain(fault);
  });

  it('and tells all of it at the end, each once', () => {
    const other = new AnswerCheck();
    other.conclude();
    const exchange: Exchange = {
      ...{ method: 'GET', path: '/v1/licenses/l', routeKey: SHOW, status: 202 },
      headers: {},
      body: Buffer.from(''),
    };
    other.note(exchange);
    other.note(exchange);
    expect(() => other.conclude()).toThrow(
      /^1 answers are not as .*\nGET \/v1\/licenses\/\{licenseId\} answered 202/,
    );
  });
});
