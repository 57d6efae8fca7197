import { PRICES } from '../renew/costs.ts';
import { number, table } from '../renew/report.ts';
import { MEMORY_MIB } from './function.ts';
import { SILENT_HOSTS, type Comparison, type Memory, type Observed } from './measuring.ts';
import { SCAN_NAMES, SCANS, type ScanName } from './scans.ts';
import type { Run } from './world.ts';

type AllObserved = Readonly<Record<ScanName, Observed>>;

const HOURS_A_MONTH = 730;

/** Dollars in eu-west-1, November 2026, beside those of bench/renew/costs.ts: an e-mail, and one GenerateMac. */
const MAIL = 0.16 / 1_000;
const MAC = 0.03 / 10_000;

const FLEETS = [1_000_000, 10_000_000] as const;

const prices = priceListOf('eu-west-1');

function priceListOf(region: string) {
  const found = PRICES.find((candidate) => candidate.region === region);
  if (!found) throw new Error(`There are no prices of ${region}`);
  return found;
}

export const fleetText = (licenses: number, bytes: { license: number; installation: number }): string =>
  `${number(licenses)} licenses of ${number(bytes.license)} bytes, 10 in an installation of ${number(bytes.installation)} bytes, ` +
  '50 of a customer; where something is wrong: 1 % offline, 0.2 % failing, 0.5 % expiring, 2 % of installations ending.';

const RUNS = [
  ['nothing wrong', 'healthy'],
  ['first run', 'first'],
  ['second run', 'second'],
] as const;

export const runTable = (observed: AllObserved): string =>
  table(
    ['scan', 'fleet', 'items read', 'read units', 'write units', 'e-mails', 'calls', 'which'],
    SCAN_NAMES.flatMap((scan) => RUNS.map(([name, key]) => [scan, name, ...figuresOf(observed[scan][key])])),
  );

const figuresOf = ({ report, units, mails, calls }: Run): string[] => [
  number(report.read),
  number(units.read, 1),
  number(units.write, 1),
  number(mails),
  number(calls.reduce((sum, [, count]) => sum + count, 0)),
  calls.map(([action, count]) => `${action} ${number(count)}`).join(', '),
];

/** Dollars of one run. */
function dollarsOf({ units, mails, calls }: Run, seconds: number) {
  const macs = calls.find(([action]) => action === 'GenerateMac')?.[1] ?? 0;
  return {
    reads: (units.read / 1e6) * prices.readUnitsPerMillion,
    writes: (units.write / 1e6) * prices.writeUnitsPerMillion,
    lambda: seconds * (MEMORY_MIB / 1024) * prices.lambdaGigabyteSecond,
    mails: mails * MAIL + macs * MAC,
  };
}

/** Dollars a month: runs of a fleet in which nothing changes, and the first run once where something is wrong. */
export function costTable(observed: AllObserved, licenses: number): string {
  const rows = SCAN_NAMES.map((scan) => {
    const { healthy, healthyDirect, first, second, secondDirect } = observed[scan];
    const runs = HOURS_A_MONTH / SCANS[scan];
    const well = dollarsOf(healthy, healthyDirect.seconds);
    const ill = dollarsOf(second, secondDirect.seconds);
    // Through the proxy that counts, so a little more than it would be.
    const once = dollarsOf(first, first.seconds);
    const onceMore = once.reads + once.writes + once.lambda + once.mails;
    return {
      name: scan,
      runs,
      columns: FLEETS.flatMap((hosts) => {
        const times = hosts / licenses;
        const wellReads = well.reads * runs * times;
        const wellLambda = well.lambda * runs * times;
        return [
          wellReads,
          wellLambda,
          wellReads + wellLambda + well.writes * runs * times,
          (ill.reads + ill.writes + ill.lambda) * runs * times + onceMore * times,
        ];
      }),
    };
  });
  const sums = rows[0]?.columns.map((_, column) =>
    rows.reduce((sum, { columns }) => sum + (columns[column] ?? 0), 0),
  );
  const head = FLEETS.flatMap((hosts) => {
    const size = `${hosts / 1_000_000} M`;
    return [`${size}: reads`, 'Lambda', 'nothing wrong', 'something wrong'];
  });
  return [
    `Dollars a month, eu-west-1, November 2026: ${prices.readUnitsPerMillion} per million read units, ` +
      `${prices.writeUnitsPerMillion} per million write units, ${prices.lambdaGigabyteSecond} per GB-second of Lambda ` +
      `(${MEMORY_MIB} MiB, the seconds of this machine, which is not Lambda), ${(MAIL * 1_000).toFixed(2)} per 1,000 e-mails, ` +
      `${(MAC * 10_000).toFixed(2)} per 10,000 GenerateMac; linear in the hosts.`,
    '',
    table(
      ['scan', 'runs a month', ...head],
      [
        ...rows.map(({ name, runs, columns }) => [
          name,
          number(runs),
          ...columns.map((dollars) => number(dollars, 2)),
        ]),
        ['together', '', ...(sums ?? []).map((dollars) => number(dollars, 2))],
      ],
    ),
    '',
    table(
      ['seconds of a run on this machine', 'nothing wrong', 'second run'],
      SCAN_NAMES.map((scan) => [
        scan,
        number(observed[scan].healthyDirect.seconds, 1),
        number(observed[scan].secondDirect.seconds, 1),
      ]),
    ),
  ].join('\n');
}

export const paceTable = ({ scan, bare, ratio, cpuRatio, scanCpu, bareCpu }: Comparison): string =>
  [
    table(
      ['scan-offline-hosts, nothing wrong', 'lower quartile', 'median', 'upper quartile'],
      [
        ['licenses/s', ...scan.map((value) => number(value))],
        ['bare reading, licenses/s', ...bare.map((value) => number(value))],
        ['scan : bare', ...ratio.map((value) => number(value, 2))],
        ['scan : bare, by CPU', ...cpuRatio.map((value) => number(value, 2))],
      ],
    ),
    '',
    `CPU of the process per license: ${number(scanCpu, 1)} µs, bare reading ${number(bareCpu, 1)} µs.`,
  ].join('\n');

const KINDS = ['bare', 'healthy', 'ill'] as const;

/** Percent by which the peak is higher for the largest fleet than for the smallest. */
export function memoryGrowth(memory: readonly Memory[]): Record<(typeof KINDS)[number], number> {
  const growthOf = (kind: (typeof KINDS)[number]): number =>
    (((memory.at(-1)?.[kind] ?? 0) - (memory[0]?.[kind] ?? 0)) / (memory[0]?.[kind] ?? 1)) * 100;
  return { bare: growthOf('bare'), healthy: growthOf('healthy'), ill: growthOf('ill') };
}

export function memoryTable(memory: readonly Memory[]): string {
  const growth = memoryGrowth(memory);
  return table(
    ['peak memory, MiB', 'bare reading', 'nothing wrong', 'something wrong'],
    [
      ...memory.map((figures) => [
        `${number(figures.licenses)} licenses`,
        ...KINDS.map((kind) => number(figures[kind])),
      ]),
      ['growth', ...KINDS.map((kind) => `${number(growth[kind])} %`)],
    ],
  );
}

export const oneCustomerTable = ({
  first,
  second,
  direct,
}: Record<'first' | 'second' | 'direct', Run>): string =>
  table(
    [`one customer, ${number(SILENT_HOSTS)} silent hosts`, 'first run', 'second run'],
    [
      ['e-mails', number(first.mails), number(second.mails)],
      ['notices in them', number(first.report.notices), number(second.report.notices)],
      ['bytes of the e-mail', number(first.mailBytes), ''],
      ['read units', number(first.units.read, 1), number(second.units.read, 1)],
      ['write units', number(first.units.write, 1), number(second.units.write, 1)],
      ['seconds, nothing counting', number(direct.seconds, 1), ''],
      ['peak memory, MiB', number(direct.peakMiB), ''],
    ],
  );
