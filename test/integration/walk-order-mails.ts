import { aHostId, type World } from './world.ts';

/** The paths on which the function of contracts tells a customer of an order, and names hosts in its answer. */
export async function walkOrderMails(world: World): Promise<void> {
  const customerId = `m${aHostId().slice(-12)}`;
  const email = `office@${customerId}.example`;
  const contacts = [{ email, language: 'en', timeZone: 'UTC', roles: ['technical', 'commercial'] }];
  await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Acme Print', contacts });
  await world.order(customerId, 'c-1');
  await world.issue(customerId, { id: aHostId() });
  // Fewer options: noted, claimed, sent and ended.
  await world.order(customerId, 'c-1', { revision: 2, lines: [] });
}
