import { expect, test } from 'vitest';
import { problems, type ProblemCode } from '../../lambdas/core/problem.ts';
import { ACCEPTED, Customer } from '../hosts/customer.ts';
import { callsOf, throttled } from '../support/aws-proxy.ts';
import { expectProblem } from './expectations.ts';
import { aHostId, useWorld, type Answer } from './world.ts';

const world = useWorld();

async function vendor(...request: Parameters<typeof world.vendor>): Promise<Answer> {
  const { status, headers, body } = await world.vendor(...request);
  return { status, headers: Object.fromEntries(headers), text: JSON.stringify(body) };
}

const licensesOf = (customerId: string) => `/v1/customers/${customerId}/licenses`;

/** A licensed host and its customer, whose people call by the portal. */
async function ownHost() {
  const customer = await Customer.with(world);
  return { customer, ...(await customer.host()) };
}

/** Ends the contract of a license with its grace, by the order of its customer. */
const past = { endsOn: '2020-12-31', startsOn: '2020-01-01' };

/** How each code comes about. The type asks for every one: a code that nothing can produce has no place in the source. */
const ways: Record<ProblemCode, () => Promise<Answer>> = {
  'body-empty': () => world.renew(' \n'),
  'body-too-large': () => world.renew('x'.repeat(16 * 1024 + 1)),
  'host-id-invalid': () => world.renew('x', { headers: { 'host-id': 'a b' } }),
  'file-malformed': () => world.renew('x'),
  'file-not-genuine': async () => {
    const { file } = await world.licensedHost();
    return world.renew(`${file.slice(0, -8)}AAAAAAAA`);
  },
  'contract-ended': async () => {
    const { file, customerId } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, ...past });
    return world.renew(file);
  },
  'contract-not-started': async () => {
    const { file } = await world.starter({ startsOn: world.day(3) });
    return world.renew(file, { hostId: aHostId() });
  },
  'contract-suspended': async () => {
    const { file, customerId } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, status: 'suspended' });
    return world.renew(file);
  },
  'license-unknown': async () => {
    const { file, licenseId, customerId } = await world.licensedHost();
    await world.stored.remove('licenses', { licenseId });
    await world.stored.remove('installations', { customerId, installation: 'ES#main' });
    return world.renew(file);
  },
  'license-revoked': async () => {
    const { file, licenseId } = await world.licensedHost();
    await world.revoke(licenseId);
    return world.renew(file);
  },
  'starter-lapsed': async () => {
    const { file } = await world.starter();
    await world.advanceDays(31);
    return world.renew(file, { hostId: aHostId() });
  },
  'host-id-required': async () => world.renew((await world.starter()).file),
  'host-mismatch': async () => world.renew((await world.licensedHost()).file, { hostId: aHostId() }),
  'license-transferred': async () => {
    const { file, licenseId } = await world.licensedHost();
    const target = aHostId();
    await world.stored.declareTransfer(licenseId, { hostId: target });
    await world.renewed(file, { hostId: target });
    return world.renew(file);
  },
  'body-invalid': async () => vendor('PUT', `/v1/customers/${await world.customer()}`, { name: 5 }),
  'customer-not-found': () => vendor('GET', '/v1/customers/nobody'),
  'contract-not-found': async () => vendor('GET', `/v1/customers/${await world.customer()}/contracts/none`),
  'license-not-found': () => vendor('GET', '/v1/licenses/none'),
  'installation-not-found': async () => vendor('POST', licensesOf(await world.customer()), { product: 'ES' }),
  'revision-outdated': async () => {
    const { customerId } = await world.licensedHost({ revision: 2 });
    return vendor('PUT', `/v1/customers/${customerId}/contracts/c-1`, world.contract());
  },
  'revision-conflict': async () => {
    const { customerId } = await world.licensedHost();
    return vendor('PUT', `/v1/customers/${customerId}/contracts/c-1`, world.contract({ hosts: 9 }));
  },
  'host-limit': async () => {
    const { customerId } = await world.licensedHost({ hosts: 2, graceDays: 0 });
    const { file } = await world.issue(customerId, { id: aHostId() });
    await world.order(customerId, 'c-1', { revision: 2, hosts: 1, graceDays: 0 });
    return world.renew(file);
  },
  'not-entitled': async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', past);
    return vendor('POST', licensesOf(customerId), { product: 'ES', host: { id: aHostId() } });
  },
  'too-many-options': async () => {
    const lines = Array.from({ length: 65 }, (_, index) => ({
      id: `l${index}`,
      option: `option-${index}`,
      scope: 'pool',
      quantity: 1,
    }));
    const path = `/v1/customers/${await world.customer()}/contracts/c-1`;
    return vendor('PUT', path, world.contract({ lines }));
  },
  'idempotency-key-reused': async () => {
    const { customerId } = await world.licensedHost();
    const key = { 'idempotency-key': 'one' };
    await world.accepted('POST', licensesOf(customerId), { product: 'ES' }, key);
    return vendor('POST', licensesOf(customerId), { product: 'ES', host: { id: aHostId() } }, key);
  },
  'license-retired': async () => {
    const { customer, licenseId, file } = await ownHost();
    await customer.on(licenseId, 'retire', { effective: 'now' });
    return world.renew(file);
  },
  'terms-outdated': async () => {
    const { customer, licenseId } = await ownHost();
    const terms = { version: '2020-01', hash: '0'.repeat(64) };
    return customer.on(licenseId, 'transfer', { host: { id: aHostId() }, terms, accept: true });
  },
  'transfer-pending': async () => {
    const { customer, licenseId } = await ownHost();
    await customer.declared(licenseId);
    return customer.on(licenseId, 'transfer', { host: { id: aHostId() }, ...ACCEPTED });
  },
  'transfer-limit': async () => {
    const { customer, licenseId, ...host } = await ownHost();
    let { file } = host;
    for (let time = 0; time < 4; time += 1) ({ file } = await customer.moved(licenseId, file));
    return customer.on(licenseId, 'transfer', { host: { id: aHostId() }, ...ACCEPTED });
  },
  'transfer-not-found': async () => {
    const { customer, licenseId } = await ownHost();
    return customer.on(licenseId, 'transfer/cancel');
  },
  'license-unbound': async () => {
    const customer = await Customer.with(world);
    const { licenseId } = await world.issue(customer.customerId);
    return customer.on(licenseId, 'transfer', { host: { id: aHostId() }, ...ACCEPTED });
  },
  'host-known': async () => {
    const { customer, hostId } = await ownHost();
    const { file } = await world.issue(customer.customerId);
    return world.renew(file, { hostId });
  },
  'repair-not-offered': async () => {
    const { customer, licenseId } = await ownHost();
    return customer.on(licenseId, 'repaired', { hostId: aHostId() });
  },
  'token-incomplete': async () =>
    world.asCustomer(await world.customer(), 'viewer', { claims: { role: 'owner' } })(
      'GET',
      '/v1/customer/me',
    ),
  'role-insufficient': async () => {
    const { customer, licenseId } = await ownHost();
    return customer.viewer('POST', `/v1/customer/licenses/${licenseId}/retire`, {});
  },
  'query-invalid': async () => {
    const { customer } = await ownHost();
    return customer.viewer('GET', '/v1/customer/licenses?limit=none');
  },
  'version-outdated': async () => {
    const { customer, licenseId } = await ownHost();
    const options = { 'render-engine': { [licenseId]: 1 } };
    const path = '/v1/customer/installations/ES/main/distribution';
    return customer.manager('PUT', path, { version: 1, options });
  },
  'member-not-found': async () => {
    const { customer } = await ownHost();
    return customer.manager('DELETE', '/v1/customer/members/nobody@acme.example');
  },
  'member-limit': async () => {
    const { customer } = await ownHost();
    const invite = (index: number) =>
      customer.manager('PUT', `/v1/customer/members/p${index}@acme.example`, { role: 'viewer' });
    for (let index = 0; index < 50; index += 1) await invite(index);
    return invite(50);
  },
  'last-manager': async () => {
    const { customer } = await ownHost();
    const path = '/v1/customer/members/boss@acme.example';
    await customer.manager('PUT', path, { role: 'manager' });
    return customer.manager('DELETE', path);
  },
  'upload-invalid': async () => {
    const { customer } = await ownHost();
    return customer.manager('POST', '/v1/customer/renewals', 'PK\u0003\u0004 and nothing else', {
      'content-type': 'application/zip',
    });
  },
  'route-not-found': () => world.send('GET', '/v2/anything', ''),
  unavailable: async () => {
    const { file } = await world.licensedHost();
    const stop = world.proxy.intervene(callsOf('renew', 'BatchGetItem'), throttled, 10);
    const answer = await world.renew(file);
    stop();
    return answer;
  },
};

test.each(Object.entries(ways))('%s is answered as documented', async (name, come) => {
  const code = name as ProblemCode; // The keys of `ways` are the codes.
  const { detail } = expectProblem(await come(), problems[code].status, code);
  expect(detail.length).toBeGreaterThan(20);
});
