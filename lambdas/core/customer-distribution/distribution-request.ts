import * as z from 'zod/mini';
import { bodyInvalid, parseBody } from '../body.ts';
import { choiceField, dayField, idField, listField, wholeNumberField } from '../fields.ts';
import { DAY, type Instant } from '../instant.ts';

/** How far a declaration and a look into the future may reach. */
export const HORIZON_DAYS = 400;

/** A line of a contract has at most this quantity, too. */
const MAX_QUANTITY = 1_000_000;
const MAX_HOSTS = 5_000;
const MAX_OPTIONS = 200;

const INSTANT_MESSAGE = 'must be default, now, or an instant such as 2026-03-10T06:00:00Z';

export const declarationSchema = z.strictObject(
  {
    version: wholeNumberField(1, Number.MAX_SAFE_INTEGER),
    effective: z.optional(
      z.union(
        [z.enum(['default', 'now']), z.iso.datetime({ offset: true, error: INSTANT_MESSAGE })],
        INSTANT_MESSAGE,
      ),
    ),
    options: z.record(
      idField,
      z.nullable(
        z.record(idField, wholeNumberField(0, MAX_QUANTITY), 'must be quantities by license, or null'),
      ),
      'must be declarations by option',
    ),
  },
  'must be a declaration',
);

/** What a customer wants: its declarations, on the state of the installation that it has seen. */
export interface DeclarationRequest {
  readonly version: number;
  readonly effective: 'default' | 'now' | Instant;
  /** By option, then by license id; null withdraws what was declared. */
  readonly options: ReadonlyMap<string, ReadonlyMap<string, number> | null>;
}

/** @throws {Problem} `body-invalid` */
export function parseDeclaration(body: unknown, now: Instant): DeclarationRequest {
  const { version, effective = 'default', options } = parseBody(declarationSchema, body);
  const entries = Object.entries(options);
  if (entries.length === 0 || entries.length > MAX_OPTIONS) {
    throw bodyInvalid([{ path: 'options', message: `must name 1 to ${MAX_OPTIONS} options` }]);
  }
  return {
    version,
    effective: effective === 'default' || effective === 'now' ? effective : instantOf(effective, now),
    options: new Map(
      entries.map(([option, quantities]) => [option, quantities && new Map(Object.entries(quantities))]),
    ),
  };
}

function instantOf(text: string, now: Instant): Instant {
  // Whole seconds: a part of one counts as its end, so that nothing takes effect before it should.
  const instant = Math.ceil(Date.parse(text) / 1000);
  if (instant > now && instant <= now + HORIZON_DAYS * DAY) return instant;
  const message = `must be in the future and at most ${HORIZON_DAYS} days away`;
  throw bodyInvalid([{ path: 'effective', message }]);
}

export const whatIfSchema = z.strictObject(
  {
    lines: z.optional(
      listField(
        z.strictObject({
          option: idField,
          scope: choiceField(['pool', 'every-host']),
          quantity: wholeNumberField(1, MAX_QUANTITY),
          startsOn: z.optional(dayField),
          endsOn: z.optional(dayField),
        }),
        0,
        50,
      ),
    ),
    retire: z.optional(listField(idField, 0, 200)),
    hosts: z.optional(wholeNumberField(1, MAX_HOSTS)),
  },
  'must be a question',
);

/** What would be ordered, and which licenses would retire at once; `hosts` is how many the installation would have. */
export type WhatIf = z.infer<typeof whatIfSchema>;

/** @throws {Problem} `body-invalid` */
export function parseWhatIf(body: unknown): WhatIf {
  const whatIf = parseBody(whatIfSchema, body);
  const faults = (whatIf.lines ?? []).flatMap(({ startsOn, endsOn }, index) =>
    startsOn !== undefined && endsOn !== undefined && endsOn < startsOn
      ? [{ path: `lines[${index}].endsOn`, message: 'must not be before startsOn' }]
      : [],
  );
  if (faults.length > 0) throw bodyInvalid(faults);
  return whatIf;
}
