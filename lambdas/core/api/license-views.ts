import * as z from 'zod/mini';
import { LICENSE_SORTS, type LicenseFilter } from '../customer-view/queries.ts';
import { instantField, licenseIdParameter } from './common.ts';
import { EXAMPLE_LICENSE_ID } from './examples.ts';
import type { Operation, Parameter } from './operation.ts';
import { limitParameters, pageParameters, pageSchema } from './paging.ts';
import {
  connectionSchema,
  contractNameSchema,
  count,
  hostSchema,
  inInstallation,
  standingSchema,
  viewed,
  viewProblems,
} from './view-fields.ts';

/** A license in a list. */
export const licenseItemSchema = z.object({
  licenseId: z.string(),
  ...inInstallation,
  standing: standingSchema,
  host: z.optional(hostSchema),
  site: z.optional(z.string()),
  lastSeenAt: z.optional(instantField),
  expiresAt: z.optional(instantField),
  /** Until when a license without host can be installed. */
  lapsesAt: z.optional(instantField),
  retiresAt: z.optional(instantField),
  failingSince: z.optional(instantField),
  /** Code of the last refusal. */
  refusal: z.optional(z.string()),
  /** Where it is being moved to another host. */
  transferPending: z.optional(z.literal(true)),
});
export type LicenseItem = z.output<typeof licenseItemSchema>;

const windowSchema = z.object({
  option: z.string(),
  quantity: count,
  from: instantField,
  /** Exclusive; absent: it lasts beyond what is looked at. */
  until: z.optional(instantField),
});

const licenseDetailSchema = z.object({
  ...licenseItemSchema.shape,
  connection: z.optional(connectionSchema),
  createdAt: instantField,
  seq: count,
  issuedAt: z.optional(instantField),
  stateReason: z.optional(z.string()),
  /** Contracts in force; in grace, those that ended last. */
  contracts: z.array(z.object({ ...contractNameSchema.shape, endsAt: z.optional(instantField) })),
  formerHosts: z.array(z.string()),
  /** Files that former hosts still hold: valid there until they expire. */
  filesLeftBehind: z.array(z.object({ host: hostSchema, expiresAt: instantField })),
  transfer: z.optional(
    z.object({
      host: z.object({ id: z.optional(z.string()), name: z.optional(z.string()) }),
      declaredAt: z.optional(instantField),
      isRepair: z.boolean(),
      /** A starter file is to be installed on the new host. */
      byStarter: z.boolean(),
    }),
  ),
  transfersInLast365Days: count,
  /** The last host of unknown id that asked with a file of this license. */
  unknownHost: z.optional(z.object({ ...hostSchema.shape, seenAt: instantField })),
  /** Two machines have renewed with files of this license; often a restored backup. */
  forkSeenAt: z.optional(instantField),
  share: z.object({
    now: z.array(z.object({ option: z.string(), quantity: count })),
    windows: z.array(windowSchema),
  }),
});
export type LicenseDetail = z.output<typeof licenseDetailSchema>;

const fileSchema = z.object({
  kind: z.literal('file'),
  at: instantField,
  outcome: z.enum(['issued', 'starter', 'renewed', 'bound', 'taken-over']),
  seq: count,
  expiresAt: instantField,
  /** Since the file before it. */
  secondsSincePrevious: z.optional(count),
  /** How much later than the file before it had asked for. */
  lateSeconds: z.optional(count),
  /** How long the file before it had expired. */
  gapSeconds: z.optional(count),
});
const refusalSchema = z.object({
  kind: z.literal('refusal'),
  /** UTC. */
  day: z.string(),
  code: z.string(),
  /** The host of the license, or any other. */
  by: z.enum(['bound', 'other']),
  count,
});
const timelineItemSchema = z.discriminatedUnion('kind', [fileSchema, refusalSchema]);
export type TimelineItem = z.output<typeof timelineItemSchema>;

const filterParameters: Record<keyof LicenseFilter, Parameter> = {
  product: { schema: z.string(), description: 'Only licenses of this product.', example: 'ES' },
  installation: {
    schema: z.string(),
    description: 'Only licenses of installations of this name.',
    example: 'main',
  },
  standing: { schema: standingSchema, description: 'Only licenses that stand so.', example: 'offline' },
  text: {
    schema: z.string().check(z.minLength(1), z.maxLength(100)),
    description: 'Only licenses whose host id, host name, site or id contains this, whatever its case.',
    example: 'rip-0',
  },
};

const licenseParameters = pageParameters(LICENSE_SORTS);

const licensePath = { licenseId: licenseIdParameter };

export const exampleLicense = {
  licenseId: EXAMPLE_LICENSE_ID,
  product: 'ES',
  installation: 'main',
  standing: 'healthy',
  host: { id: 'H-1', name: 'rip-01' },
  site: 'Hall 2',
  lastSeenAt: '2026-03-02T06:12:44Z',
  expiresAt: '2026-04-06T06:12:44Z',
} as const satisfies LicenseItem;

/** Licenses, one by one. */
export const licenseViewOperations = [
  {
    ...viewed,
    id: 'listLicenses',
    method: 'GET',
    path: '/v1/customer/licenses',
    tag: 'Licenses',
    summary: 'Licenses with their hosts',
    query: { ...licenseParameters, ...filterParameters },
    answers: {
      200: {
        description: 'A page of licenses',
        content: { schema: pageSchema(licenseItemSchema), example: { items: [exampleLicense] } },
      },
    },
    problems: viewProblems,
  },
  {
    ...viewed,
    id: 'exportLicenses',
    method: 'GET',
    path: '/v1/customer/licenses.csv',
    tag: 'Licenses',
    summary: 'All licenses as CSV',
    description:
      'RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets read it right. An apostrophe stands before ' +
      'whatever a spreadsheet would take for a formula, also one that splits at semicolons or tabs. A list above 4 MiB is refused: ask by product, installation or standing then.',
    query: { sort: licenseParameters.sort, ...filterParameters },
    answers: {
      200: {
        description: 'The file',
        headers: { 'content-disposition': 'Names the file' },
        content: {
          mediaType: 'text/csv',
          example:
            '\ufefflicenseId,product,installation,standing,hostId,hostName,site,lastSeenAt,expiresAt,lapsesAt,retiresAt,failingSince,refusal\r\n' +
            `${EXAMPLE_LICENSE_ID},ES,main,healthy,H-1,rip-01,Hall 2,2026-03-02T06:12:44Z,2026-04-06T06:12:44Z,,,,\r\n`,
        },
      },
    },
    problems: viewProblems,
  },
  {
    ...viewed,
    id: 'getLicense',
    method: 'GET',
    path: '/v1/customer/licenses/{licenseId}',
    tag: 'Licenses',
    summary: 'One license',
    pathParameters: licensePath,
    answers: {
      200: {
        description: 'The license',
        content: {
          schema: licenseDetailSchema,
          example: {
            ...exampleLicense,
            connection: 'online',
            createdAt: '2026-01-02T09:00:00Z',
            seq: 42,
            issuedAt: '2026-03-02T06:12:44Z',
            contracts: [{ id: 'c-1001', reference: 'PO 4711', endsAt: '2027-12-31T23:00:00Z' }],
            formerHosts: ['H-0'],
            filesLeftBehind: [{ host: { id: 'H-0', name: 'rip-old' }, expiresAt: '2026-03-20T06:00:00Z' }],
            transfersInLast365Days: 1,
            share: {
              now: [{ option: 'render-engine', quantity: 3 }],
              windows: [
                {
                  option: 'render-engine',
                  quantity: 3,
                  from: '2025-12-31T23:00:00Z',
                  until: '2026-03-09T23:00:00Z',
                },
                {
                  option: 'render-engine',
                  quantity: 4,
                  from: '2026-03-09T23:00:00Z',
                  until: '2026-03-24T23:00:00Z',
                },
                { option: 'render-engine', quantity: 3, from: '2026-03-24T23:00:00Z' },
              ],
            },
          } satisfies LicenseDetail,
        },
      },
    },
    problems: [...viewProblems, 'license-not-found'],
  },
  {
    ...viewed,
    id: 'getLicenseTimeline',
    method: 'GET',
    path: '/v1/customer/licenses/{licenseId}/timeline',
    tag: 'Licenses',
    summary: 'What a license did, newest first',
    description:
      'Files that were issued, with how late each came, and refusals counted by UTC day and code; those of a day stand before its files. ' +
      'It goes back as far as records are kept.',
    pathParameters: licensePath,
    query: limitParameters,
    answers: {
      200: {
        description: 'A page of the time line',
        content: {
          schema: pageSchema(timelineItemSchema),
          example: {
            items: [
              {
                kind: 'refusal',
                day: '2026-03-02',
                code: 'host-mismatch',
                by: 'other',
                count: 2,
              },
              {
                kind: 'file',
                at: '2026-03-02T06:12:44Z',
                outcome: 'renewed',
                seq: 42,
                expiresAt: '2026-04-06T06:12:44Z',
                secondsSincePrevious: 90_000,
                lateSeconds: 3_600,
                gapSeconds: 0,
              },
            ] satisfies TimelineItem[],
          },
        },
      },
    },
    problems: [...viewProblems, 'license-not-found'],
  },
] as const satisfies readonly Operation[];
