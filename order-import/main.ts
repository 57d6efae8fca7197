import { runImport } from './run-import.ts';

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());
// Whoever reads the output may end first, as `head` does.
process.stdout.on('error', () => stopping.abort());

process.exitCode = await runImport(process.argv.slice(2), {
  environment: process.env,
  today: new Date().toISOString().slice(0, 10),
  stopped: stopping.signal,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
