import { createHash } from 'node:crypto';
import { atTheEdge, type Edge, type Request, type Response } from '../adapters/http.ts';
import { contractSchemaOf, openApiOf, type ServedAt } from '../core/api/openapi.ts';
import { operations } from '../core/api/operations.ts';
import { contractSchemaPath, termsQuery } from '../core/api/public-operations.ts';
import { parseQuery } from '../core/api/paging.ts';
import { Problem } from '../core/problem.ts';
import { termsIn } from '../core/terms.ts';

/** Short: after a deployment, readers see what holds now. */
const MAX_AGE_SECONDS = 300;

export interface PublishedHandlerDependencies extends Edge, ServedAt {}

interface Published {
  readonly body: string;
  readonly mediaType: string;
  readonly etag: string;
}

/** What the service says about itself. Nothing is read: the documents are made of the code, once for each address. */
export function createHandler(dependencies: PublishedHandlerDependencies) {
  const made = new Map<string, Published>();
  const once = (key: string, make: () => Published): Published => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
  // Async, so that a fault becomes an answer like any other.
  return atTheEdge(dependencies, async (event) => {
    await Promise.resolve();
    switch (event.routeKey) {
      case 'GET /v1/openapi.json':
        return delivered(
          event,
          once('openapi', () => published(openApiOf(operations, dependencies))),
        );
      case 'GET /v1/schemas/contract.json':
        return delivered(
          event,
          once('contract', () =>
            published(contractSchemaOf(dependencies, contractSchemaPath), 'application/schema+json'),
          ),
        );
      case 'GET /v1/terms': {
        const { language } = parseQuery(termsQuery, event.queryStringParameters);
        return delivered(
          event,
          once(`terms ${language}`, () => published(termsIn(language))),
        );
      }
      default:
        throw new Problem('route-not-found');
    }
  });
}

function published(document: unknown, mediaType = 'application/json'): Published {
  const body = JSON.stringify(document);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { body, mediaType, etag };
}

function delivered({ headers }: Request, { body, mediaType, etag }: Published): Response {
  const caching = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, etag };
  // A cache in between may have marked the tag as weak; it names the same document.
  const held = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (held.includes(etag)) return { statusCode: 304, headers: caching };
  return { statusCode: 200, headers: { 'content-type': mediaType, ...caching }, body };
}
