import * as z from 'zod/mini';
import { parseBody } from './body.ts';
import { DEFAULT_INSTALLATION, idField, lineField } from './fields.ts';
import { displayName, isHostId } from './host.ts';
import { fingerprintOf, licenseIdOfKey } from './license-id.ts';
import type { InstallationKey, LicenseEntry } from './installation.ts';
import type { Host } from './license.ts';

const HOST_ID_MESSAGE = 'must be 1 to 128 visible ASCII characters';
const HOST_NAME_MESSAGE = 'must be at most 255 characters';

const orderSchema = z.strictObject(
  {
    product: idField,
    installation: z.optional(idField),
    host: z.optional(
      z.strictObject(
        {
          id: z.string(HOST_ID_MESSAGE).check(z.refine(isHostId, HOST_ID_MESSAGE)),
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
  const { product, installation = DEFAULT_INSTALLATION, host } = parseBody(orderSchema, body);
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

/** The license that an order already has: that of its host, or that of its first try. */
export const entryOf = (order: LicenseOrder, licenses: readonly LicenseEntry[]): LicenseEntry | undefined =>
  (order.host && licenses.find(({ hostId }) => hostId === order.host?.id)) ??
  licenses.find(({ id }) => id === order.idempotency?.licenseId);

const reasonSchema = z.strictObject(
  { reason: lineField(200) },
  'must be a reason, such as {"reason": "host was stolen"}',
);

/** @throws {Problem} `body-invalid` */
export const parseReason = (body: unknown): string => parseBody(reasonSchema, body).reason;
