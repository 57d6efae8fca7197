import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { SignatureV4 } from '@smithy/signature-v4';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sha256 } from '../../local/sigv4.ts';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

const curl = promisify(execFile);
const BODY = JSON.stringify({ name: 'Acme Print' });

let service: FixtureService;
beforeAll(async () => {
  service = await startFixture();
});
afterAll(() => service.stop());

interface Signing {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  readonly service?: string;
  readonly signingDate?: Date;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
}

/** What a caller sends: method, path and body are signed as they are here. */
async function sign(options: Signing = {}) {
  const {
    accessKeyId = 'local',
    secretAccessKey = 'local',
    region = 'eu-west-1',
    service: to = 'execute-api',
  } = options;
  const { host, hostname } = new URL(service.url);
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service: to,
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: 'PUT',
      protocol: 'http:',
      hostname,
      path: '/signed/acme',
      query: options.query ?? {},
      headers: { host, 'content-type': 'application/json', ...options.headers },
      body: BODY,
    },
    { signingDate: options.signingDate ?? new Date() },
  );
  return headers;
}

const put = (
  headers: Record<string, string>,
  { path = '/signed/acme', body = BODY, method = 'PUT' } = {},
): Promise<Response> => fetch(service.url + path, { method, headers, body });

const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

async function expectForbidden(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual({ message: 'Forbidden' });
}

describe('a signed route', () => {
  it('takes a request signed by the local identity and tells the function who it was', async () => {
    const event = await jsonOf<APIGatewayProxyEventV2WithIAMAuthorizer>(put(await sign()));

    expect(event.body).toBe(BODY);
    expect(event.pathParameters).toEqual({ id: 'acme' });
    expect(event.requestContext.authorizer.iam.accessKey).toBe('local');
  });

  it('takes a signed query, whatever its order', async () => {
    const headers = await sign({ query: { b: 'x y', a: '1' } });

    expect((await put(headers, { path: '/signed/acme?b=x%20y&a=1' })).status).toBe(200);
  });

  it('takes headers that are not signed', async () => {
    expect((await put({ ...(await sign()), 'x-other': 'added on the way' })).status).toBe(200);
  });

  it.each([4, -4])('takes a signature of %i minutes from now', async (offset) => {
    expect((await put(await sign({ signingDate: minutes(offset) }))).status).toBe(200);
  });

  it('keeps the real time for signatures when the clock of the service was moved', async () => {
    await service.clock.advance(16 * 86_400_000);

    expect((await put(await sign())).status).toBe(200);
    await expectForbidden(put(await sign({ signingDate: service.clock.now() })));
  });

  it('refuses a request without signature', async () => {
    await expectForbidden(put({}));
    await expectForbidden(put({ authorization: 'Bearer x' }));
    await expectForbidden(
      put({ authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=0' }),
    );
  });

  it.each<[string, Signing]>([
    ['another secret', { secretAccessKey: 'other' }],
    ['another key', { accessKeyId: 'other' }],
    ['another region', { region: 'us-east-1' }],
    ['another service', { service: 's3' }],
  ])('refuses %s', async (_, options) => {
    await expectForbidden(put(await sign(options)));
  });

  it.each([6, -6, 60 * 24, -60 * 24])('refuses a signature of %i minutes from now', async (offset) => {
    await expectForbidden(put(await sign({ signingDate: minutes(offset) })));
  });

  it('refuses what was changed after signing', async () => {
    const headers = await sign({ headers: { 'x-signed': 'as it was' } });
    const digit = headers['authorization']?.endsWith('0') ? '1' : '0';

    expect((await put(headers)).status).toBe(200);
    await expectForbidden(put(headers, { body: BODY.replace('Acme', 'Evil') }));
    await expectForbidden(put(headers, { path: '/signed/evil' }));
    await expectForbidden(put(headers, { path: '/signed/acme?added=1' }));
    await expectForbidden(put({ ...headers, 'x-signed': 'changed' }));
    await expectForbidden(put({ ...headers, 'x-amz-date': isoBasic(minutes(-1)) }));
    await expectForbidden(
      put({ ...headers, authorization: (headers['authorization'] ?? '').slice(0, -1) + digit }),
    );
  });

  it('refuses a body that is not the one of the signed hash', async () => {
    const hash = createHash('sha256').update(BODY).digest('hex');
    const headers = await sign({ headers: { 'x-amz-content-sha256': hash } });

    expect((await put(headers)).status).toBe(200);
    await expectForbidden(put(headers, { body: 'other' }));
    await expectForbidden(put(await sign({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })));
  });

  it('refuses a signature that leaves out the host or names a header that is missing', async () => {
    const headers = await sign({ headers: { 'x-signed': 'there' } });
    const { 'x-signed': _, ...without } = headers;
    await expectForbidden(put(without));
    const authorization = (headers['authorization'] ?? '').replace(/host;/, '');
    await expectForbidden(put({ ...headers, authorization }));
  });

  it('lets nothing of a refused request reach the function', async () => {
    const pids = service.processIdsOf('echo');
    await expectForbidden(put({}));
    expect(service.processIdsOf('echo')).toEqual(pids);
  });
});

describe('curl --aws-sigv4', () => {
  const signed = ['-s', '--aws-sigv4', 'aws:amz:eu-west-1:execute-api', '--user'];

  it('reads and writes with the local identity', async () => {
    const read = await curl('curl', [...signed, 'local:local', `${service.url}/signed/acme`]);
    expect(JSON.parse(read.stdout)).toMatchObject({ routeKey: 'GET /signed/{id}' });

    const json = ['-X', 'PUT', '-H', 'Content-Type: application/json', '-d', BODY];
    const written = await curl('curl', [...signed, 'local:local', ...json, `${service.url}/signed/acme`]);
    expect(JSON.parse(written.stdout)).toMatchObject({ routeKey: 'PUT /signed/{id}', body: BODY });
  });

  it('is refused with another secret', async () => {
    const { stdout } = await curl('curl', [...signed, 'local:other', `${service.url}/signed/acme`]);
    expect(JSON.parse(stdout)).toEqual({ message: 'Forbidden' });
  });
});

const isoBasic = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');
