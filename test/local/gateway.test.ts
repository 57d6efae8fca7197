import { request as httpRequest } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

let service: FixtureService;
beforeAll(async () => {
  service = await startFixture();
});
afterAll(() => service.stop());

const echo = (path: string, init?: RequestInit): Promise<APIGatewayProxyEventV2> =>
  jsonOf(fetch(service.url + path, init));

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(service.url + path, { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } });

describe('the event of a function', () => {
  it('has the shape of payload format 2.0', async () => {
    const event = await echo('/items/a%20b?x=1&x=2&y=%C3%BC', { headers: { 'X-Mixed-Case': 'Kept' } });

    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /items/{id}',
      rawPath: '/items/a b',
      rawQueryString: 'x=1&x=2&y=%C3%BC',
      queryStringParameters: { x: '1,2', y: 'ü' },
      pathParameters: { id: 'a b' },
      isBase64Encoded: false,
      headers: { 'x-mixed-case': 'Kept', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
      requestContext: {
        http: { method: 'GET', path: '/items/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        routeKey: 'ANY /items/{id}',
        stage: '$default',
      },
    });
    expect(event.body).toBeUndefined();
    expect(event.requestContext.requestId).not.toBe('');
    expect(Math.abs(event.requestContext.timeEpoch - Date.now())).toBeLessThan(60_000);
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  it.each([
    ['text/plain', false],
    ['TEXT/HTML; charset=utf-8', false],
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/x-www-form-urlencoded', true],
    ['application/problem+json', true],
    ['application/jwt', true],
    ['application/octet-stream', true],
    ['', true],
  ])('carries a body of type "%s" as base64: %s', async (type, isBase64Encoded) => {
    const body = new Uint8Array([104, 105, 32, 195, 188]);
    const event = await echo('/echo', {
      method: 'POST',
      body,
      headers: type === '' ? {} : { 'content-type': type },
    });

    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(event.body).toBe(isBase64Encoded ? Buffer.from(body).toString('base64') : 'hi ü');
    expect(event.headers['content-length']).toBe('5');
  });

  it('carries bytes that are no text unchanged', async () => {
    const body = new Uint8Array(256).map((_, index) => index);
    const event = await echo('/echo', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    });

    expect(Buffer.from(event.body ?? '', 'base64')).toEqual(Buffer.from(body));
  });

  it('joins repeated headers by commas and takes the address from the connection, not from a header', async () => {
    const event = await new Promise<APIGatewayProxyEventV2>((resolve, reject) => {
      const headers = { 'Host-Id': ['a', 'b'], 'X-Forwarded-For': '203.0.113.9', cookie: 'c=1; d=2' };
      httpRequest(`${service.url}/echo`, { headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve(JSON.parse(text) as APIGatewayProxyEventV2));
      })
        .on('error', reject)
        .end();
    });

    expect(event.headers['host-id']).toBe('a,b');
    expect(event.headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1');
    expect(event.requestContext.http.sourceIp).toBe('127.0.0.1');
    expect(event.cookies).toEqual(['c=1', 'd=2']);
    expect(event.headers['cookie']).toBeUndefined();
  });
});

describe('the route', () => {
  it.each([
    ['GET', '/items/fixed', 'GET /items/fixed'],
    ['PUT', '/items/fixed', 'ANY /items/{id}'],
    ['GET', '/items/other', 'ANY /items/{id}'],
    ['GET', '/items/', '$default'],
    ['GET', '/items/a/b', '$default'],
    ['GET', '/files/a/b/c', 'GET /files/{path+}'],
    ['GET', '/files/', '$default'],
    ['DELETE', '/echo', '$default'],
    ['OPTIONS', '/echo', '$default'],
    ['GET', '/echo/', '$default'],
    ['GET', '/', '$default'],
  ])('of %s %s is %s', async (method, path, routeKey) => {
    expect((await echo(path, { method })).routeKey).toBe(routeKey);
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${service.url}/items/x`, { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('the answer of a function', () => {
  const answer = (value: unknown): Promise<Response> => post('/answers', JSON.stringify(value));

  it('becomes status, headers, cookies and body', async () => {
    const response = await answer({
      statusCode: 418,
      headers: { 'Content-Type': 'application/jwt', 'Renew-After': 7 },
      cookies: ['a=1', 'b=2'],
      body: 'tea',
    });

    expect(response.status).toBe(418);
    expect(response.headers.get('content-type')).toBe('application/jwt');
    expect(response.headers.get('renew-after')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('apigw-requestid')).toMatch(/./);
    expect(await response.text()).toBe('tea');
  });

  it('is decoded where it is base64', async () => {
    const response = await answer({ statusCode: 200, isBase64Encoded: true, body: 'AP+A' });

    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]));
  });

  it('is the body itself where it has no status', async () => {
    const response = await answer({ hello: 'there' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ hello: 'there' });
  });

  it.each([
    [null],
    [{ statusCode: 'high' }],
    [{ statusCode: 99 }],
    [{ statusCode: 200, body: { not: 'text' } }],
  ])('that HTTP API would not understand becomes a bare 500: %j', async (value) => {
    await expectBare(answer(value), 500, 'Internal Server Error');
  });
});

describe('the gateway answers for itself', () => {
  it('when a function throws, ends or leaves a rejection alone', async () => {
    for (const fault of ['throw', 'exit', 'reject']) {
      await expectBare(post('/crash', fault), 500, 'Internal Server Error');
    }
    expect((await post('/crash', 'work')).status).toBe(200);
    expect(service.logs.join('\n')).toContain('thrown on purpose');
  });

  it('when a bundle cannot be loaded', async () => {
    await expectBare(fetch(`${service.url}/broken`), 500, 'Internal Server Error');
  });

  it('when a function takes longer than it may, even if it keeps its thread busy', async () => {
    for (const duration of ['2500', 'spin']) {
      await expectBare(post('/slow', duration), 500, 'Internal Server Error');
    }
    expect((await post('/slow', '1')).status).toBe(200);
  });

  it('when a body is above 10 MB', async () => {
    const limit = 10 * 1024 * 1024;
    await expectBare(post('/echo', 'x'.repeat(limit + 1)), 413, 'Request Entity Too Large');
    await expectBare(post('/answers', 'x'.repeat(limit)), 500, 'Internal Server Error');
  });

  it('when a path is not validly encoded', async () => {
    await expectBare(fetch(`${service.url}/items/%E0%A4%A`), 400, 'Bad Request');
  });

  it('when headers are too long', async () => {
    const response = await fetch(`${service.url}/echo`, { headers: { 'x-long': 'x'.repeat(11_000) } });

    expect(response.status).toBe(431);
  });
});

async function expectBare(answer: Promise<Response>, status: number, message: string): Promise<void> {
  const response = await answer;
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ message });
  expect(response.headers.get('retry-after')).toBeNull();
}
