import * as z from 'zod/mini';
import { parseBody } from '../body.ts';
import { idField } from '../fields.ts';
import { isoOf, type Instant } from '../instant.ts';
import { issueLicense, type IssuedLicense, type IssueLicenseDependencies } from '../issue-license.ts';
import { licenseOrder, type LicenseOrder } from '../license-order.ts';
import type { License } from '../license.ts';
import type { Caller } from '../renewal-record.ts';
import type { Person, TransferStore } from '../transfers/transfer-record.ts';
import { namedHost, namedHostField, siteField } from './host-fields.ts';
import { ownLicense } from './own-license.ts';

export const hostOrderSchema = z.strictObject(
  {
    product: idField,
    installation: z.optional(idField),
    host: z.optional(namedHostField),
    site: z.optional(siteField),
  },
  'must name a product and a host',
);

/**
 * A customer's order for a license. A name without an id cannot be bound; it is kept as the site until somebody says better.
 * @throws {Problem} `body-invalid`
 */
export function parseHostOrder(
  customerId: string,
  body: unknown,
  idempotencyKey: string | undefined,
  transferLimit: number,
): LicenseOrder {
  const { product, installation, host = {}, site } = parseBody(hostOrderSchema, body);
  const { id, name } = namedHost(host);
  const order = licenseOrder(
    customerId,
    { product, installation, host: id === undefined ? undefined : { id, name } },
    idempotencyKey,
  );
  const label = site ?? (id === undefined ? name?.slice(0, 100) : undefined);
  return { ...order, transferLimit, ...(label === undefined ? {} : { site: label }) };
}

export interface DeclareHostDependencies extends IssueLicenseDependencies {
  readonly transfers: Pick<TransferStore, 'put'>;
}

/**
 * Issues a license to a host of the customer. Where it takes the place of a retired one, that is recorded like a transfer; the
 * record is named by the license, so that a retry writes it once.
 * @throws {Problem} as `issueLicense`
 */
export async function declareHost(
  dependencies: DeclareHostDependencies,
  order: LicenseOrder,
  caller: Caller,
  person: Person,
  now: Instant,
): Promise<IssuedLicense & { readonly license: License }> {
  const issued = await issueLicense(dependencies, order, caller, now);
  const license = await ownLicense(dependencies.store, order.customerId, issued.licenseId);
  if (issued.replaces !== undefined) {
    const { customerId, product, installation, licenseId, createdAt, host } = license;
    await dependencies.transfers.put({
      customerId,
      id: `${isoOf(createdAt)}#${licenseId}`,
      kind: 'replacement',
      licenseId,
      product,
      installation,
      replaces: issued.replaces,
      to: host ?? {},
      by: person,
      declaredAt: createdAt,
      completedAt: createdAt,
    });
  }
  return { ...issued, license };
}
