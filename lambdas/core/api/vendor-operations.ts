import * as z from 'zod/mini';
import { contractSchema } from '../contract.ts';
import { contactSchema, customerSchema, offlineHoursField } from '../customer.ts';
import { idField } from '../fields.ts';
import { allowanceSchema, hostIdField, orderSchema, reasonSchema } from '../license-order.ts';
import { fileField, idempotencyKey, instantField, licenseIdParameter } from './common.ts';
import { EXAMPLE_FILE, EXAMPLE_LICENSE_ID } from './examples.ts';
import { licensedHostSchema, wholeLicenseFields } from './license-fields.ts';
import type { Content, Operation, Parameter } from './operation.ts';

const customerId: Parameter = { schema: idField, description: 'Id of the customer', example: 'acme' };
const contractId: Parameter = { schema: idField, description: 'Id of the contract', example: 'c-1001' };

const CUSTOMER = {
  name: 'Acme Print',
  contacts: [
    {
      email: 'ops@acme.example',
      language: 'en',
      timeZone: 'Europe/Berlin',
      roles: ['technical', 'commercial'],
      report: { every: 'week', on: 'monday', hour: 8 },
    },
  ],
};

const customer: Content = {
  name: 'StoredCustomer',
  schema: z.object({ customerId: idField, ...customerSchema.shape }),
  example: { customerId: 'acme', ...CUSTOMER },
};

/** The document, and what counts instead where the customer has changed something itself. */
const shownCustomer: Content = {
  schema: z.object({
    customerId: idField,
    ...customerSchema.shape,
    contactsInForce: z.optional(z.array(contactSchema)),
    offlineAfterHoursInForce: z.optional(offlineHoursField),
  }),
  example: {
    customerId: 'acme',
    ...CUSTOMER,
    contactsInForce: [
      {
        email: 'jo@acme.example',
        language: 'de',
        timeZone: 'Europe/Berlin',
        roles: ['technical', 'commercial'],
      },
    ],
  },
};

const CONTRACT = {
  revision: 1,
  product: 'ES',
  installation: 'main',
  reference: 'PO 4711',
  kind: 'subscription',
  status: 'active',
  timeZone: 'Europe/Berlin',
  startsOn: '2026-01-01',
  endsOn: '2027-12-31',
  hosts: 3,
  lines: [
    { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 },
    {
      id: 'l2',
      option: 'render-engine',
      scope: 'pool',
      quantity: 4,
      startsOn: '2026-03-10',
      endsOn: '2026-03-24',
    },
  ],
};

const storedContractSchema = z.object({
  customerId: idField,
  contractId: idField,
  ...contractSchema.shape,
  /** When this revision was first received. */
  receivedAt: instantField,
  cancelledAt: z.optional(instantField),
});

const STORED_CONTRACT = {
  customerId: 'acme',
  contractId: 'c-1001',
  ...CONTRACT,
  receivedAt: '2025-11-24T09:30:00Z',
};

const where = { product: idField, installation: idField };
const span = { from: instantField, until: z.nullable(instantField) };

/** What an order changes for hosts from now on; `until` is null where it lasts. */
const changeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('refused'),
    ...where,
    licenseId: idField,
    host: z.optional(licensedHostSchema),
    from: instantField,
  }),
  z.object({
    kind: z.literal('hosts'),
    ...where,
    ...span,
    before: z.int(),
    after: z.int(),
    /** Licenses that want one of the places. */
    licensed: z.int(),
  }),
  z.object({
    kind: z.literal('share'),
    ...where,
    ...span,
    licenseId: idField,
    host: z.optional(licensedHostSchema),
    option: idField,
    before: z.int(),
    after: z.int(),
  }),
]);

/** A license file that was decided on this version or a later one carries the order. */
const takenContract: Content = {
  name: 'TakenContract',
  schema: z.object({
    ...storedContractSchema.shape,
    installationVersion: z.int(),
    changes: z.array(changeSchema),
    /** How many more there are than are listed. */
    moreChanges: z.int(),
  }),
  example: {
    ...STORED_CONTRACT,
    installationVersion: 2,
    changes: [
      {
        kind: 'share',
        product: 'ES',
        installation: 'main',
        licenseId: EXAMPLE_LICENSE_ID,
        host: { id: 'H-1', name: 'rip-01' },
        option: 'render-engine',
        before: 3,
        after: 4,
        from: '2026-03-09T23:00:00Z',
        until: '2026-03-24T23:00:00Z',
      },
    ],
    moreChanges: 0,
  },
};

const issued: Content = {
  name: 'IssuedLicense',
  schema: z.object({ licenseId: idField, file: fileField }),
  example: { licenseId: EXAMPLE_LICENSE_ID, file: EXAMPLE_FILE },
};

const license: Content = {
  name: 'License',
  schema: z.object({
    ...wholeLicenseFields,
    customerId: idField,
    stateReason: z.optional(z.string()),
    formerHosts: z.optional(z.array(hostIdField)),
    seq: z.int(),
    createdAt: instantField,
    issuedAt: z.optional(instantField),
    lastSeenAt: z.optional(instantField),
    failingSince: z.optional(instantField),
    forkSeenAt: z.optional(instantField),
    /** Transfers of the last 365 days. */
    movedAt: z.optional(z.array(instantField)),
    extraTransfers: z.optional(z.int()),
    extraTransfersReason: z.optional(z.string()),
    lastRefusal: z.optional(z.string()),
    version: z.int(),
    installationVersion: z.optional(z.int()),
  }),
  example: {
    licenseId: EXAMPLE_LICENSE_ID,
    customerId: 'acme',
    product: 'ES',
    installation: 'main',
    state: 'active',
    host: { id: 'H-1', name: 'rip-01' },
    seq: 42,
    createdAt: '2026-01-02T08:00:00Z',
    issuedAt: '2026-03-02T06:12:44Z',
    expiresAt: '2026-04-06T06:12:44Z',
    lastSeenAt: '2026-03-02T06:12:44Z',
    version: 44,
    installationVersion: 3,
  },
};

const stateChange = {
  method: 'POST',
  audience: 'vendor',
  tag: 'Issuing',
  pathParameters: { licenseId: licenseIdParameter },
  answers: { 200: { description: 'The license as it is now', content: license } },
  problems: ['license-not-found'],
} as const;

/** What the vendor's own systems call. */
export const customersOperations = [
  {
    id: 'putCustomer',
    method: 'PUT',
    path: '/v1/customers/{customerId}',
    audience: 'vendor',
    tag: 'Orders',
    summary: 'Store a customer',
    description:
      'The whole document; repeating it does no harm. A new name reaches license files with the next renewal.',
    pathParameters: { customerId },
    body: { name: 'Customer', schema: customerSchema, example: CUSTOMER },
    answers: {
      200: { description: 'Replaced, or unchanged', content: customer },
      201: { description: 'Created', content: customer },
    },
    problems: ['customer-not-found'],
  },
  {
    id: 'getCustomer',
    method: 'GET',
    path: '/v1/customers/{customerId}',
    audience: 'vendor',
    tag: 'Orders',
    summary: 'Show a customer',
    pathParameters: { customerId },
    answers: { 200: { description: 'The customer as it was stored', content: shownCustomer } },
    problems: ['customer-not-found'],
  },
] as const satisfies readonly Operation[];

export const contractsOperations = [
  {
    id: 'listContracts',
    method: 'GET',
    path: '/v1/customers/{customerId}/contracts',
    audience: 'vendor',
    tag: 'Orders',
    summary: 'List the contracts of a customer',
    pathParameters: { customerId },
    query: {
      limit: {
        schema: z.int().check(z.minimum(1), z.maximum(100)),
        description: 'At most so many contracts; 100 unless given',
        example: 100,
      },
      next: {
        schema: idField,
        description: 'Where to go on: what `next` of the page before said',
        example: 'c-1001',
      },
    },
    answers: {
      200: {
        description: 'A page. No `next` means that it is the last one.',
        content: {
          schema: z.object({ contracts: z.array(storedContractSchema), next: z.optional(idField) }),
          example: { contracts: [STORED_CONTRACT], next: 'c-1001' },
        },
      },
    },
    problems: ['customer-not-found'],
  },
  {
    id: 'putContract',
    method: 'PUT',
    path: '/v1/customers/{customerId}/contracts/{contractId}',
    audience: 'vendor',
    tag: 'Orders',
    summary: 'Order: store a contract',
    description:
      'The whole document. All contracts of one customer, product and installation unite. The same document again is a retry; a changed one needs a higher `revision`.',
    pathParameters: { customerId, contractId },
    body: { name: 'Contract', schema: contractSchema, example: CONTRACT },
    answers: {
      200: { description: 'Replaced, or unchanged', content: takenContract },
      201: { description: 'Created', content: takenContract },
    },
    problems: [
      'customer-not-found',
      'contract-not-found',
      'too-many-options',
      'revision-outdated',
      'revision-conflict',
    ],
  },
  {
    id: 'getContract',
    method: 'GET',
    path: '/v1/customers/{customerId}/contracts/{contractId}',
    audience: 'vendor',
    tag: 'Orders',
    summary: 'Show a contract',
    pathParameters: { customerId, contractId },
    answers: {
      200: {
        description: 'The contract as it was received',
        content: { name: 'StoredContract', schema: storedContractSchema, example: STORED_CONTRACT },
      },
    },
    problems: ['customer-not-found', 'contract-not-found'],
  },
] as const satisfies readonly Operation[];

export const licensesOperations = [
  {
    id: 'issueLicense',
    method: 'POST',
    path: '/v1/customers/{customerId}/licenses',
    audience: 'vendor',
    tag: 'Issuing',
    summary: 'Issue a license',
    description:
      'With a host, its license file; without one, a starter file that the first renewal with a `Host-Id` binds. The same host again is answered with the license that it has.',
    pathParameters: { customerId },
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      schema: orderSchema,
      example: { product: 'ES', installation: 'main', host: { id: 'H-1', name: 'rip-01' } },
    },
    answers: {
      200: { description: 'The license that was there before', content: issued },
      201: { description: 'A new license', content: issued },
    },
    problems: [
      'installation-not-found',
      'not-entitled',
      'host-limit',
      'idempotency-key-reused',
      'license-revoked',
      'license-retired',
      'starter-lapsed',
    ],
    conflicts: ['host-limit', 'license-retired'],
  },
  {
    id: 'listIssuedLicenses',
    method: 'GET',
    path: '/v1/customers/{customerId}/licenses',
    audience: 'vendor',
    tag: 'Issuing',
    summary: 'List the licenses of a customer',
    pathParameters: { customerId },
    answers: {
      200: {
        description: 'All of them. `lapsesAt` stands beside a starter that is not bound yet.',
        content: {
          schema: z.object({
            licenses: z.array(
              z.object({
                licenseId: idField,
                product: idField,
                installation: idField,
                hostId: z.optional(hostIdField),
                lapsesAt: z.optional(instantField),
                retiresAt: z.optional(instantField),
              }),
            ),
          }),
          example: {
            licenses: [{ licenseId: EXAMPLE_LICENSE_ID, product: 'ES', installation: 'main', hostId: 'H-1' }],
          },
        },
      },
    },
    problems: ['customer-not-found'],
  },
  {
    id: 'getIssuedLicense',
    method: 'GET',
    path: '/v1/licenses/{licenseId}',
    audience: 'vendor',
    tag: 'Issuing',
    summary: 'Show a license',
    pathParameters: { licenseId: licenseIdParameter },
    answers: { 200: { description: 'The license', content: license } },
    problems: ['license-not-found'],
  },
  {
    ...stateChange,
    id: 'revokeLicense',
    path: '/v1/licenses/{licenseId}/revoke',
    summary: 'Revoke a license',
    description:
      'It renews no more and keeps its place and share; the file in the field stays valid until it expires.',
    body: { schema: reasonSchema, example: { reason: 'returned' } },
  },
  {
    ...stateChange,
    id: 'reinstateLicense',
    path: '/v1/licenses/{licenseId}/reinstate',
    summary: 'Reinstate a revoked license',
    body: { schema: reasonSchema, example: { reason: 'revoked by mistake' } },
  },
  {
    ...stateChange,
    id: 'allowTransfers',
    path: '/v1/licenses/{licenseId}/transfer-allowance',
    summary: 'Allow more transfers of a license',
    description:
      'So many above the cap of the stage, in all and not on top of an earlier allowance: the same request may be repeated.',
    body: { schema: allowanceSchema, example: { extra: 2, reason: 'two hosts failed' } },
  },
] as const satisfies readonly Operation[];
