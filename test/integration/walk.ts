import { callsOf, replyLost, type AwsCall } from '../support/aws-proxy.ts';
import { walkAccount } from './walk-account.ts';
import { walkAlerts } from './walk-alerts.ts';
import { walkCustomerViews } from './walk-customer-views.ts';
import { walkDistribution } from './walk-distribution.ts';
import { walkHosts } from './walk-hosts.ts';
import { walkOrderMails } from './walk-order-mails.ts';
import { walkOrders } from './walk-orders.ts';
import { walkPublished } from './walk-published.ts';
import { aHostId, type World } from './world.ts';

/** Takes every route and every path on which a function calls AWS, so that each call is made at least once. */
export async function walkEveryPath(world: World): Promise<void> {
  await world.send('GET', '/v1/ping', '');
  await world.send('GET', '/no/such/route', '');
  await world.publishedKeys();
  await walkVendorRoutes(world);
  await walkRenewals(world);
  await walkOrders(world);
  await walkOrderMails(world);
  await walkHosts(world);
  await walkDistribution(world);
  await walkCustomerViews(world);
  await walkAccount(world);
  await walkPublished(world);
  await walkAlerts(world);
}

async function walkVendorRoutes(world: World): Promise<void> {
  const customerId = await world.customer();
  const customer = `/v1/customers/${customerId}`;
  await world.vendor('GET', '/v1/customers/nobody');
  await world.accepted('GET', customer);

  await world.order(customerId, 'c-1');
  await world.order(customerId, 'c-1');
  await world.order(customerId, 'c-1', { revision: 2, hosts: 4 });
  await world.vendor('PUT', `${customer}/contracts/c-1`, { nonsense: true });
  await world.order(customerId, 'c-2', { hosts: 0 });
  await world.accepted('GET', `${customer}/contracts?limit=1`);
  await world.accepted('GET', `${customer}/contracts?limit=1&next=c-1`);
  await world.accepted('GET', `${customer}/contracts/c-1`);
  await world.vendor('GET', `${customer}/contracts/c-3`);
  // The name goes on into the installation.
  await world.accepted('PUT', customer, { name: 'Acme Print Europe', contacts: [] });

  const host = { id: aHostId(), name: 'rip-01' };
  const { licenseId } = await world.issue(customerId, host);
  await world.issue(customerId, host);
  const key = { 'idempotency-key': 'walk' };
  for (let time = 0; time < 2; time += 1) {
    await world.accepted('POST', `${customer}/licenses`, { product: 'ES' }, key);
  }
  await world.accepted('GET', `${customer}/licenses`);
  await world.accepted('GET', `/v1/licenses/${licenseId}`);
  await world.vendor('GET', '/v1/licenses/nothing');
  await world.revoke(licenseId);
  await world.reinstate(licenseId);
  // A record that the issuing function finds to be its own.
  world.proxy.intervene(callsOf('licenses', 'PutItem'), replyLost);
  await world.issue(customerId, { id: aHostId() });
  // A file above what KMS takes as a message.
  await world.order(customerId, 'c-3', { hosts: 2, lines: manyLines() });
  await world.issue(customerId, { id: aHostId() });
}

async function walkRenewals(world: World): Promise<void> {
  const { file, licenseId, hostId } = await world.licensedHost();
  const second = await world.renewed(file);
  // Delivered again, and refused: to the bound host and to another.
  await world.renewed(file);
  await world.revoke(licenseId);
  await world.renew(second);
  await world.renew(second, { hostId: aHostId() });
  await world.reinstate(licenseId);
  // Its own record and its own commit, found again.
  for (const action of ['PutItem', 'UpdateItem']) {
    world.proxy.intervene(callsOf('renew', action), replyLost);
    await world.renewed(second);
    await world.advance(11 * 60_000);
  }
  await transfer(world, licenseId);
  await world.renew(second, { hostId });

  const starter = await world.starter();
  const isListWrite = (call: AwsCall) =>
    callsOf('renew', 'UpdateItem')(call) &&
    call.input['TableName'] === world.stored.tableName('installations');
  world.proxy.intervene(isListWrite, replyLost);
  await world.renewed(starter.file, { hostId: aHostId() });
  // A refusal that rests on the installation, which is read strongly for it.
  const suspended = await world.licensedHost({ status: 'active' });
  await world.order(suspended.customerId, 'c-1', { revision: 2, status: 'suspended' });
  await world.renew(suspended.file);
}

/** Moves the license to another host, which takes it over. */
async function transfer(world: World, licenseId: string): Promise<void> {
  const target = aHostId();
  await world.stored.declareTransfer(licenseId, { hostId: target });
  const file = await world.stored.currentFile(licenseId);
  await world.renewed(file, { hostId: target });
}

/** Lines whose windows make a file of more than 4 KiB. */
export const manyLines = (): object[] =>
  Array.from({ length: 60 }, (_, index) => ({
    id: `l${index}`,
    option: `an-option-with-a-long-name-${index}`,
    scope: 'every-host',
    quantity: 1,
  }));
