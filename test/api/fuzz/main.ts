import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { operations } from '../../../lambdas/core/api/operations.ts';
import { startLocalService } from '../../../local/service.ts';
import { synthesizeStage } from '../../../lib/app.ts';
import { fuzz, type FuzzReport } from './fuzzer.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed);
const only = values.only?.split(',');
const unknown = (only ?? []).filter((id) => !operations.some((operation) => operation.id === id));
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed) || unknown.length > 0) {
  console.error('Usage: npm run fuzz -- [--requests 20000] [--seed 1] [--only putContract,getLicense]');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'licensing-fuzz-'));
/** What functions logged of faults. */
const logged: string[] = [];
const service = await start(folder);
console.log(`${requests} requests with --seed ${seed} to ${service.url}`);
const started = Date.now();
let told = 0;
let report: FuzzReport;
try {
  report = await fuzz(service, {
    ...{ requests, seed, ...(only === undefined ? {} : { only }) },
    onProgress(done, findings) {
      if (done - told < 1_000 && done < requests) return;
      told = done;
      const perSecond = Math.round(done / ((Date.now() - started) / 1_000));
      console.log(`${done} requests, ${perSecond} a second, ${findings} findings`);
    },
  });
} finally {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
}
tell(report);
process.exitCode = report.findings.length > 0 ? 1 : 0;

async function start(inFolder: string) {
  const outdir = join(inFolder, 'assembly');
  synthesizeStage('local', { outdir });
  return startLocalService({
    ...{ port: 0, dataDir: join(inFolder, 'data'), assembly: outdir },
    onLog: (_name, line) => {
      if (line.includes('"ERROR"')) logged.push(line);
    },
  });
}

function tell({ answers, findings }: FuzzReport): void {
  for (const [operationId, counts] of [...answers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const statuses = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`  ${operationId.padEnd(24)} ${statuses.join(', ')}`);
  }
  for (const { operationId, what, request, times, curl, requestId } of findings) {
    console.log(`\n${operationId}: ${what}\n  ${times} times, first by request ${request}:\n  ${curl}`);
    for (const line of logged.filter((text) => text.includes(requestId))) console.log(`  ${line}`);
  }
  console.log(findings.length === 0 ? 'nothing found' : `\n${findings.length} findings`);
}
