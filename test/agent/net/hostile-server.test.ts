import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../agent/src/outcome.ts';
import { createServiceClient } from '../../../agent/src/net/client.ts';
import { timed } from '../loop/steps.ts';
import { cleaner, startHttp, startTcp } from './servers.ts';

const keep = cleaner();
afterEach(() => keep.all());

const FILE = `eyJhbGciOiJFUzI1NiIsImtpZCI6IkFCQyJ9.${'eyJzdWIiOiJsMSJ9'.repeat(8)}.c2lnbmF0dXJl`;
const NOW = 1_800_000_000;
const DAY = 86_400;
const clock = { now: () => NOW, wait: () => Promise.resolve() };
const date = (instant: number) => new Date(instant * 1000).toUTCString();

const ask = (port: number, timeoutSeconds = 5): Promise<Answer> =>
  createServiceClient({ env: {}, clock, timeoutSeconds }).renew(
    `http://127.0.0.1:${port}/v1/licenses/renew`,
    FILE,
    { id: 'h' },
  );

/** What is made of an answer of Node's own server. */
async function answered(
  status: number,
  headers: Readonly<Record<string, string | string[]>>,
  body: string | Buffer = '',
): Promise<Answer> {
  const server = keep(
    await startHttp((_request, response) => {
      response.sendDate = false;
      response.writeHead(status, headers);
      response.end(body);
    }),
  );
  return ask(server.port);
}

/** What is made of bytes that no proper server sends. */
async function rawly(onRequest: (socket: Socket) => void, timeoutSeconds?: number): Promise<Answer> {
  const server = keep(
    await startTcp((socket) => {
      socket.once('data', () => onRequest(socket));
    }),
  );
  return ask(server.port, timeoutSeconds);
}

const problem = (status: number, members: object, type = 'application/problem+json') =>
  answered(status, { 'content-type': type }, JSON.stringify({ status, ...members }));

describe('connections that break', () => {
  it('resets are an obstacle of the connection', async () => {
    const reset = await rawly((socket) => socket.resetAndDestroy());
    expect(reset).toMatchObject({ kind: 'unreachable', obstacle: 'connect' });
    const midway = await rawly((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', () => socket.resetAndDestroy());
    });
    expect(midway).toMatchObject({ kind: 'unreachable', obstacle: 'connect' });
    const silent = await rawly((socket) => socket.end());
    expect(silent).toMatchObject({ kind: 'unreachable', obstacle: 'connect' });
  });

  it('truncated bodies are never taken for a file, whichever way their length was given', async () => {
    const short = await rawly((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\na.b.c'));
    expect(short).toMatchObject({ kind: 'unreachable', obstacle: 'connect' });
    const chunked = await rawly((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\na.b.c\r\n'),
    );
    expect(chunked).toMatchObject({ kind: 'unreachable', obstacle: 'connect' });
  });

  it('a body that is longer than its length is cut there, and what follows is not read', async () => {
    const long = await rawly((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\na.b.c${'x'.repeat(1000)}`),
    );
    expect(['file', 'unreachable']).toContain(long.kind);
    if (long.kind === 'file') expect(long.text).toBe('a.b.c');
  });

  it('what is no HTTP is said to be none', async () => {
    for (const bytes of [
      'SSH-2.0-OpenSSH_9.6\r\n',
      '\x15\x03\x03\x00\x02\x02\x28',
      'HTTP/1.1 nonsense\r\n\r\n',
    ]) {
      expect(await rawly((socket) => socket.end(bytes))).toMatchObject({
        kind: 'unreachable',
        obstacle: 'http',
      });
    }
    const two = await rawly((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\na.b.c'),
    );
    expect(two).toMatchObject({ kind: 'unreachable' });
  });
});

describe('answers without an end', () => {
  it('are read up to 16 KiB, and no memory is used for the rest', async () => {
    const block = Buffer.alloc(1_048_576, 'a');
    let sent = 0;
    const before = process.memoryUsage();
    const endless = await rawly((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/jwt\r\n\r\n');
      const pour = (): void => {
        if (socket.destroyed || sent >= 512 * block.length) return;
        sent += block.length;
        socket.write(block, pour);
      };
      pour();
    });
    expect(endless).toMatchObject({ kind: 'unreachable', obstacle: 'http', status: 200 });
    expect(endless).toHaveProperty('detail', expect.stringContaining('larger than 16 KiB'));
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(64 * 1_048_576);
    expect(sent).toBeLessThan(32 * block.length);
  });

  it('exactly 16 KiB are a file, one byte more is none, also with an honest length', async () => {
    expect(await answered(200, {}, 'a'.repeat(16_384))).toMatchObject({ kind: 'file' });
    expect(await answered(200, {}, 'a'.repeat(16_385))).toMatchObject({
      kind: 'unreachable',
      obstacle: 'http',
    });
    expect(await answered(200, { 'content-length': '16385' }, 'a'.repeat(16_385))).toMatchObject({
      obstacle: 'http',
    });
  });

  it('are endless headers too', async () => {
    const endless = await rawly((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n');
      const pour = (): void => {
        if (!socket.destroyed) socket.write(`x-filler: ${'y'.repeat(4000)}\r\n`, pour);
      };
      pour();
    });
    expect(endless).toMatchObject({ kind: 'unreachable', obstacle: 'http' });
  });

  it('that drip slowly end with the time of the whole request', async () => {
    for (const head of ['HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', 'HTTP/1.1 200 OK\r\n', '']) {
      const drips = (socket: Socket): void => {
        socket.on('error', () => undefined);
        socket.write(head);
        const drip = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(drip));
      };
      const { result: dripping, milliseconds } = await timed(() => rawly(drips, 0.4));
      expect(milliseconds).toBeLessThan(1500);
      expect(dripping.kind).toBe('unreachable');
      if (head.length > 0) expect(dripping).toMatchObject({ obstacle: 'timeout' });
    }
  });

  it('that never come are a time-out', async () => {
    expect(await rawly(() => undefined, 0.2)).toMatchObject({ kind: 'unreachable', obstacle: 'timeout' });
    const interim = await rawly((socket) => {
      const again = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(again));
    }, 0.3);
    expect(interim.kind).toBe('unreachable');
  });

  it('that unpack to much more than they are, are not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1_048_576));
    const before = process.memoryUsage().rss;
    const answer = await answered(200, { 'content-encoding': 'gzip' }, bomb);
    expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'http' });
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1_048_576);
    expect(await answered(200, { 'content-encoding': 'gzip' }, gzipSync('a.b.c'))).toMatchObject({
      obstacle: 'http',
    });
  });
});

describe('answers of something in between', () => {
  it('redirects are not followed, and only the host of their target is named', async () => {
    let visits = 0;
    const target = keep(await startHttp((_request, response) => response.end(String((visits += 1)))));
    const location = `http://127.0.0.1:${target.port}/login?token=secret`;
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await answered(status, { location });
      expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'http', status });
      expect(answer).toHaveProperty(
        'detail',
        expect.stringContaining(`redirects to 127.0.0.1:${target.port},`),
      );
      expect(JSON.stringify(answer)).not.toContain('secret');
    }
    expect(await answered(302, { location: '/relative' })).toMatchObject({ obstacle: 'http' });
    expect(await answered(302, {})).toMatchObject({ obstacle: 'http' });
    expect(visits).toBe(0);
  });

  it('pages are not files, whatever they say they are', async () => {
    const page = '<!doctype html><title>Log in</title>';
    expect(await answered(200, { 'content-type': 'text/html; charset=utf-8' }, page)).toMatchObject({
      kind: 'unreachable',
      obstacle: 'http',
    });
    expect(await answered(200, { 'content-type': 'application/jwt' }, page)).toMatchObject({
      obstacle: 'http',
    });
    expect(await answered(200, { 'content-type': 'text/html' }, 'a.b.c')).toMatchObject({ obstacle: 'http' });
    expect(await answered(200, {}, '')).toMatchObject({ obstacle: 'http' });
    expect(await answered(204, {})).toMatchObject({ obstacle: 'http', status: 204 });
  });

  it('407 is the obstacle proxy, 511 says that the network wants a login', async () => {
    expect(await answered(407, {})).toMatchObject({ kind: 'unreachable', obstacle: 'proxy', status: 407 });
    expect(await answered(511, {})).toHaveProperty('detail', expect.stringContaining('login'));
  });

  it('bare answers of the gateway are no refusals', async () => {
    for (const [status, message] of [
      [403, 'Forbidden'],
      [404, 'Not Found'],
      [429, 'Too Many Requests'],
      [500, 'Internal Server Error'],
      [503, 'Service Unavailable'],
    ] as const) {
      const answer = await answered(
        status,
        { 'content-type': 'application/json' },
        JSON.stringify({ message }),
      );
      expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'http', status });
      expect(answer).toHaveProperty('detail', expect.stringContaining(message));
    }
  });
});

describe('problem answers', () => {
  it('are refusals with a known code, its status and its media type', async () => {
    const detail = 'The contract ended on 2026-10-31.';
    const ended = await answered(
      403,
      { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '3600', date: date(NOW) },
      JSON.stringify({ code: 'contract-ended', detail }),
    );
    expect(ended).toEqual({
      kind: 'refused',
      code: 'contract-ended',
      detail,
      retryAfter: 3600,
      clockAhead: 0,
    });
    expect(await problem(400, { code: 'file-not-genuine', title: 'Not genuine' })).toEqual({
      kind: 'refused',
      code: 'file-not-genuine',
      detail: 'Not genuine',
    });
    expect(await problem(413, { code: 'body-too-large' })).toMatchObject({ detail: 'body-too-large' });
    expect(await problem(409, { code: 'host-limit' })).toMatchObject({ kind: 'refused' });
  });

  it('are none with another code, status or media type, or with a body that is no object', async () => {
    const answers = await Promise.all([
      problem(403, { code: 'payment-required' }),
      problem(403, { code: 'constructor' }),
      problem(403, { code: ['contract-ended'] }),
      problem(403, {}),
      problem(503, { code: 'unavailable' }),
      problem(404, { code: 'route-not-found' }),
      problem(500, { code: 'contract-ended' }),
      problem(403, { code: 'contract-ended' }, 'application/json'),
      problem(403, { code: 'contract-ended' }, 'text/html'),
      problem(403, { code: 'file-malformed' }),
      answered(403, { 'content-type': 'application/problem+json' }, '"contract-ended"'),
      answered(403, { 'content-type': 'application/problem+json' }, '{"code":"contract-ended"'),
      answered(403, { 'content-type': 'application/problem+json' }, '['.repeat(16_000)),
      answered(
        403,
        { 'content-type': 'application/problem+json' },
        `{"code":"contract-ended","x":"${'x'.repeat(17_000)}"}`,
      ),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'http' });
  });

  it('are shown on one line of at most 300 characters, without what steers a terminal and without the file', async () => {
    const hostile = await problem(403, {
      code: 'license-revoked',
      detail: `\u001b[2Jgone\r\nERROR \u202e${FILE} ${'long '.repeat(200)}`,
    });
    expect(hostile.kind).toBe('refused');
    const { detail } = hostile as { detail: string };
    expect(detail).toMatch(/^[^\p{Cc}\p{Cf}]{1,301}$/u);
    expect(detail).toContain('gone');
    expect(detail).not.toContain('eyJ');
    const echo = await answered(
      500,
      { 'content-type': 'application/json' },
      JSON.stringify({ message: FILE }),
    );
    expect(JSON.stringify(echo)).not.toContain('eyJ');
  });
});

describe('odd times', () => {
  const retryAfter = async (
    value: string | string[],
    headers: Readonly<Record<string, string>> = {},
    status = 503,
  ) => {
    const answer = await answered(status, { 'retry-after': value, ...headers });
    expect(answer).toMatchObject({ kind: 'unreachable', obstacle: 'http', status });
    return 'retryAfter' in answer ? answer.retryAfter : undefined;
  };

  it('a Retry-After is between 0 and 7 days, or absent', async () => {
    expect(await retryAfter('120')).toBe(120);
    expect(await retryAfter('0', {}, 429)).toBe(0);
    expect(await retryAfter('9'.repeat(300))).toBe(7 * DAY);
    for (const odd of ['-1', '1.5', '1e3', '', 'soon', '0x10', 'Mon, 99 Foo 2026 99:99:99 GMT', '１２']) {
      expect(await retryAfter(odd.replace(/[^\x20-\x7e]/g, 'z'))).toBeUndefined();
    }
    expect(await retryAfter(['60', '90'])).toBeUndefined();
  });

  it('a date in it is compared to the date of the answer, because the clock here may be wrong', async () => {
    expect(await retryAfter(date(NOW + 600))).toBe(600);
    expect(await retryAfter(date(NOW + 600), { date: date(NOW + 500) })).toBe(100);
    expect(await retryAfter(date(NOW - 600))).toBe(0);
    expect(await retryAfter(date(NOW + 400 * DAY))).toBe(7 * DAY);
  });

  it('Renew-After is bounded too', async () => {
    expect(await answered(200, { 'renew-after': '9'.repeat(30) }, 'a.b.c')).toMatchObject({
      renewAfter: 7 * DAY,
    });
    expect(await answered(200, { 'renew-after': '-5' }, 'a.b.c')).toEqual({ kind: 'file', text: 'a.b.c' });
  });

  it('tells how far the clock here is ahead, from a date that is one', async () => {
    expect(await answered(200, { date: date(NOW - DAY) }, 'a.b.c')).toMatchObject({ clockAhead: DAY });
    expect(await answered(500, { date: date(NOW + DAY) })).toMatchObject({ clockAhead: -DAY });
    expect(await answered(200, { date: 'yesterday' }, 'a.b.c')).not.toHaveProperty('clockAhead');
  });
});
