import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

const DAY = 86_400_000;

let service: FixtureService;
beforeAll(async () => {
  process.env['NOT_FOR_FUNCTIONS'] = 'secret of the machine';
  service = await startFixture();
});
afterAll(() => service.stop());

const post = (path: string, body: string): Promise<Response> =>
  fetch(service.url + path, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });

describe('the processes of a function', () => {
  interface Span {
    readonly pid: number;
    readonly startedAt: number;
    readonly endedAt: number;
  }

  it('are as many as events in flight, up to its reserved concurrency; further events wait', async () => {
    const spans = await Promise.all(Array.from({ length: 6 }, () => jsonOf<Span>(post('/pair', '200'))));

    const most = Math.max(
      ...spans.map(
        ({ startedAt }) =>
          spans.filter((other) => other.startedAt <= startedAt && startedAt < other.endedAt).length,
      ),
    );
    expect(most).toBe(2);
    expect(new Set(spans.map(({ pid }) => pid)).size).toBe(2);
    expect(service.processIdsOf('pair')).toHaveLength(2);
  });

  it('are used again when they are idle', async () => {
    const first = await jsonOf<Span>(post('/pair', '0'));
    const before = service.processIdsOf('pair');
    const second = await jsonOf<Span>(post('/pair', '0'));

    expect(before).toContain(first.pid);
    expect(before).toContain(second.pid);
    expect(service.processIdsOf('pair')).toEqual(before);
  });

  it('can be killed: events in flight fail, the ones that wait are served', async () => {
    const flying = [post('/pair', '5000'), post('/pair', '5000')];
    await untilBusy();
    const waiting = post('/pair', '0');
    await sleep(100);

    expect(service.killFunction('pair')).toBe(2);
    for (const answer of flying) expect((await answer).status).toBe(500);
    expect((await waiting).status).toBe(200);
  });

  it('are started with the first event only', async () => {
    const other = await startFixture();
    try {
      expect(other.functions.flatMap(({ name }) => other.processIdsOf(name))).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('end with the service, busy or not', async () => {
    const other = await startFixture();
    const answer = fetch(`${other.url}/pair`, { method: 'POST', body: '5000' }).catch(() => undefined);
    while (other.processIdsOf('pair').length === 0) await sleep(20);
    const pids = other.processIdsOf('pair');
    await other.stop();

    expect(pids.filter(isAlive)).toEqual([]);
    await answer;
  });

  async function untilBusy(): Promise<void> {
    while (service.processIdsOf('pair').length < 2) await sleep(20);
    await sleep(700);
  }
});

describe('the environment of a function', () => {
  it('is its own from the template, resolved, what Lambda adds, and where its AWS is', async () => {
    const environment = await jsonOf<Record<string, string>>(fetch(`${service.url}/environment`));

    expect(environment).toMatchObject({
      POWERTOOLS_SERVICE_NAME: 'environment',
      PLAIN: 'text',
      API: `${service.url}/renew`,
      THINGS_TABLE: 'fixture-Things',
      TABLE_ARN: 'arn:aws:dynamodb:eu-west-1:000000000000:table/fixture-Things',
      STACK: 'fixture in eu-west-1',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'environment',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_ENDPOINT_URL_DYNAMODB: service.endpoints.dynamodb,
      AWS_ENDPOINT_URL_KMS: service.endpoints.kms,
      AWS_ENDPOINT_URL_SES: service.endpoints.ses,
      AWS_ENDPOINT_URL_SCHEDULER: service.endpoints.scheduler,
      MAIL_CONFIGURATION_SET: 'fixture-MailEvents',
      MAIL_IDENTITY: 'vendor.example',
      SCHEDULE_GROUP: 'fixture-reports',
      TARGET_ARN: 'arn:aws:lambda:eu-west-1:000000000000:function:tally:live',
      QUEUE_ARN: 'arn:aws:sqs:eu-west-1:000000000000:fixture-Undelivered',
      ROLE_ARN: 'arn:aws:iam::000000000000:role/fixture-NotMadeHere',
    });
    expect(environment['KEY']).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(environment['MAC_KEY_ID']).toMatch(/^[0-9a-f]{32}$/);
    for (const name of ['NOT_FOR_FUNCTIONS', 'PATH', 'HOME', 'NODE_OPTIONS'])
      expect(environment).not.toHaveProperty(name);
  });

  it('tells by its access key which function calls, in letters and digits', async () => {
    const other = await startFixture({
      decorateEndpoints: (real) => Promise.resolve({ ...real, dynamodb: 'http://127.0.0.1:1' }),
    });
    try {
      const environment = await jsonOf<Record<string, string>>(fetch(`${other.url}/environment`));
      expect(environment['AWS_ENDPOINT_URL_DYNAMODB']).toBe('http://127.0.0.1:1');
      expect(environment['AWS_ENDPOINT_URL_KMS']).toBe(other.endpoints.kms);
      expect(environment['AWS_ACCESS_KEY_ID']).toMatch(/^[A-Za-z0-9]+$/);
    } finally {
      await other.stop();
    }
  });
});

describe('the clock of a function', () => {
  it('is moved with each event, in the same process', async () => {
    const read = () => jsonOf<Record<string, number>>(fetch(`${service.url}/clock`));
    const before = await read();
    await service.clock.advance(16 * DAY);
    const after = await read();

    expect(after['pid']).toBe(before['pid']);
    for (const name of ['now', 'constructed', 'called', 'subclass']) {
      const moved = (after[name] ?? 0) - (before[name] ?? 0);
      expect(Math.abs(moved - 16 * DAY), name).toBeLessThan(60_000);
    }
    expect(after).toMatchObject({
      given: 1000,
      parts: 2,
      isDate: true,
      name: 'Date',
      utc: Date.UTC(2026, 0),
    });
  });

  it('is moved already while a bundle is loaded', async () => {
    service.killFunction('clock');
    const { loadedAt = 0 } = await jsonOf<Record<string, number>>(fetch(`${service.url}/clock`));

    expect(Math.abs(loadedAt - service.clock.now().getTime())).toBeLessThan(60_000);
  });
});

it('keeps what functions print in the data folder', async () => {
  await post('/crash', 'throw');

  // What a function prints comes by a pipe of its own, maybe after its answer.
  const text = () => readFileSync(join(service.dataDir, 'logs', 'crash.log'), 'utf8');
  await vi.waitFor(() => expect(text()).toContain('thrown on purpose'), 5_000);
});

it('keeps tables of several services on one engine apart', async () => {
  const prefix = randomUUID();
  const other = await startFixture({ dynamodbUrl: service.endpoints.dynamodb, tablePrefix: prefix });
  const unnamed = await startFixture({ dynamodbUrl: service.endpoints.dynamodb });
  try {
    expect(other.tableNames.get('things')).toBe(`${prefix}fixture-Things`);
    expect(unnamed.tableNames.get('things')).toMatch(/^[0-9a-f]{8}-fixture-Things$/);
  } finally {
    await other.stop();
    await unnamed.stop();
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
