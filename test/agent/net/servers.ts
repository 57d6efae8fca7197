import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import type { Identity } from './certificates.ts';

export interface TestServer {
  readonly port: number;
  /** Connections that are open now. */
  open(): Promise<number>;
  stop(): Promise<void>;
}

async function started(server: TcpServer, host = '127.0.0.1'): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    // A server that listens on a port has such an address.
    port: (server.address() as AddressInfo).port,
    open: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export const startHttp = (listener: RequestListener, host?: string): Promise<TestServer> =>
  started(createServer(listener), host);

export const startHttps = (
  identity: Identity,
  listener: RequestListener,
  options: object = {},
): Promise<TestServer> => started(createHttpsServer({ ...identity, ...options }, listener));

/** Speaks whatever it likes. */
export const startTcp = (onConnection: (socket: Socket) => void): Promise<TestServer> =>
  started(createTcpServer(onConnection));

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export interface TestProxy extends TestServer {
  /** Targets that a tunnel was asked for. */
  readonly asked: readonly string[];
}

/**
 * A proxy for CONNECT with Basic authentication, which reaches any name at the ports given here.
 * @param credentials `user:password`; absent: for everybody
 */
export async function startProxy(options: {
  readonly routes: Readonly<Record<string, number>>;
  readonly credentials?: string;
  readonly identity?: Identity;
  /** Says this instead of opening a tunnel. */
  readonly answer?: string;
  /** Never answers. */
  readonly isSilent?: boolean;
}): Promise<TestProxy> {
  const asked: string[] = [];
  const server: Server =
    options.identity === undefined ? createServer() : createHttpsServer(options.identity);
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    asked.push(request.url ?? '');
    if (options.isSilent) {
      // Reads, or it would not notice the end.
      socket.resume().on('end', () => socket.destroy());
      return;
    }
    if (options.answer !== undefined) {
      socket.end(options.answer);
      return;
    }
    const expected = options.credentials && `Basic ${Buffer.from(options.credentials).toString('base64')}`;
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\ncontent-length: 0\r\n\r\n',
      );
      return;
    }
    const port = options.routes[request.url ?? ''];
    if (port === undefined) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  const running = await started(server);
  return { ...running, asked };
}

/** Stops everything that a test has started, in the end. */
export function cleaner(): {
  <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing;
  all(): Promise<void>;
} {
  const things: { stop(): Promise<void> }[] = [];
  const keep = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    things.push(thing);
    return thing;
  };
  return Object.assign(keep, {
    all: async (): Promise<void> => {
      await Promise.all(things.splice(0).map((thing) => thing.stop()));
    },
  });
}
