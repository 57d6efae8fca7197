import { setMaxListeners } from 'node:events';
import { Client } from 'undici';
import { systemClock, type Clock } from '../clock.ts';
import { AgentFault } from '../fault.ts';
import { printable } from '../file/printable.ts';
import type { Answer, Unreachable } from '../outcome.ts';
import { interpret, MAX_ANSWER_BYTES, obstructionIn, unreachable, type RawAnswer } from './answer.ts';
import { openConnection, peerOf, type ConnectionOptions } from './connection.ts';
import { clockAheadOf } from './headers.ts';
import { classify } from './obstacle.ts';
import { bareHost, isLoopback, parseProxy, portOf, proxyFor, type Environment } from './proxy.ts';
import { createTrust, type Trust } from './trust.ts';

export interface NetOptions {
  /** URL of a proxy, credentials allowed; wins over the environment. */
  readonly proxy?: string;
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS and SSL_CERT_FILE are read from it. */
  readonly env: Environment;
  /** PEM file of more certificate authorities. */
  readonly extraCaFile?: string;
  /** Whether the certificate authorities of this machine count too. @default true */
  readonly useSystemStore?: boolean;
  /** For a whole request, however slowly its bytes drip. @default 30 */
  readonly timeoutSeconds?: number;
  /** Only this version of IP. @default - whichever answers */
  readonly ipFamily?: 4 | 6;
  /** Accepts a service without TLS elsewhere than on this machine. @default false */
  readonly allowHttp?: boolean;
  /** @default - the one of this machine */
  readonly clock?: Clock;
}

interface PingAnswer {
  readonly kind: 'ok';
  readonly clockAhead?: number;
}

/** Asks the service, one connection for each request: once a day none is worth keeping. */
export interface ServiceClient {
  /**
   * Sends a license file to be renewed. Whatever the network does is an answer.
   * @throws {AgentFault} `settings`, `host-id` where nothing could be sent; the reason of `signal` where that gave up
   */
  renew(
    url: string,
    fileText: string,
    host: { readonly id?: string; readonly name?: string },
    signal?: AbortSignal,
  ): Promise<Answer>;
  /** Asks for the fixed answer of `/v1/ping` beside a URL for renewals; throws as `renew` does. */
  ping(url: string, signal?: AbortSignal): Promise<PingAnswer | Unreachable>;
  /** Gives up whatever is under way. */
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_CONNECT_SECONDS = 10;

/** What `/v1/ping` answers, to the letter. */
export const PING_TEXT = 'automated-licensing: ok\n';

const USER_AGENT = 'license-renewal-agent';
const MAX_SHOWN_NAME = 255;

/**
 * @throws {AgentFault} `settings` where the proxy or the extra file of certificate authorities cannot be used
 */
export function createServiceClient(options: NetOptions): ServiceClient {
  const clock = options.clock ?? systemClock;
  if (options.proxy !== undefined) parseProxy(options.proxy, 'the proxy setting');
  const trust = createTrust(options);
  const closing = new AbortController();
  // One listener for each request under way: there are as many as license files.
  setMaxListeners(0, closing.signal);

  const ask = async (
    url: URL,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<RawAnswer | Unreachable> => {
    const givingUp = [closing.signal, ...(signal === undefined ? [] : [signal])];
    for (const one of givingUp) one.throwIfAborted();
    const peer = printable(peerOf(bareHost(url), portOf(url)), MAX_SHOWN_NAME);
    const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, givingUp);
    try {
      const connection = connectionOptions(url, options, trust, deadline.signal);
      return { ...(await exchange(url, request, connection)), peer, now: clock.now() };
    } catch (error) {
      for (const one of givingUp) one.throwIfAborted();
      if (error instanceof AgentFault) throw error;
      return { kind: 'unreachable', ...classify(error, peer) };
    } finally {
      deadline.end();
    }
  };

  return {
    async renew(address, fileText, host, signal) {
      const url = serviceUrl(address, options.allowHttp);
      const headers = { 'content-type': 'application/jwt', ...hostHeaders(host) };
      const answer = await ask(url, { method: 'POST', headers, body: fileText.trim() }, signal);
      return 'kind' in answer ? answer : interpret(answer);
    },
    async ping(address, signal) {
      const url = pingUrl(serviceUrl(address, options.allowHttp));
      const answer = await ask(url, { method: 'GET', headers: {} }, signal);
      if ('kind' in answer) return answer;
      const obstruction = obstructionIn(answer);
      if (obstruction !== undefined) return obstruction;
      if (answer.status !== 200) return unreachable(answer, undefined);
      if (answer.body.toString('utf8') !== PING_TEXT) {
        return unreachable(
          answer,
          'not the text of the service: something in between answered or changed it',
        );
      }
      const clockAhead = clockAheadOf(answer.headers, answer.now);
      return { kind: 'ok', ...(clockAhead === undefined ? {} : { clockAhead }) };
    },
    close() {
      closing.abort(new Error('the client was closed'));
      return Promise.resolve();
    },
  };
}

/**
 * A signal that aborts after so many seconds, or with one of the others. Not `AbortSignal.any` with `AbortSignal.timeout`: in
 * Node 20 the garbage collector may take the timer away before it fires.
 */
function startDeadline(
  seconds: number,
  others: readonly AbortSignal[],
): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('the time is up', 'TimeoutError'));
  }, seconds * 1000);
  const giveUp = (event: Event): void => {
    const { target } = event;
    controller.abort(target instanceof AbortSignal ? target.reason : undefined);
  };
  for (const one of others) one.addEventListener('abort', giveUp);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      for (const one of others) one.removeEventListener('abort', giveUp);
    },
  };
}

/** Everything a connection to a URL needs. */
export function connectionOptions(
  url: URL,
  options: NetOptions,
  trust: Trust,
  signal: AbortSignal,
): ConnectionOptions {
  const proxy = proxyFor(url, options.proxy, options.env);
  const needsRoots = url.protocol === 'https:' || proxy?.isSecure === true;
  return {
    ...(proxy === undefined ? {} : { proxy }),
    roots: needsRoots ? trust() : [],
    ...(options.ipFamily === undefined ? {} : { family: options.ipFamily }),
    stepSeconds: Math.min(MAX_CONNECT_SECONDS, options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS),
    signal,
  };
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request over a connection of its own. The body is read up to one byte more than a license file may have. */
async function exchange(
  url: URL,
  { method, headers, body }: Request,
  connection: ConnectionOptions,
): Promise<Pick<RawAnswer, 'status' | 'headers' | 'body'>> {
  const socket = await openConnection(url, connection);
  let isTaken = false;
  const client = new Client(url.origin, {
    // 0: says `connection: close`.
    pipelining: 0,
    connect: (_options, callback) => {
      const isSecond = isTaken;
      isTaken = true;
      // Never at once: the client is still in the call that asks for the connection, and would forget to go on.
      setImmediate(() => {
        if (isSecond || socket.destroyed) callback(new Error('the connection was closed'), null);
        else callback(null, socket);
      });
    },
  });
  try {
    const response = await client.request({
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': USER_AGENT, ...headers },
      ...(body === undefined ? {} : { body }),
      signal: connection.signal,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    // Chunks of a body are buffers as long as no encoding is set.
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) break;
    }
    return {
      status: response.statusCode,
      headers: response.headers,
      body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES + 1),
    };
  } finally {
    await client.destroy();
    socket.destroy();
  }
}

/**
 * @throws {AgentFault} `settings`
 */
export function serviceUrl(address: string, allowHttp = false): URL {
  const advice =
    'Give the address of the service with --url, such as https://licensing.vendor.example/v1/licenses/renew.';
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new AgentFault('settings', 'The address of the service is not an https URL', advice);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AgentFault('settings', 'The address of the service holds a user name or password', advice);
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(bareHost(url))) {
    const message = `The address of the service is http, not https: ${printable(url.host, 255)}`;
    throw new AgentFault('settings', message, `${advice} For a trial, --allow-http accepts it.`);
  }
  return url;
}

/** `/v1/ping` beside `/v1/licenses/renew`, also below a path; else at the root. */
export function pingUrl(url: URL): URL {
  const base = /^(.*)\/v1\/licenses\/renew\/?$/.exec(url.pathname)?.[1] ?? '';
  return new URL(`${base}/v1/ping`, url.origin);
}

function hostHeaders({ id, name }: { readonly id?: string; readonly name?: string }): Record<string, string> {
  if (id !== undefined && !/^[\x21-\x7e]{1,128}$/.test(id)) {
    throw new AgentFault(
      'host-id',
      'The host id cannot be sent: it must be 1 to 128 visible ASCII characters',
      'Give another one with --host-id.',
    );
  }
  const shown = name
    ?.replace(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, MAX_SHOWN_NAME);
  return { ...(id === undefined ? {} : { 'host-id': id }), ...(shown ? { 'host-name': shown } : {}) };
}
