/** Builds `dist`, the package: command, library and types. And `bundle`: the command as one file that needs nothing but Node. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here('package.json'), 'utf8')) as { version: string };

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  define: { AGENT_VERSION: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning',
};
const command = '#!/usr/bin/env node';

for (const folder of ['dist', 'bundle']) rmSync(here(folder), { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/cli.js'),
  packages: 'external',
  banner: { js: command },
});
await build({
  ...shared,
  entryPoints: [here('src/index.ts')],
  outfile: here('dist/index.js'),
  packages: 'external',
});
await build({
  ...shared,
  entryPoints: [here('src/main.ts')],
  outfile: here('bundle/license-agent.mjs'),
  minify: true,
  // Packages in CommonJS ask for Node's own modules by require.
  banner: {
    js: `${command}\nimport { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
  },
});
chmodSync(here('dist/cli.js'), 0o755);
chmodSync(here('bundle/license-agent.mjs'), 0o755);
copyFileSync(here('../LICENSE'), here('LICENSE'));
const tsc = here('../node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--project', here('tsconfig.build.json')], { stdio: 'inherit' });
