import { describe, expect, test } from 'vitest';
import { inPieces } from '../../lambdas/core/alerts/in-pieces.ts';
import { callsOf } from '../support/aws-proxy.ts';
import { aHostId, useWorld, type CustomerAnswer } from './world.ts';

const world = useWorld();

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next?: string;
}

const pageIn = ({ body }: CustomerAnswer): Page => body as Page;
const codeIn = ({ status, body }: CustomerAnswer) => ({ status, code: (body as { code: string }).code });

/** A customer with two hosts and a starter of an installation for three. */
async function aCluster() {
  const customerId = await world.customer();
  await world.order(customerId, 'c-1', { reference: 'PO 4711' });
  const hosts = [aHostId(), aHostId()];
  const licenses = [
    await world.issue(customerId, { id: hosts[0]!, name: 'rip-10' }),
    await world.issue(customerId, { id: hosts[1]!, name: 'rip-2' }),
    await world.issue(customerId),
  ];
  const files = [await world.renewed(licenses[0]!.file), await world.renewed(licenses[1]!.file)];
  return {
    customerId,
    hosts,
    files,
    ids: licenses.map(({ licenseId }) => licenseId),
    viewer: world.asCustomer(customerId, 'viewer'),
  };
}

describe('the overview', () => {
  test('counts and says what there is to do', async () => {
    const { viewer, ids, customerId } = await aCluster();
    const { status, body } = await viewer('GET', '/v1/customer/overview');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      customer: { id: customerId, name: 'Acme Print' },
      installations: 1,
      hosts: { ordered: 3, allowed: 3, licensed: 3 },
      licenses: { total: 3, byStanding: { healthy: 2, 'not-installed': 1 } },
      ending: { total: 1, items: [{ contracts: [{ id: 'c-1', reference: 'PO 4711' }], isTrial: false }] },
      coming: { total: 1, items: [{ kind: 'license-lapses', licenseId: ids[2] }] },
      todo: { total: 1, items: [{ kind: 'starter-waiting', licenseId: ids[2] }] },
    });
  });

  test('of a customer without anything is empty', async () => {
    const customerId = await world.customer();
    const { status, body } = await world.asCustomer(customerId, 'manager')('GET', '/v1/customer/overview');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { installations: 0, licenses: { total: 0 }, todo: { total: 0, items: [] } },
    });
  });

  test('refuses parameters that it does not have', async () => {
    const { viewer } = await aCluster();
    expect(codeIn(await viewer('GET', '/v1/customer/overview?customerId=other'))).toEqual({
      status: 400,
      code: 'query-invalid',
    });
  });
});

describe('the licenses', () => {
  test('come in pages, sorted as people sort', async () => {
    const { viewer, ids } = await aCluster();
    const first = pageIn(await viewer('GET', '/v1/customer/licenses?limit=2&sort=host'));
    expect(first.items.map(({ licenseId }) => licenseId)).toEqual([ids[1], ids[0]]);
    const second = pageIn(await viewer('GET', `/v1/customer/licenses?limit=2&sort=host&after=${first.next}`));
    expect(second.items.map(({ licenseId }) => licenseId)).toEqual([ids[2]]);
    expect(second).not.toHaveProperty('next');
  });

  test('are filtered by standing, text, product and installation', async () => {
    const { viewer, ids } = await aCluster();
    const idsOf = async (query: string) =>
      pageIn(await viewer('GET', `/v1/customer/licenses?${query}`)).items.map(({ licenseId }) => licenseId);
    expect(await idsOf('standing=not-installed')).toEqual([ids[2]]);
    expect(await idsOf('text=RIP-1')).toEqual([ids[0]]);
    expect(await idsOf('product=OTHER')).toEqual([]);
    expect(await idsOf('installation=main&product=ES')).toHaveLength(3);
  });

  test('of another customer are not shown, one by one neither', async () => {
    const theirs = await aCluster();
    const mine = await aCluster();
    const { items } = pageIn(await mine.viewer('GET', '/v1/customer/licenses'));
    expect(items.map(({ licenseId }) => licenseId).sort()).toEqual([...mine.ids].sort());
    for (const path of ['', '/timeline']) {
      const known = await mine.viewer('GET', `/v1/customer/licenses/${theirs.ids[0]}${path}`);
      const unknown = await mine.viewer('GET', `/v1/customer/licenses/nothing${path}`);
      expect(codeIn(known)).toEqual({ status: 404, code: 'license-not-found' });
      expect({ ...(known.body as object), requestId: '' }).toEqual({
        ...(unknown.body as object),
        requestId: '',
      });
    }
  });

  test('show one with its share, and no serial', async () => {
    const { viewer, ids, hosts, customerId, files } = await aCluster();
    await world.order(customerId, 'c-1', {
      revision: 2,
      lines: [
        { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
        {
          id: 'l2',
          option: 'render-engine',
          scope: 'pool',
          quantity: 4,
          startsOn: world.day(5),
          endsOn: world.day(9),
        },
      ],
    });
    const { status, body, text } = await viewer('GET', `/v1/customer/licenses/${ids[0]}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      licenseId: ids[0],
      standing: 'healthy',
      connection: 'online',
      host: { id: hosts[0], name: 'rip-10' },
      contracts: [{ id: 'c-1' }],
      formerHosts: [],
      transfersInLast365Days: 0,
      share: {
        now: [{ option: 'render-engine', quantity: 3 }],
        windows: [
          { quantity: 3, until: `${world.day(5)}T00:00:00Z` },
          { quantity: 4, from: `${world.day(5)}T00:00:00Z`, until: `${world.day(10)}T00:00:00Z` },
          // The starter lapses, and its part of the pool is free.
          { quantity: 3, from: `${world.day(10)}T00:00:00Z` },
          { quantity: 4 },
        ],
      },
    });
    const payload = Buffer.from(files[0]!.split('.')[1]!, 'base64url').toString();
    const { jti } = JSON.parse(payload) as { jti: string };
    expect(text).not.toContain(jti);
  });

  test('are exported as CSV', async () => {
    const { viewer, customerId, ids } = await aCluster();
    const { status, headers, text, bytes } = await viewer('GET', '/v1/customer/licenses.csv?sort=-host');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="licenses-${customerId}-${world.day()}.csv"`,
    });
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const rows = text.split('\r\n');
    expect(rows.at(-1)).toBe('');
    expect(rows.slice(1, -1).map((row) => row.split(',')[0])).toEqual([ids[0], ids[1], ids[2]]);
  });
});

describe('the time line', () => {
  test('shows files with their delay, and refusals of others, page by page', async () => {
    const { viewer, ids, files } = await aCluster();
    let [file = ''] = files;
    await world.advanceDays(1);
    file = await world.renewed(file);
    // Three days late and an hour.
    await world.advance(4 * 86_400_000 + 3_600_000);
    file = await world.renewed(file);
    for (let time = 0; time < 3; time += 1) await world.renew(file, { hostId: aHostId() });
    const path = `/v1/customer/licenses/${ids[0]}/timeline`;
    const whole = pageIn(await viewer('GET', path));
    expect(whole.items).toMatchObject([
      { kind: 'refusal', day: world.day(), code: 'host-mismatch', by: 'other', count: 3 },
      { kind: 'file', outcome: 'renewed', seq: 4, lateSeconds: 3 * 86_400 + 3_600, gapSeconds: 0 },
      { kind: 'file', outcome: 'renewed', seq: 3, lateSeconds: expect.any(Number) as number },
      { kind: 'file', outcome: 'renewed', seq: 2 },
      { kind: 'file', outcome: 'issued', seq: 1 },
    ]);
    const pages: unknown[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const page: Page = pageIn(await viewer('GET', `${path}?limit=2${next && `&after=${next}`}`));
      expect(page.items.length).toBeGreaterThan(0);
      pages.push(...page.items);
      ({ next } = page);
    }
    expect(pages).toEqual(whole.items);
  });

  test('names neither hosts nor addresses', async () => {
    const { viewer, ids, hosts, files } = await aCluster();
    const stranger = aHostId();
    await world.renew(files[0]!, { hostId: stranger, hostName: 'name-of-a-stranger' });
    const { text } = await viewer('GET', `/v1/customer/licenses/${ids[0]}/timeline`);
    expect(text).toContain('host-mismatch');
    for (const secret of [stranger, 'name-of-a-stranger', hosts[0]!, '127.0.0.1', 'rip-10'])
      expect(text).not.toContain(secret);
  });

  test.each([
    'x',
    Buffer.from('[-1,null]').toString('base64url'),
    Buffer.from('[3,"issue#000000000001"]').toString('base64url'),
  ])('refuses the cursor %j', async (after) => {
    const { viewer, ids } = await aCluster();
    expect(codeIn(await viewer('GET', `/v1/customer/licenses/${ids[0]}/timeline?after=${after}`))).toEqual({
      status: 400,
      code: 'query-invalid',
    });
  });
});

describe('the installations', () => {
  test('are listed, and one is shown with what changes', async () => {
    const { viewer, customerId, ids } = await aCluster();
    await world.order(customerId, 'c-2', {
      installation: 'second',
      startsOn: world.day(10),
      hosts: 1,
      kind: 'trial',
      endsOn: world.day(20),
    });
    const list = pageIn(await viewer('GET', '/v1/customer/installations?sort=product'));
    expect(list.items).toMatchObject([
      { installation: 'main', standing: 'entitled', hosts: { ordered: 3, licensed: 3 } },
      { installation: 'second', standing: 'contract-not-started', hosts: { ordered: 0, licensed: 0 } },
    ]);
    const main = await viewer('GET', '/v1/customer/installations/ES/main');
    expect(main.body).toMatchObject({
      contracts: [{ id: 'c-1', reference: 'PO 4711', status: 'in-force', hosts: 3, graceDays: 14 }],
      lines: [{ contractId: 'c-1', option: 'render-engine', quantity: 8, isTemporary: false }],
      options: [{ option: 'render-engine', pool: 8, everyHost: 0 }],
      licenses: { total: 3, byStanding: { healthy: 2 } },
    });
    const { licenses } = main.body as { licenses: { items: { licenseId: string }[] } };
    expect(licenses.items.map(({ licenseId }) => licenseId)).toEqual(ids);
    expect(codeIn(await viewer('GET', '/v1/customer/installations/ES/third'))).toEqual({
      status: 404,
      code: 'installation-not-found',
    });
  });
});

test('without a token nobody gets in, and the customer of the token counts alone', async () => {
  const { status } = await world.send('GET', '/v1/customer/overview', '');
  expect(status).toBe(401);
});

test(
  'a customer with 5,000 licenses is shown page by page, and whole as CSV',
  { timeout: 120_000 },
  async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', { hosts: 5_000 });
    const { licenseId: model } = await world.issue(customerId, { id: aHostId() });
    const license = await world.stored.licenseItem(model);
    const installation = await world.stored.installationItem(customerId);
    const ids = Array.from({ length: 5_000 }, (_, index) => `${customerId}-${index}`);
    await inPieces(ids, 50, (licenseId) =>
      world.stored.put('licenses', { ...license, licenseId, host: { id: `H-${licenseId}`, name: 'rip' } }),
    );
    await world.stored.put('installations', {
      ...installation,
      licenses: ids.map((id) => ({ id, hostId: `H-${id}` })),
    });

    const viewer = world.asCustomer(customerId, 'viewer');
    const before = world.proxy.calls.length;
    const page = pageIn(await viewer('GET', '/v1/customer/licenses?limit=200'));
    expect(page.items).toHaveLength(200);
    const calls = world.proxy.calls.slice(before).filter(callsOf('customer-overview'));
    expect(calls.filter(({ action }) => action === 'BatchGetItem').length).toBe(50);
    expect(calls).toHaveLength(52);
    const csv = await viewer('GET', '/v1/customer/licenses.csv');
    expect({ status: csv.status, rows: csv.text.split('\r\n').length }).toEqual({ status: 200, rows: 5_002 });
    expect((await viewer('GET', '/v1/customer/overview')).body).toMatchObject({ licenses: { total: 5_000 } });
    const one = await viewer('GET', '/v1/customer/installations/ES/main');
    expect(one.body).toMatchObject({ licenses: { total: 5_000 } });
    expect(one.bytes.length).toBeLessThan(200_000);
    expect((await viewer('GET', `/v1/customer/licenses/${ids[4_999]}`)).body).toMatchObject({
      licenseId: ids[4_999],
    });
  },
);
