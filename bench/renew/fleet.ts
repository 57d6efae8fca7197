import type { LocalService } from '../../local/service.ts';
import { createVendorClient } from '../../local/vendor-client.ts';

/** Below the 24 new serials that a license gets in a day. */
const RENEWALS_PER_LICENSE = 20;

/** What an installation of the fleet looks like. */
export interface Shape {
  readonly hosts: number;
  /** Lines of the contract, without their ids. */
  readonly linesAt: (dayIn: (days: number) => string) => readonly object[];
  /** Options of pools that the customer spreads over all its hosts, and spreads anew in a day. */
  readonly declared: readonly string[];
}

/** Three hosts and eight lines, one of them temporary and beginning within the life of a file. */
const ORDINARY: Shape = {
  hosts: 3,
  linesAt: (dayIn) => [
    { option: 'render-engine', scope: 'pool', quantity: 8 },
    { option: 'render-engine', scope: 'pool', quantity: 4, startsOn: dayIn(7), endsOn: dayIn(21) },
    { option: 'hardworker', scope: 'pool', quantity: 6 },
    { option: 'color-module', scope: 'every-host', quantity: 1 },
    { option: 'proof-station', scope: 'every-host', quantity: 1 },
    { option: 'press-link', scope: 'pool', quantity: 3 },
    { option: 'variable-data', scope: 'every-host', quantity: 1 },
    { option: 'imposition', scope: 'pool', quantity: 3 },
  ],
  declared: [],
};

const pooled = (index: number): string => `pooled-option-${index}`;

/** 200 hosts and 20 lines, twelve of them pools that the customer has spread by hand; one is about to be spread anew. */
export const CLUSTER: Shape = {
  hosts: 200,
  linesAt: (dayIn) => [
    ...Array.from({ length: 11 }, (_, index) => ({ option: pooled(index), scope: 'pool', quantity: 500 })),
    { option: pooled(0), scope: 'pool', quantity: 100, startsOn: dayIn(7), endsOn: dayIn(21) },
    ...Array.from({ length: 8 }, (_, index) => ({
      option: `option-of-each-${index}`,
      scope: 'every-host',
      quantity: 1,
    })),
  ],
  declared: Array.from({ length: 11 }, (_, index) => pooled(index)),
};

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
export async function createFleet(
  service: LocalService,
  name: string,
  renewals: number,
  shape = ORDINARY,
): Promise<Fleet> {
  const customers = shape === ORDINARY ? Math.ceil(renewals / RENEWALS_PER_LICENSE / shape.hosts) + 1 : 1;
  const rested: Host[] = [];
  for (let index = 0; index < customers; index += 1) {
    rested.push(...(await orderAndIssue(service, `${name}-${index}`, shape)));
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

async function orderAndIssue(service: LocalService, customerId: string, shape: Shape): Promise<Host[]> {
  const call = createVendorClient(service.url, service.identity);
  const ask = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await call(method, `/v1/customers/${customerId}${path}`, body);
    if (answer.status > 201) throw new Error(`${method} ${path} answered ${answer.status}`);
    return answer.body as Record<string, unknown>;
  };
  await ask('PUT', '', { name: 'Acme Print', contacts: [] });
  await ask('PUT', '/contracts/c-1001', contractAt(service.clock.now(), shape));
  const hosts: Host[] = [];
  for (let index = 1; index <= shape.hosts; index += 1) {
    const hostId = `4c4c4544-0042-3510-8052-${customerId}-${index}`;
    const issued = await ask('POST', '/licenses', {
      product: 'ES',
      host: { id: hostId, name: `rip-${index}.print.acme.example` },
    });
    const { licenseId, file } = issued as { licenseId: string; file: string };
    hosts.push({ licenseId, customerId, hostId, file, renewals: 0 });
  }
  if (shape.declared.length > 0) await declare(service, customerId, hosts, shape);
  return hosts;
}

/** Spreads the pools by hand: all of them from now on, and the first one anew in a day. */
async function declare(
  service: LocalService,
  customerId: string,
  hosts: readonly Host[],
  { declared }: Shape,
): Promise<void> {
  const { access_token: token } = await service.token(customerId, 'manager');
  const url = `${service.url}/v1/customer/installations/ES/main/distribution`;
  const ask = async (method: string, body?: unknown): Promise<{ version: number }> => {
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { version: number };
  };
  const spread = (options: readonly string[], each: (index: number) => number) =>
    Object.fromEntries(
      options.map((option) => [
        option,
        Object.fromEntries(hosts.map(({ licenseId }, index) => [licenseId, each(index)])),
      ]),
    );
  const { version } = await ask('GET');
  const now = await ask('PUT', {
    version,
    effective: 'now',
    options: spread(declared, (index) => index % 4),
  });
  await ask('PUT', {
    version: now.version,
    options: spread(declared.slice(0, 1), (index) => (index + 1) % 4),
  });
}

function contractAt(now: Date, { hosts, linesAt }: Shape): object {
  const year = now.getUTCFullYear();
  const dayIn = (days: number): string =>
    new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
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
    hosts,
    lines: linesAt(dayIn).map((line, index) => ({ id: `l${index + 1}`, ...line })),
  };
}
