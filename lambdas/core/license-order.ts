import * as z from 'zod/mini';
import { parseBody } from './body.ts';
import { DEFAULT_INSTALLATION, idField, lineField, wholeNumberField } from './fields.ts';
import { displayName, isHostId } from './host.ts';
import { fingerprintOf, licenseIdOfKey } from './license-id.ts';
import type { Instant } from './instant.ts';
import type { InstallationKey, LicenseEntry } from './installation.ts';
import type { Host } from './license.ts';

const HOST_ID_MESSAGE = 'must be 1 to 128 visible ASCII characters';
const HOST_NAME_MESSAGE = 'must be at most 255 characters';

export const hostIdField = z
  .string(HOST_ID_MESSAGE)
  .check(z.refine(isHostId, HOST_ID_MESSAGE), z.meta({ pattern: '^[\\x21-\\x7e]{1,128}$' }));

export const orderSchema = z.strictObject(
  {
    product: idField,
    installation: z.optional(idField),
    host: z.optional(
      z.strictObject(
        {
          id: hostIdField,
          name: z.optional(z.string(HOST_NAME_MESSAGE).check(z.maxLength(255, HOST_NAME_MESSAGE))),
        },
        'must be a host, such as {"id": "H-1", "name": "rip-01"}',
      ),
    ),
  },
  'must be an order for a license',
);

/** An order for one license; without a host it is answered with a starter file. */
export interface LicenseOrder extends InstallationKey {
  readonly host?: Host;
  readonly idempotency?: Idempotency;
  /** The customer's own word for where the host stands. */
  readonly site?: string;
  /**
   * Transfers of a license within 365 days: taking the place of a retired host counts as one.
   * @default - as many as it takes: the vendor orders
   */
  readonly transferLimit?: number;
}

/** What makes the retry of a request find the license of its first try. */
interface Idempotency {
  readonly licenseId: string;
  /** Fingerprint of the order; another order under the same key is refused. */
  readonly requestHash: string;
}

/** @throws {Problem} `body-invalid` */
export function parseLicenseOrder(
  customerId: string,
  body: unknown,
  idempotencyKey: string | undefined,
): LicenseOrder {
  return licenseOrder(customerId, parseBody(orderSchema, body), idempotencyKey);
}

/** An order whose parts were checked before. */
export function licenseOrder(
  customerId: string,
  {
    product,
    installation = DEFAULT_INSTALLATION,
    host,
  }: {
    readonly product: string;
    readonly installation?: string | undefined;
    readonly host?: { readonly id: string; readonly name?: string | undefined } | undefined;
  },
  idempotencyKey: string | undefined,
): LicenseOrder {
  const name = displayName(host?.name);
  const order: LicenseOrder = {
    customerId,
    product,
    installation,
    ...(host ? { host: { id: host.id, ...(name === undefined ? {} : { name }) } } : {}),
  };
  if (idempotencyKey === undefined) return order;
  const requestHash = fingerprintOf([customerId, product, installation, host?.id, name]);
  return { ...order, idempotency: { licenseId: licenseIdOfKey(customerId, idempotencyKey), requestHash } };
}

/** The license that an order already has: that of its host, unless it was retired, or that of its first try. */
export const entryOf = (
  order: LicenseOrder,
  licenses: readonly LicenseEntry[],
  now: Instant,
): LicenseEntry | undefined =>
  (order.host &&
    licenses.find(
      ({ hostId, retiresAt }) => hostId === order.host?.id && (retiresAt === undefined || now < retiresAt),
    )) ??
  licenses.find(({ id }) => id === order.idempotency?.licenseId);

export const reasonSchema = z.strictObject(
  { reason: lineField(200) },
  'must be a reason, such as {"reason": "host was stolen"}',
);

export const allowanceSchema = z.strictObject(
  { extra: wholeNumberField(1, 100), reason: lineField(200) },
  'must be an allowance, such as {"extra": 2, "reason": "two hosts failed"}',
);

/** @throws {Problem} `body-invalid` */
export const parseAllowance = (body: unknown): z.output<typeof allowanceSchema> =>
  parseBody(allowanceSchema, body);

/** @throws {Problem} `body-invalid` */
export const parseReason = (body: unknown): string => parseBody(reasonSchema, body).reason;
