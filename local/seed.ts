import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunError } from './local-run-error.ts';
import type { LocalService } from './service.ts';
import { createVendorClient } from './vendor-client.ts';

/** Paths of the files that a first start writes. */
export const sampleFiles = (folder: string) => ({
  host: join(folder, 'host-1.lic'),
  starter: join(folder, 'starter.lic'),
});

const CUSTOMER = '/v1/customers/acme';
const CONTRACT = `${CUSTOMER}/contracts/c-1001`;
const LICENSES = `${CUSTOMER}/licenses`;
const MADE = [200, 201];
const REFUSED = [403, 409];

/**
 * A sample customer with a contract and two licenses, through the service's own routes: one bound to a host, one starter
 * file. Made where the file of the host is missing or was signed by a key of another run; a start that was interrupted
 * here is made up for by the next.
 */
export async function seed(service: LocalService, folder: string): Promise<void> {
  const files = sampleFiles(folder);
  if (existsSync(files.host) && (await isOurs(service, readFileSync(files.host, 'utf8')))) return;

  const call = createVendorClient(service.url, service.identity);
  const ask = async (allowed: readonly number[], ...request: Parameters<typeof call>) => {
    const { status, body } = await call(...request);
    if (allowed.includes(status)) return { status, file: (body as { file?: string }).file };
    const why = `${request[0]} ${request[1]} answered ${status}; see the logs in ${service.folder('logs')}`;
    throw new LocalRunError(`the sample customer cannot be made: ${why}`);
  };

  await ask(MADE, 'PUT', CUSTOMER, customer);
  // An order that is there stays as it is: it may have been changed since, and so may the licenses.
  const { status } = await ask([200, 404], 'GET', CONTRACT);
  if (status === 404) await ask(MADE, 'PUT', CONTRACT, contractFrom(service.clock.now().getUTCFullYear()));
  const key = { 'idempotency-key': 'sample-starter' };
  const starter = await ask([...MADE, ...REFUSED], 'POST', LICENSES, { product: 'ES' }, key);
  const host = await ask([...MADE, ...REFUSED], 'POST', LICENSES, {
    product: 'ES',
    host: { id: 'H-1', name: 'rip-01' },
  });
  if (starter.file !== undefined) write(files.starter, starter.file);
  if (host.file !== undefined) write(files.host, host.file);
}

const customer = {
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

const contractFrom = (year: number) => ({
  revision: 1,
  product: 'ES',
  installation: 'main',
  reference: 'PO 4711',
  kind: 'subscription',
  status: 'active',
  timeZone: 'Europe/Berlin',
  startsOn: `${year}-01-01`,
  endsOn: `${year + 1}-12-31`,
  hosts: 3,
  lines: [
    { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
    { id: 'l2', option: 'color-module', scope: 'every-host', quantity: 1 },
  ],
});

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

/** Renamed into place: there is a whole file or none. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, `${text}\n`);
  renameSync(`${file}.new`, file);
}
