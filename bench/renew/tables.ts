import { shares, type Bundle, type ImportTime } from './bundles.ts';
import type { Comparison } from './comparison.ts';
import type { Observation } from './consumption.ts';
import {
  costOf,
  LOG_EVENT_OVERHEAD,
  PRICES,
  storageCost,
  total,
  type CostLine,
  type KeySpec,
  type Prices,
} from './costs.ts';
import { STORAGE_OVERHEAD } from './item-size.ts';
import { number, table } from './report.ts';

export type Observations = Readonly<Record<KeySpec, Observation>>;

/** Memory of the function, and the time that Lambda would bill with it: an assumption, nothing here measures AWS. */
const MEMORY_MIB = 256;
const BILLED_MS = 80;

/** Validity of the file and the retention behind it, in days: how long a record is kept. */
const RECORD_DAYS = 35 + 400;

const SPECS = ['ECC_NIST_P256', 'RSA_2048'] as const;
const ALGORITHM: Readonly<Record<KeySpec, string>> = { ECC_NIST_P256: 'ES256', RSA_2048: 'RS256' };

export const callTable = ({ actions, steps, coldActions }: Observation): string =>
  table(
    ['AWS calls', 'number', 'one after another', 'which'],
    [
      ['warm function', number(actions.length), number(steps), actions.join(', ')],
      ['first of a process', number(coldActions.length), '', coldActions.join(', ')],
    ],
  );

/** @param engine what counted the units; undefined: nothing did */
export function unitTable(observations: Observations, engine: string | undefined): string {
  const source =
    engine === undefined
      ? 'Units: an ESTIMATE from the sizes of the items, as there is no DynamoDB Local here (Java and `npm run dynamodb-local`).'
      : `Units: counted by ${engine}.`;
  const cells = (unitsOf: (observation: Observation) => { read: number; write: number } | undefined) =>
    SPECS.flatMap((spec) => {
      const { read = 0, write = 0 } = unitsOf(observations[spec]) ?? {};
      return [number(write, 1), number(read, 1)];
    });
  const rows = observations.ECC_NIST_P256.unitsByAction.map(({ action }) => [
    action,
    ...cells(({ unitsByAction }) => unitsByAction.find((candidate) => candidate.action === action)),
  ]);
  const head = ['units', ...SPECS.flatMap((spec) => [`${ALGORITHM[spec]} write`, `${ALGORITHM[spec]} read`])];
  return `${source}\n\n${table(head, [...rows, ['together', ...cells(({ units }) => units)]])}`;
}

export const sizeTable = (observations: Observations): string =>
  table(
    ['bytes', ...SPECS.map((spec) => ALGORITHM[spec])],
    (
      [
        ['license file', ({ fileBytes }) => fileBytes],
        ['renewal record', ({ items }) => items.record],
        ['license item', ({ items }) => items.license],
        ['installation item', ({ items }) => items.installation],
        ['log of the function', ({ logBytes }) => logBytes],
      ] satisfies [string, (observation: Observation) => number][]
    ).map(([what, bytesOf]) => [what, ...SPECS.map((spec) => number(bytesOf(observations[spec])))]),
  );

/** Dollars per million renewals, by price list and kind of key. */
export function costTable(observations: Observations, accessLogBytes: number): string {
  const columns = PRICES.flatMap((prices) =>
    SPECS.map((spec) => ({
      name: `${ALGORITHM[spec]} ${prices.region}`,
      lines: linesOf(observations[spec], accessLogBytes, spec, prices),
      storage: storageCost(observations[spec].items.record + STORAGE_OVERHEAD, RECORD_DAYS, prices),
    })),
  );
  const [first] = columns;
  const rows = (first?.lines ?? []).map(({ name }, index) => [
    name,
    ...columns.map(({ lines }) => number(lines[index]?.dollars ?? 0, 2)),
  ]);
  return table(
    ['dollars per million', ...columns.map(({ name }) => name)],
    [
      ...rows,
      ['together', ...columns.map(({ lines }) => number(total(lines), 2))],
      [`keeping the records ${RECORD_DAYS} days`, ...columns.map(({ storage }) => number(storage, 2))],
    ],
  );
}

const linesOf = (
  { actions, units, logBytes }: Observation,
  accessLogBytes: number,
  keySpec: KeySpec,
  prices: Prices,
): CostLine[] =>
  costOf(
    {
      keySpec,
      signatures: actions.filter((action) => action === 'Sign').length,
      writeUnits: units.write,
      readUnits: units.read,
      logBytes: logBytes + accessLogBytes + LOG_EVENT_OVERHEAD,
      memoryMiB: MEMORY_MIB,
      milliseconds: BILLED_MS,
    },
    prices,
  );

export const cpuTable = ({ cpu, ratio }: Comparison): string =>
  table(
    ['CPU per renewal, ms', 'lower quartile', 'median', 'upper quartile'],
    (
      [
        ['renew bundle', cpu.renew],
        ['the same calls, bare', cpu.bare],
        ['the same calls, lean clients', cpu.lean],
        ['renew : bare', ratio.bare],
        ['renew : lean clients', ratio.lean],
      ] as const
    ).map(([what, values]) => [what, ...values.map((value) => number(value, 2))]),
  );

export const paceTable = ({ paces }: Comparison): string =>
  table(
    ['in flight', 'renewals/s', 'bare calls/s', 'renewal, ms', 'bare calls, ms'],
    paces.map(({ inFlight, renew, bare }) => [
      number(inFlight),
      number(renew.perSecond),
      number(bare.perSecond),
      number(renew.median, 1),
      number(bare.median, 1),
    ]),
  );

export interface Loaded {
  readonly bundle: Bundle;
  readonly time: ImportTime;
}

export function bundleTable(renew: Loaded, bare: Loaded): string {
  const [ours, theirs] = [shares(renew.bundle), shares(bare.bundle)];
  return table(
    ['bundle', 'renew', 'two clients, bare'],
    [
      ['bytes', number(renew.bundle.bytes), number(bare.bundle.bytes)],
      ...[...ours].map(([group, bytes]) => [`- ${group}`, number(bytes), number(theirs.get(group) ?? 0)]),
      ['import, ms', number(renew.time.wall), number(bare.time.wall)],
      ['import, ms of CPU', number(renew.time.cpu), number(bare.time.cpu)],
    ],
  );
}
