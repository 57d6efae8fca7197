import { aContact } from '../builders/contacts.ts';
import type { World } from './world.ts';

/** Every path on which the function of members and contacts calls AWS, and the first managers of an order. */
export async function walkAccount(world: World): Promise<void> {
  const customerId = await world.customer();
  const weekly = { every: 'week', on: 'monday', hour: 8 } as const;
  const contacts = [aContact(`boss@${customerId}.example`, { report: weekly })];
  await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Acme Print', contacts });
  await world.order(customerId, 'c-1');

  // The same by the other way in which orders come.
  const other = await world.customer();
  const named = [aContact(`boss@${other}.example`)];
  await world.accepted('PUT', `/v1/customers/${other}`, { name: 'Globex', contacts: named });
  const detail = { customerId: other, contractId: 'c-1', contract: world.contract() };
  await world.send('POST', '/_local/events', JSON.stringify({ detailType: 'ContractChanged', detail }));

  const ask = world.asCustomer(customerId, 'manager', { email: `boss@${customerId}.example` });
  await ask('GET', '/v1/customer/me');
  await ask('PUT', '/v1/customer/memberships', { actFor: customerId });
  await ask('GET', '/v1/customer/members');
  const member = `/v1/customer/members/jo@${customerId}.example`;
  await ask('PUT', member, { role: 'viewer' });
  // The link is written again where the member is still there, and the address goes with its last customer.
  await ask('DELETE', member);
  await ask('DELETE', member);

  const { body } = await ask('GET', '/v1/customer/contacts');
  const { version } = body as { version: string };
  const wanted = [aContact(`own@${customerId}.example`, { report: { ...weekly, on: 'friday' } })];
  await ask('PUT', '/v1/customer/contacts', { version, contacts: wanted });
}
