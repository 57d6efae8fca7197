import { describe, expect, test } from 'vitest';
import { actionsOf, barrier, callsOf, whenAsked, whenDone } from '../support/aws-proxy.ts';
import { expectCurrent, expectNoLeaks, expectProblem } from './expectations.ts';
import { aHostId, claimsIn, useWorld } from './world.ts';

const world = useWorld();

const issuesOf = async (licenseId: string) =>
  (await world.stored.records(licenseId)).filter(({ record }) => String(record).startsWith('issue#'));

describe('renewals of one license at once', () => {
  test('50 of them make one file, which all get', async () => {
    const { file, licenseId } = await world.licensedHost();
    const concurrency =
      world.service.functions.find(({ name }) => name === 'renew')?.reservedConcurrency ?? 0;
    expect(concurrency).toBeGreaterThan(1);
    // Processes take long to start where all start at once: they are there before the race.
    await Promise.all(Array.from({ length: 3 * concurrency }, () => world.renew('garbage')));
    // As many as there are processes decide on the very same read.
    world.proxy.intervene(callsOf('renew', 'BatchGetItem'), barrier(concurrency), concurrency);
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.renew(file)));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    const files = new Set(answers.map(({ text }) => text));
    expect(files.size).toBe(1);
    await expectCurrent(world, [...files][0]!);
    expect((await issuesOf(licenseId)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ seq: 2, serialsOn: { count: 2 } });
  });

  test('that all lost the race for the commit deliver what was committed', async () => {
    const { file } = await world.licensedHost();
    world.proxy.intervene(callsOf('renew', 'UpdateItem'), barrier(4), 4);
    const answers = await Promise.all(Array.from({ length: 4 }, () => world.renew(file)));
    const files = new Set(answers.map(({ text }) => text));
    expect(files.size).toBe(1);
    await expectCurrent(world, [...files][0]!);
  });

  test('with one starter file bind one of two hosts', async () => {
    const { file, licenseId } = await world.starter();
    const hosts = [aHostId(), aHostId()];
    world.proxy.intervene(callsOf('renew', 'BatchGetItem'), barrier(2), 2);
    const answers = await Promise.all(hosts.map((hostId) => world.renew(file, { hostId })));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expectProblem(answers[1 - winner]!, 403, 'host-mismatch');
    expect((await world.stored.licenseItem(licenseId))?.['host']).toEqual({ id: hosts[winner] });
    await expectCurrent(world, answers[winner]!.text);
  });

  test('by the former host and the target of a transfer leave it with the target', async () => {
    const { file, licenseId, hostId } = await world.licensedHost();
    const target = aHostId();
    await world.stored.declareTransfer(licenseId, { hostId: target });
    world.proxy.intervene(callsOf('renew', 'BatchGetItem'), barrier(2), 2);
    const [former, taken] = await Promise.all([world.renew(file), world.renew(file, { hostId: target })]);

    expect(taken.status).toBe(200);
    expect(claimsIn(taken.text).host?.id).toBe(target);
    await expectCurrent(world, taken.text);
    if (former.status === 200) expect(claimsIn(former.text).host?.id).toBe(hostId);
    else expectProblem(former, 403, 'license-transferred');
    expectProblem(await world.renew(file), 403, 'license-transferred');
  });
});

describe('a revocation', () => {
  test.each(['Sign', 'PutItem', 'UpdateItem'])(
    'before the %s of a renewal wins: nothing is delivered',
    async (action) => {
      const { file, licenseId } = await world.licensedHost();
      world.proxy.intervene(
        callsOf('renew', action),
        whenAsked(() => world.revoke(licenseId)),
      );
      expectProblem(await world.renew(file), 403, 'license-revoked');
      expect(await world.stored.licenseItem(licenseId)).toMatchObject({
        state: 'revoked',
        serial: claimsIn(file).jti,
      });

      await world.reinstate(licenseId);
      await expectCurrent(world, await world.renewed(file));
    },
  );

  test('after the commit of a renewal does not unsay it and stops the next', async () => {
    const { file, licenseId } = await world.licensedHost();
    world.proxy.intervene(
      callsOf('renew', 'UpdateItem'),
      whenDone(() => world.revoke(licenseId)),
    );
    const committed = await world.renewed(file);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({
      state: 'revoked',
      serial: claimsIn(committed).jti,
    });
    expectProblem(await world.renew(committed), 403, 'license-revoked');
    expectProblem(await world.renew(file), 403, 'license-revoked');
  });

  test('and its reinstatement during a renewal make it decide again', async () => {
    const { file, licenseId } = await world.licensedHost();
    world.proxy.intervene(
      callsOf('renew', 'UpdateItem'),
      whenAsked(async () => {
        await world.revoke(licenseId);
        await world.reinstate(licenseId);
      }),
    );
    const { result, calls } = await world.proxy.during(() => world.renewed(file));
    await expectCurrent(world, result);
    expect(actionsOf(calls.filter(callsOf('renew')))).toEqual([
      ...['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem', 'GetItem'],
      ...['Sign', 'PutItem', 'Query', 'Sign', 'PutItem', 'UpdateItem'],
    ]);
  });

  test('and reinstatement without end are answered as unavailable after three decisions', async () => {
    const { file, licenseId } = await world.licensedHost();
    world.proxy.intervene(
      (call) =>
        callsOf('renew', 'UpdateItem')(call) &&
        call.input['TableName'] === world.stored.tableName('licenses'),
      whenAsked(async () => {
        await world.revoke(licenseId);
        await world.reinstate(licenseId);
      }),
      3,
    );
    expectProblem(await world.renew(file), 503, 'unavailable');
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ serial: claimsIn(file).jti });
    await expectCurrent(world, await world.renewed(file));
  });
});

describe('an order', () => {
  const changed = {
    revision: 2,
    lines: [{ id: 'l1', option: 'color-module', scope: 'every-host', quantity: 1 }],
  };
  const optionsOf = (file: string) => claimsIn(file).options.map(({ option }) => option);

  test.each(['Sign', 'PutItem', 'UpdateItem'])(
    'before the %s of a renewal comes with the next one',
    async (action) => {
      const { file, customerId } = await world.licensedHost();
      world.proxy.intervene(
        callsOf('renew', action),
        whenAsked(() => world.order(customerId, 'c-1', changed)),
      );
      const first = await world.renewed(file);
      expect(optionsOf(first)).toEqual(['render-engine']);
      await expectCurrent(world, first);

      // Also for a host that never got the reply: the change must not wait for ten minutes.
      const next = await world.renewed(file);
      expect(optionsOf(next)).toEqual(['color-module']);
      await expectCurrent(world, next);
    },
  );

  test('that ends the contract during a renewal stops the next one', async () => {
    const { file, customerId } = await world.licensedHost({ graceDays: 0 });
    const cancelled = { revision: 2, status: 'cancelled', graceDays: 0 };
    world.proxy.intervene(
      callsOf('renew', 'UpdateItem'),
      whenAsked(() => world.order(customerId, 'c-1', cancelled)),
    );
    const last = await world.renewed(file);
    expectProblem(await world.renew(last), 403, 'contract-ended');
  });

  test('and a binding that race for the installation both take effect', async () => {
    const { file, customerId, licenseId } = await world.starter();
    const hostId = aHostId();
    const isListWrite = (call: Parameters<ReturnType<typeof callsOf>>[0]) =>
      callsOf('renew', 'UpdateItem')(call) &&
      call.input['TableName'] === world.stored.tableName('installations');
    world.proxy.intervene(
      isListWrite,
      whenAsked(() => world.order(customerId, 'c-1', changed)),
    );
    const bound = await world.renewed(file, { hostId });
    // The order came first: the list is written by the next renewal.
    const next = await world.renewed(bound);
    expect(optionsOf(next)).toEqual(['color-module']);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });
});

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
