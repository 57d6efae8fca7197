import * as z from 'zod/mini';
import { INSTALLATION_SORTS } from '../customer-view/queries.ts';
import { instantField } from './common.ts';
import { exampleLicense, licenseItemSchema } from './license-views.ts';
import type { Operation } from './operation.ts';
import { pageParameters, pageSchema } from './paging.ts';
import {
  connectionSchema,
  contractNameSchema,
  count,
  countsSchema,
  exampleCounts,
  inInstallation,
  placesSchema,
  viewed,
  viewProblems,
} from './view-fields.ts';

const INSTALLATION_STANDINGS = [
  'entitled',
  'in-grace',
  'contract-ended',
  'contract-not-started',
  'contract-suspended',
] as const;

const installationItemSchema = z.object({
  ...inInstallation,
  standing: z.enum(INSTALLATION_STANDINGS),
  connection: z.optional(connectionSchema),
  /** The end of the entitlement; absent: it has none, or nothing entitles. */
  entitledUntil: z.optional(instantField),
  graceUntil: z.optional(instantField),
  hosts: placesSchema,
  contracts: z.array(contractNameSchema),
});
export type InstallationItem = z.output<typeof installationItemSchema>;

const installationDetailSchema = z.object({
  ...installationItemSchema.shape,
  version: count,
  contracts: z.array(
    z.object({
      ...contractNameSchema.shape,
      kind: z.enum(['subscription', 'perpetual', 'trial']),
      status: z.enum(['in-force', 'in-grace', 'ended', 'not-started', 'suspended']),
      startsAt: instantField,
      endsAt: z.optional(instantField),
      timeZone: z.optional(z.string()),
      hosts: count,
      graceDays: count,
      validityDays: count,
      renewEverySeconds: count,
      connection: connectionSchema,
    }),
  ),
  lines: z.array(
    z.object({
      contractId: z.string(),
      option: z.string(),
      scope: z.enum(['pool', 'every-host']),
      quantity: count,
      from: instantField,
      until: z.optional(instantField),
      /** Shorter than its contract. */
      isTemporary: z.boolean(),
    }),
  ),
  /** What all lines together give, from now on. */
  options: z.array(
    z.object({
      option: z.string(),
      from: instantField,
      until: z.optional(instantField),
      pool: count,
      everyHost: count,
    }),
  ),
  /** Hosts over time, from now on. */
  hostsOverTime: z.array(
    z.object({ from: instantField, until: z.optional(instantField), ...placesSchema.shape }),
  ),
  licenses: z.object({
    total: count,
    byStanding: countsSchema,
    /** The first of them, in order of declaration. */
    items: z.array(licenseItemSchema),
  }),
});
export type InstallationDetail = z.output<typeof installationDetailSchema>;

const exampleInstallation = {
  product: 'ES',
  installation: 'main',
  standing: 'entitled',
  connection: 'online',
  entitledUntil: '2027-12-31T23:00:00Z',
  graceUntil: '2028-01-14T23:00:00Z',
  hosts: { ordered: 3, allowed: 3, licensed: 3 },
} as const;

/** Installations, with what is contracted. */
export const installationViewOperations = [
  {
    ...viewed,
    id: 'listInstallations',
    method: 'GET',
    path: '/v1/customer/installations',
    tag: 'Installations',
    summary: 'Installations with their hosts and ends',
    query: pageParameters(INSTALLATION_SORTS),
    answers: {
      200: {
        description: 'A page of installations',
        content: {
          schema: pageSchema(installationItemSchema),
          example: {
            items: [{ ...exampleInstallation, contracts: [{ id: 'c-1001', reference: 'PO 4711' }] }],
          },
        },
      },
    },
    problems: viewProblems,
  },
  {
    ...viewed,
    id: 'getInstallation',
    method: 'GET',
    path: '/v1/customer/installations/{product}/{installation}',
    tag: 'Installations',
    summary: 'One installation: contracts, options and hosts over time',
    description:
      'Of its licenses, the first 200 in order of declaration; ask for the list of licenses for more.',
    pathParameters: {
      product: { schema: z.string(), description: 'The product.', example: 'ES' },
      installation: { schema: z.string(), description: 'The name of the installation.', example: 'main' },
    },
    answers: {
      200: {
        description: 'The installation',
        content: {
          schema: installationDetailSchema,
          example: {
            ...exampleInstallation,
            version: 7,
            contracts: [
              {
                id: 'c-1001',
                reference: 'PO 4711',
                kind: 'subscription',
                status: 'in-force',
                startsAt: '2025-12-31T23:00:00Z',
                endsAt: '2027-12-31T23:00:00Z',
                timeZone: 'Europe/Berlin',
                hosts: 3,
                graceDays: 14,
                validityDays: 35,
                renewEverySeconds: 86_400,
                connection: 'online',
              },
            ],
            lines: [
              {
                contractId: 'c-1001',
                option: 'render-engine',
                scope: 'pool',
                quantity: 8,
                from: '2025-12-31T23:00:00Z',
                until: '2027-12-31T23:00:00Z',
                isTemporary: false,
              },
              {
                contractId: 'c-1001',
                option: 'render-engine',
                scope: 'pool',
                quantity: 4,
                from: '2026-03-09T23:00:00Z',
                until: '2026-03-24T23:00:00Z',
                isTemporary: true,
              },
            ],
            options: [
              {
                option: 'render-engine',
                from: '2026-03-02T08:00:00Z',
                until: '2026-03-09T23:00:00Z',
                pool: 8,
                everyHost: 0,
              },
              {
                option: 'render-engine',
                from: '2026-03-09T23:00:00Z',
                until: '2026-03-24T23:00:00Z',
                pool: 12,
                everyHost: 0,
              },
              {
                option: 'render-engine',
                from: '2026-03-24T23:00:00Z',
                until: '2028-01-14T23:00:00Z',
                pool: 8,
                everyHost: 0,
              },
            ],
            hostsOverTime: [
              {
                from: '2026-03-02T08:00:00Z',
                until: '2027-12-31T23:00:00Z',
                ordered: 3,
                allowed: 3,
                licensed: 3,
              },
              {
                from: '2027-12-31T23:00:00Z',
                until: '2028-01-14T23:00:00Z',
                ordered: 0,
                allowed: 3,
                licensed: 3,
              },
              { from: '2028-01-14T23:00:00Z', ordered: 0, allowed: 0, licensed: 3 },
            ],
            licenses: { total: 3, byStanding: exampleCounts, items: [exampleLicense] },
          } satisfies InstallationDetail,
        },
      },
    },
    problems: [...viewProblems, 'installation-not-found'],
  },
] as const satisfies readonly Operation[];
