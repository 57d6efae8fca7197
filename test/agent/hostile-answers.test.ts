import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../agent/src/clock.ts';
import { EXIT } from '../../agent/src/exit-codes.ts';
import { NOW } from '../builders/instants.ts';
import { p256Key, rsaKey, signatureOf, signedCompact } from '../builders/signing-key.ts';
import type { Ran } from './at-service.ts';
import { answering, HostileService, type Behaviour } from './hostile-service.ts';
import { timed } from './loop/steps.ts';

const service = new HostileService();
let old = '';
beforeAll(() => service.open());
afterAll(() => service.close());
beforeEach(() => {
  service.now = NOW;
  old = service.install();
});

/** Renews, and holds for every failure what must hold: the old file to the letter, nothing left beside it, nothing told. */
async function refuses(code: number, says: string | RegExp, ...parameters: readonly string[]): Promise<Ran> {
  const before = statSync(service.file);
  const ran = await service.renew(...parameters);
  expect([ran.code, ran.err]).toEqual([code, expect.stringMatching(says)]);
  expect(ran.out).toBe('');
  expect(service.onDisk()).toBe(old);
  expect(statSync(service.file)).toMatchObject({
    ino: before.ino,
    mtimeMs: before.mtimeMs,
    mode: before.mode,
  });
  expect(service.names()).toEqual(['product.lic', 'product.lic.state.json']);
  expect(ran.err).not.toContain(old.trim().slice(-40));
  expect(ran.err).not.toMatch(/\p{Cc}/u);
  return ran;
}

/** Renews, and holds for every success: the delivered file is here, the old one is kept, nothing else is left. */
async function accepts(text: string): Promise<Ran> {
  const ran = await service.renew();
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(service.onDisk()).toBe(`${text}\n`);
  expect(readFileSync(`${service.file}.previous`, 'utf8')).toBe(old);
  expect(service.names()).toEqual(['product.lic', 'product.lic.previous', 'product.lic.state.json']);
  return ran;
}

const cases = (table: readonly (readonly [string, Behaviour, number, string | RegExp])[]): void => {
  it.each(table)('%s', async (_name, behave, code, says) => {
    service.behave = behave;
    await refuses(code, says);
    // Nothing of it lasts: the next answer that is right is taken.
    const good = service.next();
    service.behave = answering(good);
    await accepts(good);
  });
};

/** With the head of a proper answer, and whatever is written then. */
const head = (response: Parameters<Behaviour>[0], more: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/jwt', ...more }).flushHeaders();
};

describe('a connection that breaks', () => {
  cases([
    [
      'before the answer is said to be the connection',
      (response) => void response.socket?.resetAndDestroy(),
      EXIT.connect,
      /\(connect\)/,
    ],
    [
      'after the headers leaves the old file',
      (response) => {
        head(response, { 'content-length': '900' });
        setTimeout(() => response.socket?.resetAndDestroy(), 20);
      },
      EXIT.connect,
      /\(connect\)/,
    ],
    [
      'in the middle of a file leaves the old file, although the beginning is genuine',
      (response) => {
        const next = service.next();
        head(response, { 'content-length': String(next.length) });
        response.write(next.slice(0, -1), () => response.socket?.end());
      },
      EXIT.connect,
      /\(connect\)/,
    ],
  ]);

  it('in the middle of a chunked file leaves the old file', async () => {
    service.behave = (response) => {
      head(response);
      response.write(service.next().slice(0, 400), () => response.socket?.end());
    };
    await refuses(EXIT.connect, /was not reached/);
  });

  it('at every byte of the file never leaves anything but the old file', async () => {
    const next = service.next();
    for (let length = 0; length < next.length; length += 97) {
      service.behave = answering(next.slice(0, length));
      await refuses(length === 0 ? EXIT.http : EXIT.rejected, /product\.lic: /);
    }
  });
});

describe('an answer that takes its time', () => {
  it('is not waited for longer than --timeout, whether it drips or never comes', async () => {
    const next = service.next();
    const drips: Behaviour = (response) => {
      head(response);
      let at = 0;
      const timer = setInterval(() => response.write(next[at++ % next.length] ?? ''), 50);
      response.on('close', () => clearInterval(timer));
    };
    for (const behave of [drips, () => undefined] satisfies Behaviour[]) {
      service.behave = behave;
      const { milliseconds } = await timed(() => refuses(EXIT.timeout, /\(timeout\)/, '--timeout', '1'));
      expect(milliseconds).toBeLessThan(2500);
    }
  });

  it('without an end is given up after 16 KiB, in bounded memory', async () => {
    const block = Buffer.alloc(1_048_576, 'a');
    let sent = 0;
    service.behave = (response) => {
      head(response);
      const pour = (): void => {
        if (response.destroyed || sent >= 1024 * block.length) return;
        sent += block.length;
        response.write(block, pour);
      };
      pour();
    };
    const before = process.memoryUsage().rss;
    await refuses(EXIT.http, /larger than 16 KiB/);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576);
    expect(sent).toBeLessThan(32 * block.length);
  });
});

describe('an answer that is no license file', () => {
  const html = '<!DOCTYPE html><title>Login</title>';
  cases([
    ['is not taken if it is a page', answering(html, { 'content-type': 'text/html' }), EXIT.http, /page/],
    ['is not taken if it is a page that claims to be a file', answering(html), EXIT.http, /page/],
    ['is not taken if it is empty', answering(''), EXIT.http, /empty/],
    ['is not taken if it is blank', answering(' \r\n\t\n'), EXIT.http, /empty/],
    ['is not taken if it has no content', answering('', {}, 204), EXIT.http, /204/],
    [
      'is not taken if it is JSON',
      answering('{"file":"x"}', { 'content-type': 'application/json' }),
      EXIT.rejected,
      /not-a-license/,
    ],
    ['is not taken if it is binary', answering(Buffer.alloc(900, 0)), EXIT.rejected, /not-a-license/],
    [
      'is not taken if it steers a terminal',
      answering('\u001b[2J\u0007a.b.c'),
      EXIT.rejected,
      /not-a-license/,
    ],
    [
      'is not taken if it is compressed',
      (response, ...rest) =>
        answering(gzipSync(service.next()), { 'content-encoding': 'gzip' })(response, ...rest),
      EXIT.http,
      /encoded \(gzip\)/,
    ],
    [
      'is not taken if it is compressed and says nothing of it',
      (response, ...rest) => answering(brotliCompressSync(service.next()))(response, ...rest),
      EXIT.rejected,
      /not-a-license/,
    ],
    [
      'is not taken if it is compressed a million times',
      answering(gzipSync(Buffer.alloc(10_000_000)), { 'content-encoding': 'gzip' }),
      EXIT.http,
      /encoded \(gzip\)/,
    ],
  ]);

  it('is not taken if it is genuine but larger than 16 KiB', async () => {
    const large = service.next({ customer: { id: 'acme', name: 'A'.repeat(16_384) } });
    service.behave = answering(large);
    await refuses(EXIT.http, /larger than 16 KiB/);
  });
});

describe('a file that is worse than the old one', () => {
  it.each([
    ['an older number', { seq: 6 }, 'older'],
    ['the same number, but another text', { seq: 7, jti: 'other' }, 'older'],
    ['a higher number, but issued earlier', { iat: NOW - 2 * DAY }, 'older'],
    ['another license', { sub: 'license-2' }, 'other-license'],
    ['another product', { product: 'OTHER' }, 'other-license'],
    ['another host', { host: { id: 'H-2' } }, 'other-host'],
    ['an expiry of days ago', { iat: NOW - DAY, exp: NOW - 2 * DAY }, 'expired'],
  ])('is rejected: %s', async (_name, given, reason) => {
    service.behave = answering(service.next(given));
    await refuses(EXIT.rejected, `(${reason})`.replace(/[()]/g, '\\$&'));
    expect((await service.renew('--json')).out).toContain(`"code": "${reason}"`);
  });

  it('is rejected: a starter file, which lets nothing run', async () => {
    const { host, ...starter } = service.claims({ seq: 8, jti: 'serial-8', iat: NOW });
    service.behave = answering(signedCompact(headerOf(), JSON.stringify(starter), service.key));
    expect(host).toBeDefined();
    await refuses(EXIT.rejected, /\(no-host\)/);
  });

  const headerOf = (more: object = {}): string => {
    const { alg, kid } = service.key.publicKey;
    return JSON.stringify({ alg, kid, typ: 'license+jwt', ...more });
  };
  const part = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
  const payload = (): string =>
    JSON.stringify(service.claims({ jti: 'serial-8', seq: 8, iat: NOW, exp: NOW + 3500 * DAY }));

  it.each<[string, () => string, string]>([
    ['alg none', () => `${part(headerOf({ alg: 'none' }))}.${part(payload())}.`, 'not-a-license'],
    [
      'alg none with a signature',
      () => `${part(headerOf({ alg: 'none' }))}.${part(payload())}.AA`,
      'bad-signature',
    ],
    [
      'the public key as a secret (HS256)',
      () => {
        const input = `${part(headerOf({ alg: 'HS256' }))}.${part(payload())}`;
        return `${input}.${createHmac('sha256', readFileSync(service.keys)).update(input).digest('base64url')}`;
      },
      'bad-signature',
    ],
    [
      'RS256 under the name of the P-256 key',
      () => {
        const input = `${part(headerOf({ alg: 'RS256' }))}.${part(payload())}`;
        return `${input}.${signatureOf(input, rsaKey()).toString('base64url')}`;
      },
      'bad-signature',
    ],
    [
      'a key that travels in the file',
      () => {
        const stranger = p256Key();
        const jwk = stranger.publicKey;
        return signedCompact(headerOf({ jwk }), payload(), stranger);
      },
      'not-a-license',
    ],
    ['a key that is not pinned', () => service.next({}, p256Key()), 'unknown-key'],
    [
      'another key under the pinned kid',
      () => signedCompact(headerOf(), payload(), p256Key()),
      'bad-signature',
    ],
    [
      'claims that were changed afterwards',
      () => {
        const [header, , signature] = service.next().split('.');
        return `${header ?? ''}.${part(payload())}.${signature ?? ''}`;
      },
      'bad-signature',
    ],
    [
      'another type of token',
      () => signedCompact(headerOf({ typ: 'JWT' }), payload(), service.key),
      'not-a-license',
    ],
    ['genuine claims of other types', () => service.next({ seq: 1e400 }), 'not-a-license'],
    ['two files at once', () => `${service.next()}\n${service.next()}`, 'not-a-license'],
  ])('is rejected: %s', async (_name, file, reason) => {
    service.behave = answering(file());
    await refuses(EXIT.rejected, `\\(${reason}\\)`);
  });
});

describe('an answer that leads elsewhere', () => {
  it.each([301, 302, 303, 307, 308])('is not followed: %i', async (status) => {
    const target = `${service.url.replace('renew', 'stolen')}?token=secret`;
    service.behave = answering(service.next(), { location: target }, status);
    const { err } = await refuses(EXIT.http, /redirects to 127\.0\.0\.1/);
    expect(err).not.toContain('secret');
    expect(service.presented).toHaveLength(1);
  });
});

describe('an answer of a service or a gateway in trouble', () => {
  const nextAttempt = async (): Promise<number> => {
    const { out } = await service.renew('--json');
    const [report] = (JSON.parse(out) as { files: { nextAttemptAt: string }[] }).files;
    return Date.parse(report?.nextAttemptAt ?? '') / 1000 - NOW;
  };

  it.each([
    ['503', '120', 120, 120],
    ['429', '7200', 7200, 7200],
    ['503', '0', 0, 60],
    ['429', '-5', 0, 60],
    ['503', '1e9', 0, 60],
    ['429', 'soon', 0, 60],
    ['503', '99999999999999999999', DAY, DAY],
    ['429', new Date((NOW + 600) * 1000).toUTCString(), 600, 600],
    ['503', new Date((NOW - 600) * 1000).toUTCString(), 0, 60],
    ['503', 'Fri, 31 Dec 9999 23:59:59 GMT', DAY, DAY],
  ])('%s with Retry-After %s is tried again within bounds', async (status, retryAfter, from, until) => {
    service.behave = answering('busy', { 'retry-after': retryAfter }, Number(status));
    const wait = await nextAttempt();
    expect(wait).toBeGreaterThanOrEqual(Math.max(from, 51));
    expect(wait).toBeLessThanOrEqual(until);
    await refuses(EXIT.http, new RegExp(status));
  });

  const problem = (code: string, status = 403, type = 'application/problem+json'): Behaviour =>
    answering(
      JSON.stringify({ status, code, title: 'No', detail: 'The contract ended\u001b[31m on 1 May.' }),
      { 'content-type': type },
      status,
    );
  cases([
    [
      'is a refusal if it is a 403 with a known code',
      problem('contract-ended'),
      EXIT.refused,
      /refused \(contract-ended\): The contract ended/,
    ],
    ['is no refusal with a code that is not known', problem('payment-due'), EXIT.http, /403/],
    ['is no refusal with a code of another status', problem('contract-ended', 503), EXIT.http, /503/],
    ['is no refusal in plain JSON', problem('contract-ended', 403, 'application/json'), EXIT.http, /403/],
    [
      'is no refusal if it is the bare 403 of a gateway',
      answering('{"message":"Forbidden"}', { 'content-type': 'application/json' }, 403),
      EXIT.http,
      /403 Forbidden: Forbidden/,
    ],
    ['is no refusal if it is the page of a firewall', answering('<html>Blocked', {}, 403), EXIT.http, /403/],
    ['is the proxy if it wants a password', answering('', {}, 407), EXIT.proxy, /\(proxy\)/],
    ['is the service in trouble', problem('unavailable', 503), EXIT.http, /503/],
  ]);
});

describe('a file that is right', () => {
  it('is taken, and what it replaces is kept', async () => {
    const next = service.next();
    service.behave = answering(next, { 'renew-after': '80000' });
    const { out } = await accepts(next);
    expect(out).toMatch(/renewed, valid until 2026-12-29/);
  });

  it('is a success that changes nothing if it is the file that is here', async () => {
    service.behave = (response, request, presented) => answering(presented)(response, request, presented);
    const before = statSync(service.file);
    const ran = await service.renew();
    expect(ran).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('is here already') as string,
    });
    expect(service.onDisk()).toBe(old);
    expect(statSync(service.file).ino).toBe(before.ino);
    expect(service.names()).toEqual(['product.lic', 'product.lic.state.json']);
  });

  it('is taken and shown if it expires earlier than the old one, since contracts end', async () => {
    const next = service.next({ exp: NOW + 20 * DAY });
    service.behave = answering(next);
    const { out } = await accepts(next);
    expect(out).toContain('valid until 2026-12-14 12:00 UTC, earlier than before (2026-12-28 12:00 UTC)');
  });

  it.each([-400, -1, 1, 400])('is taken where the clock of this machine is off by %i days', async (days) => {
    service.now = NOW + days * DAY;
    const next = service.next();
    service.behave = answering(next);
    const ran = await service.renew();
    expect(service.onDisk()).toBe(`${next}\n`);
    expect((await service.renew()).code).toBe(ran.code);
    // By that clock the file has expired: the code says so, and the text names the clock.
    expect(ran.code).toBe(days === 400 ? EXIT.expired : EXIT.ok);
  });

  it('is taken where the service says another day in its Date than in its file', async () => {
    for (const days of [-1, 1]) {
      old = service.install();
      const next = service.next({ iat: NOW + days * 3600, exp: NOW + 34 * DAY });
      service.behave = answering(next, { date: new Date((NOW + days * DAY) * 1000).toUTCString() });
      await accepts(next);
    }
  });
});
