/**
 * What a renewal costs: AWS calls, units, dollars, CPU, throughput, bundle. Prints tables in Markdown and ends with 1 where
 * something that must hold does not. docs/performance.md says what the figures mean.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RenewEnv } from '../../lambdas/renew/env.ts';
import { accessLogBytes, synthesize } from './assemblies.ts';
import { bundle, importTimes, isDeployed } from './bundles.ts';
import { compare } from './comparison.ts';
import { observeRenewals, type Observation } from './consumption.ts';
import type { KeySpec } from './costs.ts';
import { openCountingEngine } from './engine.ts';
import { CLUSTER } from './fleet.ts';
import { closeConnections } from './renewing.ts';
import { holds, verdicts, type Expectation } from './report.ts';
import { bundleTable, callTable, costTable, cpuTable, paceTable, sizeTable, unitTable } from './tables.ts';

const IMPORT_ROUNDS = 15;

const startedAt = performance.now();
const say = (text = ''): boolean => process.stdout.write(`${text}\n`);
const progress = (what: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${what} …\n`);
};

async function main(): Promise<boolean> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const root = mkdtempSync(join(tmpdir(), 'licensing-bench-'));
  try {
    return await run(root);
  } finally {
    closeConnections();
    rmSync(root, { recursive: true, force: true });
  }
}

async function run(root: string): Promise<boolean> {
  const folder = (name: string): string => join(root, name);

  progress('synthesizing the stage local, with both kinds of key');
  const assemblies: Record<KeySpec, string> = {
    ECC_NIST_P256: synthesize(folder('assembly-ecc'), 'ECC_NIST_P256'),
    RSA_2048: synthesize(folder('assembly-rsa'), 'RSA_2048'),
  };

  progress('bundling');
  const renew = await bundle('lambdas/renew/handler.ts', root, 'renew');
  const bare = await bundle('bench/renew/bare-handler.ts', root, 'bare');
  if (!isDeployed(renew.file, assemblies.ECC_NIST_P256)) {
    throw new Error(
      'bench/renew/bundles.ts bundles in another way than lib/constructs/licensing-function.ts',
    );
  }

  progress('watching single renewals');
  const engine = await openCountingEngine(process.env, folder('engine'));
  const observations = {} as Record<KeySpec, Observation>; // Both are set below, as those of the next line.
  const clusters = {} as Record<KeySpec, Observation>;
  try {
    for (const keySpec of ['ECC_NIST_P256', 'RSA_2048'] as const) {
      const assembly = assemblies[keySpec];
      const dynamodbUrl = engine?.url;
      observations[keySpec] = await observeRenewals({
        ...{ assembly, dynamodbUrl },
        dataDir: folder(`observed-${keySpec}`),
      });
      progress(`watching renewals in an installation of ${CLUSTER.hosts} hosts`);
      clusters[keySpec] = await observeRenewals({
        ...{ assembly, dynamodbUrl },
        dataDir: folder(`clustered-${keySpec}`),
        shape: CLUSTER,
      });
    }
  } finally {
    await engine?.stop();
  }
  const observed = observations.ECC_NIST_P256;

  progress('importing the bundles');
  const [renewImport, bareImport] = importTimes(
    { file: renew.file, environment: functionEnvironment },
    {
      file: bare.file,
      environment: { ...functionEnvironment, RECORDED_CALLS: JSON.stringify(observed.recorded) },
    },
    IMPORT_ROUNDS,
  );

  const comparison = await compare({
    assembly: assemblies.ECC_NIST_P256,
    dataDir: folder('compared'),
    bare,
    recorded: observed.recorded,
    progress,
  });

  say(`\n${machine()}`);
  for (const part of [
    callTable(observed),
    unitTable(observations, engine?.name),
    sizeTable(observations),
    `The same with ${CLUSTER.hosts} hosts and 20 lines, 11 options of them spread by hand.`,
    unitTable(clusters, engine?.name),
    sizeTable(clusters),
    costTable(observations, accessLogBytes(assemblies.ECC_NIST_P256)),
    cpuTable(comparison),
    paceTable(comparison),
    bundleTable({ bundle: renew, time: renewImport }, { bundle: bare, time: bareImport }),
  ]) {
    say(`\n${part}`);
  }

  const expectations: Expectation[] = [
    { what: 'AWS calls per renewal', measured: observed.actions.length, limit: 4 },
    ...Object.entries(observations).flatMap(([keySpec, { units }]) => [
      { what: `write units, ${keySpec}`, measured: units.write, limit: 4, digits: 1 },
      { what: `read units, ${keySpec}`, measured: units.read, limit: 2, digits: 1 },
    ]),
    { what: 'AWS calls per renewal, 200 hosts', measured: clusters.ECC_NIST_P256.actions.length, limit: 4 },
    ...Object.entries(clusters).flatMap(([keySpec, { units }]) => [
      { what: `write units, 200 hosts, ${keySpec}`, measured: units.write, limit: 5, digits: 1 },
      { what: `read units, 200 hosts, ${keySpec}`, measured: units.read, limit: 5, digits: 1 },
    ]),
    { what: 'CPU, times the bare calls', measured: comparison.ratio.bare[1], limit: 1.3, digits: 2 },
    { what: 'bundle, bytes', measured: renew.bytes, limit: 450_000 },
  ];
  say(`\n${verdicts(expectations)}`);
  progress('done');
  return expectations.every(holds);
}

/** An environment in which both bundles load; nothing is called. */
const functionEnvironment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  POWERTOOLS_SERVICE_NAME: 'renew',
  POWERTOOLS_METRICS_NAMESPACE: 'AutomatedLicensing',
  LICENSES_TABLE: 'licenses',
  INSTALLATIONS_TABLE: 'installations',
  RENEWALS_TABLE: 'renewals',
  SIGNING_KEY_ID: 'key',
  ISSUER: 'https://licensing.local.example',
  RENEWAL_URL: 'https://licensing.local.example/v1/licenses/renew',
  DOCUMENTATION_URL: 'https://licensing.local.example/problems',
  VALIDITY_DAYS: '35',
  GRACE_DAYS: '14',
  RENEW_EVERY_SECONDS: '86400',
  RETENTION_DAYS: '400',
} satisfies Record<keyof RenewEnv, string> & Record<string, string>;

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
