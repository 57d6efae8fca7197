import * as z from 'zod/mini';
import { STEP_KINDS } from '../customer-view/step-kinds.ts';
import { instantField } from './common.ts';
import { EXAMPLE_LICENSE_ID } from './examples.ts';
import { installationViewOperations } from './installation-views.ts';
import { licenseViewOperations } from './license-views.ts';
import type { Operation } from './operation.ts';
import {
  contractNameSchema,
  count,
  countsSchema,
  exampleCounts,
  hostSchema,
  inInstallation,
  placesSchema,
  viewed,
  viewProblems,
} from './view-fields.ts';

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

/** What a customer reads: how everything stands, then each license and each installation. */
export const overviewOperations = [
  {
    ...viewed,
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
    problems: viewProblems,
  },
  ...licenseViewOperations,
  ...installationViewOperations,
] as const satisfies readonly Operation[];
