import type { LocalService } from '../../local/service.ts';
import { createVendorClient } from '../../local/vendor-client.ts';

/** Below the 24 new serials that a license gets in a day. */
const RENEWALS_PER_LICENSE = 20;

const HOSTS_PER_INSTALLATION = 3;

/** A license of the fleet with the file that its host holds. */
export interface Host {
  readonly licenseId: string;
  readonly customerId: string;
  readonly hostId: string;
  file: string;
  renewals: number;
}

/** Hosts that renew in turn, so that none renews too often and never two at once for one license. */
export interface Fleet {
  /** Takes a host that may renew; `giveBack` it afterwards. */
  take(): Host;
  giveBack(host: Host): void;
}

/** Issues licenses for at least so many renewals, through the service's own routes: each customer has one installation. */
export async function createFleet(service: LocalService, name: string, renewals: number): Promise<Fleet> {
  const customers = Math.ceil(renewals / RENEWALS_PER_LICENSE / HOSTS_PER_INSTALLATION) + 1;
  const rested: Host[] = [];
  for (let index = 0; index < customers; index += 1) {
    rested.push(...(await orderAndIssue(service, `${name}-${index}`)));
  }
  return {
    take() {
      const host = rested.shift();
      if (host === undefined) throw new Error('The fleet is too small for this many renewals');
      host.renewals += 1;
      return host;
    },
    giveBack(host) {
      if (host.renewals < RENEWALS_PER_LICENSE) rested.push(host);
    },
  };
}

/** A contract of three hosts and eight lines, one of them temporary and beginning within the life of a file. */
async function orderAndIssue(service: LocalService, customerId: string): Promise<Host[]> {
  const call = createVendorClient(service.url, service.identity);
  const ask = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await call(method, `/v1/customers/${customerId}${path}`, body);
    if (answer.status > 201) throw new Error(`${method} ${path} answered ${answer.status}`);
    return answer.body as Record<string, unknown>;
  };
  await ask('PUT', '', { name: 'Acme Print', contacts: [] });
  await ask('PUT', '/contracts/c-1001', contractAt(service.clock.now()));
  const hosts: Host[] = [];
  for (let index = 1; index <= HOSTS_PER_INSTALLATION; index += 1) {
    const hostId = `4c4c4544-0042-3510-8052-${customerId}-${index}`;
    const issued = await ask('POST', '/licenses', {
      product: 'ES',
      host: { id: hostId, name: `rip-0${index}.print.acme.example` },
    });
    const { licenseId, file } = issued as { licenseId: string; file: string };
    hosts.push({ licenseId, customerId, hostId, file, renewals: 0 });
  }
  return hosts;
}

function contractAt(now: Date): object {
  const year = now.getUTCFullYear();
  const dayIn = (days: number): string =>
    new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  const lines = [
    { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
    { id: 'l2', option: 'render-engine', scope: 'pool', quantity: 4, startsOn: dayIn(7), endsOn: dayIn(21) },
    { id: 'l3', option: 'hardworker', scope: 'pool', quantity: 6 },
    { id: 'l4', option: 'color-module', scope: 'every-host', quantity: 1 },
    { id: 'l5', option: 'proof-station', scope: 'every-host', quantity: 1 },
    { id: 'l6', option: 'press-link', scope: 'pool', quantity: 3 },
    { id: 'l7', option: 'variable-data', scope: 'every-host', quantity: 1 },
    { id: 'l8', option: 'imposition', scope: 'pool', quantity: 3 },
  ];
  return {
    revision: 1,
    product: 'ES',
    installation: 'main',
    reference: 'PO 4711',
    kind: 'subscription',
    status: 'active',
    timeZone: 'Europe/Berlin',
    startsOn: `${year}-01-01`,
    endsOn: `${year + 1}-12-31`,
    hosts: HOSTS_PER_INSTALLATION,
    lines,
  };
}
