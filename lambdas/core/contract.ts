import * as z from 'zod/mini';
import { bodyInvalid, parseBody } from './body.ts';
import {
  DEFAULT_INSTALLATION,
  choiceField,
  dayField,
  idField,
  lineField,
  listField,
  timeZoneField,
  wholeNumberField,
} from './fields.ts';
import type { Instant } from './instant.ts';
import type { InstallationKey } from './installation.ts';
import type { BodyFault } from './problem.ts';

const lineSchema = z.strictObject({
  id: idField,
  option: idField,
  scope: choiceField(['pool', 'every-host']),
  quantity: wholeNumberField(1, 1_000_000),
  startsOn: z.optional(dayField),
  endsOn: z.optional(dayField),
});

/** What of a contract fits into a schema; `parseContract` asks for more. */
export const contractSchema = z.strictObject(
  {
    revision: wholeNumberField(1, Number.MAX_SAFE_INTEGER),
    product: idField,
    installation: z.optional(idField),
    reference: z.optional(lineField(200)),
    kind: choiceField(['subscription', 'perpetual', 'trial']),
    status: choiceField(['active', 'suspended', 'cancelled']),
    timeZone: timeZoneField,
    startsOn: dayField,
    endsOn: z.optional(dayField),
    // The licenses of an installation are one list in one item of at most 400 KB.
    hosts: wholeNumberField(0, 5_000),
    supersedes: z.optional(
      z.union([idField, listField(idField, 1, 16)], 'must be the id of a contract, or a list of 1 to 16 ids'),
    ),
    graceDays: z.optional(wholeNumberField(0, 90)),
    validityDays: z.optional(wholeNumberField(1, 400)),
    connection: z.optional(choiceField(['online', 'manual'])),
    renewEverySeconds: z.optional(wholeNumberField(900, 604_800)),
    lines: listField(lineSchema, 0, 200),
  },
  'must be a contract document',
);

/** A contract as the ERP sends it. Defaults are not filled in: it is kept and shown as it was received. */
export type ContractDocument = z.infer<typeof contractSchema>;

/** A contract as it is stored. */
export interface Contract {
  readonly customerId: string;
  readonly contractId: string;
  readonly document: ContractDocument;
  /** When this revision was first received. */
  readonly receivedAt: Instant;
  /** When its cancellation was first received; absent unless it is cancelled. */
  readonly cancelledAt?: Instant;
}

/** The installation that a contract feeds. */
export const installationOf = ({ customerId, document }: Contract): InstallationKey => ({
  customerId,
  product: document.product,
  installation: document.installation ?? DEFAULT_INSTALLATION,
});

/** Ids of the contracts that this one replaces. */
export const supersededBy = ({ supersedes = [] }: ContractDocument): readonly string[] =>
  typeof supersedes === 'string' ? [supersedes] : supersedes;

/** @throws {Problem} `body-invalid` */
export function parseContract(contractId: string, body: unknown): ContractDocument {
  const document = parseBody(contractSchema, body);
  const faults = [...faultsOfTerms(contractId, document), ...faultsOfLines(document)];
  if (faults.length > 0) throw bodyInvalid(faults);
  return document;
}

function faultsOfTerms(contractId: string, document: ContractDocument): BodyFault[] {
  const { kind, startsOn, endsOn, graceDays = 0 } = document;
  const superseded = supersededBy(document);
  const faults: BodyFault[] = [];
  if (kind === 'perpetual' && endsOn !== undefined) {
    faults.push({ path: 'endsOn', message: 'must be absent: a perpetual contract has no end' });
  }
  if (kind !== 'perpetual' && endsOn === undefined) faults.push({ path: 'endsOn', message: 'is required' });
  if (endsOn !== undefined && endsOn < startsOn) {
    faults.push({ path: 'endsOn', message: 'must not be before startsOn' });
  }
  if (kind === 'trial' && graceDays > 0) {
    faults.push({ path: 'graceDays', message: 'must be 0 or absent: a trial has no grace' });
  }
  if (superseded.includes(contractId)) {
    faults.push({ path: 'supersedes', message: 'must not name the contract itself' });
  }
  return faults;
}

function faultsOfLines({ lines }: ContractDocument): BodyFault[] {
  const seen = new Set<string>();
  return lines.flatMap(({ id, startsOn, endsOn }, index) => {
    const faults: BodyFault[] = [];
    if (seen.has(id)) faults.push({ path: `lines[${index}].id`, message: 'must be unique in the contract' });
    seen.add(id);
    if (startsOn !== undefined && endsOn !== undefined && endsOn < startsOn) {
      faults.push({ path: `lines[${index}].endsOn`, message: 'must not be before startsOn' });
    }
    return faults;
  });
}
