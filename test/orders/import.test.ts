import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callsOf, whenAsked } from '../support/aws-proxy.ts';
import { claimsIn, useWorld } from '../integration/world.ts';
import { HEADER, run, useFiles, type Run } from './importing.ts';

const world = useWorld();
const root = fileURLToPath(new URL('../..', import.meta.url));
afterEach(() => world.proxy.pass());

const files = useFiles();
const importOf = (
  args: readonly string[],
  options: { stopped?: AbortSignal; url?: string } = {},
): Promise<Run> => run([...args, '--url', options.url ?? world.service.url, '--rate', '500'], options);
const imported = (content: string, ...args: string[]) => importOf([files.of(content), ...args]);

const customerOf = async (customerId: string) =>
  (await world.vendor('GET', `/v1/customers/${customerId}`)).body;
const contractOf = async (customerId: string, contractId: string) =>
  (await world.vendor('GET', `/v1/customers/${customerId}/contracts/${contractId}`)).body as Record<
    string,
    unknown
  >;
const isThere = async (path: string) => (await world.vendor('GET', `/v1/customers/${path}`)).status === 200;

let customers = 0;
const newId = () => `imported-${(customers += 1)}`;

describe('an import', () => {
  it('of the example makes customers, contracts and lines, and hosts can be licensed', async () => {
    const result = await importOf([join(root, 'examples/customers.csv')]);
    expect(result).toEqual({
      code: 0,
      err: '',
      out: [
        '[1/2] acme: customer created, contract c-1001 created, contract c-1002 created',
        '[2/2] globex: customer created, contract g-7 created',
        'customers: 2 created, 0 changed, 0 unchanged',
        'contracts: 3 created, 0 changed, 0 unchanged',
        'failed customers: 0',
        '',
      ].join('\n'),
    });
    expect(await customerOf('acme')).toMatchObject({
      name: 'Acme Print',
      alertsFrom: '2026-11-24',
      contacts: [
        { email: 'ops@acme.example', language: 'en', timeZone: 'Europe/Berlin', roles: ['technical'] },
        { email: 'office@acme.example', language: 'en', timeZone: 'Europe/Berlin', roles: ['commercial'] },
      ],
    });
    expect(await customerOf('globex')).toMatchObject({
      name: 'Globex Display, Inc.',
      contacts: [
        { email: 'it@globex.example', timeZone: 'America/New_York', roles: ['technical', 'commercial'] },
        { email: 'it2@globex.example', roles: ['technical'] },
      ],
    });
    expect(await contractOf('acme', 'c-1001')).toMatchObject({
      revision: 1,
      kind: 'subscription',
      status: 'active',
      reference: 'PO 4711',
      hosts: 3,
      lines: [
        { id: 'p-render-engine', option: 'render-engine', scope: 'pool', quantity: 8 },
        { id: 'h-color-module', option: 'color-module', scope: 'every-host', quantity: 1 },
      ],
    });
    const perpetual = await contractOf('globex', 'g-7');
    expect(perpetual).toMatchObject({ kind: 'perpetual', startsOn: '2020-05-01' });
    expect(perpetual).not.toHaveProperty('endsOn');
    const { file } = await world.issue('globex', { id: 'H-imported' });
    expect(claimsIn(file).options).toMatchObject([{ option: 'render-engine', quantity: 2 }]);
  });

  it('again finds all as it should be, and writes nothing', async () => {
    const example = [join(root, 'examples/customers.csv')];
    await importOf(example);
    const before = await contractOf('acme', 'c-1001');
    const { result, calls } = await world.proxy.during(() => importOf(example));
    expect(result.out).toContain(
      'customers: 0 created, 0 changed, 2 unchanged\ncontracts: 0 created, 0 changed, 3 unchanged',
    );
    expect(await contractOf('acme', 'c-1001')).toEqual(before);
    expect(calls.filter(({ action }) => /Put|Update/.test(action))).toEqual([]);
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const id = newId();
    const file = `${HEADER}${id},Acme,ops@acme.example,c-1,ES,2026-01-01,2027-12-31,3,8\n`;
    const dry = await imported(file, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain(`[1/1] ${id}: customer created, contract c-1 created\n`);
    expect(dry.out).toContain('customers: 1 would be created');
    expect(await isThere(id)).toBe(false);
  });

  it('changes what differs under the next revision, and says which members', async () => {
    const id = newId();
    const row = (hosts: number, engines: string) =>
      `${HEADER}${id},Acme,ops@acme.example,c-1,ES,2026-01-01,2027-12-31,${hosts},${engines}\n`;
    await imported(row(3, '8'));
    const dry = await imported(row(4, '9'), '--dry-run');
    expect(dry.out).toContain('customer unchanged, contract c-1 changed (hosts, lines)');
    expect(await contractOf(id, 'c-1')).toMatchObject({ revision: 1, hosts: 3 });
    const real = await imported(row(4, '9'));
    expect(real.out).toContain('contracts: 0 created, 1 changed, 0 unchanged');
    expect(await contractOf(id, 'c-1')).toMatchObject({ revision: 2, hosts: 4, lines: [{ quantity: 9 }] });
    await imported(row(4, '0'));
    expect(await contractOf(id, 'c-1')).toMatchObject({ revision: 3, lines: [] });
  });

  it('leaves alone what the file says nothing of', async () => {
    const id = newId();
    const contact = {
      email: 'Ops@acme.example',
      language: 'fr',
      timeZone: 'Europe/Paris',
      roles: ['commercial', 'technical'],
      kinds: ['offline'],
      report: { every: 'week', on: 'monday', hour: 8 },
    };
    const customer = { name: 'Acme', contacts: [contact], offlineAfterHours: 120 };
    await world.accepted('PUT', `/v1/customers/${id}`, customer);
    const contract = world.contract({
      status: 'suspended',
      kind: 'trial',
      reference: 'PO 1',
      installation: 'main',
      renewEverySeconds: 3_600,
      lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 }],
    });
    await world.accepted('PUT', `/v1/customers/${id}/contracts/c-1`, contract);
    const { startsOn, endsOn } = contract as { startsOn: string; endsOn: string };
    const row = `${id},Acme,ops@acme.example,ops@acme.example,c-1,ES,${startsOn},${endsOn},3,8\n`;
    const header = HEADER.replace('technical', 'technical,commercial');
    const same = await imported(header + row);
    expect(same.out).toContain('customer unchanged, contract c-1 unchanged');

    await imported(header + row.replace(',3,8', ',5,8').replace('Acme', 'Acme Europe'));
    expect(await customerOf(id)).toMatchObject({ ...customer, name: 'Acme Europe' });
    expect(await customerOf(id)).not.toHaveProperty('alertsFrom');
    expect(await contractOf(id, 'c-1')).toMatchObject({ ...contract, revision: 2, hosts: 5 });
  });

  it('takes what Excel saves in Europe: semicolons and a byte order mark, blank rows at the end', async () => {
    const id = newId();
    const text = `\uFEFF${HEADER.replaceAll(',', ';').replaceAll('\n', '\r\n')}${id};"Müller; Söhne";ops@acme.example;c-1;ES;2026-01-01;2026-12-31;1;2\r\n;;;;;;;;\r\n`;
    expect((await imported(text)).code).toBe(0);
    expect(await customerOf(id)).toMatchObject({ name: 'Müller; Söhne' });
  });

  it('goes on with the others where the service refuses one, and ends with 1', async () => {
    const [good, bad] = [newId(), newId()];
    await world.accepted('PUT', `/v1/customers/${bad}`, { name: 'Bad', contacts: [] });
    const stored = world.contract({ kind: 'trial', startsOn: '2026-01-01', endsOn: '2026-02-01' });
    await world.accepted('PUT', `/v1/customers/${bad}/contracts/c-1`, stored);
    // Grace is sound for a subscription, and not for the trial that is stored.
    const header = HEADER.replace('hosts', 'hosts,graceDays');
    const row = (id: string) => `${id},Name,,c-1,ES,2026-01-01,2026-12-31,1,5,2\n`;
    const result = await imported(header + row(bad) + row(good));
    expect(result.code).toBe(1);
    expect(result.err).toContain(`[1/2] ${bad}: failed: the contract c-1 would not be valid`);
    expect(result.err).toContain('graceDays must be 0 or absent');
    expect(result.out).toContain('failed customers: 1');
    expect(await isThere(`${good}/contracts/c-1`)).toBe(true);
  });

  it('decides again where somebody else changes the contract meanwhile', async () => {
    const id = newId();
    const file = `${HEADER}${id},Acme,,c-1,ES,2026-01-01,2027-12-31,6,8\n`;
    await imported(file.replace(',6,8', ',3,8'));
    const other = { ...(await contractOf(id, 'c-1')), revision: 2, reference: 'PO 9' };
    for (const member of ['customerId', 'contractId', 'receivedAt', 'installationVersion'])
      Reflect.deleteProperty(other, member);
    world.proxy.intervene(
      (call) => callsOf('contracts', 'PutItem')(call),
      whenAsked(() => world.accepted('PUT', `/v1/customers/${id}/contracts/c-1`, other)),
    );
    const result = await imported(file);
    expect(result).toMatchObject({ code: 0 });
    expect(await contractOf(id, 'c-1')).toMatchObject({ revision: 3, hosts: 6, reference: 'PO 9' });
  });

  it('that is stopped says so, and the next one goes on', async () => {
    const ids = Array.from({ length: 5 }, newId);
    const path = files.of(
      HEADER + ids.map((id) => `${id},Acme,,c-1,ES,2026-01-01,2027-12-31,1,1\n`).join(''),
    );
    const stopping = new AbortController();
    world.proxy.intervene(callsOf('contracts', 'PutItem'), (_call, forward) => {
      stopping.abort();
      return forward();
    });
    const stopped = await importOf([path], { stopped: stopping.signal });
    expect(stopped.code).toBe(130);
    expect(stopped.out).toContain('Stopped. Run it again to go on.');
    expect(await isThere(ids[4] ?? '')).toBe(false);
    const again = await importOf([path]);
    expect(again.code).toBe(0);
    expect(again.out).toContain(`[1/5] ${ids[0] ?? ''}: customer unchanged, contract c-1 unchanged`);
    expect(await isThere(`${ids[4] ?? ''}/contracts/c-1`)).toBe(true);
  });
});

describe('the service', () => {
  let server: Server;
  let url: string;
  let answers: { status: number; headers?: Record<string, string>; body?: string }[];
  let asked: { method: string; url: string; authorization: string; at: number }[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { method = '', url: path = '', headers } = request;
      asked.push({ method, url: path, authorization: headers.authorization ?? '', at: performance.now() });
      const { status, headers: given = {}, body = '{}' } = answers.shift() ?? { status: 404 };
      if (status === 0) return void response.destroy();
      response.writeHead(status, given).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const importAt = (...given: typeof answers) => {
    answers = given;
    asked = [];
    return importOf([files.of(`${HEADER}acme,Acme,,c-1,ES,2026-01-01,2027-12-31,3,8\n`)], { url });
  };
  const missing = { status: 404 };
  const made = { status: 201 };

  it('is asked again where it is busy or the connection breaks', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' } };
    const result = await importAt({ status: 0 }, missing, busy, made, { status: 429 }, made);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT', 'PUT', 'PUT', 'PUT']);
    for (const { authorization } of asked)
      expect(authorization).toContain('/eu-west-1/execute-api/aws4_request');
  });

  it('that refuses the credentials ends it at once', async () => {
    const result = await importAt({ status: 403, body: '{"message":"Forbidden"}' });
    expect(result).toMatchObject({
      code: 2,
      err: expect.stringContaining('refused the credentials (403)') as string,
    });
    expect(asked).toHaveLength(1);
  });

  it('may answer anything: it is told and shown clean', async () => {
    const body = JSON.stringify({
      code: 'body-invalid',
      faults: [{ path: 'name\u001b', message: 'no' }, null],
    });
    const result = await importAt(missing, { status: 400, body });
    expect(result.code).toBe(1);
    expect(result.err).toContain(
      'acme: failed: the customer acme was answered with 400 body-invalid; name? no',
    );
    const moved = await importAt({ status: 302, headers: { location: 'https://elsewhere.example' } });
    expect(moved.err).toContain('answered with 302');
    expect(asked).toHaveLength(1);
    expect((await importAt(missing, { status: 418, body: '<html>' })).err).toContain('answered with 418');
  }, 60_000);

  it('gets no more requests in a second than it is allowed', async () => {
    answers = [missing, made, made];
    asked = [];
    const path = files.of(`${HEADER}acme,Acme,,c-1,ES,2026-01-01,2027-12-31,3,8\n`);
    await run([path, '--url', url, '--rate', '10']);
    expect((asked.at(-1)?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThan(190);
  });
});

describe('the program', () => {
  it.each([
    [[], 'name one file'],
    [['a.csv', 'b.csv'], 'name one file'],
    [['a.csv', '--fast'], '--help shows how'],
    [['a.csv', '--url', 'licensing'], '--url must be an address'],
    [['a.csv', '--url', 'http://licensing.example'], '--url must begin with https'],
    [['a.csv', '--url', 'https://licensing.example'], 'name the region'],
    [['a.csv', '--url', 'https://x.execute-api.eu-west-1.amazonaws.com'], 'set AWS_ACCESS_KEY_ID'],
    [['a.csv', '--rate', '0'], '--rate must be'],
    [['a.csv', '--language', 'xx'], '--language must be'],
    [['a.csv', '--time-zone', '+02:00'], '--time-zone must be'],
    [['a.csv', '--alerts-from', 'today'], '--alerts-from must be'],
  ])('called with %j says %s', async (args, message) => {
    const { code, err } = await run(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('runs by itself, with exit codes', async () => {
    const started = (args: string[]) =>
      new Promise<{ code: number | null; out: string }>((resolve) => {
        const child = spawn(process.execPath, [
          '--import',
          'tsx',
          join(root, 'order-import/main.ts'),
          ...args,
        ]);
        let out = '';
        child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
        child.on('close', (code) => resolve({ code, out }));
      });
    const id = newId();
    const file = files.of(`${HEADER}${id},Acme,,c-1,ES,2026-01-01,2027-12-31,3,8\n`);
    const [help, real, none] = await Promise.all([
      started(['--help']),
      started([file, '--url', world.service.url]),
      started(['/no/such/file.csv']),
    ]);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--dry-run') as string });
    expect(real).toMatchObject({ code: 0, out: expect.stringContaining('contract c-1 created') as string });
    expect(none.code).toBe(2);
    expect(await isThere(`${id}/contracts/c-1`)).toBe(true);
  });

  it('is explained with every column and option', () => {
    const page = readFileSync(join(root, 'docs/orders.md'), 'utf8');
    const sources = ['columns', 'settings'].map((name) =>
      readFileSync(join(root, `order-import/${name}.ts`), 'utf8'),
    );
    const columns = [...(sources[0] ?? '').matchAll(/^ {2}'(\w+)',$/gm)].map(([, name = '']) => name);
    const options = [...(sources[1] ?? '').matchAll(/^ {2}--([\w-]+)/gm)].map(([, name = '']) => name);
    expect(columns.length + options.length).toBeGreaterThan(18);
    const missing = [...columns, ...options].filter((name) => !new RegExp(`\`(?:--)?${name}\\b`).test(page));
    expect(missing).toEqual([]);
  });
});
