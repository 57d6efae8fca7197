import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../agent/src/clock.ts';
import { answering, HostileService } from './hostile-service.ts';
import { timed } from './loop/steps.ts';

const service = new HostileService();
const folder = mkdtempSync(join(tmpdir(), 'license-agent-program-'));
const program = join(folder, 'license-agent.mjs');
const running = new Set<Running>();

beforeAll(async () => {
  await service.open();
  await build({
    entryPoints: [join(import.meta.dirname, '../../agent/src/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    define: { AGENT_VERSION: '"1.2.3"' },
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});
/** The time of this machine: these are real processes. */
const now = (): number => Math.floor(Date.now() / 1000);
const original = service.behave;
beforeEach(() => {
  service.behave = (response, _request, presented) => {
    const { seq, sub } = decodeJwt<{ seq: number; sub: string }>(presented);
    const next = { sub, seq: seq + 1, jti: `serial-${seq + 1}`, iat: now(), exp: now() + 35 * DAY };
    return answering(service.sign(next))(response, _request, presented);
  };
  service.install(`${service.sign({ iat: now() - DAY, exp: now() + 34 * DAY })}\n`);
});
afterEach(async () => {
  service.behave = original;
  for (const one of running) await one.end('SIGKILL');
});

/** The command in a process of its own. */
class Running {
  readonly child: ChildProcessWithoutNullStreams;
  out = '';
  err = '';
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;

  constructor(...parameters: readonly string[]) {
    this.child = spawn(process.execPath, [program, ...parameters], {
      env: { PATH: process.env['PATH'], NO_PROXY: '127.0.0.1' },
    });
    running.add(this);
    this.child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
  }

  async until(isTrue: (so: this) => boolean, milliseconds = 15_000): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!isTrue(this)) {
      if (performance.now() > deadline) throw new Error(`Not yet:\n${this.out}\n${this.err}`);
      await pause(20);
    }
  }

  async end(signal: NodeJS.Signals) {
    this.child.kill(signal);
    return this.ended;
  }
}

const watchWith = (...parameters: readonly string[]): Running =>
  new Running('watch', service.licenses, '--key-set', service.keys, ...parameters);
const seqOnDisk = (): number => decodeJwt<{ seq: number }>(service.onDisk().trim()).seq;

/** As it is remembered when an attempt falls due in a moment. */
function dueIn(seconds: number): void {
  const state = {
    version: 1,
    failuresInRow: 0,
    lastAttemptAt: now() - DAY,
    lastRenewedAt: now() - DAY,
    nextAttemptAt: now() + seconds,
  };
  writeFileSync(`${service.file}.state.json`, JSON.stringify(state));
}

/** Starts agents that ask the service soon. A busy machine may start them after that, and then they take minutes: once more. */
async function asking(
  count: 1 | 2,
  parameters: readonly string[] = [],
  prepare: (agent: Running) => Promise<void> = () => Promise.resolve(),
): Promise<readonly [Running, ...Running[]]> {
  for (let tries = 1; tries <= 5; tries += 1) {
    dueIn(1 + tries);
    const first = watchWith(...parameters);
    const agents = [first, ...(count === 2 ? [watchWith(...parameters)] : [])] as const;
    await prepare(first);
    try {
      await first.until(() => service.presented.length > 0, (2 + tries) * 1000);
      return agents;
    } catch {
      await Promise.all(agents.map((agent) => agent.end('SIGKILL')));
    }
  }
  throw new Error('No agent has asked the service');
}

describe('the command watch', () => {
  it('says what it watches, renews when that is due, and ends with 0 soon after SIGTERM', async () => {
    const [agent] = await asking(1);
    await agent.until(({ out }) => out.includes('renewed'));
    expect(agent.out).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ watching .*product\.lic\n.*Z .*product\.lic: renewed, valid until .*; next attempt 20.*Z\n$/,
    );
    expect([seqOnDisk(), agent.err]).toEqual([8, '']);
    const { result, milliseconds } = await timed(() => agent.end('SIGTERM'));
    expect(milliseconds).toBeLessThan(2000);
    expect(result).toEqual({ code: 0, signal: null });
    expect(service.names()).toEqual(['product.lic', 'product.lic.previous', 'product.lic.state.json']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s also while a request is under way, which is no failure',
    async (signal) => {
      service.behave = () => undefined;
      const before = service.onDisk();
      const [agent] = await asking(1, ['--json']);
      const { result, milliseconds } = await timed(() => agent.end(signal));
      expect(milliseconds).toBeLessThan(2000);
      expect(result).toEqual({ code: 0, signal: null });
      expect([service.onDisk(), agent.out, agent.err]).toEqual([before, '', '']);
      expect(readFileSync(`${service.file}.state.json`, 'utf8')).not.toContain('failingSince');
    },
  );

  it('prints one JSON document a line where it is asked to', async () => {
    const [agent] = await asking(1, ['--json']);
    await agent.until(({ out }) => out.endsWith('\n'));
    const [line = '', ...more] = agent.out.trimEnd().split('\n');
    expect(JSON.parse(line)).toMatchObject({ outcome: 'renewed', seq: 8, exitCode: 0 });
    expect(more).toEqual([]);
  });

  it('goes on where nobody reads what it prints any more', async () => {
    const [agent] = await asking(1, [], async (started) => {
      await started.until(({ out }) => out !== '');
      started.child.stdout.destroy();
      started.child.stderr.destroy();
    });
    await agent.until(() => seqOnDisk() === 8);
    // As the terminal says when it closes.
    agent.child.kill('SIGHUP');
    await pause(100);
    expect(agent.child.exitCode ?? agent.child.signalCode).toBeNull();
    expect((await agent.end('SIGTERM')).code).toBe(0);
  });

  it('that was killed goes on with its plan, and asks nobody before', async () => {
    dueIn(HOUR);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const agent = watchWith();
      await agent.until(({ out }) => out !== '');
      await pause(200);
      await agent.end(signal);
    }
    expect(service.presented).toEqual([]);
  });

  it('that is told to renew once ends with 1 on SIGTERM, and leaves the old file', async () => {
    service.behave = () => undefined;
    const before = service.onDisk();
    const agent = new Running('renew', service.file, '--key-set', service.keys);
    await agent.until(() => service.presented.length === 1);
    expect(await agent.end('SIGTERM')).toEqual({ code: 1, signal: null });
    expect([service.onDisk(), agent.out, agent.err]).toEqual([
      before,
      '',
      'Ended before all files were renewed.\n',
    ]);
  });
});

describe('two agents on one folder', () => {
  it('renew one after the other, and leave one whole file', async () => {
    const names = ['a.lic', 'b.lic', 'product.lic'];
    for (const name of names) {
      writeFileSync(join(service.licenses, name), `${service.sign({ sub: name })}\n`);
    }
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      const agents = [0, 1].map(() => new Running('renew', service.licenses, '--key-set', service.keys));
      for (const { code } of await Promise.all(agents.map(({ ended }) => ended))) expect(code).toBe(0);
    }
    // Each started from what the one before it had written: no number was given twice.
    const asked = service.presented.map((text) => decodeJwt(text).sub);
    for (const name of names) {
      const { sub, seq } = decodeJwt(readFileSync(join(service.licenses, name), 'utf8').trim());
      expect([sub, seq]).toEqual([name, 7 + asked.filter((one) => one === name).length]);
      expect(seq).toBeGreaterThanOrEqual(7 + rounds);
    }
    expect(service.names().filter((name) => /tmp|lock/.test(name))).toEqual([]);
    const verified = new Running('verify', service.licenses, '--key-set', service.keys);
    expect((await verified.ended).code).toBe(0);
  });

  it('that watch it ask once: the second sees what the first has done', async () => {
    const agents = await asking(2);
    await Promise.race(agents.map((agent) => agent.until(({ out }) => out.includes('renewed'))));
    await pause(1500);
    expect([seqOnDisk(), service.presented.length]).toEqual([8, 1]);
    for (const agent of agents) {
      expect((await agent.end('SIGTERM')).code).toBe(0);
      expect(agent.err).toBe('');
    }
    expect(service.names()).toEqual(['product.lic', 'product.lic.previous', 'product.lic.state.json']);
  });
});
