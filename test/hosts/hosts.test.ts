import { describe, expect, it } from 'vitest';
import { aHostId, claimsIn, useWorld } from '../integration/world.ts';
import { whenDone, type AwsCall } from '../support/aws-proxy.ts';
import { ACCEPTED, codeOf, Customer, licenseIn, membersOf, outcomeOf, shareOf } from './customer.ts';

const world = useWorld();
const HOUR = 3_600_000;
const seconds = () => Math.floor(world.now().getTime() / 1000);
const isoAfter = (milliseconds: number) =>
  new Date(Math.floor((world.now().getTime() + milliseconds) / 1000) * 1000)
    .toISOString()
    .replace('.000Z', 'Z');

describe('a declared host', () => {
  it('gets its license file by its id, and the same again', async () => {
    const customer = await Customer.with(world);
    const hostId = aHostId();
    const answer = await customer.declareHost({ host: { id: hostId, name: 'rip-01' }, site: 'Hall 2' });
    expect(answer.status).toBe(201);
    const { file, kind } = answer.body as { file: string; kind: string };
    expect(kind).toBe('license');
    expect(licenseIn(answer)).toMatchObject({
      host: { id: hostId, name: 'rip-01' },
      site: 'Hall 2',
      transfers: { used: 0, allowed: 4 },
    });
    expect(claimsIn(file)).toMatchObject({ host: { id: hostId }, customer: { id: customer.customerId } });
    const again = await customer.declareHost({ host: { id: hostId } });
    expect([again.status, membersOf(again)['file']]).toEqual([200, file]);
    expect((await world.renew(file)).status).toBe(200);
  });

  it('gets a starter file by its name, which is its site then', async () => {
    const customer = await Customer.with(world);
    const answer = await customer.declareHost({ host: { name: 'rip-07' } }, 'key-1');
    const { file, kind } = answer.body as { file: string; kind: string };
    expect([answer.status, kind]).toEqual([201, 'starter']);
    expect(licenseIn(answer)).toMatchObject({ site: 'rip-07' });
    const again = await customer.declareHost({ host: { name: 'rip-07' } }, 'key-1');
    expect([again.status, membersOf(again)['file']]).toEqual([200, file]);
    expect(claimsIn(await world.renewed(file, { hostId: aHostId() })).seq).toBe(1);
  });

  it('needs a place, an installation, and a manager', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    expect(outcomeOf(await customer.viewer('POST', '/v1/customer/hosts', { product: 'ES' }))).toBe(
      '403 role-insufficient',
    );
    expect(outcomeOf(await customer.declareHost({ product: 'TWIST' }))).toBe('404 installation-not-found');
    for (const body of [
      { host: {} },
      { host: { id: 'a b' } },
      { site: '' },
      { site: 'x'.repeat(101) },
      { site: 'a\nb' },
      { more: 1 },
    ]) {
      expect(outcomeOf(await customer.declareHost(body))).toBe('400 body-invalid');
    }
    await customer.host();
    expect(outcomeOf(await customer.declareHost({ host: { id: aHostId() } }))).toBe('409 host-limit');
  });
});

describe('a site', () => {
  it('is written and removed without a new version, and survives a renewal', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const put = (site: unknown, id = licenseId) =>
      customer.manager('PUT', `/v1/customer/licenses/${id}/site`, { site });
    expect((await put('Hall 2')).body).toEqual({ site: 'Hall 2' });
    await world.renewed(file);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ site: 'Hall 2', version: 3 });
    expect((await put(null)).body).toEqual({ site: null });
    expect(await world.stored.licenseItem(licenseId)).not.toHaveProperty('site');
    for (const site of ['', ' ', 'x'.repeat(101), 'two\nlines', 7, undefined]) {
      expect(outcomeOf(await put(site))).toBe('400 body-invalid');
    }
    const foreign = await (await Customer.with(world)).host();
    for (const id of [foreign.licenseId, 'lic_nobody']) {
      expect(outcomeOf(await put('mine now', id))).toBe('404 license-not-found');
    }
    expect(await world.stored.licenseItem(foreign.licenseId)).not.toHaveProperty('site');
    expect(await world.stored.licenseItem('lic_nobody')).toBeUndefined();
  });
});

describe('retiring a license', () => {
  it('by default gives every host the time to know, and then its share goes to the others', async () => {
    const customer = await Customer.with(world, { hosts: 2 });
    const first = await customer.host();
    const second = await customer.host();
    const before = await world.renewed(first.file);
    const answer = await customer.on(second.licenseId, 'retire');
    const retiresAt = Date.parse(membersOf(answer)['retiresAt'] as string) / 1000;
    expect(retiresAt - seconds()).toBeGreaterThan(25 * 3600 - 60);
    expect(retiresAt - seconds()).toBeLessThanOrEqual(25 * 3600);
    expect(membersOf(answer)['overlap']).toEqual({ until: licenseIn(answer).expiresAt });

    // Both files carry the switch: neither dip nor overlap.
    const [one, two] = [await world.renewed(before), await world.renewed(second.file)];
    expect([shareOf(one, retiresAt - 1), shareOf(two, retiresAt - 1)]).toEqual([4, 4]);
    expect([shareOf(one, retiresAt), shareOf(two, retiresAt)]).toEqual([8, 0]);

    expect((await world.renew(two)).status).toBe(200);
    await world.advance(25 * HOUR + 1000);
    const refused = await world.renew(two);
    expect(codeOf(refused)).toBe('403 license-retired');
    // It is not failing: nobody is to be told.
    expect(await world.stored.licenseItem(second.licenseId)).not.toHaveProperty('failingSince');
    expect(shareOf(await world.renewed(one), seconds())).toBe(8);
    expect(outcomeOf(await customer.on(second.licenseId, 'retire/cancel'))).toBe('409 license-retired');
  });

  it('takes one interval and an hour where the interval is longer than a day', async () => {
    const customer = await Customer.with(world, { renewEverySeconds: 3 * 86_400 });
    const { licenseId } = await customer.host();
    const { retiresAt } = licenseIn(await customer.on(licenseId, 'retire', { effective: 'default' }));
    const ahead = Date.parse(retiresAt ?? '') / 1000 - seconds();
    expect(ahead).toBeGreaterThan(73 * 3600 - 60);
    expect(ahead).toBeLessThanOrEqual(73 * 3600);
  });

  it('can be now, and is the same when it is sent again', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const first = await customer.on(licenseId, 'retire', { effective: 'now' });
    await world.advance(HOUR);
    const again = await customer.on(licenseId, 'retire', { effective: 'now' });
    expect(membersOf(again)['retiresAt']).toBe(membersOf(first)['retiresAt']);
    expect(codeOf(await world.renew(file))).toBe('403 license-retired');
  });

  it('can be at an instant, be moved, and be taken back before', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const at = isoAfter(48 * HOUR);
    expect(licenseIn(await customer.on(licenseId, 'retire', { effective: at })).retiresAt).toBe(at);
    expect(licenseIn(await customer.on(licenseId, 'retire')).retiresAt).toBe(at);
    const later = isoAfter(72 * HOUR);
    expect(licenseIn(await customer.on(licenseId, 'retire', { effective: later })).retiresAt).toBe(later);
    const cancelled = await customer.on(licenseId, 'retire/cancel');
    expect(cancelled.status).toBe(200);
    expect(licenseIn(cancelled)).not.toHaveProperty('retiresAt');
    expect((await customer.on(licenseId, 'retire/cancel')).status).toBe(200);
    await world.advance(80 * HOUR);
    expect((await world.renew(file)).status).toBe(200);
    expect((await world.stored.installationItem(customer.customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId: claimsIn(file).host?.id },
    ]);
  });

  it('needs an instant that is not past and not too far', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const wrong = [
      isoAfter(-HOUR),
      isoAfter(401 * 24 * HOUR),
      'tomorrow',
      '2027-02-31T25:00:00Z',
      '2027-01-01',
      7,
    ];
    for (const effective of wrong) {
      expect(outcomeOf(await customer.on(licenseId, 'retire', { effective }))).toBe('400 body-invalid');
    }
  });

  it('is at once where the license has no host, and frees its place without counting', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    const { licenseId, file } = await world.issue(customer.customerId);
    const answer = await customer.on(licenseId, 'retire');
    expect(Date.parse(membersOf(answer)['retiresAt'] as string) / 1000).toBeLessThanOrEqual(seconds());
    expect(codeOf(await world.renew(file, { hostId: aHostId() }))).toBe('403 license-retired');
    const next = await customer.declareHost({ host: { id: aHostId() } });
    expect(next.status).toBe(201);
    expect(licenseIn(next).transfers.used).toBe(0);
  });

  it('is refused while a transfer is pending', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    await customer.declared(licenseId);
    expect(outcomeOf(await customer.on(licenseId, 'retire'))).toBe('409 transfer-pending');
  });

  it('frees the place of a license that the vendor has revoked, and does not bring it back', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    const { licenseId, file } = await customer.host();
    await world.revoke(licenseId);
    expect(outcomeOf(await customer.declareHost({ host: { id: aHostId() } }))).toBe('409 host-limit');
    expect((await customer.on(licenseId, 'retire', { effective: 'now' })).status).toBe(200);
    const next = await customer.declareHost({ host: { id: aHostId() } });
    expect([next.status, licenseIn(next).transfers.used]).toEqual([201, 1]);
    expect(codeOf(await world.renew(file))).toBe('403 license-revoked');
  });

  it('loses to a transfer that was declared in between, and both hosts go on', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const hostId = aHostId();
    const writesList = ({ functionName, action, input }: AwsCall) =>
      functionName === 'customer-hosts' &&
      action === 'UpdateItem' &&
      input['TableName'] === world.stored.tableName('installations');
    // What a declaration leaves that had read the list before.
    world.proxy.intervene(
      writesList,
      whenDone(() => world.stored.declareTransfer(licenseId, { hostId })),
    );
    expect(outcomeOf(await customer.on(licenseId, 'retire', { effective: 'now' }))).toBe(
      '409 transfer-pending',
    );
    expect((await world.renew(file)).status).toBe(200);
    const taken = await world.renewed(file, { hostId });
    expect(claimsIn(taken).host?.id).toBe(hostId);
  });

  it('is finished by a retry after a crash between the list and the license', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const written = await customer.on(licenseId, 'retire', { effective: isoAfter(48 * HOUR) });
    const { retiresAt, ...license } = (await world.stored.licenseItem(licenseId))!;
    await world.stored.put('licenses', license);
    const again = await customer.on(licenseId, 'retire');
    expect(membersOf(again)['retiresAt']).toBe(membersOf(written)['retiresAt']);
    expect((await world.stored.licenseItem(licenseId))?.['retiresAt']).toBe(retiresAt);
  });
});

describe('a host in the place of a retired one', () => {
  it('counts as a transfer, and is recorded once', async () => {
    const customer = await Customer.with(world, { hosts: 2 });
    await customer.host();
    const old = await customer.host();
    const { licenseId } = old;
    await customer.on(licenseId, 'retire', { effective: 'now' });
    const hostId = aHostId();
    const answer = await customer.declareHost({ host: { id: hostId } });
    expect([answer.status, membersOf(answer)['replaces']]).toEqual([201, licenseId]);
    expect(licenseIn(answer).transfers).toEqual({ used: 1, allowed: 4 });
    await customer.declareHost({ host: { id: hostId } });
    expect((await customer.transfers()).items).toMatchObject([
      {
        kind: 'replacement',
        status: 'completed',
        licenseId: licenseIn(answer).licenseId,
        replaces: licenseId,
      },
    ]);
    expect(codeOf(await world.renew(old.file))).toBe('403 license-retired');
    expect((await world.stored.installationItem(customer.customerId))?.['licenses']).toHaveLength(2);
  });

  it('is refused at the cap, but a place that was never used is free', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    let { licenseId } = await customer.host();
    for (let time = 0; time < 4; time += 1) {
      await customer.on(licenseId, 'retire', { effective: 'now' });
      const answer = await customer.declareHost({ host: { id: aHostId() } });
      ({ licenseId } = licenseIn(answer));
      expect(licenseIn(answer).transfers.used).toBe(time + 1);
    }
    const move = { host: { id: aHostId() }, ...ACCEPTED };
    expect(outcomeOf(await customer.on(licenseId, 'transfer', move))).toBe('409 transfer-limit');
    await customer.on(licenseId, 'retire', { effective: 'now' });
    const hostId = aHostId();
    expect(outcomeOf(await customer.declareHost({ host: { id: hostId } }))).toBe('409 transfer-limit');
    // The vendor may order what it likes, or more places.
    await world.order(customer.customerId, 'c-2', { hosts: 1 });
    const free = await customer.declareHost({ host: { id: hostId } });
    expect([free.status, licenseIn(free).transfers.used]).toEqual([201, 0]);
    expect(outcomeOf(await customer.declareHost({ host: { id: aHostId() } }))).toBe('409 transfer-limit');
    await world.issue(customer.customerId, { id: aHostId() });
  });

  it('is free once the retirement is a year ago', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    const { licenseId } = await customer.host();
    await customer.on(licenseId, 'retire', { effective: 'now' });
    await world.advanceDays(366);
    const answer = await customer.declareHost({ host: { id: aHostId() } });
    expect([answer.status, licenseIn(answer).transfers.used]).toEqual([201, 0]);
  });

  it('may be the same host again, with a license of its own', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    const { licenseId, hostId } = await customer.host();
    await customer.on(licenseId, 'retire', { effective: 'now' });
    const answer = await customer.declareHost({ host: { id: hostId } });
    expect(answer.status).toBe(201);
    expect(licenseIn(answer).licenseId).not.toBe(licenseId);
    const { file } = answer.body as { file: string };
    expect((await world.renew(file)).status).toBe(200);
  });

  it('is not charged for one that was replaced and is retired once more', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    const first = await customer.host();
    await customer.on(first.licenseId, 'retire', { effective: 'now' });
    await customer.declareHost({ host: { id: aHostId() } });
    await world.order(customer.customerId, 'c-1', { revision: 2, hosts: 2 });
    expect((await customer.on(first.licenseId, 'retire', { effective: 'now' })).status).toBe(200);
    const next = await customer.declareHost({ host: { id: aHostId() } });
    expect([next.status, licenseIn(next).transfers.used]).toEqual([201, 0]);
  });

  it('does not bring a retired license back by its Idempotency-Key', async () => {
    const customer = await Customer.with(world);
    const hostId = aHostId();
    const { licenseId } = licenseIn(await customer.declareHost({ host: { id: hostId } }, 'key-9'));
    await customer.on(licenseId, 'retire', { effective: 'now' });
    expect(outcomeOf(await customer.declareHost({ host: { id: hostId } }, 'key-9'))).toBe(
      '409 license-retired',
    );
  });
});

describe('more licenses than hosts', () => {
  it('stop those that were declared last once the grace is over, and it heals by an order', async () => {
    const customer = await Customer.with(world, { hosts: 2 });
    const first = await customer.host();
    const second = await customer.host();
    await world.order(customer.customerId, 'c-1', { revision: 2, hosts: 1 });
    expect((await world.renew(second.file)).status).toBe(200);
    await world.advanceDays(15);
    expect((await world.renew(first.file)).status).toBe(200);
    const refused = await world.renew(second.file);
    expect([codeOf(refused), refused.headers['retry-after']]).toEqual(['403 host-limit', '3600']);
    // The customer may choose otherwise.
    await customer.on(first.licenseId, 'retire', { effective: 'now' });
    expect((await world.renew(second.file)).status).toBe(200);
    expect(codeOf(await world.renew(first.file))).toBe('403 license-retired');
  });

  it('stop at once for a contract that is suspended, and go on for the others', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    await world.order(customer.customerId, 'c-2', { hosts: 1, lines: [] });
    const first = await customer.host();
    const second = await customer.host();
    await world.order(customer.customerId, 'c-2', { revision: 2, status: 'suspended', hosts: 1, lines: [] });
    expect((await world.renew(first.file)).status).toBe(200);
    expect(codeOf(await world.renew(second.file))).toBe('403 host-limit');
    // Active again, it has its host again.
    await world.order(customer.customerId, 'c-2', { revision: 3, status: 'active', hosts: 1, lines: [] });
    expect((await world.renew(second.file)).status).toBe(200);
  });

  it('do not go on in the grace of an earlier order either, once their contract is suspended', async () => {
    const customer = await Customer.with(world, { hosts: 1 });
    await world.order(customer.customerId, 'c-2', { hosts: 3, lines: [] });
    const hosts: { file: string }[] = [];
    for (let index = 0; index < 4; index += 1) hosts.push(await customer.host());
    await world.order(customer.customerId, 'c-2', { revision: 2, hosts: 2, lines: [] });
    const outcomes = () => Promise.all(hosts.map(async ({ file }) => codeOf(await world.renew(file))));
    expect(await outcomes()).toEqual(['200', '200', '200', '200']);
    const stopped = { revision: 3, status: 'suspended', hosts: 2, lines: [] };
    await world.order(customer.customerId, 'c-2', stopped);
    // One of its own, and one more that was ordered until a day ago: that one has its grace.
    expect(await outcomes()).toEqual(['200', '200', '403 host-limit', '403 host-limit']);
  });
});

describe('a license whose item was lost', () => {
  it('goes to the host that the installation names, and not back to a former one', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const moved = await customer.moved(licenseId, file);
    await world.stored.remove('licenses', { licenseId });
    expect(codeOf(await world.renew(file))).toBe('403 license-transferred');
    expect(codeOf(await world.renew(file, { hostId }))).toBe('403 license-transferred');
    expect(codeOf(await world.renew(moved.file, { hostId: aHostId() }))).toBe('403 host-mismatch');
    expect(claimsIn(await world.renewed(moved.file)).host?.id).toBe(moved.hostId);
    expect(codeOf(await world.renew(file))).toBe('403 host-mismatch');
  });
});
