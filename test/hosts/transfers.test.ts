import { describe, expect, it } from 'vitest';
import { aHostId, claimsIn, useWorld } from '../integration/world.ts';
import { ACCEPTED, codeOf, Customer, licenseIn, membersOf, outcomeOf } from './customer.ts';

const world = useWorld();
const MINUTE = 60_000;

describe('a transfer to a host that is named by its id', () => {
  it('lets the old host go on until the new one renews, and then refuses it', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const newHost = await customer.declared(licenseId);
    const renewed = await world.renewed(file);
    await world.advanceDays(3);
    const still = await world.renewed(renewed, { hostId });
    expect(claimsIn(still).host?.id).toBe(hostId);

    const taken = await world.renewed(still, { hostId: newHost });
    expect(claimsIn(taken)).toMatchObject({ sub: licenseId, host: { id: newHost } });
    expect(claimsIn(taken).options).toEqual(
      claimsIn(still).options.map(
        (window) => expect.objectContaining({ option: window.option, quantity: window.quantity }) as unknown,
      ),
    );
    // By its file alone, and by its id.
    expect(codeOf(await world.renew(still))).toBe('403 license-transferred');
    expect(codeOf(await world.renew(still, { hostId }))).toBe('403 license-transferred');
    expect(codeOf(await world.renew(file))).toBe('403 license-transferred');
    expect((await world.renew(taken)).status).toBe(200);
  });

  it('answers with the overlap, and shows what is pending', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const newHost = aHostId();
    const answer = await customer.on(licenseId, 'transfer', {
      host: { id: newHost, name: 'rip\u202e-02' },
      ...ACCEPTED,
    });
    expect(answer.status).toBe(201);
    expect(licenseIn(answer)).toMatchObject({
      transfer: { kind: 'transfer', to: { id: newHost, name: 'rip-02' }, hasStarter: false },
      transfers: { used: 0, allowed: 4 },
    });
    const expiresAt = new Date(claimsIn(file).exp * 1000).toISOString().replace('.000Z', 'Z');
    expect(membersOf(answer)['overlap']).toEqual({ until: expiresAt });
    const [item] = (await customer.transfers()).items;
    expect(item).toMatchObject({ status: 'pending', kind: 'transfer', licenseId, terms: ACCEPTED.terms });
    expect(item?.by.subject).not.toBe('');
  });

  it('delivers to the new host again when the reply of its take-over was lost', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const newHost = await customer.declared(licenseId);
    const taken = await world.renewed(file, { hostId: newHost });
    const again = await world.renewed(file, { hostId: newHost });
    expect(claimsIn(again).host?.id).toBe(newHost);
    expect((await world.renew(taken)).status).toBe(200);
    await world.advance(11 * MINUTE);
    expect(claimsIn(await world.renewed(file, { hostId: newHost })).host?.id).toBe(newHost);
  });

  it('has one winner where the old and the new host race, and loses no file', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const newHost = await customer.declared(licenseId);
    const answers = await Promise.all(
      [hostId, newHost, newHost, hostId].map((id) => world.renew(file, { hostId: id })),
    );
    for (const [index, answer] of answers.entries()) {
      const isNew = index === 1 || index === 2;
      if (isNew) expect(claimsIn(answer.text).host?.id).toBe(newHost);
      else expect(['200', '403 license-transferred']).toContain(codeOf(answer));
    }
    const license = await world.stored.licenseItem(licenseId);
    expect(license).toMatchObject({ host: { id: newHost }, formerHosts: [hostId] });
    expect(license?.['movedAt']).toHaveLength(1);
    expect(await world.stored.currentFile(licenseId)).toBe(
      answers.map(({ text }) => text).find((text) => claimsInOr(text) === license?.['serial']),
    );
  });

  it('notes when it was moved and what the old host still holds, and completes its record', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const { hostId: newHost } = await customer.moved(licenseId, file);
    const now = Math.floor(world.now().getTime() / 1000);
    const license = await world.stored.licenseItem(licenseId);
    expect(Math.abs(now - (license?.['movedAt'] as number[])[0]!)).toBeLessThan(60);
    expect(license?.['leftBehind']).toEqual([
      { hostId, hostName: `rip-of-${hostId}`, seq: 1, expiresAt: claimsIn(file).exp },
    ]);
    expect((await customer.transfers()).items).toMatchObject([
      { status: 'completed', from: { id: hostId }, to: { id: newHost, name: 'new' } },
    ]);
    // What has expired is not left behind any more.
    await world.advanceDays(36);
    await world.renewed(await world.stored.currentFile(licenseId));
    expect(await world.stored.licenseItem(licenseId)).not.toHaveProperty('leftBehind');
  });

  it('can go back to a former host', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const { file: second } = await customer.moved(licenseId, file);
    await customer.declared(licenseId, hostId);
    const back = await world.renewed(second, { hostId });
    expect(claimsIn(back).host?.id).toBe(hostId);
    expect((await world.stored.licenseItem(licenseId))?.['formerHosts']).toEqual([claimsIn(second).host?.id]);
  });

  it('brings the list of the installation in step', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const { hostId } = await customer.moved(licenseId, file);
    expect((await world.stored.installationItem(customer.customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });

  it('is answered with what is pending when it is declared again, and sends no second e-mail', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const body = { host: { id: aHostId() }, ...ACCEPTED };
    const first = await customer.on(licenseId, 'transfer', body);
    const again = await customer.on(licenseId, 'transfer', body);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(membersOf(again)['id']).toBe(membersOf(first)['id']);
    expect((await customer.transfers()).items).toHaveLength(1);
    expect(outcomeOf(await customer.on(licenseId, 'transfer', { ...body, host: { id: aHostId() } }))).toBe(
      '409 transfer-pending',
    );
  });
});

function claimsInOr(text: string): string | undefined {
  try {
    return claimsIn(text).jti;
  } catch {
    return undefined;
  }
}

describe('a transfer to a host whose id is not known', () => {
  it('is taken over by whoever installs the starter file, which can be fetched again', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const answer = await customer.on(licenseId, 'transfer', { host: { name: 'rip-02' }, ...ACCEPTED });
    const { starter } = answer.body as { starter: string };
    expect(answer.status).toBe(201);
    expect(claimsIn(starter)).toMatchObject({ sub: licenseId, seq: 0, options: [] });
    expect(claimsIn(starter).host).toBeUndefined();

    const path = `/v1/customer/licenses/${licenseId}/transfer/starter`;
    const again = await customer.manager('GET', path);
    expect([again.status, again.text]).toEqual([200, starter]);
    expect(again.headers['content-disposition']).toBe(`attachment; filename="${licenseId}-starter.lic"`);
    expect(outcomeOf(await customer.viewer('GET', path))).toBe('403 role-insufficient');
    const repeated = await customer.on(licenseId, 'transfer', { host: { name: 'rip-02' }, ...ACCEPTED });
    expect([repeated.status, membersOf(repeated)['starter']]).toEqual([200, starter]);

    await world.advanceDays(29);
    const old = await world.renewed(file);
    expect(codeOf(await world.renew(starter))).toBe('403 host-id-required');
    const newHost = aHostId();
    const taken = await world.renewed(starter, { hostId: newHost });
    expect(claimsIn(taken)).toMatchObject({ sub: licenseId, host: { id: newHost } });
    expect(codeOf(await world.renew(old))).toBe('403 license-transferred');
    expect(codeOf(await world.renew(starter, { hostId: aHostId() }))).toBe('403 host-mismatch');
    expect((await world.stored.licenseItem(licenseId))?.['formerHosts']).toEqual([hostId]);
    expect(outcomeOf(await customer.manager('GET', path))).toBe('404 transfer-not-found');
  });

  it('is to be declared again where its starter file has lapsed, and the lapsed one moves nothing', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const declare = () => customer.on(licenseId, 'transfer', { host: { name: 'rip-02' }, ...ACCEPTED });
    const { starter } = membersOf(await declare()) as { starter: string };
    const { exp } = claimsIn(starter);
    const [pending] = (await customer.transfers()).items;
    expect(Date.parse(pending?.lapsesAt ?? '') / 1000).toBe(exp);
    await world.advanceDays(30);
    const hostId = aHostId();
    expect(codeOf(await world.renew(starter, { hostId }))).toBe('403 starter-lapsed');
    const path = `/v1/customer/licenses/${licenseId}/transfer/starter`;
    expect(outcomeOf(await customer.manager('GET', path))).toBe('409 starter-lapsed');

    // What is refused leaves the pending one as it is.
    const outdated = { terms: { version: '2020-01', hash: '0'.repeat(64) }, accept: true };
    const body = { host: { name: 'rip-02' }, ...outdated };
    expect(outcomeOf(await customer.on(licenseId, 'transfer', body))).toBe('409 terms-outdated');
    expect((await customer.transfers()).items).toEqual([pending]);

    const again = await declare();
    expect(again.status).toBe(201);
    expect((await declare()).status).toBe(200);
    const fresh = membersOf(again)['starter'] as string;
    expect(fresh).not.toBe(starter);
    expect((await customer.transfers()).items.map(({ status }) => status)).toEqual(['pending', 'cancelled']);
    expect(codeOf(await world.renew(starter, { hostId }))).toBe('403 host-mismatch');
    // A host that is named by its id is waited for as long as it takes, and so is the old one's file of any age.
    const taken = await world.renewed(fresh, { hostId });
    expect(claimsIn(taken)).toMatchObject({ sub: licenseId, host: { id: hostId } });
    expect(codeOf(await world.renew(file))).toBe('403 license-transferred');
  });

  it('has one winner where two hosts install the same starter file', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const answer = await customer.on(licenseId, 'transfer', { host: { name: 'rip-02' }, ...ACCEPTED });
    const { starter } = answer.body as { starter: string };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => world.renew(starter, { hostId: aHostId() })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const lost of answers.filter(({ status }) => status !== 200)) {
      expect(['403 host-mismatch', '503 unavailable']).toContain(codeOf(lost));
    }
  });

  it('has no starter file where the host is named by its id', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    await customer.declared(licenseId);
    const path = `/v1/customer/licenses/${licenseId}/transfer/starter`;
    expect(outcomeOf(await customer.manager('GET', path))).toBe('404 transfer-not-found');
  });
});

describe('a host that died with its file', () => {
  it('has a successor within the time that the customer needs to sign in and accept', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const answer = await customer.on(licenseId, 'transfer', { host: { name: 'rip-99' }, ...ACCEPTED });
    const { starter } = answer.body as { starter: string };
    const taken = await world.renewed(starter, { hostId: aHostId(), hostName: 'rip-99' });
    expect(claimsIn(taken).options.length).toBeGreaterThan(0);
    expect((await customer.transfers()).items[0]?.status).toBe('completed');
  });
});

describe('cancelling a transfer', () => {
  it('leaves the license with the old host', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const newHost = await customer.declared(licenseId);
    const answer = await customer.on(licenseId, 'transfer/cancel');
    expect(answer.status).toBe(200);
    expect(licenseIn(answer).transfer).toBeUndefined();
    expect(codeOf(await world.renew(file, { hostId: newHost }))).toBe('403 host-mismatch');
    expect(claimsIn(await world.renewed(file)).host?.id).toBe(hostId);
    expect((await customer.transfers()).items).toMatchObject([{ status: 'cancelled' }]);
    expect((await customer.transfers()).items[0]?.cancelledAt).toBeDefined();
    expect(outcomeOf(await customer.on(licenseId, 'transfer/cancel'))).toBe('404 transfer-not-found');
    // It was not moved, so nothing counts.
    expect(
      licenseIn(await customer.on(licenseId, 'transfer', { host: { id: newHost }, ...ACCEPTED })).transfers
        .used,
    ).toBe(0);
  });

  it('loses against a take-over that came first', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    await customer.moved(licenseId, file);
    expect(outcomeOf(await customer.on(licenseId, 'transfer/cancel'))).toBe('404 transfer-not-found');
  });

  it('and a take-over that race have one winner', async () => {
    for (let round = 0; round < 4; round += 1) {
      const customer = await Customer.with(world);
      const { licenseId, hostId, file } = await customer.host();
      const newHost = await customer.declared(licenseId);
      const [cancelled, taken] = await Promise.all([
        customer.on(licenseId, 'transfer/cancel'),
        world.renew(file, { hostId: newHost }),
      ]);
      const bound = ((await world.stored.licenseItem(licenseId))?.['host'] as { id: string }).id;
      const [item] = (await customer.transfers()).items;
      if (cancelled.status === 200) {
        expect([codeOf(taken), bound, item?.status]).toEqual(['403 host-mismatch', hostId, 'cancelled']);
      } else {
        expect(outcomeOf(cancelled)).toBe('404 transfer-not-found');
        expect([taken.status, bound, item?.status]).toEqual([200, newHost, 'completed']);
      }
    }
  });
});

describe('the number of transfers', () => {
  it('is limited to 4 within 365 days, and the vendor can allow more', async () => {
    const customer = await Customer.with(world);
    const { licenseId, ...host } = await customer.host();
    let { file } = host;
    for (let time = 0; time < 4; time += 1) ({ file } = await customer.moved(licenseId, file));
    const fifth = () => customer.on(licenseId, 'transfer', { host: { id: aHostId() }, ...ACCEPTED });
    expect(outcomeOf(await fifth())).toBe('409 transfer-limit');

    const allowance = { extra: 1, reason: 'two hosts failed' };
    for (let time = 0; time < 2; time += 1) {
      expect(
        await world.accepted('POST', `/v1/licenses/${licenseId}/transfer-allowance`, allowance),
      ).toMatchObject({ extraTransfers: 1, extraTransfersReason: 'two hosts failed' });
    }
    ({ file } = await customer.moved(licenseId, file));
    expect(outcomeOf(await fifth())).toBe('409 transfer-limit');
    await world.advanceDays(366);
    expect(licenseIn(await fifth()).transfers).toEqual({ used: 0, allowed: 5 });
  });

  it('can be raised only within reason, and only of a license that exists', async () => {
    const { licenseId } = await (await Customer.with(world)).host();
    const allow = async (body: unknown, id = licenseId) => {
      const { status, body: answer } = await world.vendor(
        'POST',
        `/v1/licenses/${id}/transfer-allowance`,
        body,
      );
      return [status, (answer as { code?: string }).code];
    };
    expect(await allow({ extra: 101, reason: 'x' })).toEqual([400, 'body-invalid']);
    expect(await allow({ extra: 0, reason: 'x' })).toEqual([400, 'body-invalid']);
    expect(await allow({ extra: 1 })).toEqual([400, 'body-invalid']);
    expect(await allow({ extra: 1, reason: 'x' }, 'lic_nobody')).toEqual([404, 'license-not-found']);
  });
});

describe('a transfer is refused', () => {
  it('without the terms in force', async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await customer.host();
    const host = { id: aHostId() };
    const { terms } = ACCEPTED;
    const outdated = [
      { ...terms, version: '2020-01' },
      { ...terms, hash: '0'.repeat(64) },
    ];
    for (const other of outdated) {
      expect(outcomeOf(await customer.on(licenseId, 'transfer', { host, terms: other, accept: true }))).toBe(
        '409 terms-outdated',
      );
    }
    const wrong = [
      { host, terms },
      { host, terms, accept: false },
      { host, accept: true },
      { host: {}, terms, accept: true },
      { host: { name: '\u202e' }, terms, accept: true },
      { host: { id: 'with space' }, terms, accept: true },
      { host: { id: 'x'.repeat(129) }, terms, accept: true },
      { host, terms, accept: true, more: 1 },
    ];
    for (const body of wrong) {
      expect(outcomeOf(await customer.on(licenseId, 'transfer', body))).toBe('400 body-invalid');
    }
    expect((await customer.transfers()).items).toEqual([]);
  });

  it('to a host that has a license of the installation', async () => {
    const customer = await Customer.with(world);
    const first = await customer.host();
    const second = await customer.host();
    for (const id of [first.hostId, second.hostId]) {
      expect(outcomeOf(await customer.on(first.licenseId, 'transfer', { host: { id }, ...ACCEPTED }))).toBe(
        '409 host-known',
      );
    }
  });

  it('of a license that is revoked, retiring or without a host', async () => {
    const customer = await Customer.with(world);
    const move = async (licenseId: string) =>
      outcomeOf(await customer.on(licenseId, 'transfer', { host: { id: aHostId() }, ...ACCEPTED }));
    const { licenseId } = await customer.host();
    await world.revoke(licenseId);
    expect(await move(licenseId)).toBe('409 license-revoked');
    const retiring = await customer.host();
    await customer.on(retiring.licenseId, 'retire', {});
    expect(await move(retiring.licenseId)).toBe('409 license-retired');
    const unbound = await world.issue(customer.customerId);
    expect(await move(unbound.licenseId)).toBe('409 license-unbound');
  });

  it('to viewers, and of the licenses of others as of those that do not exist', async () => {
    const customer = await Customer.with(world);
    const foreign = await (await Customer.with(world)).host();
    const { licenseId } = await customer.host();
    const body = { host: { id: aHostId() }, ...ACCEPTED };
    const asViewer = await customer.viewer('POST', `/v1/customer/licenses/${licenseId}/transfer`, body);
    expect(outcomeOf(asViewer)).toBe('403 role-insufficient');
    for (const id of [foreign.licenseId, 'lic_nobody', '-']) {
      for (const action of ['transfer', 'transfer/cancel', 'repaired', 'retire', 'retire/cancel']) {
        const given = action === 'transfer' ? body : action === 'repaired' ? { hostId: 'H' } : {};
        expect(outcomeOf(await customer.on(id, action, given))).toBe('404 license-not-found');
      }
    }
  });
});

describe('a host of unknown id', () => {
  it('is offered as the same machine, and takes the license over once that is confirmed', async () => {
    const customer = await Customer.with(world);
    const { licenseId, hostId, file } = await customer.host();
    const repaired = aHostId();
    expect(outcomeOf(await customer.on(licenseId, 'repaired', { hostId: repaired }))).toBe(
      '409 repair-not-offered',
    );
    expect(codeOf(await world.renew(file, { hostId: repaired, hostName: 'rip-again' }))).toBe(
      '403 host-mismatch',
    );
    const noted = (await world.stored.licenseItem(licenseId))!;
    expect(noted['unknownHost']).toMatchObject({ id: repaired, name: 'rip-again' });
    expect(noted['version']).toBe(2);

    expect(outcomeOf(await customer.on(licenseId, 'repaired', { hostId: aHostId() }))).toBe(
      '409 repair-not-offered',
    );
    const confirmed = await customer.on(licenseId, 'repaired', { hostId: repaired });
    expect(confirmed.status).toBe(201);
    expect(licenseIn(confirmed).transfer).toMatchObject({
      kind: 'repair',
      to: { id: repaired, name: 'rip-again' },
    });
    const taken = await world.renewed(file, { hostId: repaired });
    expect(claimsIn(taken).host?.id).toBe(repaired);
    const after = (await world.stored.licenseItem(licenseId))!;
    expect(after['repairedAt']).toHaveLength(1);
    expect(after).not.toHaveProperty('movedAt');
    expect(after).not.toHaveProperty('unknownHost');
    expect(codeOf(await world.renew(file, { hostId }))).toBe('403 license-transferred');
    expect((await customer.transfers()).items).toMatchObject([{ kind: 'repair', status: 'completed' }]);
    expect((await customer.transfers()).items[0]).not.toHaveProperty('terms');
  });

  it('is noted once a day, and survives renewals of the bound host', async () => {
    const customer = await Customer.with(world);
    const { licenseId, file } = await customer.host();
    const stranger = aHostId();
    const seenAt = async () =>
      ((await world.stored.licenseItem(licenseId))?.['unknownHost'] as { seenAt: number } | undefined)
        ?.seenAt;
    await world.renew(file, { hostId: stranger });
    const first = await seenAt();
    await world.advance(60 * MINUTE);
    await world.renew(file, { hostId: stranger });
    const renewed = await world.renewed(file);
    expect(await seenAt()).toBe(first);
    await world.advanceDays(1);
    await world.renew(renewed, { hostId: stranger });
    expect(await seenAt()).toBeGreaterThan(first ?? Infinity);
  });

  it('can be confirmed a limited number of times, which are not transfers', async () => {
    const customer = await Customer.with(world);
    const { licenseId, ...host } = await customer.host();
    let { file } = host;
    for (let time = 0; time < 5; time += 1) {
      const hostId = aHostId();
      await world.renew(file, { hostId });
      const answer = await customer.on(licenseId, 'repaired', { hostId });
      expect(outcomeOf(answer)).toBe(time < 4 ? '201' : '409 transfer-limit');
      if (time < 4) file = await world.renewed(file, { hostId });
    }
    await customer.moved(licenseId, file);
  });
});

describe('the list of transfers', () => {
  it('is paged, newest first, and shows those of the customer alone', async () => {
    const customer = await Customer.with(world);
    const other = await Customer.with(world);
    await other.declared((await other.host()).licenseId);
    const { licenseId } = await customer.host();
    for (let time = 0; time < 3; time += 1) {
      await customer.declared(licenseId);
      await customer.on(licenseId, 'transfer/cancel');
      await world.advance(MINUTE);
    }
    await customer.declared(licenseId);
    const all = (await customer.transfers()).items;
    expect(all.map(({ status }) => status)).toEqual(['pending', 'cancelled', 'cancelled', 'cancelled']);
    expect(new Set(all.map((item) => item.licenseId))).toEqual(new Set([licenseId]));
    const first = await customer.transfers('?limit=3');
    const second = await customer.transfers(`?limit=3&after=${first.next}`);
    expect([...first.items, ...second.items]).toEqual(all);
    expect(second.next).toBeUndefined();
    const exact = await customer.transfers('?limit=4');
    expect(exact.next).toBeUndefined();
  });

  it('refuses what is no page', async () => {
    const customer = await Customer.with(world);
    const cursors = [
      'x',
      Buffer.from('[""]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
    ];
    for (const query of ['limit=0', 'limit=201', 'more=1', ...cursors.map((after) => `after=${after}`)]) {
      expect(outcomeOf(await customer.viewer('GET', `/v1/customer/transfers?${query}`))).toBe(
        '400 query-invalid',
      );
    }
  });
});

describe('the receipt', () => {
  it('goes to whoever accepted and to the technical contacts, once each', async () => {
    const customerId = await world.customer();
    const contact = (email: string, language: string, roles: string[]) => ({
      email,
      language,
      timeZone: 'UTC',
      roles,
    });
    await world.accepted('PUT', `/v1/customers/${customerId}`, {
      name: 'Acme Print',
      contacts: [
        contact('ops@acme.example', 'de', ['technical']),
        contact('buy@acme.example', 'en', ['commercial']),
      ],
    });
    await world.order(customerId, 'c-1');
    const customer = new Customer(world, customerId);
    const { licenseId } = await customer.host();
    const manager = world.asCustomer(customerId, 'manager', { email: 'jo@acme.example' });
    const path = `/v1/customer/licenses/${licenseId}/transfer`;
    const body = { host: { name: 'rip-77' }, ...ACCEPTED };
    for (const status of [201, 200]) expect((await manager('POST', path, body)).status).toBe(status);
    const inbox = JSON.parse((await world.send('GET', '/_local/mail', '')).text) as {
      to: string | string[];
      text: string;
    }[];
    const receipts = inbox.filter(({ text }) => text.includes('rip-77'));
    expect(receipts.map(({ to }) => [to].flat()[0]).sort()).toEqual(['jo@acme.example', 'ops@acme.example']);
    expect((await customer.transfers()).items[0]?.by.email).toBe('jo@acme.example');
  });
});
