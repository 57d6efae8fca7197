import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { InvokeMessage, ProcessMessage, ProcessSettings } from './function-process.ts';

/** Loading takes long where every core is busy; Lambda allows 10 seconds. */
const LOAD_TIMEOUT_MS = 30_000;

export interface FunctionSettings {
  readonly name: string;
  readonly functionArn: string;
  /** Module of the bundle and the name of its handler. */
  readonly file: string;
  readonly handler: string;
  /** The whole environment of its processes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Most processes, and so most events in flight. */
  readonly concurrency: number;
}

export interface PoolOptions {
  /** The built `function-process.ts`. */
  readonly bootstrap: string;
  readonly clockOffsetMs: () => number;
  /** One line of what the function prints. */
  readonly onLog: (line: string) => void;
}

/** `failed`: thrown, crashed, killed or over the function's timeout. */
export type Invocation =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: string };

interface Job {
  readonly event: unknown;
  readonly requestId: string;
  readonly settle: (invocation: Invocation) => void;
}

interface Worker {
  readonly child: ChildProcess;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The processes of one function: one per event in flight, kept warm. Events above the function's concurrency wait, where
 * Lambda would refuse them at once.
 */
export class FunctionPool {
  readonly #settings: FunctionSettings;
  readonly #options: PoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #waiting: Job[] = [];
  #closed = false;

  constructor(settings: FunctionSettings, options: PoolOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get settings(): FunctionSettings {
    return this.#settings;
  }

  /** Process ids, busy and warm. */
  get processIds(): number[] {
    return [...this.#workers].flatMap(({ child }) => child.pid ?? []);
  }

  invoke(event: unknown, requestId: string = randomUUID()): Promise<Invocation> {
    if (this.#closed) return Promise.resolve({ kind: 'failed', error: 'the service is stopping' });
    return new Promise((settle) => {
      this.#waiting.push({ event, requestId, settle });
      this.#dispatch();
    });
  }

  /** Kills every process now, as a crash of the function would; events in flight fail, waiting ones get new processes. */
  kill(): number {
    const victims = [...this.#workers];
    this.#workers.clear();
    for (const { child } of victims) child.kill('SIGKILL');
    return victims.length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0))
      job.settle({ kind: 'failed', error: 'the service is stopping' });
    const exits = [...this.#workers].map(
      ({ child }) => new Promise((resolve) => child.once('exit', resolve)),
    );
    this.kill();
    await Promise.all(exits);
  }

  #dispatch(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const worker = [...this.#workers].find(({ job }) => job === undefined) ?? this.#start();
      if (worker === undefined) return;
      worker.job = this.#waiting.shift();
      if (worker.ready) this.#send(worker);
    }
  }

  #start(): Worker | undefined {
    if (this.#workers.size >= this.#settings.concurrency) return undefined;
    const { file, handler, functionArn, environment } = this.#settings;
    const settings: ProcessSettings = {
      file,
      handler,
      functionArn,
      clockOffsetMs: this.#options.clockOffsetMs(),
    };
    const child = fork(this.#options.bootstrap, [JSON.stringify(settings)], {
      env: environment,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const worker: Worker = { child, ready: false, job: undefined, timer: undefined };
    this.#workers.add(worker);
    this.#limit(worker, LOAD_TIMEOUT_MS, 'loading timed out');
    child.on('message', (message) => this.#receive(worker, message as ProcessMessage));
    child.on('error', (error) => this.#remove(worker, error.message));
    child.on('exit', (code, signal) =>
      this.#remove(worker, `the process ended (${signal ?? code ?? 'unknown'})`),
    );
    for (const stream of [child.stdout, child.stderr]) this.#log(stream);
    return worker;
  }

  #send(worker: Worker): void {
    if (worker.job === undefined) return;
    const { event, requestId } = worker.job;
    const { timeoutMs } = this.#settings;
    this.#limit(worker, timeoutMs, `timed out after ${timeoutMs / 1000} seconds`);
    const message: InvokeMessage = {
      event,
      requestId,
      clockOffsetMs: this.#options.clockOffsetMs(),
      timeoutMs,
    };
    // A process that has just died cannot be sent to: its exit settles the job.
    worker.child.send(message, () => undefined);
  }

  #receive(worker: Worker, message: ProcessMessage): void {
    clearTimeout(worker.timer);
    switch (message.kind) {
      case 'ready':
        worker.ready = true;
        this.#send(worker);
        break;
      case 'not-loaded':
        this.#remove(worker, message.error);
        break;
      case 'answered':
      case 'failed':
        this.#settle(worker, message);
        this.#dispatch();
    }
  }

  #limit(worker: Worker, milliseconds: number, fault: string): void {
    clearTimeout(worker.timer);
    worker.timer = setTimeout(() => {
      this.#options.onLog(`${this.#settings.name}: ${fault}`);
      this.#settle(worker, { kind: 'failed', error: fault });
      this.#workers.delete(worker);
      worker.child.kill('SIGKILL');
      this.#dispatch();
    }, milliseconds);
  }

  #settle(worker: Worker, invocation: Invocation): void {
    const { job } = worker;
    worker.job = undefined;
    job?.settle(invocation);
  }

  #remove(worker: Worker, reason: string): void {
    clearTimeout(worker.timer);
    this.#workers.delete(worker);
    this.#settle(worker, { kind: 'failed', error: reason });
    this.#dispatch();
  }

  #log(stream: NodeJS.ReadableStream | null): void {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(this.#options.onLog);
    });
    stream?.on('end', () => {
      if (rest !== '') this.#options.onLog(rest);
    });
  }
}
