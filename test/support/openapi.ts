import addFormats from 'ajv-formats';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiOf, type OpenApiDocument, type OpenApiResponse } from '../../lambdas/core/api/openapi.ts';
import { operations, routeKeyOf } from '../../lambdas/core/api/operations.ts';
import { problems } from '../../lambdas/core/problem.ts';
import type { Exchange } from '../../local/gateway.ts';

/** As many different faults as are told. */
const MAX_FAULTS = 20;

/** The description of the API; `closed` refuses members that it does not name. */
export const describedApi = (options: { readonly closed: boolean }): OpenApiDocument =>
  openApiOf(
    operations,
    { url: 'https://api.vendor.example', documentationUrl: 'https://licensing.vendor.example/problems' },
    options,
  );

/** Validates values against schemas within a document, each named by its JSON pointer. */
export class DocumentSchemas {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    // The package is CommonJS: its default export is typed as a module, and is the function.
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#ajv.addSchema(document, 'api');
  }

  /** What is wrong with a value; empty if nothing is. */
  faultsOf(pointer: readonly string[], value: unknown): string[] {
    const path = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const ref = `api#/${path.join('/')}`;
    const validate = this.#validators.get(ref) ?? this.#ajv.compile({ $ref: ref });
    this.#validators.set(ref, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(readable);
  }
}

const readable = ({ instancePath, message = '', params }: ErrorObject): string =>
  `${instancePath || 'the whole'} ${message} ${JSON.stringify(params)}`;

/**
 * Compares every answer of the running service with the description of the API: whatever a test makes the service say, it
 * must be described, to the last member.
 */
export class AnswerCheck {
  readonly #document = describedApi({ closed: true });
  readonly #schemas = new DocumentSchemas(this.#document);
  readonly #operations = new Map(operations.map((operation) => [routeKeyOf(operation), operation]));
  readonly #faults = new Set<string>();

  /** For `LocalServiceOptions.onAnswer`. */
  readonly note = (exchange: Exchange): void => {
    for (const fault of this.faultsOf(exchange)) {
      this.#faults.add(`${exchange.routeKey} answered ${exchange.status}: ${fault}`);
    }
  };

  /** @throws {Error} if anything was answered that is not described. */
  conclude(): void {
    if (this.#faults.size === 0) return;
    const told = [...this.#faults].slice(0, MAX_FAULTS);
    throw new Error(
      `${this.#faults.size} answers are not as lambdas/core/api describes them:\n${told.join('\n')}`,
    );
  }

  faultsOf({ routeKey, status, headers, body }: Exchange): string[] {
    if (routeKey === '$default') return this.#faultsOfFallback(status, body);
    const operation = this.#operations.get(routeKey);
    if (!operation) return ['no operation describes the route'];
    const [path, method] = [operation.path, operation.method.toLowerCase()];
    const response = this.#document.paths[path]?.[method]?.responses[status];
    if (!response) return [`the status is not described; the body was ${body.toString().slice(0, 300)}`];
    const pointer = ['paths', path, method, 'responses', String(status)];
    return [
      ...this.#faultsOfBody(response, pointer, headers['content-type'], body),
      ...faultsOfHeaders(operation.answers[status]?.headers ?? {}, headers),
      ...faultsOfRetry(headers, body),
    ];
  }

  /** The fallback is no operation: it says that there is none. */
  #faultsOfFallback(status: number, body: Buffer): string[] {
    if (status === 429 || status >= 500) return [];
    const schema = ['components', 'schemas', 'Problem'];
    return status === 404 ? this.#schemas.faultsOf(schema, jsonOf(body)) : ['only 404 is foreseen'];
  }

  #faultsOfBody(
    { content }: OpenApiResponse,
    pointer: readonly string[],
    contentType: string | string[] | undefined,
    body: Buffer,
  ): string[] {
    if (content === undefined) return body.length === 0 ? [] : ['a body is not described'];
    const mediaType = String(contentType).split(';')[0]?.trim() ?? '';
    const media = content[mediaType];
    if (media === undefined) return [`${mediaType} is not described`];
    if (media.schema === undefined) return [];
    const isJson = mediaType.endsWith('json');
    const value = isJson ? jsonOf(body) : body.toString();
    return this.#schemas.faultsOf([...pointer, 'content', mediaType, 'schema'], value);
  }
}

/** Undefined is no JSON, and fits no schema. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

const faultsOfHeaders = (
  described: Readonly<Record<string, string>>,
  headers: Exchange['headers'],
): string[] =>
  Object.keys(described)
    .filter((name) => headers[name.toLowerCase()] === undefined)
    .map((name) => `the header ${name} is missing`);

/** `Retry-After` comes with the codes that have it, and with no others. */
function faultsOfRetry(headers: Exchange['headers'], body: Buffer): string[] {
  if (headers['content-type'] !== 'application/problem+json') return [];
  const { code } = jsonOf(body) as { code: string };
  const kinds: Readonly<Record<string, { status: number; retryAfter?: number }>> = problems;
  const expected = kinds[code]?.retryAfter;
  const given = headers['retry-after'];
  return given === (expected === undefined ? undefined : String(expected))
    ? []
    : [`Retry-After is ${String(given)} with ${code}`];
}
