import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../../agent/src/doctor/examine.ts';
import type { Check, Finding } from '../../../agent/src/doctor/finding.ts';
import { PING_TEXT, type NetOptions } from '../../../agent/src/net/client.ts';
import { createAuthority, type TestAuthority } from '../net/certificates.ts';
import { cleaner, startHttp, startHttps, startProxy, startTcp } from '../net/servers.ts';

const keep = cleaner();
const NOW = 1_800_000_000;
const DAY = 86_400;
const NAME = 'licensing.example';
let folder: string;
let file: string;
let authority: TestAuthority;

beforeAll(() => {
  authority = createAuthority();
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  file = join(folder, 'product.lic');
  writeFileSync(file, 'a.b.c\n');
});
afterAll(() => {
  authority.remove();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => keep.all());

const clock = { now: () => NOW, wait: () => Promise.resolve() };

async function examined(url: string | undefined, net: Partial<NetOptions> = {}): Promise<readonly Finding[]> {
  const findings = await examine({
    ...(url === undefined ? {} : { url }),
    files: [file],
    net: { env: {}, clock, timeoutSeconds: 2, ...net },
  });
  for (const { detail, advice, outcome } of findings) {
    expect(`${detail}${advice ?? ''}`).toMatch(/^[^\p{Cc}]+$/u);
    expect(advice !== undefined).toBe(outcome === 'problem' || outcome === 'warning');
  }
  expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
  return findings;
}

const outcomes = (findings: readonly Finding[]): Partial<Record<Check, string>> =>
  Object.fromEntries(findings.map(({ check, outcome }) => [check, outcome]));
const of = (findings: readonly Finding[], check: Check): Finding =>
  findings.find((one) => one.check === check)!;

const serve = async (options: { readonly text?: string; readonly date?: number } = {}) =>
  keep(
    await startHttps(authority.issue(`DNS:localhost,DNS:${NAME}`), (_request, response) => {
      response.setHeader('date', new Date((options.date ?? NOW) * 1000).toUTCString());
      response.end(options.text ?? PING_TEXT);
    }),
  );

const FINE = { file: 'ok', folder: 'ok', settings: 'ok', proxy: 'ok', dns: 'ok', connect: 'ok' };

describe('the way to the service', () => {
  it('is fine step by step, but a certificate of no public authority is pointed out', async () => {
    const { port } = await serve();
    const findings = await examined(`https://localhost:${port}/v1/licenses/renew`, {
      extraCaFile: authority.caFile,
    });
    expect(outcomes(findings)).toEqual({ ...FINE, tls: 'warning', ping: 'ok', clock: 'ok' });
    expect(of(findings, 'tls').detail).toMatch(
      /TLSv1\.3, .*Corporate Inspection CA \(Example Corp\), .* no public/,
    );
    expect(of(findings, 'tls').advice).toContain('--ca-file');
  });

  it('leads through the proxy, which is named without its password', async () => {
    const { port } = await serve();
    const proxy = keep(await startProxy({ routes: { [`${NAME}:443`]: port }, credentials: 'user:hunter2' }));
    const at = (password: string) => ({ HTTPS_PROXY: `http://user:${password}@localhost:${proxy.port}` });
    const net = { extraCaFile: authority.caFile };
    const good = await examined(`https://${NAME}/`, { ...net, env: at('hunter2') });
    expect(outcomes(good)).toEqual({ ...FINE, tls: 'warning', ping: 'ok', clock: 'ok' });
    expect(of(good, 'proxy').detail).toContain('HTTPS_PROXY');
    const bad = await examined(`https://${NAME}/`, { ...net, env: at('hunter3') });
    expect(of(bad, 'proxy')).toMatchObject({
      outcome: 'problem',
      detail: expect.stringContaining('407') as string,
    });
    expect(outcomes(bad)).toMatchObject({ connect: 'ok', tls: 'skipped', ping: 'skipped', clock: 'skipped' });
    expect(JSON.stringify([good, bad])).not.toContain('hunter');
    await expect.poll(() => proxy.open()).toBe(0);
  });

  it('breaks at a name that does not resolve, and the rest is skipped', async () => {
    const findings = await examined('https://licensing.invalid/');
    expect(outcomes(findings)).toMatchObject({
      dns: 'problem',
      connect: 'skipped',
      tls: 'skipped',
      ping: 'skipped',
    });
    expect(of(findings, 'connect').detail).toBe('needs dns to work');
    const proxy = await examined(`https://${NAME}/`, { proxy: 'http://proxy.invalid:3128' });
    expect(of(proxy, 'dns')).toMatchObject({
      outcome: 'problem',
      detail: expect.stringContaining('the proxy') as string,
    });
    expect(outcomes(proxy)).toMatchObject({ proxy: 'skipped', connect: 'skipped' });
  });

  it('breaks at a port that nobody listens on', async () => {
    const gone = await startHttp(() => undefined);
    await gone.stop();
    const findings = await examined(`https://localhost:${gone.port}/`);
    expect(outcomes(findings)).toMatchObject({
      dns: 'ok',
      connect: 'problem',
      tls: 'skipped',
      ping: 'skipped',
    });
  });

  it('breaks at a certificate that is not trusted, and says who issued it', async () => {
    const { port } = await serve();
    const findings = await examined(`https://localhost:${port}/`);
    expect(outcomes(findings)).toMatchObject({
      connect: 'ok',
      tls: 'problem',
      ping: 'skipped',
      clock: 'skipped',
    });
    expect(of(findings, 'tls').detail).toMatch(/not trusted here.* is issued by Corporate Inspection CA/);
    expect(of(findings, 'tls').advice).toContain('--ca-file');
  });

  it('breaks at a handshake that nobody answers', async () => {
    const stalling = keep(await startTcp((socket) => void socket.resume()));
    const findings = await examined(`https://localhost:${stalling.port}/`, { timeoutSeconds: 0.2 });
    expect(of(findings, 'tls')).toMatchObject({
      outcome: 'problem',
      detail: expect.stringContaining('TLS handshake') as string,
    });
    await expect.poll(() => stalling.open()).toBe(0);
  });

  it('breaks at an answer that is not the one of the service to the letter', async () => {
    const { port } = await serve({ text: '<html>Log in</html>' });
    const findings = await examined(`https://localhost:${port}/`, { extraCaFile: authority.caFile });
    expect(outcomes(findings)).toMatchObject({ tls: 'warning', ping: 'problem', clock: 'ok' });
  });

  it('is http for trials, without TLS to look at', async () => {
    const { port } = keep(await startHttp((_request, response) => response.end(PING_TEXT)));
    expect(outcomes(await examined(`http://127.0.0.1:${port}/`))).toMatchObject({
      dns: 'ok',
      tls: 'skipped',
      ping: 'ok',
    });
  });

  it('cannot be looked at with wrong settings', async () => {
    for (const [url, net] of [
      [undefined, {}],
      ['http://licensing.invalid/', {}],
      ['https://licensing.invalid/', { env: { HTTPS_PROXY: 'http://user:hunter@:70000' } }],
      ['https://licensing.invalid/', { extraCaFile: '/nowhere.pem' }],
    ] as const) {
      const findings = await examined(url, net);
      expect(outcomes(findings)).toMatchObject({
        settings: 'problem',
        dns: 'skipped',
        ping: 'skipped',
        file: 'ok',
      });
      expect(JSON.stringify(findings)).not.toContain('hunter');
    }
  });

  it('warns where only HTTP_PROXY is set', async () => {
    const findings = await examined('https://licensing.invalid/', { env: { HTTP_PROXY: 'http://p:1' } });
    expect(of(findings, 'proxy')).toMatchObject({ outcome: 'warning' });
  });

  it('is given up by a signal', async () => {
    const stalling = keep(await startTcp((socket) => void socket.resume()));
    const giving = new AbortController();
    setTimeout(() => giving.abort(new Error('stopped')), 50);
    const examining = examine({
      url: `https://localhost:${stalling.port}/`,
      files: [],
      net: { env: {} },
      signal: giving.signal,
    });
    await expect(examining).rejects.toThrow('stopped');
  });
});

describe('the clock', () => {
  const clockWith = async (date: number) => {
    const { port } = await serve({ date });
    return of(await examined(`https://localhost:${port}/`, { extraCaFile: authority.caFile }), 'clock');
  };

  it('may be wrong by up to a day', async () => {
    expect(await clockWith(NOW - 30)).toMatchObject({
      outcome: 'ok',
      detail: 'the clock of this machine is right',
    });
    expect(await clockWith(NOW - DAY)).toMatchObject({
      outcome: 'ok',
      detail: expect.stringContaining('24 hours ahead') as string,
    });
    expect(await clockWith(NOW + 600)).toMatchObject({
      outcome: 'ok',
      detail: expect.stringContaining('10 minutes behind') as string,
    });
  });

  it('is a problem when it is wrong by more, whichever way', async () => {
    expect(await clockWith(NOW + 3 * DAY)).toMatchObject({
      outcome: 'problem',
      detail: 'the clock of this machine says 2027-01-15T08:00:00Z and is 3 days behind',
    });
    expect(await clockWith(NOW - DAY - 3600)).toMatchObject({
      outcome: 'problem',
      detail: expect.stringContaining('25 hours ahead') as string,
    });
  });
});

describe('files and folders', () => {
  const disk = async (files: readonly string[], folders: readonly string[] = []) =>
    (await examine({ files, folders, net: { env: {} } })).filter(
      ({ check }) => check === 'file' || check === 'folder',
    );

  it('are read and written, and nothing is left behind', async () => {
    const found = await disk([file, file], [folder]);
    expect(found.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    expect(readdirSync(folder)).toEqual(['product.lic']);
  });

  it('of a symbolic link are those that it leads to', async () => {
    const real = join(folder, 'real');
    mkdirSync(real);
    writeFileSync(join(real, 'a.lic'), 'a.b.c');
    symlinkSync(join(real, 'a.lic'), join(folder, 'link.lic'));
    const found = await disk([join(folder, 'link.lic')]);
    expect(found.find(({ check }) => check === 'folder')?.detail).toContain(real);
    rmSync(join(folder, 'link.lic'));
    rmSync(real, { recursive: true });
  });

  it('that are missing, empty, too large or no files are problems', async () => {
    const [empty, large] = [join(folder, 'empty.lic'), join(folder, 'large.lic')];
    writeFileSync(empty, '\n');
    writeFileSync(large, 'x'.repeat(20_000));
    const found = await disk([join(folder, 'none', 'x.lic'), empty, large, folder]);
    const files = found.filter(({ check }) => check === 'file');
    expect(files.map(({ outcome }) => outcome)).toEqual(['problem', 'problem', 'problem', 'problem']);
    expect(files.map(({ detail }) => detail.replace(/^.*?(is empty|: )/, '$1'))).toEqual([
      ': it does not exist (ENOENT)',
      'is empty',
      ': it is too large',
      ': it is not a regular file',
    ]);
    expect(found.find(({ detail }) => detail.includes('none is not writable'))?.outcome).toBe('problem');
    rmSync(empty);
    rmSync(large);
  });

  it('that forbid it are problems, also for root on a read-only file system', async () => {
    const closed = process.getuid?.() === 0 ? '/proc' : join(folder, 'closed');
    if (closed !== '/proc') {
      mkdirSync(closed);
      chmodSync(closed, 0o500);
    }
    const [found] = await disk([], [closed]);
    expect(found).toMatchObject({ check: 'folder', outcome: 'problem' });
  });
});

it('what the caller has found comes first', async () => {
  const ready: Finding = { check: 'keys', outcome: 'ok', detail: '2 keys' };
  expect((await examine({ files: [], net: { env: {} }, ready: [ready] }))[0]).toBe(ready);
});
