import type { Logger } from '@aws-lambda-powertools/logger';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { Problem, problems } from '../core/problem.ts';

export type Request = APIGatewayProxyEventV2;
export type Response = APIGatewayProxyStructuredResultV2;

export interface Edge {
  readonly logger: Logger;
  /** Base of the documentation; the code of a problem is appended as the fragment. */
  readonly documentationUrl: string;
  /** Counts a problem that was answered, with what it is about. @default - it is logged */
  readonly onProblem?: (problem: Problem, about: Readonly<Record<string, string>>) => void;
}

/** The bytes of a body; undefined above `limit` bytes, without decoding them. */
export function bodyOf(event: Request, limit: number): Buffer | undefined {
  const body = event.body ?? '';
  if (!event.isBase64Encoded) {
    const bytes = Buffer.from(body, 'utf8');
    return bytes.length > limit ? undefined : bytes;
  }
  return Buffer.byteLength(body, 'base64') > limit ? undefined : Buffer.from(body, 'base64');
}

export const jsonResponse = (
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

/** RFC 9457 answer of a problem. */
export function problemResponse(problem: Problem, documentationUrl: string, requestId: string): Response {
  const kind: { title: string; retryAfter?: number } = problems[problem.code];
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(kind.retryAfter === undefined ? {} : { 'retry-after': String(kind.retryAfter) }),
    },
    body: JSON.stringify({
      type: `${documentationUrl}#${problem.code}`,
      title: kind.title,
      status: problem.status,
      code: problem.code,
      detail: problem.detail,
      ...(problem.faults.length > 0 ? { faults: problem.faults } : {}),
      requestId,
    }),
  };
}

/**
 * The edge of every function: problems become answers, and everything unforeseen becomes `unavailable`, with its cause in
 * the log and nowhere else. Logs carry codes and ids only, never bodies, tokens or events.
 */
export const atTheEdge =
  (edge: Edge, handle: (event: Request, now: number) => Promise<Response>): APIGatewayProxyHandlerV2 =>
  async (event) => {
    const { requestId } = event.requestContext;
    try {
      return await handle(event, Math.floor(Date.now() / 1000));
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem('unavailable', { cause: error });
      const about = { requestId, ...problem.about };
      if (problem.code === 'unavailable') {
        edge.logger.error('unavailable', { ...about, cause: faultOf(problem.cause) });
      } else if (!edge.onProblem) {
        edge.logger.info('problem', { ...about, code: problem.code });
      }
      edge.onProblem?.(problem, about);
      return problemResponse(problem, edge.documentationUrl, requestId);
    }
  };

/** What is logged of a fault: SDK messages can repeat request values, so only names of their errors are kept. */
function faultOf(cause: unknown): Record<string, unknown> {
  if (!(cause instanceof Error)) return { name: typeof cause };
  const fromAws = '$metadata' in cause;
  return {
    name: cause.name,
    ...(fromAws ? {} : { message: cause.message }),
    stack: cause.stack?.split('\n').slice(1, 8).join('\n'),
  };
}
