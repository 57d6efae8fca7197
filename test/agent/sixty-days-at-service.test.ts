import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, isoOf, MINUTE, type Clock, type Instant } from '../../agent/src/clock.ts';
import { createRenewer, type RenewalReport } from '../../agent/src/renewer.ts';
import { AtService } from './at-service.ts';
import { randomOf } from './loop/builders.ts';
import { bodyOf } from './net/servers.ts';

const at = new AtService();

/** The loop of the watch, and that of the one file. */
const LOOPS = 2;
/** The machine wakes up this often; the loops ask for a minute, and have to bear that they are woken late. */
const NAP = 10 * MINUTE;

/** Time stands while anything is done, and goes on when both loops of the agent wait. */
class SteppingClock implements Clock {
  #now: Instant;
  readonly #until: Instant;
  readonly #each: (now: Instant) => Promise<void>;
  readonly #waiting = new Set<{ readonly at: Instant; readonly wake: () => void }>();
  #end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.#end = resolve));

  /** @param each looks at the host every hour */
  constructor(start: Instant, seconds: number, each: (now: Instant) => Promise<void>) {
    this.#now = start;
    this.#until = start + seconds;
    this.#each = each;
  }

  now(): Instant {
    return this.#now;
  }

  wait(seconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const one = {
        at: this.#now + Math.max(seconds, NAP),
        wake: (): void => {
          this.#waiting.delete(one);
          signal?.removeEventListener('abort', one.wake);
          resolve();
        },
      };
      signal?.addEventListener('abort', one.wake);
      this.#waiting.add(one);
      if (this.#waiting.size === LOOPS) setImmediate(() => void this.#step());
    });
  }

  async #step(): Promise<void> {
    const next = Math.min(...[...this.#waiting].map(({ at }) => at));
    for (let hour = this.#now - (this.#now % HOUR) + HOUR; hour <= next; hour += HOUR) await this.#each(hour);
    this.#now = next;
    if (next >= this.#until) {
      this.#end();
      return;
    }
    for (const one of [...this.#waiting]) if (one.at <= next) one.wake();
  }
}

interface Outage {
  readonly from: Instant;
  readonly until: Instant;
}

/** Outages of up to 20 days, with one to seven days between them. */
function outagesOf(seed: number, start: Instant): Outage[] {
  const random = randomOf(seed);
  const outages: Outage[] = [];
  for (let now = start; now < start + 60 * DAY;) {
    const from = now + DAY + Math.floor(6 * DAY * random());
    const until = from + Math.floor(20 * DAY * random());
    outages.push({ from, until });
    now = until;
  }
  return outages;
}

interface Watched {
  /** Requests that reached the service, and those that fell into an outage. */
  readonly served: readonly Instant[];
  readonly lost: readonly Instant[];
  readonly attempts: readonly RenewalReport[];
  readonly looks: number;
  /** Hours at which the file on disk was not a valid license of this host. */
  readonly lapses: readonly string[];
}

const isIn = (outages: readonly Outage[], now: Instant): boolean =>
  outages.some(({ from, until }) => from <= now && now < until);

/** Lets the agent watch the file for so many days; the way to the service is there but in the outages. */
async function watchFor(
  days: number,
  outages: readonly Outage[],
  seed: number,
  each: (now: Instant) => Promise<void> = () => Promise.resolve(),
): Promise<Watched> {
  const served: Instant[] = [];
  const lost: Instant[] = [];
  const lapses: string[] = [];
  const attempts: RenewalReport[] = [];
  const keys = createLocalJWKSet(JSON.parse(readFileSync(at.keys, 'utf8')) as JSONWebKeySet);
  let looks = 0;
  // As a product does, by another library call than the agent's.
  const look = async (now: Instant): Promise<void> => {
    looks += 1;
    const text = readFileSync(at.file, 'utf8').trim();
    try {
      const currentDate = new Date(now * 1000);
      const { payload } = await jwtVerify<{ host?: { id: string } }>(text, keys, { currentDate });
      if (payload.host?.id !== 'H-1') throw new Error('another host');
    } catch (error) {
      lapses.push(`${isoOf(now)}: ${String(error)}`);
    }
    await each(now);
  };
  const clock = new SteppingClock(at.clock.now(), days * DAY, look);
  const way = createServer((request, response) => {
    const now = clock.now();
    if (isIn(outages, now)) {
      lost.push(now);
      request.socket.destroy();
      return;
    }
    served.push(now);
    const forward = async (): Promise<void> => {
      const body = await bodyOf(request);
      await at.service.clock.moveTo(now * 1000);
      const answer = await at.service.renew(body);
      const headers = [...answer.headers].filter(([name]) => !/^(connection|content-length)$/.test(name));
      response.writeHead(answer.status, Object.fromEntries(headers)).end(await answer.text());
    };
    forward().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = way.address() as AddressInfo;
  const renewer = createRenewer({
    files: [at.file],
    keySet: at.keys,
    url: `http://127.0.0.1:${port}/v1/licenses/renew`,
    environment: {},
    clock,
    random: randomOf(seed),
  });
  renewer.on('attempt', (report) => attempts.push(report));
  renewer.start();
  await clock.ended;
  await renewer.close();
  await new Promise((resolve) => way.close(resolve));
  await at.service.clock.moveTo(clock.now() * 1000);
  return { served, lost, attempts, looks, lapses };
}

const contract = (revision: number, endsAt: Instant) => ({
  revision,
  product: 'ES',
  installation: 'main',
  reference: 'PO 4711',
  kind: 'subscription',
  status: 'active',
  timeZone: 'Europe/Berlin',
  startsOn: '2020-01-01',
  endsOn: isoOf(endsAt).slice(0, 10),
  graceDays: 0,
  hosts: 3,
  lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 }],
});

async function order(revision: number, endsAt: Instant): Promise<void> {
  const path = '/v1/customers/acme/contracts/c-1001';
  const { status } = await at.service.vendor('PUT', path, contract(revision, endsAt));
  expect(status).toBeLessThan(300);
}

const claims = () =>
  decodeJwt<{ seq: number; entitledUntil: Instant; exp: Instant; iat: Instant }>(
    readFileSync(at.file, 'utf8').trim(),
  );

describe('60 days at the running service', () => {
  beforeAll(async () => {
    await at.open();
    await order(2, at.clock.now() + 1000 * DAY);
    writeFileSync(at.file, at.sample('host-1'));
  });
  afterAll(() => at.close());
  // Every host is a new one for the agent, with the newest file.
  beforeEach(async () => {
    writeFileSync(at.file, await (await at.service.renew(readFileSync(at.file, 'utf8'))).text());
  });
  afterEach(() => rmSync(`${at.file}.state.json`, { force: true }));

  it('cost at most 1.25 requests a day while all is well, and each brings a new file', async () => {
    const { seq } = claims();
    const { served, lost, attempts, looks, lapses } = await watchFor(60, [], 1);
    expect([lapses, lost]).toEqual([[], []]);
    expect(looks).toBeGreaterThanOrEqual(60 * 24);
    expect(served.length).toBeGreaterThanOrEqual(60);
    expect(served.length).toBeLessThanOrEqual(1.25 * 60);
    expect(attempts.every(({ attempt }) => attempt.kind === 'renewed')).toBe(true);
    expect(claims().seq).toBeGreaterThanOrEqual(seq + 60);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'never leave a host without a valid license, whatever the outages (%i)',
    async (seed) => {
      const start = at.clock.now();
      const outages = outagesOf(seed, start);
      const { served, lost, looks, lapses } = await watchFor(60, outages, seed);
      expect(lapses).toEqual([]);
      expect(looks).toBeGreaterThanOrEqual(60 * 24);
      expect(lost.length).toBeGreaterThan(0);
      const end = start + 60 * DAY;
      const out = outages.reduce((sum, { from, until }) => sum + Math.max(0, Math.min(until, end) - from), 0);
      // One for each outage is the one that ends it.
      expect(served.length).toBeLessThanOrEqual(1.25 * ((60 * DAY - out) / DAY) + outages.length);
    },
  );

  it('survive an outage of 20 days, with 4 requests on its first day and then one or two a day', async () => {
    const start = at.clock.now();
    const outage = { from: start + 10 * DAY, until: start + 30 * DAY };
    const { lost, lapses } = await watchFor(35, [outage], 4);
    expect(lapses).toEqual([]);
    expect(lost.length).toBeLessThan(30);
  });

  it('bring an extension of the contract into the file within a day', async () => {
    const start = at.clock.now();
    await order(3, start + 20 * DAY);
    let isExtended = false;
    const { attempts, lapses } = await watchFor(30, [], 5, async (now) => {
      if (isExtended || now < start + 15 * DAY) return;
      isExtended = true;
      expect(claims().exp).toBeLessThan(start + 21 * DAY);
      await order(4, start + 200 * DAY);
    });
    expect(lapses).toEqual([]);
    const late = attempts.find(({ state }) => (state.lastAttemptAt ?? 0) > start + 14 * DAY);
    expect(late?.warning).toMatchObject({ kind: 'contract-ends' });
    const extended = attempts.find(({ file }) => (file?.claims.entitledUntil ?? 0) > start + 199 * DAY);
    expect(extended?.state.lastAttemptAt).toBeLessThan(start + 16 * DAY + HOUR);
    expect(extended?.warning).toBeUndefined();
    expect(claims().exp).toBe(claims().iat + 35 * DAY);
  });

  it('heal by themselves where a contract has ended and is extended late', async () => {
    const start = at.clock.now();
    await order(5, start + 4 * DAY);
    let isExtended = false;
    const { attempts, lapses } = await watchFor(20, [], 6, async (now) => {
      if (isExtended || now < start + 12 * DAY) return;
      isExtended = true;
      await order(6, start + 200 * DAY);
    });
    const kinds = attempts.map(({ attempt }) => (attempt.kind === 'refused' ? attempt.code : attempt.kind));
    expect(new Set(kinds)).toEqual(new Set(['renewed', 'contract-ended']));
    expect(kinds.at(-1)).toBe('renewed');
    // The contract ended on the evening of day 4, and was ordered again on day 12.
    expect(lapses.length).toBeGreaterThan(6 * 24);
    expect(lapses.length).toBeLessThan(10 * 24);
  });
});
