import * as z from 'zod/mini';
import { INSTALLATION_SORTS, LICENSE_SORTS, type LicenseFilter } from '../customer-view/queries.ts';
import { STANDINGS } from '../customer-view/standing.ts';
import { instantField, licenseIdParameter } from './common.ts';
import { EXAMPLE_LICENSE_ID } from './examples.ts';
import type { Operation, Parameter } from './operation.ts';
import { limitParameters, pageParameters, pageSchema } from './paging.ts';

const count = z.int().check(z.minimum(0));

const hostSchema = z.object({ id: z.string(), name: z.optional(z.string()) });
const contractNameSchema = z.object({ id: z.string(), reference: z.optional(z.string()) });
const inInstallation = { product: z.string(), installation: z.string() };
const standingSchema = z.enum(STANDINGS);
const countsSchema = z.record(standingSchema, count);
const connectionSchema = z.enum(['online', 'manual']);
const placesSchema = z.object({
  /** By the contracts in force. */
  ordered: count,
  /** May run: those ordered, or more through a grace. */
  allowed: count,
  /** Licenses that take up one of them. */
  licensed: count,
});

/** A license in a list. */
const licenseItemSchema = z.object({
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

const comingSchema = z.object({
  kind: z.enum([
    'contract-starts',
    'contract-ends',
    'grace-ends',
    'option-starts',
    'option-ends',
    'distribution-changes',
    'license-retires',
    'license-lapses',
  ]),
  at: instantField,
  ...inInstallation,
  contract: z.optional(contractNameSchema),
  option: z.optional(z.string()),
  scope: z.optional(z.enum(['pool', 'every-host'])),
  quantity: z.optional(count),
  licenseId: z.optional(z.string()),
  host: z.optional(hostSchema),
  /** Of an end: whether something else entitles from then on. */
  continues: z.optional(z.boolean()),
});
export type ComingItem = z.output<typeof comingSchema>;

const STEP_KINDS = [
  'host-failing',
  'file-expiring',
  'contract-ended',
  'too-many-hosts',
  'host-offline',
  'contract-ending',
  'unknown-host',
  'transfer-waiting',
  'starter-waiting',
] as const;

const todoSchema = z.object({
  kind: z.enum(STEP_KINDS),
  ...inInstallation,
  licenseId: z.optional(z.string()),
  host: z.optional(hostSchema),
  /** When it becomes worse: the file expires, the contract or its grace ends, the starter lapses. */
  dueAt: z.optional(instantField),
  /** Since when it is so. */
  since: z.optional(instantField),
  /** Code of the refusal. */
  refusal: z.optional(z.string()),
  /** Hosts too many. */
  excess: z.optional(count),
});
export type TodoItem = z.output<typeof todoSchema>;

const endingSchema = z.object({
  ...inInstallation,
  contracts: z.array(contractNameSchema),
  endsAt: instantField,
  graceUntil: z.optional(instantField),
  isTrial: z.boolean(),
  hosts: count,
  /** Start of a later contract, after a gap. */
  nextStartsAt: z.optional(instantField),
});
export type EndingItem = z.output<typeof endingSchema>;

/** A list that is cut: `total` says how many there are. */
const cutList = <Item extends z.ZodMiniType>(item: Item) => z.object({ total: count, items: z.array(item) });

export const overviewSchema = z.object({
  asOf: instantField,
  customer: z.object({ id: z.string(), name: z.optional(z.string()) }),
  installations: count,
  hosts: placesSchema,
  licenses: z.object({ total: count, byStanding: countsSchema }),
  /** Entitlements that end, the next one first, with nothing that follows them. */
  ending: cutList(endingSchema),
  /** What changes within 30 days. */
  coming: cutList(comingSchema),
  /** What somebody has to do, the most urgent first. */
  todo: cutList(todoSchema),
});
export type Overview = z.output<typeof overviewSchema>;

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

const exampleItem = {
  licenseId: EXAMPLE_LICENSE_ID,
  product: 'ES',
  installation: 'main',
  standing: 'healthy',
  host: { id: 'H-1', name: 'rip-01' },
  site: 'Hall 2',
  lastSeenAt: '2026-03-02T06:12:44Z',
  expiresAt: '2026-04-06T06:12:44Z',
} as const satisfies LicenseItem;

const exampleCounts = {
  healthy: 2,
  failing: 0,
  expiring: 0,
  offline: 0,
  'in-grace': 0,
  'not-installed': 1,
  'not-entitled': 0,
  'beyond-hosts': 0,
  revoked: 0,
  retired: 0,
  lapsed: 0,
} as const;

const exampleInstallation = {
  product: 'ES',
  installation: 'main',
  standing: 'entitled',
  connection: 'online',
  entitledUntil: '2027-12-31T23:00:00Z',
  graceUntil: '2028-01-14T23:00:00Z',
  hosts: { ordered: 3, allowed: 3, licensed: 3 },
} as const;

const common = { audience: 'customer', role: 'viewer' } as const;
const whoever = ['token-incomplete'] as const;

export const overviewOperations = [
  {
    ...common,
    id: 'getOverview',
    method: 'GET',
    path: '/v1/customer/overview',
    tag: 'Overview',
    summary: 'How everything stands',
    description:
      'Counts of hosts and licenses, the contracts that end next, what changes within 30 days and what somebody has to do. ' +
      'Long lists are cut at 100; `total` says how many there are.',
    answers: {
      200: {
        description: 'The overview',
        content: {
          schema: overviewSchema,
          example: {
            asOf: '2026-03-02T08:00:00Z',
            customer: { id: 'acme', name: 'Acme Print' },
            installations: 1,
            hosts: { ordered: 3, allowed: 3, licensed: 3 },
            licenses: { total: 3, byStanding: exampleCounts },
            ending: { total: 0, items: [] },
            coming: {
              total: 1,
              items: [
                {
                  kind: 'option-starts',
                  at: '2026-03-09T23:00:00Z',
                  product: 'ES',
                  installation: 'main',
                  contract: { id: 'c-1001', reference: 'PO 4711' },
                  option: 'render-engine',
                  scope: 'pool',
                  quantity: 4,
                },
              ],
            },
            todo: {
              total: 1,
              items: [
                {
                  kind: 'starter-waiting',
                  product: 'ES',
                  installation: 'main',
                  licenseId: EXAMPLE_LICENSE_ID,
                  dueAt: '2026-03-30T08:00:00Z',
                },
              ],
            },
          } satisfies Overview,
        },
      },
    },
    problems: [...whoever, 'query-invalid'],
  },
  {
    ...common,
    id: 'listLicenses',
    method: 'GET',
    path: '/v1/customer/licenses',
    tag: 'Licenses',
    summary: 'Licenses with their hosts',
    query: { ...licenseParameters, ...filterParameters },
    answers: {
      200: {
        description: 'A page of licenses',
        content: { schema: pageSchema(licenseItemSchema), example: { items: [exampleItem] } },
      },
    },
    problems: [...whoever, 'query-invalid'],
  },
  {
    ...common,
    id: 'exportLicenses',
    method: 'GET',
    path: '/v1/customer/licenses.csv',
    tag: 'Licenses',
    summary: 'All licenses as CSV',
    description:
      'RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets read it right. A cell that a spreadsheet would take for a ' +
      'formula begins with an apostrophe. A list above 4 MiB is refused: ask by product, installation or standing then.',
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
    problems: [...whoever, 'query-invalid'],
  },
  {
    ...common,
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
            ...exampleItem,
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
    problems: [...whoever, 'license-not-found', 'query-invalid'],
  },
  {
    ...common,
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
    problems: [...whoever, 'license-not-found', 'query-invalid'],
  },
  {
    ...common,
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
    problems: [...whoever, 'query-invalid'],
  },
  {
    ...common,
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
            licenses: { total: 3, byStanding: exampleCounts, items: [exampleItem] },
          } satisfies InstallationDetail,
        },
      },
    },
    problems: [...whoever, 'installation-not-found', 'query-invalid'],
  },
] as const satisfies readonly Operation[];
