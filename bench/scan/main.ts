/**
 * What the scans for alerts cost: units, calls, e-mails, dollars, pace and memory, on DynamoDB Local. Prints tables in Markdown and
 * ends with 1 where something that must hold does not. docs/performance.md says what the figures mean.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { itemBytes } from '../renew/item-size.ts';
import { holds, verdicts, type Expectation } from '../renew/report.ts';
import { installationItem, licenseItem, spread } from './fleet.ts';
import {
  comparePace,
  growAndMeasureMemory,
  observeOneCustomer,
  observeScans,
  openFleet,
  SILENT_HOSTS,
} from './measuring.ts';
import { SCAN_NAMES } from './scans.ts';
import {
  costTable,
  fleetText,
  memoryGrowth,
  memoryTable,
  oneCustomerTable,
  paceTable,
  runTable,
} from './tables.ts';
import { openWorld } from './world.ts';

const USAGE = `npm run bench:scan -- [--licenses N]

  --licenses N  size of the fleet, at least 1000 (100000, which takes about six minutes)
  --help        this text

DynamoDB Local must be installed (npm run dynamodb-local, and Java 17 or newer). Tables go to stdout, progress to stderr.
`;

const startedAt = performance.now();
const say = (text = ''): boolean => process.stdout.write(`${text}\n`);
const progress = (what: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${what} …\n`);
};

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { licenses: { type: 'string', default: '100000' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return say(USAGE);
  const licenses = Number(values.licenses);
  if (!Number.isInteger(licenses) || licenses < 1_000) throw new Error('--licenses must be 1000 or more');
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const root = mkdtempSync(join(tmpdir(), 'licensing-bench-'));
  try {
    return await run(root, licenses);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function run(root: string, licenses: number): Promise<boolean> {
  progress('bundling, and starting DynamoDB Local');
  const now = Math.floor(Date.now() / 1000);
  const world = await openWorld(root);
  try {
    const fleet = await openFleet(world, now);
    const sizes = [0.1, 0.3, 1].map((part) => Math.round(licenses * part));
    const memory = await growAndMeasureMemory(world, fleet, sizes, progress);
    progress('comparing with bare reading');
    const pace = await comparePace(world, fleet, licenses);
    const observed = await observeScans(world, fleet, progress);
    progress(`one customer with ${SILENT_HOSTS} silent hosts`);
    const one = await observeOneCustomer(world, now);

    say(`\n${machine()}`);
    const bytes = {
      license: itemBytes(licenseItem(1, spread(1), 'none', now)),
      installation: itemBytes(installationItem(1, spread, false, now)),
    };
    for (const part of [
      fleetText(licenses, bytes),
      runTable(observed),
      costTable(observed, licenses),
      paceTable(pace),
      memoryTable(memory),
      oneCustomerTable(one),
    ]) {
      say(`\n${part}`);
    }
    const growth = memoryGrowth(memory);
    const expectations: Expectation[] = [
      { what: 'bare pace by that of the scan', measured: 1 / pace.ratio[1], limit: 1 / 0.7, digits: 2 },
      { what: 'growth of memory, nothing wrong, %', measured: growth.healthy, limit: 25 },
      { what: 'growth of memory, something wrong, %', measured: growth.ill, limit: 25 },
      { what: 'e-mails of second runs', measured: mailsOfSecondRuns(observed), limit: 0 },
      { what: 'e-mails to one customer with all hosts silent', measured: one.first.mails, limit: 1 },
    ];
    say(`\n${verdicts(expectations)}`);
    progress('done');
    return expectations.every(holds);
  } finally {
    await world.stop();
  }
}

const mailsOfSecondRuns = (observed: Awaited<ReturnType<typeof observeScans>>): number =>
  SCAN_NAMES.reduce((sum, scan) => sum + observed[scan].second.mails, 0);

function machine(): string {
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `Node ${process.versions.node}, ${availableParallelism()} cores (${model}), load ${load}`;
}

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
