import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunError } from './local-run-error.ts';
import type { LocalService } from './service.ts';
import { createVendorClient } from './vendor-client.ts';

/** Paths of the files that a first start writes. */
export const sampleFiles = (folder: string) => ({
  host: join(folder, 'host-1.lic'),
  starter: join(folder, 'starter.lic'),
  cluster: [1, 2, 3].map((number) => join(folder, `globex-${number}.lic`)),
});

const MADE = [200, 201];
const REFUSED = [403, 409];

/**
 * Two sample customers through the service's own routes. `acme` has one contract and two licenses: one bound to a host, one
 * starter file. `globex` has a cluster of three hosts that share their options, and more of them for one month. Made where
 * the file of the first host is missing or was signed by a key of another run; a start that was interrupted here is made up
 * for by the next.
 */
export async function seed(service: LocalService, folder: string): Promise<void> {
  const files = sampleFiles(folder);
  if (existsSync(files.host) && (await isOurs(service, readFileSync(files.host, 'utf8')))) return;

  const call = createVendorClient(service.url, service.identity);
  const ask = async (allowed: readonly number[], ...request: Parameters<typeof call>) => {
    const { status, body } = await call(...request);
    // Our own answers: an issued license carries its file.
    if (allowed.includes(status)) return { status, file: (body as { file?: string }).file };
    const why = `${request[0]} ${request[1]} answered ${status}; see the logs in ${service.folder('logs')}`;
    throw new LocalRunError(`the sample customers cannot be made: ${why}`);
  };
  /** An order that is there stays as it is: it may have been changed since, and so may the licenses. */
  const order = async (path: string, contract: object): Promise<void> => {
    const { status } = await ask([200, 404], 'GET', path);
    if (status === 404) await ask(MADE, 'PUT', path, contract);
  };
  const issue = async (customer: string, license: object, headers: Record<string, string> = {}) => {
    const path = `/v1/customers/${customer}/licenses`;
    return (await ask([...MADE, ...REFUSED], 'POST', path, license, headers)).file;
  };
  const today = service.clock.now();

  await ask(MADE, 'PUT', '/v1/customers/globex', globex);
  await order('/v1/customers/globex/contracts/c-2001', clusterFrom(today));
  for (const [index, file] of files.cluster.entries()) {
    const host = { id: `G-${index + 1}`, name: `wall-0${index + 1}` };
    write(file, await issue('globex', { product: 'ES', installation: 'cluster', host }));
  }

  await ask(MADE, 'PUT', '/v1/customers/acme', acme);
  await order('/v1/customers/acme/contracts/c-1001', contractFrom(today));
  write(files.starter, await issue('acme', { product: 'ES' }, { 'idempotency-key': 'sample-starter' }));
  // The last one: a later start looks at it alone.
  write(files.host, await issue('acme', { product: 'ES', host: { id: 'H-1', name: 'rip-01' } }));
}

const acme = {
  name: 'Acme Print',
  contacts: [
    {
      email: 'ops@acme.example',
      language: 'en',
      timeZone: 'Europe/Berlin',
      roles: ['technical', 'commercial'],
    },
  ],
};

const globex = {
  name: 'Globex Display',
  contacts: [
    { email: 'it@globex.example', language: 'en', timeZone: 'Europe/Berlin', roles: ['technical'] },
    { email: 'purchasing@globex.example', language: 'de', timeZone: 'Europe/Berlin', roles: ['commercial'] },
  ],
};

/** For this year and the next, three hosts. */
const orderFrom = (today: Date) => ({
  revision: 1,
  product: 'ES',
  kind: 'subscription',
  status: 'active',
  timeZone: 'Europe/Berlin',
  startsOn: `${today.getUTCFullYear()}-01-01`,
  endsOn: `${today.getUTCFullYear() + 1}-12-31`,
  hosts: 3,
});

const contractFrom = (today: Date) => ({
  ...orderFrom(today),
  installation: 'main',
  reference: 'PO 4711',
  lines: [
    { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
    { id: 'l2', option: 'color-module', scope: 'every-host', quantity: 1 },
  ],
});

/** With four more render engines for the whole of the next month. */
const clusterFrom = (today: Date) => ({
  ...orderFrom(today),
  installation: 'cluster',
  reference: 'PO 2026-17',
  lines: [
    { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
    {
      id: 'l2',
      option: 'render-engine',
      scope: 'pool',
      quantity: 4,
      startsOn: dayOfMonth(today, 1, 1),
      endsOn: dayOfMonth(today, 2, 0),
    },
  ],
});

/** A day of a month from this one on; day 0 is the last of the month before. */
const dayOfMonth = (today: Date, months: number, day: number): string =>
  new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + months, day)).toISOString().slice(0, 10);

/** Whether the service has the key that signed the file. */
async function isOurs({ url }: LocalService, file: string): Promise<boolean> {
  try {
    const { kid } = JSON.parse(Buffer.from(file.split('.')[0] ?? '', 'base64url').toString()) as {
      kid: string;
    };
    const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string }[];
    };
    return keys.some((key) => key.kid === kid);
  } catch {
    return false;
  }
}

/** Renamed into place: there is a whole file or none. Without text, as where issuing was refused, what is there stays. */
function write(file: string, text: string | undefined): void {
  if (text === undefined) return;
  writeFileSync(`${file}.new`, `${text}\n`);
  renameSync(`${file}.new`, file);
}
