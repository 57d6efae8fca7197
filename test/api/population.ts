import { randomBytes } from 'node:crypto';
import type { LocalService } from '../../local/service.ts';
import type { ApiClient, Caller, JsonObject } from './api-client.ts';

const VENDOR: Caller = { as: 'vendor' };

/** What a request can name of a customer. */
export interface Named {
  readonly customerId: string;
  readonly contractId: string;
  readonly product: string;
  readonly installation: string;
  readonly option: string;
  readonly licenseId: string;
  readonly hostId: string;
  readonly email: string;
  /** A license file of the license. */
  readonly file: string;
}

/** A customer that has some of everything. */
export interface Populated extends Named {
  /** In all that it has: names, hosts, addresses, ids. */
  readonly mark: string;
  readonly licenseIds: readonly string[];
  readonly files: readonly string[];
}

/** Ids, valid and of nothing; made anew each time. */
export function unknown(): Named {
  const id = randomBytes(6).toString('hex');
  return {
    customerId: `nobody-${id}`,
    contractId: `none-${id}`,
    product: `product-${id}`,
    installation: `nowhere-${id}`,
    option: `option-${id}`,
    licenseId: `lic_${id.padEnd(26, '0')}`,
    hostId: `HOST-${id}`,
    email: `nobody-${id}@nowhere.example`,
    file: 'not.a.license',
  };
}

/**
 * A new customer with contracts of two installations, hosts, a starter, members, contacts, a declaration and a pending transfer.
 * @throws {Error} if the service refuses any of it.
 */
export async function populate(service: LocalService, client: ApiClient, label: string): Promise<Populated> {
  const mark = `${label}${randomBytes(4).toString('hex')}`;
  const customerId = mark;
  const customer = `/v1/customers/${customerId}`;
  const accepted = async (
    method: string,
    path: string,
    caller: Caller,
    body?: unknown,
  ): Promise<JsonObject> => {
    const answer = await client.json(method, path, caller, body);
    if (answer.status === 200 || answer.status === 201) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const day = (offset: number): string =>
    new Date(service.clock.now().getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  const email = `ops@${mark}.example`;
  const named = {
    contractId: `c-${mark}`,
    product: `product-${mark}`,
    installation: `site-${mark}`,
    option: `option-${mark}`,
  };
  const { product, installation, option } = named;
  await accepted('PUT', customer, VENDOR, {
    name: `Company ${mark}`,
    contacts: [{ email, language: 'en', timeZone: 'Europe/Berlin', roles: ['technical', 'commercial'] }],
  });
  await accepted('PUT', `${customer}/contracts/${named.contractId}`, VENDOR, {
    ...{ revision: 1, product, installation, kind: 'subscription', status: 'active', timeZone: 'UTC' },
    reference: `order ${mark}`,
    startsOn: day(-30),
    endsOn: day(700),
    hosts: 6,
    lines: [
      { id: 'l1', option, scope: 'pool', quantity: 12 },
      { id: 'l2', option, scope: 'pool', quantity: 4, startsOn: day(5), endsOn: day(9) },
      { id: 'l3', option: `every-${mark}`, scope: 'every-host', quantity: 1 },
    ],
  });

  const issue = async (host?: object): Promise<{ licenseId: string; file: string }> =>
    // The route answers exactly this, which the check of all answers sees to.
    (await accepted('POST', `${customer}/licenses`, VENDOR, {
      ...{ product, installation },
      ...(host ? { host } : {}),
    })) as unknown as { licenseId: string; file: string };
  const hostIds = [1, 2, 3].map((number) => `HOST-${mark}-${number}`);
  const licenses = [];
  for (const id of hostIds) licenses.push(await issue({ id, name: `rip-${mark}` }));
  licenses.push(await issue());

  const { access_token: token } = await service.token(customerId, 'manager', { email });
  const manager: Caller = { token };
  for (const [name, role] of [
    ['manager', 'manager'],
    ['viewer', 'viewer'],
  ]) {
    await accepted('PUT', `/v1/customer/members/${name}@${mark}.example`, manager, { role });
  }
  const licenseIds = licenses.map(({ licenseId }) => licenseId);
  const [first = '', second = ''] = licenseIds;
  await accepted('PUT', `/v1/customer/licenses/${first}/site`, manager, { site: `hall of ${mark}` });
  const distribution = `/v1/customer/installations/${product}/${installation}/distribution`;
  const { version } = await accepted('GET', distribution, manager);
  await accepted('PUT', distribution, manager, {
    version,
    options: { [option]: { [first]: 5, [second]: 3 } },
  });
  const { body: terms } = await client.json('GET', '/v1/terms', { as: 'anybody' });
  await accepted('POST', `/v1/customer/licenses/${first}/transfer`, manager, {
    host: { name: `new-${mark}` },
    terms: { version: terms['version'], hash: terms['hash'] },
    accept: true,
  });
  return {
    ...named,
    ...{ mark, customerId, licenseIds, email },
    licenseId: first,
    hostId: hostIds[0] ?? '',
    file: licenses[0]?.file ?? '',
    files: licenses.map(({ file }) => file),
  };
}
