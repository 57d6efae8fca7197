import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';
import type { GenuineFile, LicenseClaims } from '../../../agent/src/license.ts';
import { DAY } from '../../../agent/src/clock.ts';
import { NOW } from '../../builders/instants.ts';

/** A folder that is gone after the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The claims of a license file that is a day old and valid for 34 more. */
export const someClaims = (given: Partial<LicenseClaims> = {}): LicenseClaims => ({
  iss: 'https://licensing.example',
  sub: 'license-1',
  jti: 'serial-7',
  seq: 7,
  iat: NOW - DAY,
  exp: NOW + 34 * DAY,
  customer: { id: 'acme', name: 'Acme Print' },
  product: 'ES',
  installation: 'main',
  host: { id: 'H-1', name: 'rip-01' },
  contracts: [{ id: 'c-1001', endsAt: NOW + 300 * DAY }, { id: 'c-1002' }],
  entitledUntil: NOW + 300 * DAY,
  options: [{ option: 'render-engine', quantity: 8, from: NOW - 300 * DAY, until: NOW + 34 * DAY }],
  renewal: { url: 'https://licensing.example/v1/licenses/renew', everySeconds: DAY },
  ...given,
});

/** The claims of its starter file. */
export function starterClaims(given: Partial<LicenseClaims> = {}): LicenseClaims {
  const { host, entitledUntil, ...rest } = someClaims({ jti: 'starter', seq: 0, contracts: [], options: [] });
  return { ...rest, ...given };
}

/** A file as if it had been opened; the text stands for the claims. */
export const opened = (claims: LicenseClaims): GenuineFile => ({
  text: JSON.stringify(claims),
  kid: 'k',
  claims,
});

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Bundles `replacing-program.ts` for the tests of one file, so that starting it takes no longer than starting Node, for any user. */
export async function bundleProgram(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-program-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const outfile = join(folder, 'replacing-program.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'replacing-program.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  return outfile;
}

export function run(command: string, ...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}
