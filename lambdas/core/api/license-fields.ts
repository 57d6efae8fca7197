import * as z from 'zod/mini';
import { idField } from '../fields.ts';
import { hostIdField } from '../license-order.ts';
import { instantField } from './common.ts';

/** The host of a license. */
export const licensedHostSchema = z.object({ id: hostIdField, name: z.optional(z.string()) });

/** What every answer about a license says of it. */
export const licenseFields = {
  licenseId: idField,
  host: z.optional(licensedHostSchema),
  /** Where the customer says that the host stands. */
  site: z.optional(z.string()),
  /** An unbound license can be bound until then. */
  lapsesAt: z.optional(instantField),
  retiresAt: z.optional(instantField),
};

/** Where a license is about to go: a starter file has no host id yet. */
export const transferHostSchema = z.object({ id: z.optional(hostIdField), name: z.optional(z.string()) });

/** Where there is more to say than how an installation is spread: to which it belongs, and what becomes of it. */
export const wholeLicenseFields = {
  ...licenseFields,
  product: idField,
  installation: idField,
  state: z.enum(['active', 'revoked']),
  /** Of the current file. */
  expiresAt: z.optional(instantField),
  transfer: z.optional(
    z.object({
      kind: z.enum(['transfer', 'repair']),
      to: transferHostSchema,
      declaredAt: z.optional(instantField),
      /** Whether a starter file is there to be installed on the new host. */
      hasStarter: z.boolean(),
    }),
  ),
};
