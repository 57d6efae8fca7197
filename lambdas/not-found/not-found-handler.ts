import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { problemResponse } from '../adapters/http.ts';
import { Problem } from '../core/problem.ts';

export interface NotFoundHandlerDependencies {
  readonly documentationUrl: string;
}

/** The `$default` route: a proper problem instead of the gateway's bare 404. Scanners come here all day: nothing is logged. */
export const createHandler =
  ({ documentationUrl }: NotFoundHandlerDependencies): APIGatewayProxyHandlerV2 =>
  ({ requestContext }) =>
    Promise.resolve(
      problemResponse(new Problem('route-not-found'), documentationUrl, requestContext.requestId),
    );
