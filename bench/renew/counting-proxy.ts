import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Endpoints } from '../../local/endpoints.ts';
import { closeServer, listen } from '../../local/http.ts';

/** One request to AWS as it passed. */
export interface Call {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Units as the engine counted them; undefined where it did not. */
  readonly units: { readonly read: number; readonly write: number } | undefined;
}

/** Stands between the functions and AWS, notes every call, and asks DynamoDB what each one consumed. */
export interface CountingProxy {
  readonly decorateEndpoints: (real: Endpoints) => Promise<Endpoints>;
  /** Takes the calls that were noted since the last time. */
  take(): Call[];
  close(): Promise<void>;
}

export function createCountingProxy(): CountingProxy {
  let calls: Call[] = [];
  const agent = new Agent({ keepAlive: true });
  const closing: (() => Promise<void>)[] = [];

  const relay = async (target: URL, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = performance.now();
    const action = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input = JSON.parse(await text(incoming)) as Record<string, unknown>;
    const isDatabase = String(incoming.headers['x-amz-target']).startsWith('DynamoDB');
    // The signature no longer fits the body: engines on one machine do not check it.
    const asked = isDatabase ? { ...input, ReturnConsumedCapacity: 'INDEXES' } : input;
    const reply = await forward(agent, target, incoming, JSON.stringify(asked));
    const units = isDatabase ? unitsIn(action, reply.body) : undefined;
    calls.push({ action, input, startedAt, endedAt: performance.now(), units });
    response.writeHead(reply.status, {
      'content-type': reply.type,
      'content-length': Buffer.byteLength(reply.body),
    });
    response.end(reply.body);
  };

  const inFrontOf = async (target: string): Promise<string> => {
    const server = createServer((incoming, response) => {
      relay(new URL(target), incoming, response).catch(() => response.destroy());
    });
    closing.push(() => closeServer(server));
    return listen(server, 0);
  };

  return {
    decorateEndpoints: async (real) => ({
      ...real,
      dynamodb: await inFrontOf(real.dynamodb),
      kms: await inFrontOf(real.kms),
    }),
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async close() {
      agent.destroy();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function forward(agent: Agent, target: URL, incoming: IncomingMessage, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { 'content-length': _, ...headers } = incoming.headers;
    const options = {
      agent,
      hostname: target.hostname,
      port: target.port,
      method: 'POST',
      path: incoming.url ?? '/',
      headers: { ...headers, host: target.host, 'content-length': Buffer.byteLength(body) },
    };
    const outgoing = httpRequest(options, (reply) => {
      text(reply).then(
        (answer) =>
          resolve({
            status: reply.statusCode ?? 500,
            type: reply.headers['content-type'] ?? 'application/x-amz-json-1.0',
            body: answer,
          }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

interface ConsumedCapacity {
  readonly CapacityUnits?: number;
}

/** The sum over tables and their indexes: `CapacityUnits` of a table includes its indexes. */
function unitsIn(action: string, body: string): Call['units'] {
  const { ConsumedCapacity: consumed } = JSON.parse(body) as {
    ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
  };
  if (consumed === undefined) return undefined;
  const sum = [consumed].flat().reduce((total, { CapacityUnits = 0 }) => total + CapacityUnits, 0);
  return /^(?:Put|Update|Delete)Item$/.test(action) ? { read: 0, write: sum } : { read: sum, write: 0 };
}

/** Steps that had to wait for each other: the longest chain of calls each of which began after the one before had ended. */
export function sequentialSteps(calls: readonly Call[]): number {
  let steps = 0;
  let freeAt = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of [...calls].sort((a, b) => a.endedAt - b.endedAt)) {
    if (startedAt < freeAt) continue;
    steps += 1;
    freeAt = endedAt;
  }
  return steps;
}
