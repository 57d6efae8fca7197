import { readFileSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { run } from './cli/run.ts';

/** Put in by the build; absent where the source runs as it is. */
declare const AGENT_VERSION: string | undefined;

const versionHere = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};
const version = typeof AGENT_VERSION === 'undefined' ? versionHere() : AGENT_VERSION;

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
// A terminal that closes, or a reload, is no reason to let licenses expire; folders are listed every minute anyway.
process.on('SIGHUP', () => undefined);

// A reader that has gone, such as `head`, ends nothing.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await run(version, process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  environment: process.env,
  clock: systemClock,
  random: Math.random,
  signal: ended.signal,
});
