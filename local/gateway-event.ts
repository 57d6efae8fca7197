import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RouteMatch } from './routes.ts';
import type { SigningIdentity } from './sigv4.ts';

/** What the gateway has read of a request. */
export interface GatewayRequest {
  readonly method: string;
  /** Still encoded, as sent. */
  readonly path: string;
  /** Decoded, as HTTP API hands it to functions. */
  readonly decodedPath: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly protocol: string;
  /** From the socket, never from a header. */
  readonly sourceIp: string;
  readonly requestId: string;
  readonly receivedAt: Date;
}

/** Only these are handed on as text; everything else, and a body without a type, as base64. */
const TEXT = /^(?:text\/.+|application\/(?:json|javascript|xml))$/;
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'cookie',
]);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What the authorizer of a route says of the caller. */
export type Authorized =
  { readonly signedBy: SigningIdentity } | { readonly claims: Readonly<Record<string, string>> };

/** The event of payload format 2.0. `authorized` is there where the route has an authorizer. */
export function toEvent(
  request: GatewayRequest,
  { route, pathParameters }: RouteMatch,
  authorized: Authorized | undefined,
): APIGatewayProxyEventV2 {
  const { headers, receivedAt, requestId } = request;
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isBase64Encoded =
    request.body.length > 0 && !(TEXT.test(mediaType) && headers['content-encoding'] === undefined);
  const queryStringParameters = parseQuery(request.query);
  const cookies = headers['cookie']?.split(/;\s*/);
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: request.decodedPath,
    rawQueryString: request.query,
    ...(cookies && { cookies }),
    headers: forwarded(request),
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: request.decodedPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.routeKey,
      stage: '$default',
      time: logTime(receivedAt),
      timeEpoch: receivedAt.getTime(),
    },
    ...(request.body.length > 0 && { body: request.body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    ...(pathParameters && { pathParameters: { ...pathParameters } }),
    isBase64Encoded,
  };
  if (authorized === undefined) return event;
  const { requestContext } = event;
  const authorizer =
    'signedBy' in authorized
      ? { iam: iamContext(authorized.signedBy, requestContext.accountId) }
      : { jwt: { claims: authorized.claims, scopes: null } };
  // The types of plain events have no authorizer.
  return { ...event, requestContext: { ...requestContext, authorizer } as typeof requestContext };
}

/** What the IAM authoriser adds. */
const iamContext = ({ accessKeyId }: SigningIdentity, accountId: string) => ({
  accessKey: accessKeyId,
  accountId,
  callerId: accessKeyId,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: `arn:aws:iam::${accountId}:user/${accessKeyId}`,
  userId: accessKeyId,
});

function forwarded({ headers, body, sourceIp, requestId }: GatewayRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
  const before = headers['x-forwarded-for'];
  return {
    ...Object.fromEntries(kept),
    ...(body.length > 0 && { 'content-length': String(body.length) }),
    'x-amzn-trace-id': headers['x-amzn-trace-id'] ?? `Root=${requestId}`,
    'x-forwarded-for': before === undefined ? sourceIp : `${before}, ${sourceIp}`,
    'x-forwarded-port': headers['host']?.split(':')[1] ?? '80',
    'x-forwarded-proto': 'http',
  };
}

function parseQuery(query: string): Record<string, string> | undefined {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return values.size > 0 ? Object.fromEntries(values) : undefined;
}

/** As in access logs: `24/Nov/2026:09:30:00 +0000`. */
function logTime(date: Date): string {
  const [day = '', time = ''] = date.toISOString().split(/[T.]/);
  const [year = '', month = '', dayOfMonth = ''] = day.split('-');
  return `${dayOfMonth}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${time} +0000`;
}
