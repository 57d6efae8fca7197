import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import { decodeJwt, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll } from 'vitest';
import { KmsSigningKey } from '../../lambdas/adapters/kms-keys.ts';
import { compactOf, signingInputOf } from '../../lambdas/core/jws.ts';
import type { LicenseClaims } from '../../lambdas/core/license-file.ts';
import type { TokenOptions } from '../../local/oidc.ts';
import type { VendorAnswer } from '../../local/vendor-client.ts';
import { AwsProxy } from '../support/aws-proxy.ts';
import { startService, type TestService } from '../support/service.ts';
import { StoredItems, type Item } from './stored-items.ts';

export interface ProblemDocument {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Calls the customers' API as somebody of a customer; a text or bytes are sent as they are, anything else as JSON. */
export type CustomerClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<CustomerAnswer>;

export interface CustomerAnswer extends Answer {
  /** The JSON of the answer; undefined where it is none. */
  readonly body: unknown;
  readonly bytes: Buffer;
}

export interface IssuedLicense {
  readonly licenseId: string;
  readonly file: string;
}

export interface RenewalHeaders {
  readonly hostId?: string;
  readonly hostName?: string;
  /** Any others; a list sends the header several times. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

const DAY_MS = 86_400_000;
const TEST_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The running service with everything that a test asks of it, on its own data, at noon UTC. */
export class World {
  readonly proxy = new AwsProxy();
  /** What must never be in a log: files, host ids and names, as the tests sent and received them. */
  readonly confidential = new Set<string>();
  private running: TestService | undefined;
  private items: StoredItems | undefined;

  async open(): Promise<void> {
    this.running = await startService({ decorateEndpoints: this.proxy.decorateEndpoints });
    // Away from midnight: a day must not end in the middle of a test.
    const sinceNoon = (this.now().getTime() - DAY_MS / 2) % DAY_MS;
    await this.advance(DAY_MS - sinceNoon);
  }

  async close(): Promise<void> {
    this.items?.close();
    await this.running?.stop();
    await this.proxy.close();
  }

  /** What the functions printed. */
  get logs(): readonly string[] {
    return this.service.logs;
  }

  get service(): TestService {
    if (this.running === undefined) throw new Error('The service does not run');
    return this.running;
  }

  /** What the tables hold, behind the back of the functions. */
  get stored(): StoredItems {
    this.items ??= new StoredItems(this.service);
    return this.items;
  }

  now(): Date {
    return this.service.clock.now();
  }

  advance(milliseconds: number): Promise<void> {
    return this.service.clock.advance(milliseconds);
  }

  advanceDays(days: number): Promise<void> {
    return this.advance(days * DAY_MS);
  }

  /** The UTC day that is this many days away, `2026-11-24`. */
  day(offset = 0): string {
    return new Date(this.now().getTime() + offset * DAY_MS).toISOString().slice(0, 10);
  }

  /** A request as any client on the internet may send it. */
  send(
    method: string,
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string | string[]>> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(this.service.url + path, { method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', reject);
      // As bytes: Node would write the headers in the encoding of a text.
      outgoing.end(typeof body === 'string' ? Buffer.from(body) : body);
    });
  }

  /** Renews as a host does. */
  async renew(file: string | Buffer, { hostId, hostName, headers }: RenewalHeaders = {}): Promise<Answer> {
    for (const text of [hostId, hostName]) if (text) this.confidential.add(text);
    const answer = await this.send('POST', '/v1/licenses/renew', file, {
      'content-type': 'application/jwt',
      ...(hostId === undefined ? {} : { 'host-id': hostId }),
      ...(hostName === undefined ? {} : { 'host-name': hostName }),
      ...headers,
    });
    if (answer.status === 200) this.confidential.add(answer.text);
    return answer;
  }

  /** Renews and expects the successor. */
  async renewed(file: string, headers: RenewalHeaders = {}): Promise<string> {
    const answer = await this.renew(file, headers);
    if (answer.status !== 200) throw new Error(`Not renewed: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  /** The published keys. */
  async publishedKeys(): Promise<JSONWebKeySet> {
    const { text } = await this.send('GET', '/.well-known/jwks.json', '');
    return JSON.parse(text) as JSONWebKeySet;
  }

  /** A JWS over any header and payload that the service's own key has really signed, behind the back of the functions. */
  async signedByTheService(header: string, payload: string): Promise<string> {
    const { endpoints, region, functions } = this.service;
    const keyId = functions.find(({ name }) => name === 'renew')?.environment['SIGNING_KEY_ID'] ?? '';
    const client = new KMSClient({ endpoint: endpoints.kms, region, credentials: TEST_CREDENTIALS });
    const signature = await new KmsSigningKey(client, keyId).sign(signingInputOf(header, payload));
    client.destroy();
    return compactOf(header, payload, signature);
  }

  /** A request of the vendor's own systems. */
  vendor(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<VendorAnswer> {
    return this.service.vendor(method, path, body, headers);
  }

  /** Somebody of a customer, with a new token for each request: tests move the clock by days. */
  asCustomer(customerId: string, role: 'viewer' | 'manager', options: TokenOptions = {}): CustomerClient {
    return async (method, path, body, headers = {}) => {
      const { access_token: token } = await this.service.token(customerId, role, options);
      const isSentAsItIs = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(this.service.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: isSentAsItIs ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const text = bytes.toString();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text,
        bytes,
        body: isJson ? (JSON.parse(text) as unknown) : undefined,
      };
    };
  }

  /** A new customer without contracts; answers its id. */
  async customer(name = 'Acme Print'): Promise<string> {
    const customerId = `c${randomBytes(6).toString('hex')}`;
    await this.accepted('PUT', `/v1/customers/${customerId}`, { name, contacts: [] });
    return customerId;
  }

  /** A contract over two years of eight render engines for three hosts, unless given otherwise. */
  contract(given: Item = {}): Item {
    return {
      revision: 1,
      product: 'ES',
      kind: 'subscription',
      status: 'active',
      timeZone: 'UTC',
      startsOn: this.day(-30),
      endsOn: this.day(700),
      hosts: 3,
      lines: [{ id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 }],
      ...given,
    };
  }

  async order(customerId: string, contractId: string, given: Item = {}): Promise<void> {
    await this.accepted('PUT', `/v1/customers/${customerId}/contracts/${contractId}`, this.contract(given));
  }

  /** A license for a host of a customer, or with a starter file where there is none. */
  async issue(customerId: string, host?: { id: string; name?: string }): Promise<IssuedLicense> {
    if (host) this.confidential.add(host.id);
    if (host?.name) this.confidential.add(host.name);
    const order = { product: 'ES', ...(host ? { host } : {}) };
    const issued = (await this.accepted(
      'POST',
      `/v1/customers/${customerId}/licenses`,
      order,
    )) as IssuedLicense;
    this.confidential.add(issued.file);
    return issued;
  }

  /** A license of a customer of its own, on a host of its own. */
  async licensedHost(given: Item = {}): Promise<IssuedLicense & { customerId: string; hostId: string }> {
    const customerId = await this.customer();
    await this.order(customerId, 'c-1', given);
    const hostId = aHostId();
    return {
      customerId,
      hostId,
      ...(await this.issue(customerId, { id: hostId, name: `rip-of-${hostId}` })),
    };
  }

  /** A starter file of a customer of its own. */
  async starter(given: Item = {}): Promise<IssuedLicense & { customerId: string }> {
    const customerId = await this.customer();
    await this.order(customerId, 'c-1', given);
    return { customerId, ...(await this.issue(customerId)) };
  }

  revoke(licenseId: string): Promise<unknown> {
    return this.accepted('POST', `/v1/licenses/${licenseId}/revoke`, { reason: 'returned' });
  }

  reinstate(licenseId: string): Promise<unknown> {
    return this.accepted('POST', `/v1/licenses/${licenseId}/reinstate`, { reason: 'a mistake' });
  }

  async accepted(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<unknown> {
    const { status, body: answer } = await this.vendor(method, path, body, headers);
    if (status !== 200 && status !== 201)
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }
}

/** A running service for the tests of one file. */
export function useWorld(): World {
  const world = new World();
  beforeAll(() => world.open());
  afterAll(() => world.close());
  return world;
}

export const claimsIn = (file: string): LicenseClaims => decodeJwt<LicenseClaims>(file);

export const aHostId = (): string => `HOST-${randomBytes(8).toString('hex')}`;
