import { aHostId, type World } from './world.ts';

/** Every path on which the function of order events calls AWS. */
export async function walkOrders(world: World): Promise<void> {
  const customerId = `w${aHostId().slice(-12)}`;
  const contact = {
    email: `office@${customerId}.example`,
    language: 'en',
    timeZone: 'UTC',
    roles: ['technical', 'commercial'],
  };
  await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Acme Print', contacts: [contact] });
  const send = (revision: number, given: object = {}) =>
    world.send(
      'POST',
      '/_local/events',
      JSON.stringify({
        detailType: 'ContractChanged',
        detail: { customerId, contractId: 'c-1', contract: { ...world.contract({ revision }), ...given } },
      }),
    );
  await send(1);
  for (let hosts = 0; hosts < 3; hosts += 1) await world.issue(customerId, { id: aHostId() });
  await send(1);
  // Fewer hosts than licenses, of which the customer is told.
  await send(2, { hosts: 1 });
  await send(1);
  await send(3, { nonsense: true });
}
