import {
  mkdirSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { LocalRunError } from '../../local/local-run-error.ts';
import { startLocalService, type LocalServiceOptions } from '../../local/service.ts';
import { createVendorClient } from '../../local/vendor-client.ts';
import { endRuns, startRun, type LocalRun } from './local-run.ts';

const identity = {
  accessKeyId: 'local',
  secretAccessKey: 'local',
  region: 'eu-west-1',
  service: 'execute-api',
};

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'licensing-run-'));
});
afterEach(() => {
  endRuns();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = (environment: Record<string, string> = {}, launcher: 'node' | 'npm' = 'node'): LocalRun =>
  startRun({ LOCAL_DATA_DIR: dataDir, ...environment }, launcher);

const sample = (): string => readFileSync(join(dataDir, 'sample', 'host-1.lic'), 'utf8');

const renew = (url: string, file: string): Promise<Response> =>
  fetch(`${url}/v1/licenses/renew`, { method: 'POST', body: file });

const stop = async (run: LocalRun): Promise<void> => {
  run.child.kill('SIGTERM');
  expect(await run.ended).toBe(0);
};

async function renewed(url: string, file: string): Promise<string> {
  const response = await renew(url, file);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text;
}

describe('a run', () => {
  it('prints the ready line alone and the commands that work then', async () => {
    const run = start();
    const url = await run.ready;
    while (!run.output().includes('/_local/')) await sleep(20);

    expect(run.output()).toMatch(new RegExp(`^ready ${url}$`, 'm'));
    expect(run.output()).toContain(
      `curl -f --data-binary @${join(dataDir, 'sample', 'host-1.lic')} ${url}/v1/licenses/renew`,
    );
    expect(decodeJwt(await renewed(url, sample()))).toMatchObject({
      host: { id: 'H-1', name: 'rip-01' },
      customer: { id: 'acme' },
    });
    await stop(run);
  });

  it('keeps key, data, clock and mail over a restart', async () => {
    const run = start();
    const url = await run.ready;
    const file = await renewed(url, sample());
    const keys: unknown = await (await fetch(`${url}/.well-known/jwks.json`)).json();
    await fetch(`${url}/_local/clock`, { method: 'POST', body: '{"advance": "16d"}' });
    await stop(run);

    const again = start();
    const next = await again.ready;
    expect(await (await fetch(`${next}/.well-known/jwks.json`)).json()).toEqual(keys);
    const { now } = (await (await fetch(`${next}/_local/clock`)).json()) as { now: string };
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(15 * 86_400_000);
    const claims = decodeJwt(await renewed(next, file));
    expect(claims).toMatchObject({ sub: decodeJwt(file).sub, replaces: decodeJwt(file).jti });
    expect((claims.iat ?? 0) - (decodeJwt(file).iat ?? 0)).toBeGreaterThan(15 * 86_400);
    expect(again.output()).not.toContain('cannot');
    await stop(again);

    const service = await startLocalService({ port: 0, dataDir, assembly: inject('assembly') });
    const ses = new SESClient({
      endpoint: service.endpoints.ses,
      region: 'eu-west-1',
      credentials: identity,
    });
    await ses.send(
      new SendEmailCommand({
        Source: 'a@vendor.example',
        Destination: { ToAddresses: ['b@acme.example'] },
        Message: { Subject: { Data: 'kept' }, Body: { Text: { Data: 'text' } } },
      }),
    );
    ses.destroy();
    await service.stop();
    const third = await startLocalService({ port: 0, dataDir, assembly: inject('assembly') });
    expect(third.mailbox.newestFirst()[0]).toMatchObject({ subject: 'kept', to: ['b@acme.example'] });
    await third.stop();
  });

  it('makes the sample again where it is gone or is of another key', async () => {
    const run = start();
    const url = await run.ready;
    const { sub } = decodeJwt(sample());
    await stop(run);
    rmSync(join(dataDir, 'sample'), { recursive: true });
    const again = start();
    expect(decodeJwt(await renewed(await again.ready, sample())).sub).toBe(sub);
    await stop(again);

    rmSync(join(dataDir, 'dynalite'), { recursive: true });
    rmSync(join(dataDir, 'keys'), { recursive: true });
    const fresh = start();
    const next = await fresh.ready;
    expect(next).not.toBe(url);
    await renewed(next, sample());
    await stop(fresh);
  });

  it('loses nothing that was delivered when it is killed at any moment under load', async () => {
    const seeded = start();
    const url = await seeded.ready;
    const order = createVendorClient(url, identity);
    const third = await order('POST', '/v1/customers/acme/licenses', { product: 'ES', host: { id: 'H-3' } });
    const delivered = [sample(), (third.body as { file: string }).file].map((file) => [file]);
    await stop(seeded);

    for (let round = 0; round < 2; round += 1) {
      const run = start();
      const address = await run.ready;
      const before = delivered.flat().length;
      const load = delivered.flatMap((files) => [0, 1].map(() => renewWhileItRuns(address, files)));
      while (delivered.flat().length < before + 2 + 3 * round) await sleep(1);
      run.child.kill('SIGKILL');
      await Promise.all(load);
      expect(await run.ended).toBe('SIGKILL');
    }

    const run = start();
    const address = await run.ready;
    const ask = createVendorClient(address, identity);
    for (const files of delivered) {
      const newest = files.toSorted((a, b) => seqOf(a) - seqOf(b)).at(-1) ?? '';
      const license = await ask('GET', `/v1/licenses/${decodeJwt(newest).sub ?? ''}`);
      expect((license.body as { seq: number }).seq).toBeGreaterThanOrEqual(seqOf(newest));
      for (const file of [files[0], newest]) await renewed(address, file ?? '');
    }
    await stop(run);
  });

  /** Renews the last file that was delivered again and again until the service is gone. */
  async function renewWhileItRuns(url: string, files: string[]): Promise<void> {
    for (let count = 0; count < 6; count += 1) {
      const response = await renew(url, files.at(-1) ?? '').catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      if (response?.status === 200 && text !== undefined) files.push(text);
      if (response === undefined) return;
    }
  }

  const seqOf = (file: string): number => Number(decodeJwt(file)['seq']);
});

describe('the processes of a run', () => {
  it('end with it, even when it is killed', async () => {
    const run = start();
    await renewed(await run.ready, sample());
    const children = childrenOf(run.child.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);

    run.child.kill('SIGKILL');
    await run.ended;
    await untilGone(children);
  });

  it('end when npm, which launched it, is killed', async () => {
    const run = start({}, 'npm');
    const url = await run.ready;
    await renewed(url, sample());
    run.child.kill('SIGKILL');

    await expect(untilRefused(url)).resolves.toBe(true);
  });

  it('end on Ctrl-C with exit code 0', async () => {
    const run = start();
    const url = await run.ready;
    run.child.kill('SIGINT');

    expect(await run.ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  /** From /proc, which this kind of test needs. */
  function childrenOf(pid: number): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => parentOf(name) === pid)
      .map(Number);
  }

  function parentOf(pid: string): number {
    try {
      return Number(
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[1],
      );
    } catch {
      return 0;
    }
  }

  async function untilGone(pids: number[]): Promise<void> {
    for (let attempt = 0; attempt < 100 && pids.some((pid) => existsSync(`/proc/${pid}`)); attempt += 1)
      await sleep(50);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  }

  async function untilRefused(url: string): Promise<boolean> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if ((await fetch(url).catch(() => undefined)) === undefined) return true;
      await sleep(50);
    }
    return false;
  }
});

describe('a run that cannot start says why in one line', () => {
  async function expectLine(run: LocalRun, line: RegExp): Promise<void> {
    expect(await run.ended, run.output()).toBe(1);
    const lines = run.output().split('\n').filter(Boolean);
    const faults = lines.filter((text) => !text.endsWith('…'));
    expect(faults, run.output()).toHaveLength(1);
    expect(faults[0]).toMatch(/^automated-licensing: /);
    expect(faults[0]).toMatch(line);
  }

  it('when the port is busy', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expectLine(start({ PORT: String(port) }), new RegExp(`port ${port} is in use`));
    other.close();
  });

  it('when a setting is wrong', async () => {
    await expectLine(start({ PORT: 'http' }), /PORT must be a port number, not "http"/);
    await expectLine(start({ PORT: '70000' }), /PORT must be a port number/);
    await expectLine(
      start({ DYNAMODB_ENGINE: 'mongo' }),
      /DYNAMODB_ENGINE must be dynalite or dynamodb-local/,
    );
    await expectLine(
      start({ AWS_ENDPOINT_URL: 'localhost:5000' }),
      /AWS_ENDPOINT_URL must be an http or https URL/,
    );
  });

  it('when the data folder is in use', async () => {
    const service = await startLocalService({ port: 0, dataDir, assembly: inject('assembly') });
    await expectLine(start(), /the data folder is in use by another run/);
    await service.stop();
  });

  it('when the data folder cannot be written', async () => {
    await expectLine(
      start({ LOCAL_DATA_DIR: '/dev/null/data' }),
      /the data folder cannot be written .*ENOTDIR/,
    );
  });

  it('when the data folder is damaged', async () => {
    mkdirSync(join(dataDir, 'state'), { recursive: true });
    writeFileSync(join(dataDir, 'state', 'CURRENT'), 'damaged\n');
    await expectLine(start(), /the data folder is damaged \(.*state\): move it away and start again/);
  });

  it('when DynamoDB Local or Java is missing', async () => {
    const settings = { DYNAMODB_ENGINE: 'dynamodb-local', DYNAMODB_LOCAL_DIR: dataDir };
    await expectLine(start(settings), /DynamoDB Local is not installed .*npm run dynamodb-local/);
    writeFileSync(join(dataDir, 'DynamoDBLocal.jar'), '');
    await expectLine(start({ ...settings, PATH: dataDir }), /DynamoDB Local needs Java/);
  });

  it('when there is no synthesized app, or nobody at the endpoint', async () => {
    await expectFault({ assembly: dataDir }, /is not what the CDK synthesizes/);
    await expectFault({ endpointUrl: 'http://127.0.0.1:1' }, /http:\/\/127\.0\.0\.1:1 cannot be used: /);
    await expectFault({ dynamodbUrl: 'http://127.0.0.1:1' }, /http:\/\/127\.0\.0\.1:1 cannot be used: /);
  });
});

describe('damage of the data folder', () => {
  it.each<[string, RegExp, (content: Buffer) => Buffer]>([
    ['state', /MANIFEST/, () => Buffer.from('not a manifest')],
    ['state', /\.log$/, (content) => content.fill(7, 10)],
    ['dynalite', /MANIFEST/, (content) => content.fill(7)],
    ['dynalite', /CURRENT/, () => Buffer.from('nothing\n')],
    ['dynalite', /\.log$/, (content) => content.fill(7, 10, 400)],
    ['keys', /\.pem$/, (content) => content.subarray(0, 80)],
  ])('in %s, %s is named at every start and nothing is lost silently', async (folder, name, damage) => {
    const service = await startLocalService({ port: 0, dataDir, assembly: inject('assembly') });
    await service.clock.advance(1000);
    await service.stop();
    const path = readdirSync(join(dataDir, folder))
      .map((file) => join(dataDir, folder, file))
      .find((file) => name.test(file) && statSync(file).size > 0);
    if (path === undefined) throw new Error(`${folder} holds no ${String(name)}`);
    writeFileSync(path, damage(readFileSync(path)));

    await expectFault({}, new RegExp(`the data folder is damaged .*${folder}`));
    await expectFault({}, new RegExp(`the data folder is damaged .*${folder}`));
  });
});

async function expectFault(options: Partial<LocalServiceOptions>, message: RegExp): Promise<void> {
  const started = startLocalService({ port: 0, dataDir, assembly: inject('assembly'), ...options });
  const fault: unknown = await started
    .then((service) => service.stop().then(() => 'started'))
    .catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(LocalRunError);
  expect((fault as Error).message).toMatch(message);
  expect((fault as Error).message).not.toContain('\n');
}
