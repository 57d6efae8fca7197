import { request } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { bareHost, portOf, type ProxyServer } from './proxy.ts';

/** What was under way when a connection failed. */
export type Step = 'resolve' | 'connect' | 'tunnel' | 'handshake';

/** A connection was not made. The obstacle follows from the step and from who was asked. */
export class ConnectionError extends Error {
  readonly step: Step;
  readonly to: 'service' | 'proxy';
  /** `host:port` that did not answer as it should. */
  readonly peer: string;
  /** Seconds after which waiting was given up; absent where something else failed. */
  readonly timedOutAfter?: number;
  /** What the proxy answered instead of 200. */
  readonly proxyStatus?: number;
  /** What a proxy asks for with 407, such as `Negotiate, NTLM`. */
  readonly proxyAuthenticate?: string;

  constructor(
    at: { readonly step: Step; readonly to: 'service' | 'proxy'; readonly peer: string },
    why: {
      readonly cause?: unknown;
      readonly timedOutAfter?: number;
      readonly proxyStatus?: number;
      readonly proxyAuthenticate?: string;
    },
  ) {
    super(`${at.step} ${at.peer} failed`, { cause: why.cause });
    this.name = 'ConnectionError';
    this.step = at.step;
    this.to = at.to;
    this.peer = at.peer;
    if (why.timedOutAfter !== undefined) this.timedOutAfter = why.timedOutAfter;
    if (why.proxyStatus !== undefined) this.proxyStatus = why.proxyStatus;
    if (why.proxyAuthenticate !== undefined) this.proxyAuthenticate = why.proxyAuthenticate;
  }
}

export interface ConnectionOptions {
  readonly proxy?: ProxyServer;
  /** Certificate authorities in PEM. */
  readonly roots: readonly string[];
  /** Only this version of IP. */
  readonly family?: 4 | 6;
  /** For each step. */
  readonly stepSeconds: number;
  /** Gives up; a reason named `TimeoutError` counts as a time-out. */
  readonly signal: AbortSignal;
}

/** Until the next address of a name is tried as well: 250 ms, Node's own, fails on slow lines. */
const NEXT_ADDRESS_MS = 2500;

export const peerOf = (host: string, port: number): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * Connects to the service of a URL, through the proxy if there is one, and verifies its certificate if it is https. The socket
 * carries nothing yet.
 * @throws {ConnectionError}
 */
export async function openConnection(url: URL, options: ConnectionOptions): Promise<Socket> {
  const [host, port] = [bareHost(url), portOf(url)];
  const { proxy } = options;
  const socket =
    proxy === undefined
      ? await reach(host, port, 'service', options)
      : await tunnel(await reachProxy(proxy, options), proxy, peerOf(host, port), options);
  return url.protocol === 'https:' ? secure(socket, host, port, 'service', options) : socket;
}

/** TCP, and TLS where the proxy is an https one. */
export async function reachProxy(proxy: ProxyServer, options: ConnectionOptions): Promise<Socket> {
  const socket = await reach(proxy.host, proxy.port, 'proxy', options);
  return proxy.isSecure ? secure(socket, proxy.host, proxy.port, 'proxy', options) : socket;
}

/** TCP, to whichever address of the name answers. */
export function reach(
  host: string,
  port: number,
  to: 'service' | 'proxy',
  options: ConnectionOptions,
): Promise<Socket> {
  const family = options.family;
  const socket = connectTcp({
    host,
    port,
    ...(family === undefined
      ? { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS }
      : { family, autoSelectFamily: false }),
  });
  socket.setNoDelay(true);
  let step: Step = isIP(host) === 0 ? 'resolve' : 'connect';
  socket.on('lookup', (error: Error | null) => {
    if (error === null) step = 'connect';
  });
  return finished(
    socket,
    options,
    () => ({ step, to, peer: peerOf(host, port) }),
    (done) => {
      socket.once('connect', () => {
        done(socket);
      });
    },
  );
}

/** Asks the proxy for a way to `target`, as `host:port`. */
export function tunnel(
  socket: Socket,
  proxy: ProxyServer,
  target: string,
  options: ConnectionOptions,
): Promise<Socket> {
  const at = { step: 'tunnel', to: 'proxy', peer: peerOf(proxy.host, proxy.port) } as const;
  return finished(
    socket,
    options,
    () => at,
    (done, fail) => {
      const asking = request({
        method: 'CONNECT',
        path: target,
        headers: {
          host: target,
          connection: 'keep-alive',
          'proxy-connection': 'keep-alive',
          ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
        },
        createConnection: () => socket,
      });
      asking.on('error', fail);
      asking.once('connect', (response, _socket, head: Buffer) => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) {
          if (head.length > 0) socket.unshift(head);
          done(socket);
          return;
        }
        const proxyAuthenticate = response.headers['proxy-authenticate'];
        fail(
          new ConnectionError(at, {
            proxyStatus: status,
            ...(proxyAuthenticate === undefined ? {} : { proxyAuthenticate }),
          }),
        );
      });
      asking.end();
    },
  );
}

/** TLS over a socket, with a certificate for `host` from one of the roots. */
export function secure(
  socket: Socket,
  host: string,
  port: number,
  to: 'service' | 'proxy',
  options: ConnectionOptions & {
    /** False only to look at a certificate that was not accepted; nothing may be sent then. @default true */
    readonly mustBeTrusted?: boolean;
  },
): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    host,
    // Names only: a server does not look for addresses (RFC 6066).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: [...options.roots],
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: options.mustBeTrusted ?? true,
  });
  const at = { step: 'handshake', to, peer: peerOf(host, port) } as const;
  return finished(
    secured,
    options,
    () => at,
    (done) => {
      secured.once('secureConnect', () => {
        done(secured);
      });
    },
  );
}

/** Waits for one step; the socket is destroyed unless it succeeds, and never throws an unheard error later. */
function finished<Made extends Socket>(
  socket: Made,
  { signal, stepSeconds }: ConnectionOptions,
  where: () => { readonly step: Step; readonly to: 'service' | 'proxy'; readonly peer: string },
  start: (done: (made: Made) => void, fail: (error: unknown) => void) => void,
): Promise<Made> {
  return new Promise<Made>((resolve, reject) => {
    const began = performance.now();
    const cleanUp = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('close', onClose);
    };
    const fail = (error: unknown): void => {
      cleanUp();
      socket.destroy();
      reject(error instanceof ConnectionError ? error : new ConnectionError(where(), { cause: error }));
    };
    const timeOut = (): void => {
      fail(new ConnectionError(where(), { timedOutAfter: Math.round((performance.now() - began) / 1000) }));
    };
    const onAbort = (): void => {
      if (signal.reason instanceof Error && signal.reason.name === 'TimeoutError') timeOut();
      else fail(signal.reason);
    };
    const onClose = (): void => {
      fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    };
    const timer = setTimeout(timeOut, stepSeconds * 1000);
    // Kept for good: an error after this step is noticed by whoever reads.
    socket.on('error', fail);
    socket.once('close', onClose);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort);
    start((made) => {
      cleanUp();
      resolve(made);
    }, fail);
  });
}
