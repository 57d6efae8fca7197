import * as z from 'zod/mini';
import { idField } from '../fields.ts';
import { siteField } from '../hosts/host-fields.ts';
import { hostOrderSchema } from '../hosts/declare-host.ts';
import { retirementSchema } from '../hosts/retire-license.ts';
import { repairSchema, transferSchema } from '../transfers/declare-transfer.ts';
import { fileField, idempotencyKey, instantField, licenseIdParameter } from './common.ts';
import { EXAMPLE_FILE, EXAMPLE_LICENSE_ID, EXAMPLE_STARTER_FILE } from './examples.ts';
import { transferHostSchema, wholeLicenseFields } from './license-fields.ts';
import type { Content, Operation } from './operation.ts';
import { limitParameters, pageSchema } from './paging.ts';

const HASH = '4f0c0c5f6a1d0e2b9c8a7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f60';

const termsSchema = z.object({ version: z.string(), hash: z.string() });

/** How often a license was moved within 365 days, and how often it may be. */
const transferCountSchema = z.object({ used: z.int(), allowed: z.int() });

const ownLicenseSchema = z.object({ ...wholeLicenseFields, transfers: transferCountSchema });

const overlapSchema = z.object({ until: instantField });

const LICENSE = {
  licenseId: EXAMPLE_LICENSE_ID,
  product: 'ES',
  installation: 'main',
  state: 'active',
  host: { id: 'H-1', name: 'rip-01' },
  site: 'Hall 2',
  expiresAt: '2026-04-06T06:12:44Z',
  transfers: { used: 1, allowed: 4 },
};

const license: Content = { schema: ownLicenseSchema, example: LICENSE };

const declaredHost: Content = {
  schema: z.object({
    license: ownLicenseSchema,
    file: fileField,
    kind: z.enum(['license', 'starter']),
    replaces: z.optional(idField),
  }),
  example: { license: LICENSE, file: EXAMPLE_FILE, kind: 'license' },
};

const retirement: Content = {
  schema: z.object({
    license: ownLicenseSchema,
    retiresAt: instantField,
    overlap: z.optional(overlapSchema),
  }),
  example: {
    license: { ...LICENSE, retiresAt: '2026-03-03T08:00:00Z' },
    retiresAt: '2026-03-03T08:00:00Z',
    overlap: { until: '2026-04-06T06:12:44Z' },
  },
};

const declaredTransfer: Content = {
  schema: z.object({
    license: ownLicenseSchema,
    id: z.string(),
    starter: z.optional(fileField),
    overlap: z.optional(overlapSchema),
  }),
  example: {
    license: {
      ...LICENSE,
      transfer: {
        kind: 'transfer',
        to: { name: 'rip-02' },
        declaredAt: '2026-03-02T08:00:00Z',
        hasStarter: true,
      },
    },
    id: '2026-03-02T08:00:00Z#Zm9v',
    starter: EXAMPLE_STARTER_FILE,
    overlap: { until: '2026-04-06T06:12:44Z' },
  },
};

const transferItem = z.object({
  id: z.string(),
  kind: z.enum(['transfer', 'repair', 'replacement']),
  status: z.enum(['pending', 'completed', 'cancelled']),
  licenseId: idField,
  product: idField,
  installation: idField,
  from: z.optional(transferHostSchema),
  to: transferHostSchema,
  replaces: z.optional(idField),
  terms: z.optional(termsSchema),
  by: z.object({ subject: z.string(), email: z.optional(z.string()) }),
  declaredAt: instantField,
  /** When the starter file of a pending transfer stops letting a host in. */
  lapsesAt: z.optional(instantField),
  completedAt: z.optional(instantField),
  cancelledAt: z.optional(instantField),
});

const path = '/v1/customer/licenses/{licenseId}';
const common = {
  audience: 'customer',
  role: 'manager',
  tag: 'Hosts',
} as const;
const ofLicense = { ...common, pathParameters: { licenseId: licenseIdParameter } } as const;

/** Who the customer's hosts are: declared, named, retired, moved. */
export const hostsOperations = [
  {
    ...common,
    id: 'declareHost',
    method: 'POST',
    path: '/v1/customer/hosts',
    summary: 'Declare a host',
    description:
      'With the id of a host, its license file; without one, a starter file that the first renewal with a `Host-Id` binds. The same host again is answered with the license that it has. Taking the place of a host that was retired within 365 days counts as a transfer of its license.',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      schema: hostOrderSchema,
      example: { product: 'ES', installation: 'main', host: { id: 'H-1', name: 'rip-01' }, site: 'Hall 2' },
    },
    answers: {
      200: { description: 'The license that was there before', content: declaredHost },
      201: { description: 'A new license', content: declaredHost },
    },
    problems: [
      'body-invalid',
      'body-too-large',
      'installation-not-found',
      'not-entitled',
      'host-limit',
      'transfer-limit',
      'idempotency-key-reused',
      'license-revoked',
      'license-retired',
      'starter-lapsed',
    ],
    conflicts: ['host-limit', 'license-retired'],
  },
  {
    ...ofLicense,
    id: 'setSite',
    method: 'PUT',
    path: `${path}/site`,
    summary: 'Say where a host stands',
    description: 'The customer’s own word, for display; null removes it.',
    body: {
      schema: z.strictObject({ site: z.nullable(siteField) }),
      example: { site: 'Hall 2' },
    },
    answers: {
      200: {
        description: 'Written',
        content: {
          schema: z.object({ site: z.nullable(z.string()) }),
          example: { site: 'Hall 2' },
        },
      },
    },
    problems: ['body-invalid', 'body-too-large', 'license-not-found'],
  },
  {
    ...ofLicense,
    id: 'retireLicense',
    method: 'POST',
    path: `${path}/retire`,
    summary: 'Retire a license',
    description:
      'From the instant on it renews no more, its share goes to the other hosts and its place is free. By default once every online host knows: in 25 hours, or after one interval and an hour if that is longer.',
    body: { schema: retirementSchema, example: { effective: 'default' } },
    answers: {
      200: {
        description:
          '`overlap` where the file on the host outlives the retirement: until the host renews, it knows nothing of it.',
        content: retirement,
      },
    },
    problems: [
      'body-invalid',
      'body-too-large',
      'license-not-found',
      'transfer-pending',
      'installation-not-found',
    ],
  },
  {
    ...ofLicense,
    id: 'cancelRetirement',
    method: 'POST',
    path: `${path}/retire/cancel`,
    summary: 'Take a retirement back, before it is in force',
    answers: { 200: { description: 'The license as it is now', content: license } },
    problems: ['license-not-found', 'license-retired', 'installation-not-found'],
    conflicts: ['license-retired'],
  },
  {
    ...ofLicense,
    id: 'declareTransfer',
    method: 'POST',
    path: `${path}/transfer`,
    summary: 'Move a license to another host',
    description:
      'Names the new host by its id, or by a name alone: then the answer has a starter file to install there. The old host goes on until the new one renews for the first time. The same declaration again is answered with the pending transfer, or takes its place where its starter file has lapsed.',
    body: {
      schema: transferSchema,
      example: { host: { name: 'rip-02' }, terms: { version: '2026-11', hash: HASH }, accept: true },
    },
    answers: {
      200: { description: 'The transfer that is pending already', content: declaredTransfer },
      201: { description: 'Declared', content: declaredTransfer },
    },
    problems: [
      'body-invalid',
      'body-too-large',
      'license-not-found',
      'installation-not-found',
      'terms-outdated',
      'transfer-pending',
      'transfer-limit',
      'license-revoked',
      'license-retired',
      'license-unbound',
      'host-known',
    ],
    conflicts: ['license-revoked', 'license-retired', 'host-known'],
  },
  {
    ...ofLicense,
    id: 'cancelTransfer',
    method: 'POST',
    path: `${path}/transfer/cancel`,
    summary: 'Take a pending transfer back',
    description: 'A take-over that came first wins: then no transfer is pending any more.',
    answers: { 200: { description: 'The license as it is now', content: license } },
    problems: ['license-not-found', 'transfer-not-found'],
  },
  {
    ...ofLicense,
    id: 'getTransferStarter',
    method: 'GET',
    path: `${path}/transfer/starter`,
    summary: 'Get the starter file of a pending transfer again',
    answers: {
      200: {
        description: 'The same file as when the transfer was declared',
        content: { mediaType: 'application/jwt', schema: fileField, example: EXAMPLE_STARTER_FILE },
        headers: { 'Content-Disposition': 'A name to save it under' },
      },
    },
    problems: ['license-not-found', 'transfer-not-found', 'starter-lapsed'],
    conflicts: ['starter-lapsed'],
  },
  {
    ...ofLicense,
    id: 'confirmRepair',
    method: 'POST',
    path: `${path}/repaired`,
    summary: 'Confirm that a refused host is the same machine',
    description:
      'After a repair the id of a machine may be another. The host that was refused last, and no other, then takes the license over with its next renewal. It needs no terms and does not count as a transfer, but has a limit of its own.',
    body: { schema: repairSchema, example: { hostId: 'H-1b' } },
    answers: {
      200: { description: 'Confirmed before, and pending', content: declaredTransfer },
      201: { description: 'Confirmed', content: declaredTransfer },
    },
    problems: [
      'body-invalid',
      'body-too-large',
      'license-not-found',
      'installation-not-found',
      'repair-not-offered',
      'transfer-pending',
      'transfer-limit',
      'license-revoked',
      'license-retired',
      'license-unbound',
      'host-known',
    ],
    conflicts: ['license-revoked', 'license-retired', 'host-known'],
  },
  {
    id: 'listTransfers',
    audience: 'customer',
    tag: 'Hosts',
    method: 'GET',
    path: '/v1/customer/transfers',
    summary: 'List transfers, newest first',
    description:
      'With who accepted which terms when. `completedAt` is when the new host first renewed; it is forgotten after 365 days.',
    query: limitParameters,
    answers: {
      200: {
        description: 'A page. No `next` means that it is the last one.',
        content: {
          schema: pageSchema(transferItem),
          example: {
            items: [
              {
                id: '2026-03-02T08:00:00Z#Zm9v',
                kind: 'transfer',
                status: 'pending',
                licenseId: EXAMPLE_LICENSE_ID,
                product: 'ES',
                installation: 'main',
                from: { id: 'H-1', name: 'rip-01' },
                to: { name: 'rip-02' },
                terms: { version: '2026-11', hash: HASH },
                by: { subject: 'user-1', email: 'ops@acme.example' },
                declaredAt: '2026-03-02T08:00:00Z',
                lapsesAt: '2026-04-01T08:00:00Z',
              },
            ],
          },
        },
      },
    },
    problems: ['query-invalid'],
  },
] as const satisfies readonly Operation[];
