import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunError } from './local-run-error.ts';
import type { LocalService } from './service.ts';
import { createVendorClient } from './vendor-client.ts';

/** Paths of the files that a first start writes. */
export const sampleFiles = (folder: string) => ({
  host: join(folder, 'host-1.lic'),
  starter: join(folder, 'starter.lic'),
});

/**
 * A sample customer with a contract and two licenses, through the service's own routes: one bound to a host, one starter
 * file. Done once; a start that was interrupted here is made up for by the next.
 */
export async function seed(service: LocalService, folder: string): Promise<void> {
  const files = sampleFiles(folder);
  if (existsSync(files.starter)) return;
  const call = createVendorClient(service.url, service.identity);
  const expect = async (...request: Parameters<typeof call>): Promise<Record<string, unknown>> => {
    const { status, body } = await call(...request);
    if (status === 200 || status === 201) return body as Record<string, unknown>;
    throw new LocalRunError(`the sample customer cannot be made: ${request[0]} ${request[1]} answered ${status}`);
  };

  const year = service.clock.now().getUTCFullYear();
  await expect('PUT', '/v1/customers/acme', {
    name: 'Acme Print',
    contacts: [
      {
        email: 'ops@acme.example',
        language: 'en',
        timeZone: 'Europe/Berlin',
        roles: ['technical', 'commercial'],
      },
    ],
  });
  await expect('PUT', '/v1/customers/acme/contracts/c-1001', {
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
  const licenses = '/v1/customers/acme/licenses';
  const bound = await expect('POST', licenses, { product: 'ES', host: { id: 'H-1', name: 'rip-01' } });
  write(files.host, String(bound['file']));
  const starter = await expect('POST', licenses, { product: 'ES' }, { 'idempotency-key': 'sample-starter' });
  write(files.starter, String(starter['file']));
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, `${text}\n`);
  renameSync(`${file}.new`, file);
}
