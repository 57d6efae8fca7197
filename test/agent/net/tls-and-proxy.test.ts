import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServiceClient, PING_TEXT, type NetOptions } from '../../../agent/src/net/client.ts';
import { createAuthority, type Identity, type TestAuthority } from './certificates.ts';
import { cleaner, startHttp, startHttps, startProxy, startTcp, type TestServer } from './servers.ts';

const keep = cleaner();
const NAME = 'licensing.example';
const URL_ = `https://${NAME}/v1/licenses/renew`;
let authority: TestAuthority;
let other: TestAuthority;
let identity: Identity;

beforeAll(() => {
  authority = createAuthority();
  other = createAuthority('Other CA');
  identity = authority.issue(`DNS:${NAME},DNS:localhost,IP:127.0.0.1`);
});
afterAll(() => {
  authority.remove();
  other.remove();
});
afterEach(() => keep.all());

const ask = (url: string, options: Partial<NetOptions> = {}) =>
  createServiceClient({ env: {}, timeoutSeconds: 5, ...options }).ping(url);

const service = async (own: Identity = identity, options: object = {}): Promise<TestServer> =>
  keep(await startHttps(own, (_request, response) => response.end(PING_TEXT), options));

describe('TLS', () => {
  const detailOf = async (port: number, options: Partial<NetOptions> = {}, host = 'localhost') => {
    const answer = await ask(`https://${host}:${port}/`, options);
    expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'tls' });
    return 'detail' in answer ? answer.detail : '';
  };

  it('accepts a certificate of the extra authority, by name and by address', async () => {
    const { port } = await service();
    const trusting = { extraCaFile: authority.caFile };
    expect(await ask(`https://localhost:${port}/`, trusting)).toMatchObject({ kind: 'ok' });
    expect(await ask(`https://127.0.0.1:${port}/`, trusting)).toMatchObject({ kind: 'ok' });
    expect(await detailOf(port)).toContain('authority that is not trusted here');
  });

  it('accepts one that the system or Node was told to trust', async () => {
    const { port } = await service();
    const url = `https://localhost:${port}/`;
    if (process.platform === 'linux') {
      const env = { SSL_CERT_FILE: authority.caFile };
      expect(await ask(url, { env })).toMatchObject({ kind: 'ok' });
      expect(await ask(url, { env, useSystemStore: false })).toMatchObject({ obstacle: 'tls' });
    }
    expect(await ask(url, { env: { NODE_EXTRA_CA_CERTS: authority.caFile } })).toMatchObject({ kind: 'ok' });
  });

  it('says of each bad certificate what is wrong with it', async () => {
    const trusting = { extraCaFile: authority.caFile };
    const wrongName = await service(authority.issue('DNS:elsewhere.example'));
    expect(await detailOf(wrongName.port, trusting)).toContain('it is for another name');
    const expired = await service(
      authority.issue('DNS:localhost', { from: '200101000000Z', to: '210101000000Z' }),
    );
    expect(await detailOf(expired.port, trusting)).toContain('it has expired');
    const future = await service(
      authority.issue('DNS:localhost', { from: '450101000000Z', to: '460101000000Z' }),
    );
    expect(await detailOf(future.port, trusting)).toContain('it is not valid yet');
    const self = await service(authority.selfSigned('DNS:localhost'));
    expect(await detailOf(self.port, trusting)).toContain('it is signed by itself');
    const foreign = await service(other.issue('DNS:localhost'));
    expect(await detailOf(foreign.port, trusting)).toContain('not trusted here');
  });

  it('tells what is no TLS at all, and what cannot agree on a version', async () => {
    const plain = keep(await startHttp((_request, response) => response.end(PING_TEXT)));
    expect(await detailOf(plain.port)).toContain('does not speak TLS');
    const picky = await service(identity, {
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
    });
    expect(await ask(`https://localhost:${picky.port}/`, { extraCaFile: authority.caFile })).toMatchObject({
      kind: 'unreachable',
    });
    const old = await service(identity, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect(await detailOf(old.port, { extraCaFile: authority.caFile })).toContain('no TLS with');
  });

  it('tells a connection that is cut during the handshake from one that stalls there', async () => {
    const cutting = keep(await startTcp((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(await ask(`https://localhost:${cutting.port}/`)).toMatchObject({ obstacle: 'connect' });
    const stalling = keep(await startTcp((socket) => void socket.resume()));
    const stalled = await ask(`https://localhost:${stalling.port}/`, { timeoutSeconds: 0.2 });
    expect(stalled).toMatchObject({ obstacle: 'timeout' });
    await expect.poll(() => stalling.open()).toBe(0);
  });

  it('reads the extra file anew each time, and goes on with what it held once it is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ca-'));
    const extraCaFile = join(folder, 'ca.pem');
    writeFileSync(extraCaFile, other.ca);
    const { port } = await service();
    const client = createServiceClient({ env: {}, extraCaFile });
    const url = `https://localhost:${port}/`;
    expect(await client.ping(url)).toMatchObject({ obstacle: 'tls' });
    writeFileSync(extraCaFile, `# our own\n${other.ca}\n${authority.ca}`);
    expect(await client.ping(url)).toMatchObject({ kind: 'ok' });
    rmSync(folder, { recursive: true });
    expect(await client.ping(url)).toMatchObject({ kind: 'ok' });
  });

  it('takes no extra file without a certificate in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ca-'));
    const extraCaFile = join(folder, 'ca.pem');
    const creating = (text: string) => () => {
      writeFileSync(extraCaFile, text);
      createServiceClient({ env: {}, extraCaFile });
    };
    expect(creating('nothing')).toThrow(/holds no certificate/);
    expect(creating(`${authority.ca}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`)).toThrow(
      /number 2/,
    );
    expect(() => createServiceClient({ env: {}, extraCaFile: folder })).toThrow(/not a regular file/);
    rmSync(folder, { recursive: true });
  });
});

describe('a proxy', () => {
  const trusting = () => ({ extraCaFile: authority.caFile });
  const proxyTo = async (port: number, options: Partial<Parameters<typeof startProxy>[0]> = {}) =>
    keep(await startProxy({ routes: { [`${NAME}:443`]: port }, ...options }));

  it('of the environment is asked for a tunnel to the name of the service, with user and password', async () => {
    const { port } = await service();
    const proxy = await proxyTo(port, { credentials: 'user:p@ss:word%' });
    for (const env of [
      { HTTPS_PROXY: `http://user:p%40ss%3Aword%@127.0.0.1:${proxy.port}` },
      { https_proxy: `user:p%40ss%3Aword%25@localhost:${proxy.port}` },
    ]) {
      expect(await ask(URL_, { ...trusting(), env })).toMatchObject({ kind: 'ok' });
    }
    expect(proxy.asked).toEqual([`${NAME}:443`, `${NAME}:443`]);
    await expect.poll(() => proxy.open()).toBe(0);
  });

  it('that is given wins over the environment and over NO_PROXY', async () => {
    const { port } = await service();
    const proxy = await proxyTo(port);
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' };
    const options = { ...trusting(), env, proxy: `http://127.0.0.1:${proxy.port}` };
    expect(await ask(URL_, options)).toMatchObject({ kind: 'ok' });
  });

  it('may itself be reached by TLS', async () => {
    const { port } = await service();
    const proxy = await proxyTo(port, { identity });
    const url = `https://localhost:${proxy.port}`;
    expect(await ask(URL_, { ...trusting(), proxy: url })).toMatchObject({ kind: 'ok' });
    await expect.poll(() => proxy.open()).toBe(0);
    expect(await ask(URL_, { proxy: url })).toMatchObject({
      obstacle: 'proxy',
      detail: expect.stringContaining('certificate of the proxy') as string,
    });
  });

  it('that does not do its part is the obstacle, and its password stays hidden', async () => {
    const { port } = await service();
    const detailOf = async (proxy: string, timeoutSeconds = 5) => {
      const answer = await ask(URL_, { ...trusting(), proxy, timeoutSeconds });
      expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'proxy' });
      expect(JSON.stringify(answer)).not.toMatch(/hunter|aHVudGVy|dXNlcj/);
      return 'detail' in answer ? answer.detail : '';
    };
    const at = ({ port: own }: TestServer) => `http://user:hunter@127.0.0.1:${own}`;
    const gone = await proxyTo(port);
    await gone.stop();
    expect(await detailOf(at(gone))).toContain('refused');
    expect(await detailOf('http://user:hunter@proxy.invalid:3128')).toContain('cannot be resolved');
    expect(await detailOf(at(await proxyTo(port, { credentials: 'user:other' })))).toContain(
      'missing or wrong',
    );
    const ntlm =
      'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\ncontent-length: 0\r\n\r\n';
    expect(await detailOf(at(await proxyTo(port, { answer: ntlm })))).toMatch(/asks for NTLM.*only do Basic/);
    expect(await detailOf(at(await proxyTo(port, { routes: {} })))).toContain('answered 502');
    expect(await detailOf(at(await proxyTo(port, { answer: 'nonsense\r\n\r\n' })))).toContain('the proxy');
    expect(await detailOf(at(await proxyTo(port, { answer: '' })))).toContain('when asked for a tunnel');
    const silent = await proxyTo(port, { isSilent: true });
    expect(await detailOf(at(silent), 0.2)).toContain('did not answer');
    await expect.poll(() => silent.open()).toBe(0);
  });

  it('that inspects TLS is told from one that does not work', async () => {
    const { port } = await service(other.issue(`DNS:${NAME}`));
    const proxy = `http://127.0.0.1:${(await proxyTo(port)).port}`;
    expect(await ask(URL_, { ...trusting(), proxy })).toMatchObject({ obstacle: 'tls' });
    expect(await ask(URL_, { extraCaFile: other.caFile, proxy })).toMatchObject({ kind: 'ok' });
  });

  it('carries plain HTTP where that is allowed', async () => {
    const plain = keep(await startHttp((_request, response) => response.end(PING_TEXT)));
    const proxy = keep(await startProxy({ routes: { [`${NAME}:80`]: plain.port } }));
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await ask(`http://${NAME}/`, { env, allowHttp: true })).toMatchObject({ kind: 'ok' });
  });
});
