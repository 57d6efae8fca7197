import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { median } from './statistics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The options of `lib/constructs/licensing-function.ts`; the same bytes for the same source prove that they are. */
const options = (source: string, outfile: string) =>
  ({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    alias: {
      '@aws-sdk/credential-provider-node': join(root, 'lambdas/adapters/function-credentials.ts'),
    },
    metafile: true,
    absWorkingDir: root,
    logLevel: 'silent',
    entryPoints: [join(root, source)],
    outfile,
  }) satisfies BuildOptions;

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Bytes by npm package, or by folder of this project, largest first. */
  readonly contents: readonly (readonly [string, number])[];
}

/** Bundles a module of this project, given by its path in it, as functions are bundled for deployment. */
export async function bundle(source: string, folder: string, name: string): Promise<Bundle> {
  const file = join(folder, `${name}.mjs`);
  const { metafile } = await build(options(source, file));
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const origin = originOf(input);
      bytes.set(origin, (bytes.get(origin) ?? 0) + bytesInOutput);
    }
  }
  return {
    file,
    bytes: readFileSync(file).length,
    contents: [...bytes].sort(([, one], [, other]) => other - one),
  };
}

/** Whether the synthesized assembly holds a bundle with the same bytes. */
export function isDeployed(file: string, assembly: string): boolean {
  const bytes = readFileSync(file);
  return readdirSync(assembly)
    .map((name) => join(assembly, name, 'index.mjs'))
    .some((deployed) => existsSync(deployed) && readFileSync(deployed).equals(bytes));
}

/** `@smithy/core` or `lambdas/core`. */
function originOf(input: string): string {
  const parts = input.split('/');
  const modules = parts.lastIndexOf('node_modules');
  if (modules < 0) return parts.slice(0, 2).join('/');
  const [scopeOrName = '', name = ''] = parts.slice(modules + 1);
  return scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
}

/** Bytes of the bundle by whom they come from. */
export function shares({ bytes, contents }: Bundle): Map<string, number> {
  const shared = new Map<string, number>();
  for (const [origin, size] of contents) {
    const group = GROUPS.find(([, pattern]) => pattern.test(origin))?.[0] ?? 'other packages';
    shared.set(group, (shared.get(group) ?? 0) + size);
  }
  const known = [...shared.values()].reduce((sum, size) => sum + size, 0);
  return shared.set('between the modules', bytes - known);
}

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['AWS SDK', /^(?:@smithy|@aws-sdk|@aws|mnemonist|obliterator)(?:\/|$)/],
  ['Powertools', /^@aws-lambda-powertools\//],
  ['zod', /^zod$/],
  ['this project', /^(?:lambdas|bench)\//],
];

/** What importing a bundle takes in a new process, in milliseconds. */
export interface ImportTime {
  readonly wall: number;
  readonly cpu: number;
}

interface Importable {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Imports both bundles in new processes, in turn, and answers the medians. */
export function importTimes(one: Importable, other: Importable, rounds: number): [ImportTime, ImportTime] {
  const times: [ImportTime, ImportTime][] = [];
  for (let round = 0; round < rounds; round += 1) times.push([importTime(one), importTime(other)]);
  const middle = (of: (pair: [ImportTime, ImportTime]) => ImportTime): ImportTime => ({
    wall: median(times.map((pair) => of(pair).wall)),
    cpu: median(times.map((pair) => of(pair).cpu)),
  });
  return [middle(([time]) => time), middle(([, time]) => time)];
}

function importTime({ file, environment }: Importable): ImportTime {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', TIMER, file], {
    env: environment,
    encoding: 'utf8',
  });
  return JSON.parse(output) as ImportTime;
}

/** Ends the process itself: a client may keep it open. */
const TIMER = `
import { pathToFileURL } from 'node:url';
const url = pathToFileURL(process.argv[1]).href;
const cpuBefore = process.cpuUsage();
const before = performance.now();
await import(url);
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000 }), () => process.exit(0));
`;

/** A module around a bundle that also tells the CPU time which its process has used so far, in microseconds. */
export function withCpuClock(bundleFile: string, folder: string): string {
  const file = join(folder, `${createHash('sha256').update(bundleFile).digest('hex').slice(0, 16)}.mjs`);
  writeFileSync(
    file,
    `import { handler as measured } from ${JSON.stringify(bundleFile)};
export const handler = (event, context) => {
  if (event.tellCpu !== true) return measured(event, context);
  const { user, system } = process.cpuUsage();
  return user + system;
};
`,
  );
  return file;
}
