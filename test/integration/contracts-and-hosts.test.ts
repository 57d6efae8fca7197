import { describe, expect, test } from 'vitest';
import { actionsOf } from '../support/aws-proxy.ts';
import { expectNoLeaks, expectProblem } from './expectations.ts';
import { aHostId, claimsIn, useWorld } from './world.ts';

const world = useWorld();

const MINUTE_MS = 60_000;

/** All that a stranger leaves in a license: the customer may know the machine. */
const noted = (id: string): unknown => expect.objectContaining({ id });

describe('a contract', () => {
  test('that ended yesterday renews in grace, is refused after it, and revives the host when it is extended', async () => {
    const { file, customerId } = await world.licensedHost({ endsOn: world.day() });
    const end = Date.parse(`${world.day(1)}T00:00:00Z`) / 1000;

    await world.advanceDays(1);
    const inGrace = await world.renewed(file);
    expect(claimsIn(inGrace)).toMatchObject({ entitledUntil: end, exp: end + 14 * 86_400 });

    await world.advanceDays(14);
    expectProblem(await world.renew(inGrace), 403, 'contract-ended');

    await world.order(customerId, 'c-1', { revision: 2, endsOn: world.day(365) });
    const revived = claimsIn(await world.renewed(inGrace));
    expect(revived.exp).toBe(revived.iat + 35 * 86_400);
  });

  test('that is suspended refuses until it is active again', async () => {
    const { file, customerId } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, status: 'suspended' });
    expectProblem(await world.renew(file), 403, 'contract-suspended');
    await world.order(customerId, 'c-1', { revision: 3 });
    await world.renewed(file);
  });

  test('that is cancelled shortens the next file to the end of its grace', async () => {
    const { file, customerId } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, status: 'cancelled' });
    const claims = claimsIn(await world.renewed(file));
    expect(claims.exp).toBe((claims.entitledUntil ?? 0) + 14 * 86_400);
    expect(claims.exp).toBeLessThan(claims.iat + 15 * 86_400);
  });

  test('that starts later gives a starter file, which binds from its first day on', async () => {
    const { file } = await world.starter({ startsOn: world.day(5), endsOn: world.day(400) });
    const hostId = aHostId();
    expectProblem(await world.renew(file, { hostId }), 403, 'contract-not-started');
    await world.advanceDays(5);
    await world.renewed(file, { hostId });
  });

  test('under a new id succeeds an old one, and an add-on overlaps it: the license keeps its id', async () => {
    const { file, customerId, licenseId } = await world.licensedHost({ endsOn: world.day(10) });
    await world.order(customerId, 'c-2', {
      supersedes: 'c-1',
      startsOn: world.day(),
      endsOn: world.day(400),
      lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 5 }],
    });
    await world.order(customerId, 'c-add-on', {
      hosts: 0,
      startsOn: world.day(-1),
      endsOn: world.day(20),
      lines: [
        { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 2 },
        { id: 'l2', option: 'color-module', scope: 'every-host', quantity: 1 },
      ],
    });
    const { sub, contracts, options, iat } = claimsIn(await world.renewed(file));
    expect(sub).toBe(licenseId);
    expect(contracts.map(({ id }) => id).sort()).toEqual(['c-2', 'c-add-on']);
    const inForce = options.filter(({ from, until }) => from <= iat && iat < until);
    expect(inForce.map(({ option, quantity }) => [option, quantity]).sort()).toEqual([
      ['color-module', 1],
      ['render-engine', 7],
    ]);
    // The add-on's end is a window of the same file: it comes in time on a host that is offline then.
    expect(options).toContainEqual(expect.objectContaining({ option: 'render-engine', quantity: 5 }));
  });

  test('of another product does not entitle', async () => {
    const { file, customerId } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, product: 'TWIST' });
    expectProblem(await world.renew(file), 403, 'contract-ended');
  });
});

describe('a starter file', () => {
  test('binds the first host that shows it, and the list of the installation follows', async () => {
    const { file, licenseId, customerId } = await world.starter();
    const hostId = aHostId();
    expectProblem(await world.renew(file), 403, 'host-id-required');
    const bound = claimsIn(await world.renewed(file, { hostId, hostName: `rip-${hostId}` }));

    expect(bound).toMatchObject({ sub: licenseId, seq: 1, host: { id: hostId, name: `rip-${hostId}` } });
    expect(bound.options).toHaveLength(1);
    expect((await world.stored.licenseItem(licenseId))?.['lapsesAt']).toBeUndefined();
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });

  test('that is replayed after binding gives nothing to another host', async () => {
    const { file, licenseId } = await world.starter();
    const hostId = aHostId();
    await world.renewed(file, { hostId });
    const before = await world.stored.licenseItem(licenseId);
    const stranger = aHostId();
    expectProblem(await world.renew(file, { hostId: stranger }), 403, 'host-mismatch');
    expectProblem(await world.renew(file), 403, 'host-id-required');
    expect(await world.stored.licenseItem(licenseId)).toEqual({ ...before, unknownHost: noted(stranger) });
    // The bound host itself may have lost everything else.
    expect(claimsIn(await world.renewed(file, { hostId })).host?.id).toBe(hostId);
  });

  test('lapses when it was not used in time', async () => {
    const { file } = await world.starter();
    await world.advanceDays(30);
    expectProblem(await world.renew(file, { hostId: aHostId() }), 403, 'starter-lapsed');
  });
});

describe('the host of a license', () => {
  test('alone may renew it', async () => {
    const { file, licenseId } = await world.licensedHost();
    const before = await world.stored.licenseItem(licenseId);
    const stranger = aHostId();
    expectProblem(await world.renew(file, { hostId: stranger }), 403, 'host-mismatch');
    expect(await world.stored.licenseItem(licenseId)).toEqual({ ...before, unknownHost: noted(stranger) });
  });

  test('changes by a declared transfer with the first renewal of the target; the former one is refused then', async () => {
    const { file, licenseId, customerId, hostId } = await world.licensedHost();
    const target = aHostId();
    await world.stored.declareTransfer(licenseId, { hostId: target });

    const old = await world.renewed(file);
    const taken = await world.renewed(old, { hostId: target });
    expect(claimsIn(taken)).toMatchObject({ sub: licenseId, host: { id: target } });

    expectProblem(await world.renew(old), 403, 'license-transferred');
    expectProblem(await world.renew(taken, { hostId }), 403, 'license-transferred');
    expectProblem(await world.renew(taken, { hostId: aHostId() }), 403, 'host-mismatch');
    expect(claimsIn(await world.renewed(taken)).host?.id).toBe(target);
    const after = await world.stored.licenseItem(licenseId);
    expect(after).toMatchObject({ host: { id: target }, formerHosts: [hostId] });
    expect(after).not.toHaveProperty('transfer');
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId: target },
    ]);
  });

  test('changes by a starter file that the transfer names', async () => {
    const { licenseId, file, hostId } = await world.licensedHost();
    const header = Buffer.from(file.split('.')[0] ?? '', 'base64url').toString();
    const { host, replaces, entitledUntil, ...claims } = claimsIn(file);
    const starter = { ...claims, jti: 'named-serial', seq: 0, contracts: [], options: [] };
    const named = await world.signedByTheService(header, JSON.stringify(starter));
    const unnamed = await world.signedByTheService(
      header,
      JSON.stringify({ ...starter, jti: 'another-serial' }),
    );
    await world.stored.declareTransfer(licenseId, { starterSerial: 'named-serial' });

    const target = aHostId();
    expectProblem(await world.renew(unnamed, { hostId: target }), 403, 'host-mismatch');
    expect(claimsIn(await world.renewed(named, { hostId: target })).host?.id).toBe(target);
    expectProblem(await world.renew(file, { hostId }), 403, 'license-transferred');
    expectProblem(await world.renew(named, { hostId: aHostId() }), 403, 'host-mismatch');
  });
});

describe('a refusal of a genuine file', () => {
  test('is recorded with its caller and counted; that of the bound host is noted in the license until it renews', async () => {
    const { file, licenseId, hostId } = await world.licensedHost();
    await world.revoke(licenseId);
    const revoked = await world.stored.licenseItem(licenseId);
    const stranger = aHostId();
    const strangersName = `rip-of-${stranger}`;
    expectProblem(await world.renew(file), 403, 'license-revoked');
    expectProblem(await world.renew(file), 403, 'license-revoked');
    expectProblem(
      await world.renew(file, { hostId: stranger, hostName: strangersName }),
      403,
      'host-mismatch',
    );

    const refusals = (await world.stored.records(licenseId)).filter(({ record }) =>
      String(record).startsWith('refusal#'),
    );
    expect(refusals).toEqual([
      expect.objectContaining({
        record: `refusal#${world.day()}#host-mismatch#other`,
        count: 1,
        sourceIp: '127.0.0.1',
        hostId: stranger,
        hostName: strangersName,
      }),
      expect.objectContaining({
        record: `refusal#${world.day()}#license-revoked#bound`,
        count: 2,
        sourceIp: '127.0.0.1',
        hostId,
        serial: claimsIn(file).jti,
      }),
    ]);
    const failing = await world.stored.licenseItem(licenseId);
    expect(failing).toMatchObject({
      version: revoked?.['version'],
      refusalsInRow: 2,
      lastRefusal: 'license-revoked',
    });
    expect(failing?.['failingSince']).toBeTypeOf('number');

    await world.reinstate(licenseId);
    await world.renewed(file);
    const healed = await world.stored.licenseItem(licenseId);
    for (const mark of ['failingSince', 'refusalsInRow', 'lastRefusal'])
      expect(healed).not.toHaveProperty(mark);
  });

  test('comes also for a license and an installation that nobody knows', async () => {
    const { file, licenseId, customerId } = await world.licensedHost();
    await world.stored.remove('licenses', { licenseId });
    await world.stored.remove('installations', { customerId, installation: 'ES#main' });
    expectProblem(await world.renew(file), 403, 'license-unknown');
    expect(await world.stored.records(licenseId)).toContainEqual(
      expect.objectContaining({ record: `refusal#${world.day()}#license-unknown#other` }),
    );
    await world.order(customerId, 'c-1');
    await world.renewed(file);
  });
});

describe('an earlier file of the chain', () => {
  test('gets the current one again within ten minutes, without a signature or a record', async () => {
    const { file, licenseId } = await world.licensedHost();
    const current = await world.renewed(file);
    const records = await world.stored.records(licenseId);
    const { result, calls } = await world.proxy.during(() => world.renew(file));
    expect(result.text).toBe(current);
    expect(actionsOf(calls)).toEqual(['BatchGetItem', 'GetItem']);
    expect(await world.stored.records(licenseId)).toEqual(records);

    await world.advance(10 * MINUTE_MS);
    expect(claimsIn(await world.renewed(file)).seq).toBe(3);
  });

  test('gets a new one where an order has changed the installation meanwhile', async () => {
    const { file, customerId } = await world.licensedHost();
    const current = await world.renewed(file);
    await world.order(customerId, 'c-1', { revision: 2, lines: [] });
    const answer = await world.renewed(file);
    expect(answer).not.toBe(current);
    expect(claimsIn(answer)).toMatchObject({ seq: 3, options: [] });
  });

  test('is seen as a fork where two hosts go on with one license, and nobody is stopped', async () => {
    const { file, licenseId } = await world.licensedHost();
    const cloned = await world.renewed(file);
    const original = await world.renewed(cloned);
    await world.advance(11 * MINUTE_MS);
    expect(await world.stored.licenseItem(licenseId)).not.toHaveProperty('forkSeenAt');

    const clonesNext = await world.renewed(cloned);
    expect(claimsIn(clonesNext).seq).toBe(4);
    expect(await world.stored.licenseItem(licenseId)).not.toHaveProperty('forkSeenAt');
    await world.advance(11 * MINUTE_MS);
    const originalsNext = await world.renewed(original);
    expect(claimsIn(originalsNext).seq).toBe(5);
    const { forkSeenAt } = (await world.stored.licenseItem(licenseId)) ?? {};
    expect(forkSeenAt).toBe(claimsIn(originalsNext).iat);
    await world.renewed(clonesNext);
  });
});

describe('the 24 serials of a day', () => {
  test('used up, the current file comes again until the next day; a changed order still goes through', async () => {
    const { file, customerId, licenseId } = await world.licensedHost();
    let current = file;
    for (let serial = 2; serial <= 24; serial += 1) current = await world.renewed(current);
    expect(claimsIn(current).seq).toBe(24);
    expect(await world.renewed(current)).toBe(current);
    expect((await world.stored.licenseItem(licenseId))?.['serialsOn']).toEqual({
      day: world.day(),
      count: 24,
    });

    expectProblem(await world.renew(current, { hostId: aHostId() }), 403, 'host-mismatch');
    await world.order(customerId, 'c-1', { revision: 2, lines: [] });
    const changed = await world.renewed(current);
    expect(claimsIn(changed)).toMatchObject({ seq: 25, options: [] });
    expect(await world.renewed(changed)).toBe(changed);

    await world.advanceDays(1);
    expect(claimsIn(await world.renewed(changed)).seq).toBe(26);
  });
});

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
