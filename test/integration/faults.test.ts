import { describe, expect, test } from 'vitest';
import { actionsOf, barrier, callsOf, replyChanged, throttled, type Reply } from '../support/aws-proxy.ts';
import { expectCurrent, expectNoLeaks, expectProblem } from './expectations.ts';
import type { Item } from './stored-items.ts';
import { aHostId, claimsIn, useWorld } from './world.ts';

const world = useWorld();

interface BatchReply {
  readonly Responses: Readonly<Record<string, unknown[]>>;
  readonly UnprocessedKeys: Readonly<Record<string, unknown>>;
}

const isBatch = callsOf('renew', 'BatchGetItem');
const colorOnly = {
  revision: 2,
  lines: [{ id: 'l1', option: 'color-module', scope: 'every-host', quantity: 1 }],
};
const optionsOf = (file: string) => claimsIn(file).options.map(({ option }) => option);

/** Takes note of the installation in the next batch read, to answer a later one with it. */
function installationAsRead(): () => unknown[] {
  let seen: unknown[] = [];
  const table = world.stored.tableName('installations');
  world.proxy.intervene(
    isBatch,
    replyChanged((reply) => {
      seen = (reply.body as BatchReply).Responses[table] ?? [];
      return reply;
    }),
  );
  return () => seen;
}

/** Answers the next batch read with this installation, as a replica that lags behind does. */
function answerStale(installation: unknown[]): void {
  const table = world.stored.tableName('installations');
  world.proxy.intervene(
    isBatch,
    replyChanged(({ status, body }) => {
      const { Responses, ...rest } = body as BatchReply;
      return { status, body: { ...rest, Responses: { ...Responses, [table]: installation } } };
    }),
  );
}

describe('throttling', () => {
  test.each(['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem'])(
    'of %s that passes is not noticed; one that lasts is answered with 503 and heals',
    async (action) => {
      const { file } = await world.licensedHost();
      world.proxy.intervene(callsOf('renew', action), throttled);
      const first = await world.renewed(file);
      await expectCurrent(world, first);

      world.proxy.intervene(callsOf('renew', action), throttled, 3);
      const { result, calls } = await world.proxy.during(() => world.renew(first));
      expectProblem(result, 503, 'unavailable');
      expect(calls.filter(callsOf('renew', action))).toHaveLength(3);
      expect(await world.stored.licenseItem(claimsIn(file).sub)).toMatchObject({
        serial: claimsIn(first).jti,
      });
      await expectCurrent(world, await world.renewed(first));
    },
  );

  test('of the key on a cold function is not kept', async () => {
    const { file } = await world.licensedHost();
    world.service.killFunction('renew');
    world.proxy.intervene(callsOf('renew', 'GetPublicKey'), throttled, 3);
    expectProblem(await world.renew(file), 503, 'unavailable');
    await expectCurrent(world, await world.renewed(file));
  });

  test('of the list of licenses does not keep a bound host from its file', async () => {
    const { file, customerId, licenseId } = await world.starter();
    const hostId = aHostId();
    const isList = ({ input }: { input: Item }) =>
      input['TableName'] === world.stored.tableName('installations');
    world.proxy.intervene((call) => callsOf('renew', 'UpdateItem')(call) && isList(call), throttled, 3);
    const bound = await world.renewed(file, { hostId });
    await expectCurrent(world, bound);
    expect(world.logs.filter((line) => line.includes('list-not-in-step'))).toHaveLength(1);
    await world.renewed(bound);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });

  test('of the vendor routes is answered with 503 too', async () => {
    const { licenseId } = await world.licensedHost();
    world.proxy.intervene(callsOf('licenses', 'GetItem'), throttled, 3);
    const { status, headers, body } = await world.vendor('GET', `/v1/licenses/${licenseId}`);
    expect({ status, retryAfter: headers.get('retry-after'), body }).toMatchObject({
      status: 503,
      retryAfter: '60',
      body: { code: 'unavailable' },
    });
  });
});

describe('a batch that leaves keys unprocessed', () => {
  const leaveOver = (table: string, { status, body }: Reply, keys: unknown): Reply => {
    const { Responses } = body as BatchReply;
    return { status, body: { Responses: { ...Responses, [table]: [] }, UnprocessedKeys: { [table]: keys } } };
  };

  test.each(['licenses', 'installations'])('of %s is asked for the rest', async (name) => {
    const { file } = await world.licensedHost();
    const table = world.stored.tableName(name);
    const keys = (input: Item) => (input['RequestItems'] as Item)[table];
    world.proxy.intervene(
      isBatch,
      replyChanged((reply, { input }) => leaveOver(table, reply, keys(input))),
    );
    const { result, calls } = await world.proxy.during(() => world.renewed(file));
    await expectCurrent(world, result);
    const batches = calls.filter(isBatch);
    expect(batches).toHaveLength(2);
    expect(batches[1]?.input['RequestItems']).toEqual({ [table]: keys(batches[0]!.input) });
  });

  test('again and again is given up with 503', async () => {
    const { file } = await world.licensedHost();
    const table = world.stored.tableName('installations');
    const keys = { Keys: [{ customerId: { S: 'x' }, installation: { S: 'ES#main' } }] };
    world.proxy.intervene(
      isBatch,
      replyChanged((reply) => leaveOver(table, reply, keys)),
      4,
    );
    const { result, calls } = await world.proxy.during(() => world.renew(file));
    expectProblem(result, 503, 'unavailable');
    expect(actionsOf(calls)).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
    await expectCurrent(world, await world.renewed(file));
  });
});

describe('a stale read of the installation', () => {
  test('that is older than the license has seen is read again strongly', async () => {
    const { file, customerId } = await world.licensedHost();
    const old = installationAsRead();
    const first = await world.renewed(file);
    await world.order(customerId, 'c-1', colorOnly);
    const second = await world.renewed(first);
    answerStale(old());
    const { result, calls } = await world.proxy.during(() => world.renewed(second));
    expect(actionsOf(calls)).toEqual(['BatchGetItem', 'GetItem', 'Sign', 'PutItem', 'UpdateItem']);
    expect(optionsOf(result)).toEqual(['color-module']);
  });

  test('that the license cannot know of gives the old share once, and the next renewal the new one', async () => {
    const { file, customerId } = await world.licensedHost();
    const old = installationAsRead();
    const first = await world.renewed(file);
    await world.order(customerId, 'c-1', colorOnly);
    answerStale(old());
    const second = await world.renewed(first);
    expect(optionsOf(second)).toEqual(['render-engine']);
    expect(optionsOf(await world.renewed(second))).toEqual(['color-module']);
  });

  test('refuses nobody: before a refusal it is read strongly', async () => {
    const { file, customerId } = await world.licensedHost();
    const suspended = installationAsRead();
    await world.order(customerId, 'c-1', { revision: 2, status: 'suspended' });
    expectProblem(await world.renew(file), 403, 'contract-suspended');
    await world.order(customerId, 'c-1', { revision: 3 });
    answerStale(suspended());
    const { result, calls } = await world.proxy.during(() => world.renewed(file));
    expect(actionsOf(calls)).toEqual(['BatchGetItem', 'GetItem', 'Sign', 'PutItem', 'UpdateItem']);
    await expectCurrent(world, result);
  });

  test('that does not know it yet refuses nobody either', async () => {
    const { file } = await world.licensedHost();
    answerStale([]);
    await expectCurrent(world, await world.renewed(file));
  });
});

describe('a database that was restored to an older state', () => {
  test('goes on behind the files in the field: no sequence number comes twice', async () => {
    const { file, licenseId } = await world.licensedHost();
    const backup = await world.stored.licenseItem(licenseId);
    const second = await world.renewed(file);
    const third = await world.renewed(second);
    await world.stored.put('licenses', backup!);

    const fourth = await world.renewed(third);
    expect(claimsIn(fourth)).toMatchObject({ seq: 4, replaces: claimsIn(third).jti });
    await expectCurrent(world, fourth);
    await expectCurrent(world, await world.renewed(fourth));
    const serials = (await world.stored.records(licenseId)).map(({ payload }) => String(payload));
    expect(new Set(serials).size).toBe(5);
  });

  test('that kept the records behind it passes over the numbers that are taken', async () => {
    const { file, licenseId } = await world.licensedHost();
    const second = await world.renewed(file);
    const backup = await world.stored.licenseItem(licenseId);
    await world.renewed(await world.renewed(second));
    await world.stored.put('licenses', backup!);
    await world.advance(11 * 60_000);

    const next = await world.renewed(second);
    expect(claimsIn(next).seq).toBe(5);
    await expectCurrent(world, next);
  });

  test('and lost its records as well still renews', async () => {
    const { file, licenseId } = await world.licensedHost();
    const backup = await world.stored.licenseItem(licenseId);
    const second = await world.renewed(file);
    for (const { record } of await world.stored.records(licenseId))
      await world.stored.remove('renewals', { licenseId, record });
    await world.stored.put('licenses', backup!);
    await expectCurrent(world, await world.renewed(second));
  });

  test('before a take-over believes the newer file: the former host stays out', async () => {
    const { file, licenseId, hostId } = await world.licensedHost();
    const target = aHostId();
    await world.stored.declareTransfer(licenseId, { hostId: target });
    const backup = await world.stored.licenseItem(licenseId);
    const taken = await world.renewed(file, { hostId: target });
    await world.stored.put('licenses', backup!);

    const next = await world.renewed(taken);
    expect(claimsIn(next).host?.id).toBe(target);
    await expectCurrent(world, next);
    expectProblem(await world.renew(file, { hostId }), 403, 'license-transferred');
  });

  test('without the license recreates it from the file', async () => {
    const { file, licenseId, hostId, customerId } = await world.licensedHost();
    const second = await world.renewed(file);
    await world.stored.remove('licenses', { licenseId });

    const third = await world.renewed(second);
    await expectCurrent(world, third);
    expect(claimsIn(third).seq).toBe(3);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({
      licenseId,
      customerId,
      state: 'active',
      version: 1,
    });
    expectProblem(await world.renew(second, { hostId: aHostId() }), 403, 'host-mismatch');
    expect((await world.stored.licenseItem(licenseId))?.['host']).toMatchObject({ id: hostId });
  });

  test('without the license recreates it once, however many renew at once', async () => {
    const { file, licenseId } = await world.licensedHost();
    const second = await world.renewed(file);
    await world.stored.remove('licenses', { licenseId });
    world.proxy.intervene(isBatch, barrier(4), 4);
    const files = new Set(await Promise.all(Array.from({ length: 4 }, () => world.renewed(second))));
    expect(files.size).toBe(1);
    await expectCurrent(world, [...files][0]!);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ version: 1, seq: 3 });
  });

  test('without the license does not let a starter file bind the license of a known host', async () => {
    const { file, licenseId } = await world.starter();
    const hostId = aHostId();
    await world.renewed(file, { hostId });
    await world.stored.remove('licenses', { licenseId });
    expectProblem(await world.renew(file, { hostId: aHostId() }), 403, 'host-mismatch');
    await expectCurrent(world, await world.renewed(file, { hostId }));
  });

  test('with an older installation renews from it, at the price of one strong read', async () => {
    const { file, customerId } = await world.licensedHost();
    const backup = await world.stored.installationItem(customerId);
    await world.order(customerId, 'c-1', colorOnly);
    const second = await world.renewed(file);
    await world.stored.put('installations', backup!);
    const restored = await world.proxy.during(() => world.renewed(second));
    expect(actionsOf(restored.calls)).toEqual(['BatchGetItem', 'GetItem', 'Sign', 'PutItem', 'UpdateItem']);
    expect(optionsOf(restored.result)).toEqual(['render-engine']);
    const next = await world.proxy.during(() => world.renewed(restored.result));
    expect(actionsOf(next.calls)).toEqual(['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem']);
    // The same order again rebuilds the installation.
    await world.order(customerId, 'c-1', colorOnly);
    expect(optionsOf(await world.renewed(next.result))).toEqual(['color-module']);
  });

  test('with an installation that does not list the license lists it again', async () => {
    const { file, licenseId, hostId, customerId } = await world.licensedHost();
    const installation = await world.stored.installationItem(customerId);
    await world.stored.put('installations', {
      ...installation,
      licenses: [],
      version: Number(installation?.['version']) + 1,
    });
    expect(optionsOf(await world.renewed(file))).toEqual(['render-engine']);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });
});

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
