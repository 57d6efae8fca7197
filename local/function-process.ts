/**
 * Runs one Lambda bundle in a process of its own: loads it unchanged, then handles one event at a time. The bundle sees
 * what Lambda would show it; only the clock is moved, by as much as each event says.
 */
import { pathToFileURL } from 'node:url';

/** What the process is started with, as JSON in its first argument. */
export interface ProcessSettings {
  /** Module of the bundle and the name of its handler. */
  readonly file: string;
  readonly handler: string;
  readonly functionArn: string;
  readonly clockOffsetMs: number;
}

/** From the runner: one event to handle. */
export interface InvokeMessage {
  readonly event: unknown;
  readonly requestId: string;
  readonly clockOffsetMs: number;
  /** Milliseconds until the runner kills this process. */
  readonly timeoutMs: number;
}

/** To the runner: first how loading went, then one answer for each event. */
export type ProcessMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-loaded'; readonly error: string }
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: string };

type Handler = (event: unknown, context: object) => unknown;

const settings = JSON.parse(process.argv[2] ?? '{}') as ProcessSettings;

const RealDate = Date;
let clockOffsetMs = settings.clockOffsetMs;
const movedNow = (): number => RealDate.now() + clockOffsetMs;

// Only reading the present is moved: `new Date()`, `Date.now()`, `Date()`.
globalThis.Date = new Proxy(RealDate, {
  construct: (real, values: unknown[], target) =>
    Reflect.construct(real, values.length === 0 ? [movedNow()] : values, target) as Date,
  apply: () => new RealDate(movedNow()).toString(),
  get: (real, key): unknown => (key === 'now' ? movedNow : Reflect.get(real, key)),
});
RealDate.prototype.constructor = globalThis.Date;

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function send(message: ProcessMessage, sent: () => void = () => undefined): void {
  process.send?.(message, undefined, {}, sent);
}

const contextOf = (message: InvokeMessage): object => {
  const deadline = RealDate.now() + message.timeoutMs;
  return {
    awsRequestId: message.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - RealDate.now()),
  };
};

async function handle(handler: Handler, message: InvokeMessage): Promise<void> {
  clockOffsetMs = message.clockOffsetMs;
  try {
    send({ kind: 'answered', value: await handler(message.event, contextOf(message)) });
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    send({ kind: 'failed', error: describe(error) });
  }
}

async function loadHandler(): Promise<Handler> {
  const bundle = (await import(pathToFileURL(settings.file).href)) as Record<string, unknown>;
  // A CommonJS bundle may show its exports only on `default`.
  const handler =
    bundle[settings.handler] ??
    (bundle['default'] as Record<string, unknown> | undefined)?.[settings.handler];
  if (typeof handler !== 'function')
    throw new Error(`${settings.file} exports no function ${settings.handler}`);
  return handler as Handler;
}

// The runner's end, even by kill -9, is the end of this process; Ctrl-C is for the runner to handle.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

loadHandler().then(
  (handler) => {
    process.on('message', (message) => void handle(handler, message as InvokeMessage));
    send({ kind: 'ready' });
  },
  (error: unknown) => {
    process.stderr.write(`${describe(error)}\n`);
    send({ kind: 'not-loaded', error: describe(error) }, () => process.exit(1));
  },
);
