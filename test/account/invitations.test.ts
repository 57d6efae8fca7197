import { describe, expect, it } from 'vitest';
import { aContact } from '../builders/contacts.ts';
import { invitationsTo } from '../integration/alerting.ts';
import { useWorld } from '../integration/world.ts';
import { callsOf, crashAfter } from '../support/aws-proxy.ts';
import { aManagedCustomer, anAddress, codeOf, listed, mailServiceDown } from './managed-customer.ts';

const world = useWorld();

const somebody = (): string => anAddress('invited');
const managedCustomer = (given?: object) => aManagedCustomer(world, 'invited', given);
const VIEWER = { role: 'viewer' };
const pathOf = (email: string): string => `/v1/customer/members/${email}`;

const sendingDown = (functionName: string) =>
  world.proxy.intervene(callsOf(functionName, 'SendRawEmail'), mailServiceDown);

describe('An invitation that met a fault of the mail service', () => {
  it('stays due, and the same request sends it at once', async () => {
    const { asManager, asViewer, manager } = await managedCustomer();
    const email = somebody();
    sendingDown('customer-account');
    expect(codeOf(await asManager('PUT', pathOf(email), VIEWER))).toBe('503 unavailable');
    expect(await listed(asViewer)).toContainEqual(expect.objectContaining({ email, invitation: 'due' }));
    const again = await asManager('PUT', pathOf(email), VIEWER);
    expect(again.status).toBe(200);
    expect(again.body).toEqual({
      ...{ email, role: 'viewer', language: 'en', invitedBy: manager, invitation: 'sent' },
      invitedAt: expect.stringMatching(/Z$/) as unknown,
    });
    expect(await invitationsTo(world, email)).toHaveLength(1);
  });

  it('is sent at once by the same order, too', async () => {
    const { customerId, asViewer, manager } = await managedCustomer({ contacts: [] });
    await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'A', contacts: [aContact(manager)] });
    const path = `/v1/customers/${customerId}/contracts/c-1`;
    const order = world.contract({ revision: 2 });
    sendingDown('contracts');
    expect(codeOf(await world.vendor('PUT', path, order))).toBe('503 unavailable');
    expect(codeOf(await world.vendor('PUT', path, order))).toBe('200');
    expect(await listed(asViewer)).toMatchObject([{ email: manager, invitation: 'sent' }]);
    expect(await invitationsTo(world, manager)).toHaveLength(1);
  });

  it('fails no request for anybody else, and no order', async () => {
    const { customerId, asManager, asViewer } = await managedCustomer();
    const [failed, other] = [somebody(), somebody()];
    sendingDown('customer-account');
    await asManager('PUT', pathOf(failed), VIEWER);
    await world.advance(6 * 60_000);
    // The next e-mail meets a fault again; the request for another address must not try the first one.
    const stop = world.proxy.intervene(
      ({ action, input }) => action === 'SendRawEmail' && Object.values(input).includes(failed),
      mailServiceDown,
      10,
    );
    expect(codeOf(await asManager('PUT', pathOf(other), VIEWER))).toBe('201');
    expect(codeOf(await asManager('PUT', pathOf(other), { role: 'manager' }))).toBe('200');
    await world.order(customerId, 'c-1', { revision: 2 });
    stop();
    expect(await listed(asViewer)).toContainEqual(
      expect.objectContaining({ email: failed, invitation: 'due' }),
    );
  });
});

it('An invitation that a crash left is sent by the same request, at once', async () => {
  const { asManager } = await managedCustomer();
  const email = somebody();
  world.proxy.intervene(
    callsOf('customer-account', 'SendRawEmail'),
    crashAfter(() => world.service.killFunction('customer-account')),
  );
  expect((await asManager('PUT', pathOf(email), VIEWER)).status).toBe(500);
  expect((await asManager('PUT', pathOf(email), VIEWER)).body).toMatchObject({ email, invitation: 'sent' });
});

describe('An address that could not be reached', () => {
  const disable = (address: string) =>
    world.stored.put('recipients', { address, disabledAt: 1, disabledBecause: 'bounce' });

  it('is invited again by the next request for it, once it can be', async () => {
    const { asManager } = await managedCustomer();
    const email = somebody();
    await disable(email);
    for (let time = 0; time < 2; time += 1) {
      const put = await asManager('PUT', pathOf(email), VIEWER);
      expect(put.body).toMatchObject({ invitation: 'unreachable' });
    }
    await world.stored.put('recipients', { address: email });
    expect((await asManager('PUT', pathOf(email), VIEWER)).body).toMatchObject({ invitation: 'sent' });
    await asManager('PUT', pathOf(email), VIEWER);
    expect(await invitationsTo(world, email)).toHaveLength(1);
  });

  it('does not count as the manager that a customer keeps', async () => {
    const { asManager, manager } = await managedCustomer();
    const [unreachable, reachable] = [somebody(), somebody()];
    await disable(unreachable);
    await asManager('PUT', pathOf(unreachable), { role: 'manager' });
    const refused = await asManager('DELETE', pathOf(manager));
    expect(codeOf(refused)).toBe('409 last-manager');
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('No invitation') as unknown });
    expect(codeOf(await asManager('PUT', pathOf(manager), VIEWER))).toBe('409 last-manager');
    await asManager('PUT', pathOf(reachable), { role: 'manager' });
    expect(codeOf(await asManager('DELETE', pathOf(manager)))).toBe('204');
  });
});

it('The logs hold no address', () => {
  expect(world.logs.filter((line) => line.includes('@acme.example'))).toEqual([]);
});
