import { beforeAll, describe, expect, inject, test } from 'vitest';
import type {
  DistributionAnswer,
  PreviewAnswer,
  WhatIfAnswer,
} from '../../lambdas/core/api/distribution-operations.ts';
import { callsOf, replyLost, type AwsCall } from '../support/aws-proxy.ts';
import { Permissions } from '../support/iam.ts';
import { expectNoLeaks, expectProblem } from './expectations.ts';
import { walkDistribution } from './walk-distribution.ts';
import { aHostId, claimsIn, useWorld, type CustomerClient } from './world.ts';

const world = useWorld();

const HOUR_MS = 3_600_000;
const MINUTE = 60;
const INSTALLATION = '/v1/customer/installations/ES/main';
const FUNCTION = 'customer-distribution';

/** A cluster of hosts of one customer, each with the file that it holds. */
class Cluster {
  readonly customerId: string;
  readonly names: readonly string[];
  readonly ids: readonly string[];
  readonly files: string[];
  readonly manager: CustomerClient;
  readonly viewer: CustomerClient;

  private constructor(customerId: string, names: readonly string[], ids: readonly string[], files: string[]) {
    this.customerId = customerId;
    this.names = names;
    this.ids = ids;
    this.files = files;
    this.manager = world.asCustomer(customerId, 'manager');
    this.viewer = world.asCustomer(customerId, 'viewer');
  }

  /** Three hosts with eight render engines, unless given otherwise; all hold a file of the whole cluster. */
  static async of(
    given: Record<string, unknown> = {},
    names = ['rip-01', 'rip-02', 'rip-03'],
  ): Promise<Cluster> {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', given);
    const issued = [];
    for (const name of names) issued.push(await world.issue(customerId, { id: aHostId(), name }));
    const cluster = new Cluster(
      customerId,
      names,
      issued.map(({ licenseId }) => licenseId),
      issued.map(({ file }) => file),
    );
    await cluster.renewAll();
    return cluster;
  }

  async renew(index: number): Promise<void> {
    this.files[index] = await world.renewed(this.files[index] ?? '');
  }

  async renewAll(): Promise<void> {
    for (const index of this.ids.keys()) await this.renew(index);
  }

  async distribution(): Promise<DistributionAnswer> {
    const { status, body, text } = await this.viewer('GET', `${INSTALLATION}/distribution`);
    expect(status, text).toBe(200);
    return body as DistributionAnswer;
  }

  quantities(...quantities: number[]): Record<string, number> {
    return Object.fromEntries(this.ids.map((id, index) => [id, quantities[index] ?? 0]));
  }

  async body(quantities: Record<string, number> | null, given: object = {}): Promise<object> {
    const { version } = await this.distribution();
    return { version, options: { 'render-engine': quantities }, ...given };
  }

  async declare(quantities: Record<string, number> | null, given: object = {}): Promise<DistributionAnswer> {
    const declaration = await this.body(quantities, given);
    const { status, body, text } = await this.manager('PUT', `${INSTALLATION}/distribution`, declaration);
    expect(status, text).toBe(200);
    return body as DistributionAnswer;
  }

  async preview(quantities: Record<string, number> | null, given: object = {}): Promise<PreviewAnswer> {
    const declaration = await this.body(quantities, given);
    const { status, body, text } = await this.viewer(
      'POST',
      `${INSTALLATION}/distribution/preview`,
      declaration,
    );
    expect(status, text).toBe(200);
    return body as PreviewAnswer;
  }

  async whatIf(question: object): Promise<WhatIfAnswer> {
    const { status, body, text } = await this.viewer('POST', `${INSTALLATION}/what-if`, question);
    expect(status, text).toBe(200);
    return body as WhatIfAnswer;
  }

  /** What the files that the hosts hold say of an instant. */
  heldAt(instant: number): number[] {
    return this.files.map((file) => engines(file, instant));
  }
}

/** What a file says of an instant. */
function engines(file: string, instant: number): number {
  const { exp, options } = claimsIn(file);
  const window = options.find(
    ({ option, from, until }) => option === 'render-engine' && from <= instant && instant < until,
  );
  return instant < exp ? (window?.quantity ?? 0) : 0;
}

const nowSeconds = () => Math.floor(world.now().getTime() / 1000);

const sharesIn = ({ options }: DistributionAnswer) =>
  options.find(({ option }) => option === 'render-engine')?.shares.map(({ share }) => share);

describe('a cluster of three hosts with eight render engines', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.of();
  });

  test('has them evenly until its customer declares 5, 2 and 1, which all files carry as a switch', async () => {
    expect(cluster.heldAt(nowSeconds())).toEqual([3, 3, 2]);
    expect(sharesIn(await cluster.distribution())).toEqual([3, 3, 2]);

    const wanted = cluster.quantities(5, 2, 1);
    const preview = await cluster.preview(wanted);
    expect(preview.overlap).toEqual([]);
    expect(preview.hosts.map(({ host }) => host?.name)).toEqual(['rip-01', 'rip-02', 'rip-03']);

    const declared = await cluster.declare(wanted);
    const effectiveAt = Date.parse(declared.pending[0]?.effectiveAt ?? '') / 1000;
    expect(effectiveAt - nowSeconds()).toBeGreaterThan(25 * 3600 - 60);
    expect(effectiveAt - nowSeconds()).toBeLessThanOrEqual(25 * 3600);
    expect(declared.notRenewed).toEqual(cluster.ids);
    expect(declared.pending).toMatchObject([{ option: 'render-engine', quantities: wanted }]);

    await cluster.renewAll();
    expect(cluster.heldAt(effectiveAt - 1)).toEqual([3, 3, 2]);
    expect(cluster.heldAt(effectiveAt)).toEqual([5, 2, 1]);
    expect(await cluster.distribution()).toMatchObject({ notRenewed: [], notRenewedInAll: 0, overlap: [] });

    await world.advance(26 * HOUR_MS);
    // Nobody has renewed since: the files switch by themselves.
    expect(cluster.heldAt(nowSeconds())).toEqual([5, 2, 1]);
    const after = await cluster.distribution();
    expect(sharesIn(after)).toEqual([5, 2, 1]);
    expect(after.options[0]?.shares.map(({ declared: d, delivered }) => [d, delivered])).toEqual([
      [5, 5],
      [2, 2],
      [1, 1],
    ]);
    expect(after.pending).toEqual([]);
  });

  test('gets four more for a week, which start and end by themselves', async () => {
    const temporary = { id: 'l2', option: 'render-engine', scope: 'pool', quantity: 4 };
    const days = { startsOn: world.day(7), endsOn: world.day(13) };
    const asked = await cluster.whatIf({
      lines: [{ option: 'render-engine', scope: 'pool', quantity: 4, ...days }],
    });
    const lines = [
      { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
      { ...temporary, ...days },
    ];
    await world.order(cluster.customerId, 'c-1', { revision: 2, lines });
    await cluster.renewAll();

    const [start, end] = [world.day(7), world.day(14)].map((day) => Date.parse(day) / 1000) as [
      number,
      number,
    ];
    const shown = await cluster.distribution();
    expect(shown.options[0]?.windows.map(({ pool }) => pool)).toEqual([8, 12, 8]);
    // What was asked before the order is what came of it.
    for (const { licenseId, options } of asked.hosts) {
      const windows = shown.options[0]?.shares.find((share) => share.licenseId === licenseId)?.windows ?? [];
      // The last one ends at the horizon, which has moved on by some seconds.
      expect(options[0]?.after.map(({ quantity }) => quantity)).toEqual(
        windows.map(({ quantity }) => quantity),
      );
      expect(options[0]?.after.slice(1).map(({ from }) => from)).toEqual(
        windows.slice(1).map(({ from }) => from),
      );
    }
    // All three are named: what the declaration leaves goes to those that want some, evenly.
    expect(cluster.heldAt(start - 1)).toEqual([5, 2, 1]);
    expect(cluster.heldAt(start)).toEqual([7, 3, 2]);
    expect(cluster.heldAt(end)).toEqual([5, 2, 1]);

    await world.advanceDays(8);
    expect(sharesIn(await cluster.distribution())).toEqual([7, 3, 2]);
    await world.advanceDays(8);
    await cluster.renewAll();
    expect(cluster.heldAt(nowSeconds())).toEqual([5, 2, 1]);
  });

  test('moves three from one host to another: eight are delivered at every minute, whenever the hosts renew', async () => {
    const held: { from: number; files: string[] }[] = [{ from: nowSeconds(), files: [...cluster.files] }];
    await cluster.declare(cluster.quantities(2, 5, 1));
    for (let round = 0; round < 6; round += 1) {
      // Eight hours apart: each renews once a day, at its own time.
      await world.advance(8 * HOUR_MS);
      await cluster.renew(round % 3);
      held.push({ from: nowSeconds(), files: [...cluster.files] });
    }
    const end = nowSeconds() + 2 * 86_400;
    const sums = new Set<number>();
    const seen = new Set<string>();
    held.forEach(({ from, files }, index) => {
      for (let instant = from; instant < (held[index + 1]?.from ?? end); instant += MINUTE) {
        const quantities = files.map((file) => engines(file, instant));
        sums.add(quantities.reduce((sum, one) => sum + one, 0));
        seen.add(quantities.join());
      }
    });
    expect([...sums]).toEqual([8]);
    expect([...seen]).toEqual(['5,2,1', '2,5,1']);
  });

  test('shrinks to six: in proportion, and those that have not renewed are named with their overlap', async () => {
    await cluster.declare(cluster.quantities(5, 2, 1), { effective: 'now' });
    await cluster.renewAll();
    const lines = [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 6 }];
    await world.order(cluster.customerId, 'c-1', { revision: 3, lines });
    const before = await cluster.distribution();
    // 3.75, 1.5 and 0.75.
    expect(sharesIn(before)).toEqual([4, 1, 1]);
    expect(before.overlap).toMatchObject([
      { tooMuch: 2, holdersInAll: 2, holders: [{ tooMuch: 1 }, { tooMuch: 1 }] },
    ]);
    const names = before.overlap[0]?.holders.map(({ host }) => host.name);
    expect(names).toEqual(['rip-01', 'rip-02']);
    expect(before.overlap[0]?.until).toBe(
      new Date(claimsIn(cluster.files[0] ?? '').exp * 1000).toISOString().replace('.000', ''),
    );

    await cluster.renewAll();
    expect(cluster.heldAt(nowSeconds())).toEqual([4, 1, 1]);
    expect((await cluster.distribution()).overlap).toEqual([]);
  });

  test('is spread evenly again once the declaration is withdrawn', async () => {
    const shown = await cluster.declare(null, { effective: 'now' });
    expect(sharesIn(shown)).toEqual([2, 2, 2]);
    expect(shown.pending).toEqual([]);
    expect(shown.options[0]).not.toHaveProperty('declaredSince');
    // The two that get less hold what they have until they renew.
    expect(shown.notRenewed).toEqual(cluster.ids);
    await cluster.renewAll();
    expect(cluster.heldAt(nowSeconds())).toEqual([2, 2, 2]);
  });
});

describe('a declaration', () => {
  test('that comes now overlaps on hosts that did not renew, as its preview says', async () => {
    const cluster = await Cluster.of();
    const wanted = cluster.quantities(0, 6, 2);
    const { overlap } = await cluster.preview(wanted, { effective: 'now' });
    expect(overlap).toMatchObject([{ tooMuch: 3, holders: [{ host: { name: 'rip-01' }, tooMuch: 3 }] }]);
    await cluster.declare(wanted, { effective: 'now' });
    await cluster.renew(1);
    const shown = await cluster.distribution();
    expect(shown.notRenewed).toEqual([cluster.ids[0]]);
    expect(shown.overlap).toMatchObject([
      { tooMuch: 3, holders: [{ host: { name: 'rip-01' }, tooMuch: 3 }] },
    ]);
    await cluster.renew(0);
    expect((await cluster.distribution()).overlap).toEqual([]);
  });

  test('is written once, however often it is sent, and refused where somebody else was faster', async () => {
    const cluster = await Cluster.of();
    const declaration = await cluster.body(cluster.quantities(5, 2, 1));
    world.proxy.intervene(callsOf(FUNCTION, 'UpdateItem'), replyLost);
    const first = await cluster.manager('PUT', `${INSTALLATION}/distribution`, declaration);
    const second = await cluster.manager('PUT', `${INSTALLATION}/distribution`, declaration);
    expect([first.status, second.status]).toEqual([200, 200]);
    const { version } = declaration as { version: number };
    expect(second.body).toMatchObject({ version: version + 1 });

    const other = { ...declaration, options: { 'render-engine': cluster.quantities(4, 2, 2) } };
    const refused = await cluster.manager('PUT', `${INSTALLATION}/distribution`, other);
    const problem = expectProblem(refused, 409, 'version-outdated');
    expect(problem.detail).toContain(`version ${version + 1} now`);
  });

  test('of racing managers is one: the other is told', async () => {
    const cluster = await Cluster.of();
    const bodies = await Promise.all(
      [1, 2, 3, 4].map((first) => cluster.body(cluster.quantities(first, 0, 0), { effective: 'now' })),
    );
    const answers = await Promise.all(
      bodies.map((body) => cluster.manager('PUT', `${INSTALLATION}/distribution`, body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  test('is for managers, and for an installation of the own customer', async () => {
    const cluster = await Cluster.of({}, ['rip-01']);
    const declaration = await cluster.body(cluster.quantities(1));
    expectProblem(
      await cluster.viewer('PUT', `${INSTALLATION}/distribution`, declaration),
      403,
      'role-insufficient',
    );
    const stranger = world.asCustomer(await world.customer(), 'manager');
    for (const path of [
      INSTALLATION,
      '/v1/customer/installations/ES/none',
      '/v1/customer/installations/%20/main',
    ]) {
      expectProblem(await stranger('GET', `${path}/distribution`), 404, 'installation-not-found');
      expectProblem(
        await stranger('PUT', `${path}/distribution`, declaration),
        404,
        'installation-not-found',
      );
      expectProblem(
        await stranger('POST', `${path}/distribution/preview`, declaration),
        404,
        'installation-not-found',
      );
      expectProblem(await stranger('POST', `${path}/what-if`, {}), 404, 'installation-not-found');
    }
  });

  test('with a page that is none is refused, and nothing of it is written', async () => {
    const cluster = await Cluster.of({}, ['rip-01']);
    const declaration = await cluster.body(cluster.quantities(1));
    const { version } = await cluster.distribution();
    for (const query of ['limit=0', 'after=x', 'after=WyJ4Il0', 'more=1']) {
      const refused = await cluster.manager('PUT', `${INSTALLATION}/distribution?${query}`, declaration);
      expectProblem(refused, 400, 'query-invalid');
    }
    expect(await cluster.distribution()).toMatchObject({ version, pending: [] });
  });

  test('is refused with every fault by its path', async () => {
    const cluster = await Cluster.of({}, ['rip-01']);
    const wrong = { version: 1, options: { 'render-engine': { [cluster.ids[0] ?? '']: -1 } }, more: true };
    for (const [method, path] of [
      ['PUT', 'distribution'],
      ['POST', 'distribution/preview'],
    ] as const) {
      const answer = await cluster.manager(method, `${INSTALLATION}/${path}`, wrong);
      expectProblem(answer, 400, 'body-invalid');
      expect(answer.body).toMatchObject({
        faults: [{ path: `options.render-engine.${cluster.ids[0]}` }, { path: 'more' }],
      });
      expectProblem(await cluster.manager(method, `${INSTALLATION}/${path}`, '{'), 400, 'body-invalid');
      expectProblem(await cluster.manager(method, `${INSTALLATION}/${path}`, ' '.repeat(300_000)), 413);
    }
    const tooMuch = await cluster.body(cluster.quantities(9));
    const answer = await cluster.manager('PUT', `${INSTALLATION}/distribution`, tooMuch);
    expect(answer.body).toMatchObject({ code: 'body-invalid', faults: [{ path: 'options.render-engine' }] });
    expectProblem(await cluster.manager('GET', `${INSTALLATION}/distribution?limit=0`), 400, 'query-invalid');
    expectProblem(
      await cluster.manager('POST', `${INSTALLATION}/what-if`, { hosts: 0 }),
      400,
      'body-invalid',
    );
  });
});

describe('the role of the function', () => {
  let permissions: Permissions;
  beforeAll(async () => {
    permissions = new Permissions(inject('assembly'), world.service.functions);
    await walkDistribution(world);
  });
  const calls = () => world.proxy.calls.filter(callsOf(FUNCTION));
  const isAllowed = async (call: AwsCall) => (await permissions.judge(call)).every(({ allowed }) => allowed);
  const recorded = (action: string, table: string): AwsCall => {
    const name = world.stored.tableName(table);
    const isOf = ({ TableName, RequestItems }: { TableName?: unknown; RequestItems?: object }) =>
      TableName === name || Object.hasOwn(RequestItems ?? {}, name);
    const call = calls().find((found) => found.action === action && isOf(found.input));
    if (!call) throw new Error(`No ${action} of ${table}`);
    return call;
  };

  test('allows what it does, and nothing else', async () => {
    const needed = new Set<string>();
    // One of each kind: the histories above repeat them a hundred times.
    for (const call of new Map(
      calls().map((one) => [JSON.stringify([one.action, Object.keys(one.input)]), one]),
    ).values()) {
      for (const { allowed, permissions: used } of await permissions.judge(call)) {
        expect({ call: call.action, allowed }).toEqual({ call: call.action, allowed: true });
        used.forEach((one) => needed.add(one));
      }
    }
    const byAws = /^(?:UseKeyOfRenewalRecords|WriteLogs) /;
    for (const call of [recorded('BatchGetItem', 'licenses'), recorded('BatchGetItem', 'renewals')]) {
      for (const { permissions: used } of await permissions.judge(call))
        used.forEach((one) => needed.add(one));
    }
    expect(permissions.permissionsOf(FUNCTION).filter((one) => !needed.has(one) && !byAws.test(one))).toEqual(
      [],
    );
  });

  test.each(['sourceIp', 'hostId', 'hostName', 'serial', 'signature'])(
    'hides %s of a record',
    async (attribute) => {
      const call = recorded('BatchGetItem', 'renewals');
      const table = world.stored.tableName('renewals');
      const request = (call.input['RequestItems'] as Record<string, Record<string, unknown>>)[table] ?? {};
      const asking = (changed: object) => ({
        ...call,
        input: { RequestItems: { [table]: { ...request, ...changed } } },
      });
      expect(await isAllowed(asking({}))).toBe(true);
      const projection = `${String(request['ProjectionExpression'])}, ${attribute}`;
      expect(await isAllowed(asking({ ProjectionExpression: projection }))).toBe(false);
      expect(await isAllowed(asking({ ProjectionExpression: undefined }))).toBe(false);
    },
  );

  test('keeps what an order says from being written', async () => {
    const update = recorded('UpdateItem', 'installations');
    expect(await isAllowed(update)).toBe(true);
    const contracts = {
      UpdateExpression: `${String(update.input['UpdateExpression'])}, contracts = :licenses`,
    };
    expect(await isAllowed({ ...update, input: { ...update.input, ...contracts } })).toBe(false);
  });
});

test('the logs hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
