import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JWTVerifyGetKey } from 'jose';
import type { ServiceClock } from './clock.ts';
import type { Invocation } from './function-pool.ts';
import { toEvent, type Authorized, type GatewayRequest } from './gateway-event.ts';
import { checkToken } from './gateway-jwt.ts';
import { headersOf, jsonAnswer, readBody, type HttpAnswer } from './http.ts';
import { RouteTable, type Route, type RouteMatch } from './routes.ts';
import { isSignedBy, type SigningIdentity } from './sigv4.ts';

/** API Gateway takes 10 MB; Lambda's own limit of 6 MB is not imitated. */
const MAX_BODY = 10 * 1024 * 1024;

export interface GatewayOptions {
  readonly routes: readonly Route[];
  readonly clock: ServiceClock;
  /** Who may call the routes that ask for a signature. */
  readonly identity: SigningIdentity;
  /** Public keys of the issuer whose tokens routes ask for. @default - no route asks for one */
  readonly issuerKeys?: JWTVerifyGetKey | undefined;
  readonly invoke: (functionName: string, event: unknown, requestId: string) => Promise<Invocation>;
  readonly onAnswer?: OnAnswer | undefined;
}

/** An answer of a route, whether of its function or of the gateway itself. */
export interface Exchange {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly routeKey: string;
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: Buffer;
}

export type OnAnswer = (exchange: Exchange) => void;

export type RequestHandler = (request: IncomingMessage) => Promise<HttpAnswer>;

/** Answers that API Gateway makes itself: no problem document, no Retry-After. */
export const bareAnswer = (status: number, message: string): HttpAnswer => jsonAnswer(status, { message });

/** Answers requests as an HTTP API with the template's routes does. */
export function createGateway(options: GatewayOptions): RequestHandler {
  const { routes, clock, identity, issuerKeys, invoke, onAnswer } = options;
  const table = new RouteTable(routes);

  /** What the route's authorizer says: who calls, nothing where there is none, or the refusal. */
  const authorize = async ({ authorization }: Route, request: GatewayRequest): Promise<Admission> => {
    if (authorization === 'NONE') return { authorized: undefined };
    if (authorization === 'AWS_IAM') {
      // A signature's age is measured by the real clock: callers sign with theirs.
      const isSigned = await isSignedBy(identity, request, new Date());
      return isSigned ? { authorized: { signedBy: identity } } : { refusal: bareAnswer(403, 'Forbidden') };
    }
    const check = { authorizer: authorization, keys: issuerKeys, now: clock.now() };
    const checked = await checkToken(request.headers['authorization'], check);
    if ('claims' in checked) return { authorized: checked };
    const refusal = bareAnswer(401, 'Unauthorized');
    return {
      refusal: { ...refusal, headers: { ...refusal.headers, 'www-authenticate': checked.challenge } },
    };
  };

  const answerOf = async (match: RouteMatch, request: GatewayRequest): Promise<HttpAnswer> => {
    const { functionName, timeoutMs } = match.route;
    const admission = await authorize(match.route, request);
    if ('refusal' in admission) return admission.refusal;
    const event = toEvent(request, match, admission.authorized);
    const invocation = await within(timeoutMs, invoke(functionName, event, request.requestId));
    if (invocation === 'late') return bareAnswer(503, 'Service Unavailable');
    const returned = invocation.kind === 'answered' ? toAnswer(invocation.value) : undefined;
    return returned ?? bareAnswer(500, 'Internal Server Error');
  };

  const answer = async (request: GatewayRequest): Promise<HttpAnswer> => {
    const match = table.match(request.method, request.decodedPath);
    if (match === undefined) return bareAnswer(404, 'Not Found');
    const answered = await answerOf(match, request);
    const { method, path } = request;
    onAnswer?.({
      ...{ method, path, routeKey: match.route.routeKey, ...answered },
      body: Buffer.from(answered.body),
    });
    return answered;
  };

  return async (incoming) => {
    const request = await readRequest(incoming, clock.now());
    if (request === 'too-large') return bareAnswer(413, 'Request Entity Too Large');
    if (request === 'malformed') return bareAnswer(400, 'Bad Request');
    const { status, headers, body } = await answer(request);
    return { status, headers: { 'apigw-requestid': request.requestId, ...headers }, body };
  };
}

type Admission = { readonly authorized: Authorized | undefined } | { readonly refusal: HttpAnswer };

async function readRequest(
  incoming: IncomingMessage,
  receivedAt: Date,
): Promise<GatewayRequest | 'too-large' | 'malformed'> {
  const [path = '/', ...query] = (incoming.url ?? '/').split('?');
  const body = await readBody(incoming, MAX_BODY);
  if (body === undefined) return 'too-large';
  try {
    return {
      method: incoming.method ?? 'GET',
      path,
      decodedPath: decodeURIComponent(path),
      query: query.join('?'),
      headers: headersOf(incoming),
      body,
      protocol: `HTTP/${incoming.httpVersion}`,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      requestId: randomBytes(11).toString('base64'),
      receivedAt,
    };
  } catch {
    return 'malformed';
  }
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'late');
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The HTTP answer for what a function returned; undefined where HTTP API would not understand it. */
function toAnswer(value: unknown): HttpAnswer | undefined {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    // A value without status is the body itself.
    if (value === undefined || value === null) return undefined;
    const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers, body, cookies, isBase64Encoded } = value as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  const named = Object.entries((headers ?? {}) as Record<string, unknown>).map(
    ([name, content]) => [name.toLowerCase(), String(content)] as const,
  );
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=utf-8',
      ...Object.fromEntries(
        named.filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding'),
      ),
      ...(Array.isArray(cookies) && { 'set-cookie': cookies.map(String) }),
    },
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}
