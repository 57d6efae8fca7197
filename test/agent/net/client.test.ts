import { afterEach, describe, expect, it } from 'vitest';
import { AgentFault } from '../../../agent/src/fault.ts';
import { createServiceClient, pingUrl, PING_TEXT, type NetOptions } from '../../../agent/src/net/client.ts';
import { bodyOf, cleaner, startHttp } from './servers.ts';

const keep = cleaner();
afterEach(() => keep.all());

const FILE = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJsMSJ9.c2lnbmF0dXJl';
const NOW = 1_800_000_000;
const clock = { now: () => NOW, wait: () => Promise.resolve() };
const client = (options: Partial<NetOptions> = {}) => createServiceClient({ env: {}, clock, ...options });
const date = (instant: number) => new Date(instant * 1000).toUTCString();
const renewUrl = (port: number) => `http://127.0.0.1:${port}/v1/licenses/renew`;

describe('a request for renewal', () => {
  it('sends the file and the host, and gives back the new file with what its headers say', async () => {
    const seen: unknown[] = [];
    const server = keep(
      await startHttp((request, response) => {
        const { 'host-id': id, 'host-name': name, 'content-type': type, connection } = request.headers;
        void bodyOf(request).then((body) => {
          seen.push(request.method, request.url, id, name, type, connection, body);
          response.writeHead(200, {
            'content-type': 'application/jwt',
            'renew-after': '80000',
            date: date(NOW - 7),
          });
          response.end('a.b.c');
        });
      }),
    );
    const answer = await client().renew(renewUrl(server.port), `${FILE}\n`, { id: 'h-1', name: 'büro\n1' });
    expect(answer).toEqual({ kind: 'file', text: 'a.b.c', renewAfter: 80_000, clockAhead: 7 });
    expect(seen).toEqual(['POST', '/v1/licenses/renew', 'h-1', 'b?ro?1', 'application/jwt', 'close', FILE]);
  });

  it('leaves out the headers of a host that is not given', async () => {
    let names: readonly string[] = [];
    const server = keep(
      await startHttp((request, response) => {
        names = Object.keys(request.headers);
        response.end('a.b.c');
      }),
    );
    expect(await client().renew(renewUrl(server.port), FILE, {})).toMatchObject({ kind: 'file' });
    expect(names.filter((name) => name.startsWith('host-'))).toEqual([]);
  });

  it('keeps no connection afterwards', async () => {
    const server = keep(await startHttp((_request, response) => response.end('a.b.c')));
    await client().renew(renewUrl(server.port), FILE, {});
    await expect.poll(() => server.open()).toBe(0);
  });

  it('does not send a host id that is no header, nor a file over http to another machine', async () => {
    const faultOf = async (url: string, id: string, options: Partial<NetOptions> = {}) => {
      const fault: unknown = await client(options)
        .renew(url, FILE, { id })
        .catch((error: unknown) => error);
      return fault instanceof AgentFault ? fault.code : fault;
    };
    expect(await faultOf('http://127.0.0.1:1/', 'a\r\nb')).toBe('host-id');
    expect(await faultOf('http://licensing.example/', 'h')).toBe('settings');
    expect(await faultOf('ftp://licensing.example/', 'h')).toBe('settings');
    expect(await faultOf('https://user:secret@licensing.example/', 'h')).toBe('settings');
    expect(await faultOf('nonsense', 'h')).toBe('settings');
    expect(await faultOf('https://licensing.example/', 'h', { env: { HTTPS_PROXY: 'socks5://p:1' } })).toBe(
      'settings',
    );
    for (const proxy of ['http://user:secret@:99999', 'http://user:12/secret@p', 'http://user:#secret@p:1']) {
      expect(() => client({ proxy })).toThrow(/^(?!.*secret).*is not the URL of a proxy$/);
    }
    expect(() => client({ extraCaFile: '/nowhere/ca.pem' })).toThrow(/ca\.pem cannot be used: ENOENT/);
  });

  it('reaches http elsewhere where that was allowed, here to a name that nobody has', async () => {
    const answer = await client({ allowHttp: true }).renew('http://licensing.invalid/', FILE, {});
    expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'dns' });
  });

  it('is given up by its signal and by close, which is no answer', async () => {
    const server = keep(await startHttp(() => undefined));
    const giving = new AbortController();
    const stopped = client().renew(renewUrl(server.port), FILE, {}, giving.signal);
    setTimeout(() => giving.abort(new Error('shutting down')), 30);
    await expect(stopped).rejects.toThrow('shutting down');

    const closing = client();
    const closed = closing.renew(renewUrl(server.port), FILE, {});
    setTimeout(() => void closing.close(), 30);
    await expect(closed).rejects.toThrow('the client was closed');
    await expect.poll(() => server.open()).toBe(0);
  });

  it('connects by the wanted version of IP only', async () => {
    const server = keep(await startHttp((_request, response) => response.end('a.b.c')));
    const url = `http://localhost:${server.port}/`;
    expect(await client({ ipFamily: 4 }).renew(url, FILE, {})).toMatchObject({ kind: 'file' });
    expect(await client({ ipFamily: 6 }).renew(url, FILE, {})).toMatchObject({ kind: 'unreachable' });
  });
});

describe('a ping', () => {
  const ping = async (text: string, headers: Readonly<Record<string, string>> = {}, status = 200) => {
    const server = keep(
      await startHttp((request, response) => {
        response.writeHead(request.url === '/v1/ping' ? status : 404, { date: date(NOW), ...headers });
        response.end(text);
      }),
    );
    return client().ping(renewUrl(server.port));
  };

  it('compares the answer to the letter', async () => {
    expect(await ping(PING_TEXT)).toEqual({ kind: 'ok', clockAhead: 0 });
    for (const text of ['automated-licensing: ok', 'automated-licensing: ok\r\n', '', '<p>hello</p>']) {
      expect(await ping(text)).toMatchObject({ kind: 'unreachable', obstacle: 'http', status: 200 });
    }
    expect(await ping(PING_TEXT, {}, 404)).toMatchObject({ kind: 'unreachable', status: 404 });
    expect(await ping(PING_TEXT, { 'content-type': 'text/html' })).toMatchObject({ obstacle: 'http' });
  });

  it('goes beside the route for renewals, also below a path', () => {
    expect(pingUrl(new URL('https://a.example/v1/licenses/renew')).href).toBe('https://a.example/v1/ping');
    expect(pingUrl(new URL('https://a.example/x/v1/licenses/renew/')).href).toBe(
      'https://a.example/x/v1/ping',
    );
    expect(pingUrl(new URL('https://a.example/other?q=1')).href).toBe('https://a.example/v1/ping');
  });
});
