import type { LocalService } from '../../../local/service.ts';
import type { ApiClient, Caller } from '../api-client.ts';
import type { Versions } from '../example-requests.ts';
import { populate, unknown, type Named, type Populated } from '../population.ts';
import type { Random } from './random.ts';

/** As many of a kind as are remembered. */
const KEPT = 50;

type TokenKind = 'manager' | 'viewer' | 'foreign' | 'incomplete' | 'expired';
export type CallerKind = TokenKind | 'garbage' | 'anybody' | 'vendor';

/** What the requests can be about: two customers with all they have, and what answers have told. */
export class Pool {
  readonly #service: LocalService;
  readonly #client: ApiClient;
  #own: Populated | undefined;
  #foreign: Populated | undefined;
  #tokens: Readonly<Record<TokenKind, string>> | undefined;
  #files: string[] = [];
  #licenseIds: string[] = [];
  #cursors: string[] = [];
  #versions: Versions = {};
  #revision = 1;

  constructor(service: LocalService, client: ApiClient) {
    this.#service = service;
    this.#client = client;
  }

  /** Two new customers: those before have been taken apart by now. */
  async renew(): Promise<void> {
    this.#own = await populate(this.#service, this.#client, 'own');
    this.#foreign ??= await populate(this.#service, this.#client, 'foreign');
    this.#files = [...this.#own.files];
    this.#licenseIds = [...this.#own.licenseIds];
    this.#cursors = [];
    await this.refresh();
  }

  /** New tokens. */
  async refresh(): Promise<void> {
    const { own } = this;
    const now = Math.floor(this.#service.clock.now().getTime() / 1000);
    const token = async (customer: string, role: string, claims = {}): Promise<string> =>
      (await this.#service.token(customer, role, { email: own.email, claims })).access_token;
    this.#tokens = {
      manager: await token(own.customerId, 'manager'),
      viewer: await token(own.customerId, 'viewer'),
      foreign: await token(this.foreign.customerId, 'manager', { email: this.foreign.email }),
      incomplete: await token(own.customerId, 'nobody'),
      expired: await token(own.customerId, 'manager', { iat: now - 2000, exp: now - 1000 }),
    };
    await this.look();
  }

  /** Reads the versions that a change is decided on. */
  async look(): Promise<void> {
    const { own } = this;
    const manager: Caller = { token: this.#tokens?.manager ?? '' };
    const path = `/v1/customer/installations/${own.product}/${own.installation}/distribution`;
    const { body: distribution } = await this.#client.json('GET', path, manager);
    const { body: contacts } = await this.#client.json('GET', '/v1/customer/contacts', manager);
    this.#versions = { installation: distribution['version'] ?? 1, contacts: contacts['version'] };
  }

  get versions(): Versions {
    this.#revision += 1;
    return { ...this.#versions, revision: this.#revision };
  }

  get own(): Populated {
    if (!this.#own) throw new Error('The pool is empty');
    return this.#own;
  }

  get foreign(): Populated {
    if (!this.#foreign) throw new Error('The pool is empty');
    return this.#foreign;
  }

  named(kind: 'own' | 'foreign' | 'unknown', random: Random): Named {
    if (kind === 'unknown') return unknown();
    if (kind === 'foreign') return this.foreign;
    const licenseId = random.chance(0.7) ? this.own.licenseId : random.pick(this.#licenseIds);
    // Its first contract stays as it is: without it, most requests would be refused.
    const contractId = random.chance(0.3) ? this.own.contractId : `c-${random.between(1, 5)}`;
    return { ...this.own, contractId, licenseId, file: random.pick(this.#files) };
  }

  cursor(random: Random): string | undefined {
    return this.#cursors.length === 0 ? undefined : random.pick(this.#cursors);
  }

  caller(kind: CallerKind, random: Random): { caller: Caller; customerId?: string } {
    if (kind === 'vendor' || kind === 'anybody') return { caller: { as: kind } };
    if (kind === 'garbage') return { caller: { token: random.pick(['x', 'a.b.c', 'e30.e30.', 'null']) } };
    const token = this.#tokens?.[kind];
    if (token === undefined) throw new Error('The pool is empty');
    const { customerId } = kind === 'foreign' ? this.foreign : this.own;
    return { caller: { token }, customerId };
  }

  /** Learns from an answer to the own customer. */
  learn(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null) return;
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value === 'object') this.learn(value);
      if (typeof value !== 'string') continue;
      if (name === 'licenseId') this.#licenseIds = [...this.#licenseIds, value].slice(-KEPT);
      if (name === 'next') this.#cursors = [...this.#cursors, value].slice(-KEPT);
      if (name === 'file' || name === 'starter') this.#files = [...this.#files, value].slice(-KEPT);
    }
  }
}
