import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Measured } from './scan-process.ts';

/** What the scans have in AWS: `memoryMiB` of lib/constructs/alerts.ts. */
export const MEMORY_MIB = 1_024;

/** The heap may grow until little of that memory is left. */
const HEAP_MIB = 900;

/** A bundle in a process of its own. */
export class BenchFunction {
  private readonly child: ChildProcess;
  private errors = '';

  /** @param runner the built scan-process.ts */
  constructor(runner: string, bundle: string, environment: Readonly<Record<string, string>>) {
    this.child = fork(runner, [bundle], {
      env: environment,
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      // Metrics go to stdout: in AWS they are lines of the log.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.errors = (this.errors + chunk).slice(0, 4_000);
    });
  }

  async invoke(event: object = {}): Promise<Measured> {
    const stopWaiting = new AbortController();
    const { signal } = stopWaiting;
    const answered = once(this.child, 'message', { signal });
    const ended = once(this.child, 'exit', { signal });
    this.child.send(event);
    const measured = await Promise.race([
      answered.then(([message]) => message as Measured),
      ended.then(() => undefined),
    ]);
    // The other one is waited for no more.
    for (const waiting of [answered, ended]) waiting.catch(() => undefined);
    stopWaiting.abort();
    if (!measured) throw new Error(`A function ended by itself: ${this.errors}`);
    if (measured.error !== undefined) throw new Error(`A function failed: ${measured.error}\n${this.errors}`);
    return measured;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

/** One invocation in a new process, as a schedule that comes every few hours finds it. */
export async function invokeOnce(...of: ConstructorParameters<typeof BenchFunction>): Promise<Measured> {
  const started = new BenchFunction(...of);
  try {
    return await started.invoke();
  } finally {
    await started.stop();
  }
}
