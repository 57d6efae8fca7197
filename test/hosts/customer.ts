import type { LicenseClaims } from '../../lambdas/core/license-file.ts';
import { termsIn } from '../../lambdas/core/terms.ts';
import { aHostId, claimsIn, type Answer, type World } from '../integration/world.ts';

export interface LicenseView {
  readonly licenseId: string;
  readonly host?: { readonly id: string; readonly name?: string };
  readonly site?: string;
  readonly retiresAt?: string;
  readonly expiresAt?: string;
  readonly transfer?: { readonly kind: string; readonly to: object; readonly hasStarter: boolean };
  readonly transfers: { readonly used: number; readonly allowed: number };
}

export interface TransferItem {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly licenseId: string;
  readonly completedAt?: string;
  readonly cancelledAt?: string;
  readonly lapsesAt?: string;
  readonly from?: object;
  readonly to: object;
  readonly terms?: object;
  readonly by: { readonly subject: string; readonly email?: string };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

const { version, hash } = termsIn('en');
export const ACCEPTED = { terms: { version, hash }, accept: true };

/** Status and code, all that a program decides on; or the status alone. */
export function outcomeOf({ status, text }: Pick<Reply, 'status' | 'text'>): string {
  const code = status >= 400 ? (JSON.parse(text) as { code?: string }).code : undefined;
  return code === undefined ? String(status) : `${status} ${code}`;
}

export const codeOf = ({ status, text }: Answer): string => outcomeOf({ status, text });

/** A customer of its own, and its people as the portal calls for them. */
export class Customer {
  readonly customerId: string;
  readonly manager: ReturnType<World['asCustomer']>;
  readonly viewer: ReturnType<World['asCustomer']>;
  private readonly world: World;

  constructor(world: World, customerId: string) {
    this.world = world;
    this.customerId = customerId;
    this.manager = world.asCustomer(customerId, 'manager');
    this.viewer = world.asCustomer(customerId, 'viewer');
  }

  static async with(world: World, contract: Record<string, unknown> = {}): Promise<Customer> {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', contract);
    return new Customer(world, customerId);
  }

  /** A licensed host. */
  async host(): Promise<{ licenseId: string; hostId: string; file: string }> {
    const hostId = aHostId();
    return { hostId, ...(await this.world.issue(this.customerId, { id: hostId, name: `rip-of-${hostId}` })) };
  }

  on(licenseId: string, action: string, body: unknown = {}) {
    return this.manager('POST', `/v1/customer/licenses/${licenseId}/${action}`, body);
  }

  declareHost(body: object, key?: string) {
    return this.manager(
      'POST',
      '/v1/customer/hosts',
      { product: 'ES', ...body },
      key === undefined ? {} : { 'idempotency-key': key },
    );
  }

  /** Declares a transfer by id and answers the id of the new host. */
  async declared(licenseId: string, hostId = aHostId()): Promise<string> {
    const answer = await this.on(licenseId, 'transfer', { host: { id: hostId, name: 'new' }, ...ACCEPTED });
    if (answer.status !== 201) throw new Error(`Not declared: ${answer.status} ${answer.text}`);
    return hostId;
  }

  /** Moves a license to another host, which takes it over; answers the host and its file. */
  async moved(licenseId: string, file: string): Promise<{ hostId: string; file: string }> {
    const hostId = await this.declared(licenseId);
    return { hostId, file: await this.world.renewed(file, { hostId }) };
  }

  async transfers(query = ''): Promise<{ items: TransferItem[]; next?: string }> {
    const answer = await this.viewer('GET', `/v1/customer/transfers${query}`);
    if (answer.status !== 200) throw new Error(`No list: ${answer.status} ${answer.text}`);
    return answer.body as { items: TransferItem[]; next?: string };
  }
}

/** What a host may use of an option at an instant, by the file that it holds. */
const shareIn = ({ options }: LicenseClaims, option: string, instant: number): number =>
  options
    .filter((window) => window.option === option && window.from <= instant && instant < window.until)
    .reduce((sum, { quantity }) => sum + quantity, 0);

export const shareOf = (file: string, instant: number): number =>
  shareIn(claimsIn(file), 'render-engine', instant);

export const licenseIn = ({ body }: Reply): LicenseView =>
  (body as { license?: LicenseView }).license ?? (body as LicenseView);

export const membersOf = ({ body }: Reply): Record<string, unknown> => body as Record<string, unknown>;
