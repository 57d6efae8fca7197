import { afterEach, describe, expect, it } from 'vitest';
import { aContractDocument } from '../builders/contract-document.ts';
import { claimsIn, useWorld, type IssuedLicense } from '../integration/world.ts';
import {
  callsOf,
  crashAfter,
  crashBefore,
  replyLost,
  throttled,
  type AwsCall,
} from '../support/aws-proxy.ts';
import { outcomeOf } from './vendor-answers.ts';

const world = useWorld();
afterEach(() => world.proxy.pass());

const kill = (functionName: string) => () => void world.service.killFunction(functionName);
const crashes = { 'before it': crashBefore, 'after it': crashAfter };
type Moment = keyof typeof crashes;

/** Every write of a request, and both sides of it. */
const momentsOf = (actions: readonly string[]) =>
  actions.flatMap((action) => (Object.keys(crashes) as Moment[]).map((moment) => [action, moment] as const));

describe('an order', () => {
  it.each(momentsOf(['PutItem', 'UpdateItem']))(
    'that crashes at %s, %s, heals with the retry',
    async (action, moment) => {
      const customerId = await world.customer();
      await world.order(customerId, 'c-1');
      const path = `/v1/customers/${customerId}/contracts/c-2`;
      const put = () => world.vendor('PUT', path, aContractDocument({ hosts: 1 }));
      world.proxy.intervene(callsOf('contracts', action), crashes[moment](kill('contracts')));
      expect((await put()).status).toBeGreaterThanOrEqual(500);

      expect([200, 201]).toContain((await put()).status);
      const item = await world.stored.installationItem(customerId);
      expect((item?.['contracts'] as { id: string }[]).map(({ id }) => id).sort()).toEqual(['c-1', 'c-2']);
      const before = item?.['version'];
      expect((await put()).status).toBe(200);
      expect((await world.stored.installationItem(customerId))?.['version']).toBe(before);
    },
  );

  it('whose replies get lost is carried out once', async () => {
    const customerId = await world.customer();
    world.proxy.intervene(callsOf('contracts', 'PutItem'), replyLost);
    world.proxy.intervene(callsOf('contracts', 'UpdateItem'), replyLost);
    const answer = await world.vendor(
      'PUT',
      `/v1/customers/${customerId}/contracts/c-1`,
      aContractDocument(),
    );
    expect([200, 201]).toContain(answer.status);
    expect((await world.stored.installationItem(customerId))?.['version']).toBe(1);
  });

  it('is answered 503 with Retry-After while the database refuses for load', async () => {
    const customerId = await world.customer();
    world.proxy.intervene(callsOf('contracts'), throttled, 20);
    const answer = await world.vendor(
      'PUT',
      `/v1/customers/${customerId}/contracts/c-1`,
      aContractDocument(),
    );
    expect(outcomeOf(answer)).toBe('503 unavailable');
    expect(answer.headers.get('retry-after')).toBe('60');
  });
});

describe('a customer', () => {
  it('whose renaming crashes is renamed by the retry', async () => {
    const customerId = await world.customer('Old Name');
    await world.order(customerId, 'c-1');
    const rename = () =>
      world.vendor('PUT', `/v1/customers/${customerId}`, { name: 'New Name', contacts: [] });
    world.proxy.intervene(
      (call) =>
        callsOf('customers', 'UpdateItem')(call) &&
        call.input['TableName'] === world.stored.tableName('installations'),
      crashBefore(kill('customers')),
    );
    expect((await rename()).status).toBeGreaterThanOrEqual(500);
    expect((await rename()).status).toBe(200);
    expect((await world.stored.installationItem(customerId))?.['customerName']).toBe('New Name');
  });
});

describe('an order for a license', () => {
  const tables = ['installations', 'licenses', 'renewals'];
  const moments = tables.flatMap((table) => momentsOf([table]));

  it.each(moments)('that crashes at its write to %s, %s, heals with the retry', async (table, moment) => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', { hosts: 1 });
    const post = () =>
      world.vendor('POST', `/v1/customers/${customerId}/licenses`, { product: 'ES', host: { id: 'H-1' } });
    world.proxy.intervene(
      ({ functionName, action, input }) =>
        functionName === 'licenses' &&
        ['PutItem', 'UpdateItem'].includes(action) &&
        input['TableName'] === world.stored.tableName(table),
      crashes[moment](kill('licenses')),
    );
    expect((await post()).status).toBeGreaterThanOrEqual(500);

    const healed = await post();
    const { licenseId, file } = healed.body as IssuedLicense;
    expect([200, 201]).toContain(healed.status);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId: 'H-1' },
    ]);
    expect(claimsIn(await world.renewed(file)).sub).toBe(licenseId);
    expect((await post()).status).toBe(200);
  });

  it.each(['before it', 'after it'] as const)(
    'that crashes at the signature, %s, heals too',
    async (moment) => {
      const customerId = await world.customer();
      await world.order(customerId, 'c-1');
      const post = () =>
        world.vendor(
          'POST',
          `/v1/customers/${customerId}/licenses`,
          { product: 'ES' },
          { 'idempotency-key': 'k' },
        );
      world.proxy.intervene(callsOf('licenses', 'Sign'), crashes[moment](kill('licenses')));
      expect((await post()).status).toBeGreaterThanOrEqual(500);
      const { licenseId, file } = (await post()).body as IssuedLicense;
      expect(claimsIn(file)).toMatchObject({ sub: licenseId, seq: 0 });
      expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(1);
    },
  );

  it('whose replies get lost gives one license', async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1');
    // The first reply to every write; the SDK then repeats the very same one.
    const seen = new Set<string>();
    const isNewWrite = ({ functionName, action, input }: AwsCall) => {
      const write = JSON.stringify(input);
      const isNew =
        functionName === 'licenses' && ['UpdateItem', 'PutItem'].includes(action) && !seen.has(write);
      seen.add(write);
      return isNew;
    };
    world.proxy.intervene(isNewWrite, replyLost, 10);
    const answer = await world.vendor('POST', `/v1/customers/${customerId}/licenses`, {
      product: 'ES',
      host: { id: 'H-1' },
    });
    expect([200, 201]).toContain(answer.status);
    expect((await world.stored.installationItem(customerId))?.['licenses']).toHaveLength(1);
    await world.renewed((answer.body as IssuedLicense).file);
  });
});

describe('a revocation', () => {
  it('whose reply gets lost is carried out once', async () => {
    const { licenseId } = await world.licensedHost();
    const before = Number((await world.stored.licenseItem(licenseId))?.['version']);
    world.proxy.intervene(callsOf('licenses', 'UpdateItem'), replyLost);
    await world.revoke(licenseId);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({
      state: 'revoked',
      version: before + 1,
    });
  });
});
