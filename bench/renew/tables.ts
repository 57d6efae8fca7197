import { shares, type Bundle, type ImportTime } from './bundles.ts';
import { IN_FLIGHT, type Comparison } from './comparison.ts';
import type { Observation } from './consumption.ts';
import {
  costOf,
  LOG_EVENT_OVERHEAD,
  PRICES,
  storageCost,
  total,
  type Consumption,
  type KeySpec,
} from './costs.ts';
import { LINES } from './fleet.ts';
import { STORAGE_OVERHEAD } from './item-size.ts';
import { number, table } from './report.ts';

type Observations = Readonly<Record<KeySpec, Observation>>;

/** Memory of the function, and the time that Lambda would bill with it: an assumption, nothing here measures AWS. */
const MEMORY_MIB = 256;
const BILLED_MS = 80;

/** Validity of the file and retention behind it, in days: how long a record is kept. */
const RECORD_DAYS = 35 + 400;

const KEY_NAMES: Readonly<Record<KeySpec, string>> = { ECC_NIST_P256: 'ES256', RSA_2048: 'RS256' };

export const callTable = (observed: Observation): string =>
  table(
    ['calls of a renewal', 'number', 'in sequence', 'which'],
    [
      ['warm function', String(observed.actions.length), String(observed.steps), observed.actions.join(', ')],
      ['first of a process', String(observed.coldActions.length), '', `${observed.coldActions[0] ?? ''} before them`],
    ],
  );

export function unitTable(observations: Observations, engine: string | undefined): string {
  const source =
    engine === undefined
      ? 'ESTIMATED from the sizes of the items: there is no DynamoDB Local here (Java, and `npm run dynamodb-local`).'
      : `Counted by ${engine} (ReturnConsumedCapacity INDEXES).`;
  const { actions } = observations.ECC_NIST_P256;
  const specs = Object.keys(KEY_NAMES) as KeySpec[]; // The keys of the record above.
  const rows = actions
    .filter((action) => action !== 'Sign')
    .map((action) => [
      action,
      ...specs.flatMap((spec) => {
        const units = observations[spec].unitsByAction.find((candidate) => candidate.action === action);
        return [number(units?.read ?? 0, 1), number(units?.write ?? 0, 1)];
      }),
    ]);
  const sums = specs.flatMap(({ ...spec }) => spec);
  void sums;
  return `${source}\n${rows.length}`;
}
