import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startLocalService, type LocalService, type LocalServiceOptions } from '../../local/service.ts';
import { createVendorClient } from '../../local/vendor-client.ts';
import { AnswerCheck } from './openapi.ts';

export interface TestService extends LocalService {
  /** Calls the vendor's routes, signed. */
  readonly vendor: ReturnType<typeof createVendorClient>;
  /** What the functions printed so far. */
  readonly logs: readonly string[];
  renew(file: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Moves the service's clock forward, by a duration such as `16d`. */
  advance(duration: string): Promise<void>;
}

/**
 * The service as it is deployed, on this machine: the synthesized template, its bundles and a real engine, with data of its
 * own. `DYNAMODB_ENGINE=dynamodb-local` runs the same tests on that engine. `stop()` removes everything, and throws if the
 * service has answered anything that the description of its API does not foresee.
 */
export async function startService(options: Partial<LocalServiceOptions> = {}): Promise<TestService> {
  const fault = inject('synthesisFault');
  if (fault !== '') throw new Error(`The stage local could not be synthesized: ${fault}`);
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'licensing-'));
  const logs: string[] = [];
  const answers = new AnswerCheck();
  const dynamodbUrl = inject('dynamodbUrl');
  const service = await startLocalService({
    port: 0,
    dataDir,
    assembly: inject('assembly'),
    ...(dynamodbUrl ? { dynamodbUrl, tablePrefix: `t${process.pid}-${Date.now()}-` } : {}),
    onLog: (_name, line) => logs.push(line),
    ...options,
    onAnswer(exchange) {
      answers.note(exchange);
      options.onAnswer?.(exchange);
    },
  });
  return {
    ...service,
    logs,
    vendor: createVendorClient(service.url, service.identity),
    renew: (file, headers = {}) =>
      fetch(`${service.url}/v1/licenses/renew`, {
        method: 'POST',
        headers,
        body: typeof file === 'string' ? file : new Uint8Array(file),
      }),
    async advance(duration) {
      const response = await fetch(`${service.url}/_local/clock`, {
        method: 'POST',
        body: JSON.stringify({ advance: duration }),
      });
      if (response.status !== 200) throw new Error(`The clock was not moved: ${await response.text()}`);
    },
    async stop() {
      await service.stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      answers.conclude();
    },
  };
}
