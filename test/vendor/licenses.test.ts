import { describe, expect, it } from 'vitest';
import { aHostId, claimsIn, useWorld, type IssuedLicense } from '../integration/world.ts';
import { membersOf, outcomeOf } from './vendor-answers.ts';

const world = useWorld();

const post = (customerId: string, body: unknown, key?: string) =>
  world.vendor(
    'POST',
    `/v1/customers/${customerId}/licenses`,
    body,
    key === undefined ? {} : { 'idempotency-key': key },
  );

const forHost = (hostId: string) => ({ product: 'ES', host: { id: hostId } });

async function customerWith(contract: Record<string, unknown> = {}): Promise<string> {
  const customerId = await world.customer();
  await world.order(customerId, 'c-1', contract);
  return customerId;
}

const show = async (licenseId: string) => membersOf(await world.vendor('GET', `/v1/licenses/${licenseId}`));

describe('an order for a license with a host', () => {
  it('is answered with its first file, which renews', async () => {
    const customerId = await customerWith();
    const answer = await post(customerId, { product: 'ES', host: { id: 'H-1', name: 'rip-01\u0007' } });
    const { licenseId, file } = answer.body as IssuedLicense;
    expect(answer.status).toBe(201);
    expect(licenseId).toMatch(/^lic_[0-9a-v]{26}$/);
    expect(claimsIn(file)).toMatchObject({
      sub: licenseId,
      seq: 1,
      customer: { id: customerId, name: 'Acme Print' },
      host: { id: 'H-1', name: 'rip-01' },
      options: [{ option: 'render-engine', quantity: 8 }],
    });
    expect(claimsIn(await world.renewed(file))).toMatchObject({
      sub: licenseId,
      seq: 2,
      host: { id: 'H-1' },
    });
  });

  it('gives the same license again for the same host, with the file that is current then', async () => {
    const customerId = await customerWith();
    const { licenseId, file } = (await post(customerId, forHost('H-1'))).body as IssuedLicense;
    const again = await post(customerId, forHost('H-1'), 'a-key');
    expect([again.status, again.body]).toEqual([200, { licenseId, file }]);
    const renewed = await world.renewed(file);
    expect((await post(customerId, forHost('H-1'))).body).toEqual({ licenseId, file: renewed });
  });

  it('gives one license to 20 that race', async () => {
    const customerId = await customerWith();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(customerId, forHost('H-1'))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(1);
  });

  it('never exceeds the ordered hosts, however many race', async () => {
    const customerId = await customerWith({ hosts: 4 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(customerId, forHost(aHostId()))));
    const outcomes = answers.map(outcomeOf).sort();
    expect(outcomes).toEqual([
      ...Array.from({ length: 4 }, () => '201'),
      ...Array.from({ length: 8 }, () => '409 host-limit'),
    ]);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(4);
  });

  it('finds its place once more hosts are ordered', async () => {
    const customerId = await customerWith({ hosts: 1 });
    await post(customerId, forHost('H-1'));
    const refused = await post(customerId, forHost('H-2'));
    expect(outcomeOf(refused)).toBe('409 host-limit');
    expect(refused.headers.get('retry-after')).toBe('3600');
    await world.order(customerId, 'c-2', { hosts: 1 });
    expect((await post(customerId, forHost('H-2'))).status).toBe(201);
  });

  it('counts installations apart', async () => {
    const customerId = await customerWith({ hosts: 1 });
    await world.order(customerId, 'c-2', { hosts: 1, installation: 'proof' });
    await post(customerId, forHost('H-1'));
    const answer = await post(customerId, { ...forHost('H-1'), installation: 'proof' });
    expect(answer.status).toBe(201);
    expect(claimsIn((answer.body as IssuedLicense).file).installation).toBe('proof');
  });

  it('needs its installation', async () => {
    const customerId = await customerWith();
    expect(outcomeOf(await post(customerId, { product: 'TWIST' }))).toBe('404 installation-not-found');
    expect(outcomeOf(await post(customerId, { product: 'ES', installation: 'proof' }))).toBe(
      '404 installation-not-found',
    );
    expect(outcomeOf(await post('nobody', { product: 'ES' }))).toBe('404 installation-not-found');
    expect(outcomeOf(await post('-', { product: 'ES' }))).toBe('404 installation-not-found');
  });

  it('needs a contract that is in force or in grace, and names what is missing', async () => {
    const outcomeWith = async (contract: Record<string, unknown>) => {
      const { status, body } = await post(await customerWith(contract), forHost('H-1'));
      const { code, detail } = body as { code?: string; detail?: string };
      return [status, code, /\((.*?)\)/.exec(detail ?? '')?.[1]];
    };
    const refused = (why: string) => [409, 'not-entitled', why];
    expect(await outcomeWith({ startsOn: world.day(1) })).toEqual(refused('contract-not-started'));
    expect(await outcomeWith({ endsOn: world.day(-20) })).toEqual(refused('contract-ended'));
    expect(await outcomeWith({ status: 'suspended' })).toEqual(refused('contract-suspended'));
    expect(await outcomeWith({ hosts: 0 })).toEqual(refused('contract-ended'));
    expect(await outcomeWith({ endsOn: world.day(-2) })).toEqual([201, undefined, undefined]);
    expect(await outcomeWith({ endsOn: world.day(-2), graceDays: 0 })).toEqual(refused('contract-ended'));
  });
});

describe('an order for a license without a host', () => {
  it('is answered with a starter file, which binds the first host', async () => {
    const customerId = await customerWith();
    const answer = await post(customerId, { product: 'ES' });
    const { licenseId, file } = answer.body as IssuedLicense;
    expect(answer.status).toBe(201);
    expect(claimsIn(file)).toMatchObject({ sub: licenseId, seq: 0, options: [] });
    expect(claimsIn(file).host).toBeUndefined();
    expect(await show(licenseId)).not.toHaveProperty('expiresAt');

    const bound = await world.renewed(file, { hostId: 'H-9' });
    expect(claimsIn(bound)).toMatchObject({ sub: licenseId, seq: 1, host: { id: 'H-9' } });
    expect((await post(customerId, forHost('H-9'))).body).toEqual({ licenseId, file: bound });
  });

  it('makes a new license each time without a key', async () => {
    const customerId = await customerWith();
    const ids = [await post(customerId, { product: 'ES' }), await post(customerId, { product: 'ES' })].map(
      ({ body }) => (body as IssuedLicense).licenseId,
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('may come before the first day, up to the hosts of that period', async () => {
    const customerId = await customerWith({ startsOn: world.day(10), hosts: 2 });
    const outcomes = [
      await post(customerId, { product: 'ES' }),
      await post(customerId, { product: 'ES' }),
    ].map(outcomeOf);
    expect(outcomes).toEqual(['201', '201']);
    expect(outcomeOf(await post(customerId, { product: 'ES' }))).toBe('409 host-limit');
  });

  it('is refused where nothing entitles any more', async () => {
    const customerId = await customerWith({ endsOn: world.day(-20) });
    expect(outcomeOf(await post(customerId, { product: 'ES' }))).toBe('409 not-entitled');
  });
});

describe('an Idempotency-Key', () => {
  it('finds the license of its first try, also when 10 race', async () => {
    const customerId = await customerWith();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(customerId, { product: 'ES' }, 'order-1')),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 9 }, () => 200),
      201,
    ]);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(1);
  });

  it('finds the file of the host once the license is bound', async () => {
    const customerId = await customerWith();
    const { licenseId, file } = (await post(customerId, { product: 'ES' }, 'order-1')).body as IssuedLicense;
    const bound = await world.renewed(file, { hostId: 'H-1' });
    expect((await post(customerId, { product: 'ES' }, 'order-1')).body).toEqual({ licenseId, file: bound });
  });

  it('is refused for another order', async () => {
    const customerId = await customerWith();
    await world.order(customerId, 'c-2', { installation: 'proof' });
    await post(customerId, forHost('H-1'), 'order-1');
    for (const other of [forHost('H-2'), { product: 'ES' }, { ...forHost('H-1'), installation: 'proof' }]) {
      expect(outcomeOf(await post(customerId, other, 'order-1'))).toBe('409 idempotency-key-reused');
    }
    expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(1);
  });

  it('does not bring back a starter file that lapsed', async () => {
    const customerId = await customerWith();
    await post(customerId, { product: 'ES' }, 'order-1');
    await world.advanceDays(31);
    expect(outcomeOf(await post(customerId, { product: 'ES' }, 'order-1'))).toBe('403 starter-lapsed');
    expect(outcomeOf(await post(customerId, { product: 'ES' }, 'order-2'))).toBe('201');
  });

  it('belongs to its customer', async () => {
    const [one, other] = [await customerWith(), await customerWith()];
    const first = (await post(one, { product: 'ES' }, 'order-1')).body as IssuedLicense;
    const second = await post(other, { product: 'ES' }, 'order-1');
    expect(second.status).toBe(201);
    expect((second.body as IssuedLicense).licenseId).not.toBe(first.licenseId);
  });

  it('is 1 to 128 visible ASCII characters', async () => {
    const customerId = await customerWith();
    for (const key of ['', 'two words', 'k'.repeat(129)]) {
      expect(outcomeOf(await post(customerId, { product: 'ES' }, key)), key).toBe(
        '400 body-invalid Idempotency-Key',
      );
    }
  });
});

describe('the body of an order for a license', () => {
  it('is strict', async () => {
    const outcome = async (body: unknown) => outcomeOf(await post('acme', body));
    expect(await outcome({})).toBe('400 body-invalid product');
    expect(await outcome({ product: 'E#S', installation: '', extra: 1 })).toBe(
      '400 body-invalid product installation extra',
    );
    expect(await outcome({ product: 'ES', host: { name: 'rip' } })).toBe('400 body-invalid host.id');
    expect(await outcome({ product: 'ES', host: { id: 'Größe' } })).toBe('400 body-invalid host.id');
    expect(await outcome({ product: 'ES', host: { id: 'H-1', name: 'n'.repeat(256) } })).toBe(
      '400 body-invalid host.name',
    );
    expect(await outcome('{')).toBe('400 body-invalid ');
    expect(await outcome(' '.repeat(256 * 1024 + 1))).toBe('413 body-too-large');
  });
});

describe('licenses as the vendor sees them', () => {
  it('are listed over all installations of a customer', async () => {
    const customerId = await customerWith();
    await world.order(customerId, 'c-2', { installation: 'proof' });
    const bound = await world.issue(customerId, { id: 'H-1' });
    const starter = (await post(customerId, { product: 'ES', installation: 'proof' })).body as IssuedLicense;
    const { body } = await world.vendor('GET', `/v1/customers/${customerId}/licenses`);
    expect(body).toEqual({
      licenses: [
        { licenseId: bound.licenseId, product: 'ES', installation: 'main', hostId: 'H-1' },
        {
          licenseId: starter.licenseId,
          product: 'ES',
          installation: 'proof',
          lapsesAt: expect.stringMatching(/Z$/) as unknown,
        },
      ],
    });
    expect((await world.vendor('GET', '/v1/customers/nobody/licenses')).body).toEqual({ licenses: [] });
    expect(outcomeOf(await world.vendor('GET', '/v1/customers/-/licenses'))).toBe('404 customer-not-found');
  });

  it('are shown without serials, addresses and fingerprints', async () => {
    const customerId = await customerWith();
    const issued = (await post(customerId, { product: 'ES', host: { id: 'H-1', name: 'rip-01' } }, 'k')).body;
    const { licenseId, file } = issued as IssuedLicense;
    const renewed = await world.renewed(file);
    const shown = await world.vendor('GET', `/v1/licenses/${licenseId}`);
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown;
    expect(shown.body).toEqual({
      licenseId,
      customerId,
      product: 'ES',
      installation: 'main',
      state: 'active',
      host: { id: 'H-1', name: 'rip-01' },
      seq: 2,
      createdAt: instant,
      issuedAt: instant,
      expiresAt: instant,
      lastSeenAt: instant,
      version: 3,
      installationVersion: 2,
    });
    expect(JSON.stringify(shown.body)).not.toContain(claimsIn(renewed).jti);
  });

  it('are 404 where they do not exist', async () => {
    expect(outcomeOf(await world.vendor('GET', '/v1/licenses/lic_unknown'))).toBe('404 license-not-found');
    expect(outcomeOf(await world.vendor('GET', '/v1/licenses/a%23b'))).toBe('404 license-not-found');
  });
});

describe('revocation and reinstatement', () => {
  const setState = (
    licenseId: string,
    verb: 'revoke' | 'reinstate',
    body: unknown = { reason: 'a reason' },
  ) => world.vendor('POST', `/v1/licenses/${licenseId}/${verb}`, body);

  it('stop and resume renewal', async () => {
    const { licenseId, file } = await world.licensedHost();
    const { version } = await show(licenseId);
    const revoked = await setState(licenseId, 'revoke', { reason: 'host was stolen' });
    expect(revoked.status).toBe(200);
    expect(revoked.body).toMatchObject({
      state: 'revoked',
      stateReason: 'host was stolen',
      version: Number(version) + 1,
    });
    expect((await world.renew(file)).status).toBe(403);

    const reinstated = await setState(licenseId, 'reinstate', { reason: 'found again' });
    expect(reinstated.body).toMatchObject({ state: 'active', stateReason: 'found again' });
    expect((await world.renew(file)).status).toBe(200);
  });

  it('write nothing the second time', async () => {
    const { licenseId } = await world.licensedHost();
    const first = await setState(licenseId, 'revoke');
    const second = await setState(licenseId, 'revoke', { reason: 'another reason' });
    expect([second.status, second.body]).toEqual([200, first.body]);
  });

  it('hold against an order for the host of the license', async () => {
    const { licenseId, customerId, hostId } = await world.licensedHost();
    await setState(licenseId, 'revoke');
    expect(outcomeOf(await post(customerId, forHost(hostId)))).toBe('403 license-revoked');
  });

  it('each end in one of the two states when they race', async () => {
    const { licenseId } = await world.licensedHost();
    const answers = await Promise.all(
      (['revoke', 'reinstate', 'revoke', 'reinstate'] as const).map((verb) => setState(licenseId, verb)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('need a license and a reason', async () => {
    const { licenseId } = await world.licensedHost();
    expect(outcomeOf(await setState('lic_unknown', 'revoke'))).toBe('404 license-not-found');
    expect(outcomeOf(await setState('lic_unknown', 'reinstate'))).toBe('404 license-not-found');
    expect(outcomeOf(await setState(licenseId, 'revoke', {}))).toBe('400 body-invalid reason');
    expect(outcomeOf(await setState(licenseId, 'revoke', { reason: '' }))).toBe('400 body-invalid reason');
    expect(outcomeOf(await setState(licenseId, 'revoke', { reason: 'r'.repeat(201) }))).toBe(
      '400 body-invalid reason',
    );
    expect((await show(licenseId))['state']).toBe('active');
  });
});
