/** Runs one bundle in a process of its own, one event at a time, and tells what each took. */
import { pathToFileURL } from 'node:url';

/** Lambda ends a function after 15 minutes at the latest. */
const TIMEOUT_MS = 900_000;

/** From the process: what the handler answered, and what it took. */
export interface Measured {
  readonly answer: unknown;
  readonly error: string | undefined;
  readonly seconds: number;
  /** User and system time. */
  readonly cpuSeconds: number;
  /** The most memory that the process ever had, in MiB. */
  readonly peakMiB: number;
}

type Handler = (event: unknown, context: object) => unknown;

const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { handler: Handler };

async function measure(event: unknown): Promise<Measured> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const context = { getRemainingTimeInMillis: () => TIMEOUT_MS - (performance.now() - startedAt) };
  let answer: unknown;
  let error: string | undefined;
  try {
    answer = await handler(event, context);
  } catch (fault) {
    error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  // Linux and macOS differ in the unit of getrusage; Node answers kilobytes on both.
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  return { answer, error, seconds, cpuSeconds: (user + system) / 1_000_000, peakMiB };
}

process.on('message', (event) => {
  void measure(event).then((measured) => process.send?.(measured));
});
process.once('disconnect', () => process.exit(0));
