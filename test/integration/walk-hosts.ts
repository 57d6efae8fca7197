import { ACCEPTED, Customer } from '../hosts/customer.ts';
import { callsOf, replyLost } from '../support/aws-proxy.ts';
import { aHostId, type World } from './world.ts';

/** Every path on which the function of the customers' hosts calls AWS, and what renewals and the vendor do for it. */
export async function walkHosts(world: World): Promise<void> {
  const customerId = await world.customer();
  await world.accepted('PUT', `/v1/customers/${customerId}`, {
    name: 'Acme Print',
    contacts: [{ email: 'ops@acme.example', language: 'en', timeZone: 'UTC', roles: ['technical'] }],
  });
  await world.order(customerId, 'c-1');
  const customer = new Customer(world, customerId);
  const { licenseId, hostId, file } = await customer.host();

  // A file that is there already, one that is new, and a record that the function finds to be its own.
  await customer.declareHost({ host: { id: hostId } });
  await customer.declareHost({ host: { name: 'rip-09' } });
  world.proxy.intervene(callsOf('customer-hosts', 'PutItem'), replyLost);
  const declared = (await customer.declareHost({ host: { id: aHostId() } })).body as {
    license: { licenseId: string };
  };
  await customer.manager('PUT', `/v1/customer/licenses/${licenseId}/site`, { site: 'Hall 2' });
  await customer.manager('PUT', `/v1/customer/licenses/${licenseId}/site`, { site: null });

  await customer.on(licenseId, 'transfer', { host: { name: 'rip-02' }, ...ACCEPTED });
  await customer.manager('GET', `/v1/customer/licenses/${licenseId}/transfer/starter`);
  await customer.transfers();
  await customer.on(licenseId, 'transfer/cancel');
  const stranger = aHostId();
  await world.renew(file, { hostId: stranger });
  await customer.on(licenseId, 'repaired', { hostId: stranger });
  await world.renew(file, { hostId: stranger });

  const { licenseId: second } = declared.license;
  await customer.on(second, 'retire');
  await customer.on(second, 'retire/cancel');
  await customer.on(second, 'retire', { effective: 'now' });
  await customer.declareHost({ host: { id: aHostId() } });
  await world.accepted('POST', `/v1/licenses/${licenseId}/transfer-allowance`, {
    extra: 1,
    reason: 'a test',
  });
}
