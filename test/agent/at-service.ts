import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../agent/src/cli/run.ts';
import type { Clock } from '../../agent/src/clock.ts';
import { seed } from '../../local/seed.ts';
import { startService, type TestService } from '../support/service.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The running service, the files of a customer's host, and the command line of the agent, which has the service's time. */
export class AtService {
  readonly folder = mkdtempSync(join(tmpdir(), 'license-agent-'));
  readonly keys = join(this.folder, 'keys.json');
  /** Bound to host H-1. */
  readonly file = join(this.folder, 'product.lic');
  /** Not bound yet. */
  readonly starter = join(this.folder, 'starter', 'starter.lic');
  private running: TestService | undefined;

  async open(): Promise<void> {
    this.running = await startService({});
    await seed(this.service, this.service.folder('sample'));
    const keys = await fetch(`${this.service.url}/.well-known/jwks.json`);
    writeFileSync(this.keys, await keys.text());
  }

  async close(): Promise<void> {
    await this.running?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get service(): TestService {
    if (!this.running) throw new Error('The service does not run');
    return this.running;
  }

  sample(name: 'host-1' | 'starter'): string {
    return readFileSync(join(this.service.folder('sample'), `${name}.lic`), 'utf8');
  }

  /** Seconds, as the agent counts. */
  readonly clock: Clock = {
    now: () => Math.floor(this.service.clock.now().getTime() / 1000),
    wait: () => Promise.resolve(),
  };

  /** Runs a command with the key set, as a shell would. */
  async agent(command: string, ...parameters: readonly string[]): Promise<Ran> {
    return this.plain(command, '--key-set', this.keys, ...parameters);
  }

  async plain(...parameters: readonly string[]): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run('0.0.0', parameters, {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      environment: { PATH: process.env['PATH'], NO_PROXY: '127.0.0.1' },
      clock: this.clock,
      random: () => 0.5,
      signal: new AbortController().signal,
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }
}
