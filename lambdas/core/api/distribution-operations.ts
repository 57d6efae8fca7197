import * as z from 'zod/mini';
import {
  declarationSchema,
  HORIZON_DAYS,
  whatIfSchema,
} from '../customer-distribution/distribution-request.ts';
import { idField } from '../fields.ts';
import { instantField } from './common.ts';
import { EXAMPLE_LICENSE_ID } from './examples.ts';
import { licensedHostSchema, licenseFields } from './license-fields.ts';
import type { Operation, Parameter } from './operation.ts';
import { limitParameters } from './paging.ts';

const quantity = z.int().check(z.minimum(0));

/** How far ahead the answer looks: less than usual where more changes than is computed at a time. */
const lookField = instantField;

/** A quantity over a span. */
const windowSchema = z.object({
  quantity: z.int().check(z.minimum(1)),
  from: instantField,
  until: instantField,
});

const contractedSchema = z.object({ pool: quantity, everyHost: quantity });

const shareSchema = z.object({
  licenseId: z.string(),
  /** In force. Absent: the license is not named. */
  declared: z.optional(quantity),
  share: quantity,
  /** Right after the last declaration to come; absent where none is, or where it comes after `until`. */
  shareAfterPending: z.optional(quantity),
  /** What the current file of the host says now; absent where it has none that is valid. */
  delivered: z.optional(quantity),
  windows: z.array(windowSchema),
});

const optionSchema = z.object({
  option: z.string(),
  contracted: contractedSchema,
  windows: z.array(z.object({ ...contractedSchema.shape, from: instantField, until: instantField })),
  /** Since when the declaration in force is; absent: the pool is spread evenly. */
  declaredSince: z.optional(instantField),
  shares: z.array(shareSchema),
});

const fileSchema = z.object({
  issuedAt: instantField,
  expiresAt: instantField,
  /** Whether it says what a renewal would say now. */
  isUpToDate: z.boolean(),
  /** When the host is to have renewed it; absent where it is late, or renews by hand. */
  renewsBy: z.optional(instantField),
});

const memberSchema = z.object({
  ...licenseFields,
  /** Whether it is among those that carry a share now. */
  isSharing: z.boolean(),
  file: z.optional(fileSchema),
});

const pendingSchema = z.object({
  option: z.string(),
  effectiveAt: instantField,
  /** Null: spread evenly from then on. */
  quantities: z.nullable(z.record(z.string(), quantity)),
});

const overlapSchema = z.object({
  option: z.string(),
  from: instantField,
  until: instantField,
  tooMuch: z.int().check(z.minimum(1)),
  /** Those that hold most above their share, 50 at most. */
  holders: z.array(
    z.object({
      licenseId: z.string(),
      host: licensedHostSchema,
      kind: z.enum(['current', 'left-behind', 'retired']),
      tooMuch: z.int().check(z.minimum(1)),
      from: instantField,
      until: instantField,
    }),
  ),
  holdersInAll: z.int().check(z.minimum(1)),
});

const distributionSchema = z.object({
  product: z.string(),
  installation: z.string(),
  version: z.int().check(z.minimum(1)),
  until: lookField,
  hostsAllowed: quantity,
  options: z.array(optionSchema),
  hosts: z.array(memberSchema),
  /** To be sent as `after`; absent where all hosts are shown. */
  next: z.optional(z.string()),
  pending: z.array(pendingSchema),
  /** Licenses whose host holds a file from before a change, 200 at most. */
  notRenewed: z.array(z.string()),
  notRenewedInAll: quantity,
  overlap: z.array(overlapSchema),
});

const changedSchema = z.object({
  licenseId: z.string(),
  host: z.optional(licensedHostSchema),
  options: z
    .array(z.object({ option: z.string(), before: z.array(windowSchema), after: z.array(windowSchema) }))
    .check(z.minLength(1)),
});

const previewSchema = z.object({
  version: z.int().check(z.minimum(1)),
  until: lookField,
  effectiveAt: instantField,
  /** The licenses on the page whose share would change. */
  hosts: z.array(changedSchema),
  next: z.optional(z.string()),
  overlap: z.array(overlapSchema),
});

const whatIfAnswerSchema = z.object({
  version: z.int().check(z.minimum(1)),
  until: lookField,
  hosts: z.array(changedSchema),
  next: z.optional(z.string()),
});

export type DistributionAnswer = z.infer<typeof distributionSchema>;
export type PreviewAnswer = z.infer<typeof previewSchema>;
export type WhatIfAnswer = z.infer<typeof whatIfAnswerSchema>;

const PATH = '/v1/customer/installations/{product}/{installation}';

const pathParameters: Record<string, Parameter> = {
  product: { schema: idField, description: 'Id of the product', example: 'ES' },
  installation: {
    schema: idField,
    description: 'Name of the installation, `main` unless ordered otherwise',
    example: 'main',
  },
};

/** The hosts are shown page by page; all else is about the whole installation. */
const query: Record<string, Parameter> = { ...limitParameters };

const RIP_01 = EXAMPLE_LICENSE_ID;
const RIP_02 = 'lic_2m8s4k1v6q0c3t9d7n5hjrpgfe';
const RIP_03 = 'lic_7p3gh0e2r8kc6vd4qn1t9m5jsf';

const CHANGE = '2026-03-03T07:12:44Z';
const NOW = '2026-03-02T06:12:44Z';
const HORIZON = '2027-04-06T06:12:44Z';

const declarationExample = {
  version: 12,
  options: { 'render-engine': { [RIP_01]: 5, [RIP_02]: 2, [RIP_03]: 1 } },
};

const shareExample = (licenseId: string, share: number, shareAfterPending: number) => ({
  licenseId,
  share,
  shareAfterPending,
  delivered: share,
  windows:
    share === shareAfterPending
      ? [{ quantity: share, from: NOW, until: HORIZON }]
      : [
          { quantity: share, from: NOW, until: CHANGE },
          { quantity: shareAfterPending, from: CHANGE, until: HORIZON },
        ],
});

const memberExample = (licenseId: string, id: string, name: string, isUpToDate: boolean) => ({
  licenseId,
  host: { id, name },
  isSharing: true,
  file: {
    issuedAt: '2026-03-01T09:40:10Z',
    expiresAt: '2026-04-05T09:40:10Z',
    isUpToDate,
    renewsBy: '2026-03-02T10:40:10Z',
  },
});

const distributionExample = {
  product: 'ES',
  installation: 'main',
  version: 13,
  until: HORIZON,
  hostsAllowed: 3,
  options: [
    {
      option: 'render-engine',
      contracted: { pool: 8, everyHost: 0 },
      windows: [{ pool: 8, everyHost: 0, from: NOW, until: HORIZON }],
      shares: [shareExample(RIP_01, 3, 5), shareExample(RIP_02, 3, 2), shareExample(RIP_03, 2, 1)],
    },
  ],
  hosts: [
    memberExample(RIP_01, 'H-1', 'rip-01', false),
    memberExample(RIP_02, 'H-2', 'rip-02', false),
    memberExample(RIP_03, 'H-3', 'rip-03', false),
  ],
  pending: [
    {
      option: 'render-engine',
      effectiveAt: CHANGE,
      quantities: { [RIP_01]: 5, [RIP_02]: 2, [RIP_03]: 1 },
    },
  ],
  notRenewed: [RIP_01, RIP_02, RIP_03],
  notRenewedInAll: 3,
  overlap: [],
};

const changedExample = (licenseId: string, id: string, name: string, before: number, after: number) => ({
  licenseId,
  host: { id, name },
  options: [
    {
      option: 'render-engine',
      before: [{ quantity: before, from: NOW, until: HORIZON }],
      after: [
        { quantity: before, from: NOW, until: CHANGE },
        { quantity: after, from: CHANGE, until: HORIZON },
      ],
    },
  ],
});

const previewExample = {
  version: 12,
  until: HORIZON,
  effectiveAt: CHANGE,
  hosts: [
    changedExample(RIP_01, 'H-1', 'rip-01', 3, 5),
    changedExample(RIP_02, 'H-2', 'rip-02', 3, 2),
    changedExample(RIP_03, 'H-3', 'rip-03', 2, 1),
  ],
  overlap: [],
};

const LOOK = `${HORIZON_DAYS} days ahead, or to \`until\` where more changes than is computed at a time`;

const common = { audience: 'customer', tag: 'Distribution', pathParameters, query } as const;

/** How an installation's options are spread over its hosts. */
export const distributionOperations = [
  {
    ...common,
    id: 'getDistribution',
    method: 'GET',
    path: `${PATH}/distribution`,
    summary: 'How the options are spread over the hosts',
    description: `Now and ${LOOK}: what is contracted, declared, carried, and delivered to the hosts. \`overlap\` names spans in which the files that hosts hold exceed what is contracted, if nobody renews.`,
    answers: {
      200: {
        description: 'The distribution',
        content: { schema: distributionSchema, example: distributionExample },
      },
    },
    problems: ['token-incomplete', 'query-invalid', 'installation-not-found'],
  },
  {
    ...common,
    id: 'declareDistribution',
    method: 'PUT',
    path: `${PATH}/distribution`,
    role: 'manager',
    summary: 'Declare how options are spread, from an instant on',
    description:
      'By option the quantity of each license; null withdraws what was declared. Options that are not named stay as they are. Takes effect in 25 hours, or one renewal interval and an hour if that is longer, unless `effective` says otherwise. Repeating a request that was carried out does no harm.',
    body: { schema: declarationSchema, example: declarationExample },
    answers: {
      200: {
        description: 'The distribution after it',
        content: { schema: distributionSchema, example: distributionExample },
      },
    },
    problems: [
      'token-incomplete',
      'role-insufficient',
      'query-invalid',
      'body-invalid',
      'body-too-large',
      'installation-not-found',
      'version-outdated',
    ],
  },
  {
    ...common,
    id: 'previewDistribution',
    method: 'POST',
    path: `${PATH}/distribution/preview`,
    summary: 'What a declaration would change; writes nothing',
    description: `The same body as for declaring, and the same faults. \`overlap\` is the worst that can come: whoever gets more renews at once, whoever gets less just before it has to. A host that is late, or renews by hand, is taken to hold its file until it expires. Looks ${LOOK}.`,
    body: { schema: declarationSchema, example: declarationExample },
    answers: {
      200: {
        description: 'What would change',
        content: { schema: previewSchema, example: previewExample },
      },
    },
    problems: [
      'token-incomplete',
      'query-invalid',
      'body-invalid',
      'body-too-large',
      'installation-not-found',
      'version-outdated',
    ],
  },
  {
    ...common,
    id: 'askWhatIf',
    method: 'POST',
    path: `${PATH}/what-if`,
    summary: 'What other lines, retirements or hosts would change; writes nothing',
    description: `Days are those of the contract's time zone. Retirements take effect now. With more \`hosts\` than have a license, the rest are called \`new-1\` and on. Looks ${LOOK}.`,
    body: {
      schema: whatIfSchema,
      example: {
        lines: [
          {
            option: 'render-engine',
            scope: 'pool',
            quantity: 4,
            startsOn: '2026-03-10',
            endsOn: '2026-03-24',
          },
        ],
        retire: [RIP_02],
      },
    },
    answers: {
      200: {
        description: 'What would change',
        content: {
          schema: whatIfAnswerSchema,
          example: {
            version: 12,
            until: HORIZON,
            hosts: [
              {
                licenseId: RIP_02,
                host: { id: 'H-2', name: 'rip-02' },
                options: [
                  {
                    option: 'render-engine',
                    before: [{ quantity: 3, from: NOW, until: HORIZON }],
                    after: [],
                  },
                ],
              },
            ],
          },
        },
      },
    },
    problems: [
      'token-incomplete',
      'query-invalid',
      'body-invalid',
      'body-too-large',
      'installation-not-found',
    ],
  },
] as const satisfies readonly Operation[];
