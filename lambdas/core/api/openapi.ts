import * as z from 'zod/mini';
import { problems, type ProblemCode } from '../problem.ts';
import { API_TEXT, TAGS } from './api-texts.ts';
import { contractJsonSchema, type JsonSchema } from './document-schemas.ts';
import type { Answer, Content, Operation, Parameter } from './operation.ts';

/** Rises when something is taken away or gets another meaning. */
const API_VERSION = '1';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

export interface ServedAt {
  /** Address of the API, without a slash at its end. */
  readonly url: string;
  /** Page that explains the codes of problems. */
  readonly documentationUrl: string;
}

export interface OpenApiOptions {
  /**
   * Whether the schemas of answers refuse members that they do not name. Callers have to accept those, so that we can add
   * some; tests have not. @default false
   */
  readonly closed?: boolean;
}

interface MediaType {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

/** As much of OpenAPI 3.1 as is used here. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly [member: string]: unknown };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
  readonly [member: string]: unknown;
}

/**
 * The description of the API, made of its operations.
 * @throws {Error} for operations that contradict each other.
 */
export function openApiOf(
  operations: readonly Operation[],
  { url, documentationUrl }: ServedAt,
  { closed = false }: OpenApiOptions = {},
): OpenApiDocument {
  const schemas = new SchemaCollection(closed);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of operations) {
    const atPath = (paths[operation.path] ??= {});
    const method = operation.method.toLowerCase();
    if (atPath[method]) throw new Error(`${operation.id}: ${operation.method} ${operation.path} is taken`);
    atPath[method] = describe(operation, schemas);
  }
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Automated licensing',
      version: API_VERSION,
      summary: API_TEXT.summary,
      description: API_TEXT.description,
      license: { name: 'Proprietary', url: documentationUrl },
    },
    externalDocs: { url: documentationUrl, description: 'The codes of problems, and how to use the API' },
    servers: [{ url }],
    tags: tags.map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: { schemas: schemas.all(), securitySchemes: SECURITY_SCHEMES },
  };
}

const SECURITY_SCHEMES = {
  vendor: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'Signature Version 4 of AWS for the service `execute-api`, by an identity that may call the route',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  customer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'Token of the issuer at which the people of customers sign in; it names the customer and the role',
  },
} as const;

function describe(operation: Operation, schemas: SchemaCollection): OpenApiOperation {
  const { id, tag, summary, audience, role, body, answers } = operation;
  const note = role === 'manager' ? 'Managers only.' : undefined;
  const description = [operation.description, note].filter((text) => text !== undefined).join('\n\n');
  const bodies = body === undefined ? [] : [body].flat();
  const responses = new ResponseCollection();
  for (const [status, answer] of Object.entries(answers)) {
    responses.add(status, responseOf(answer, schemas, `${capitalized(id)}Answer`));
  }
  for (const [status, codes] of problemsByStatus(operation)) {
    responses.add(status, problemResponseOf(codes, schemas));
  }
  for (const [status, message] of gatewayAnswers(operation)) {
    responses.add(status, bareResponseOf(message, schemas));
  }
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === '' ? {} : { description }),
    security: audience === 'public' ? [] : [{ [audience]: [] }],
    parameters: [
      ...parametersOf('path', operation.pathParameters, schemas),
      ...parametersOf('query', operation.query, schemas),
      ...parametersOf('header', operation.headers, schemas),
    ],
    ...(bodies.length === 0
      ? {}
      : {
          requestBody: {
            required: true,
            content: contentOf(bodies, schemas, 'input', `${capitalized(id)}Body`),
          },
        }),
    responses: responses.all(),
  };
}

const parametersOf = (
  place: OpenApiParameter['in'],
  parameters: Readonly<Record<string, Parameter>> = {},
  schemas: SchemaCollection,
): OpenApiParameter[] =>
  Object.entries(parameters).map(([name, { schema, description, example }]) => ({
    name,
    in: place,
    required: place === 'path',
    description,
    schema: schemas.inline(schema),
    ...(example === undefined ? {} : { example }),
  }));

const contentOf = (
  contents: readonly Content[],
  schemas: SchemaCollection,
  io: Direction,
  fallback: string,
): Record<string, MediaType> =>
  Object.fromEntries(
    contents.map(({ schema, name = fallback, mediaType = JSON_TYPE, example }) => [
      mediaType,
      { ...(schema === undefined ? {} : { schema: schemas.named(schema, io, name) }), example },
    ]),
  );

const headersOf = (headers: Readonly<Record<string, string>>): Pick<OpenApiResponse, 'headers'> => ({
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  ),
});

const responseOf = (
  { description, content, headers }: Answer,
  schemas: SchemaCollection,
  name: string,
): OpenApiResponse => ({
  description,
  ...(headers === undefined ? {} : headersOf(headers)),
  ...(content === undefined ? {} : { content: contentOf([content].flat(), schemas, 'output', name) }),
});

/** Codes that go without saying: every function can fail, read a body and ask who calls. */
function problemsOf({ audience, role, body, problems: own }: Operation): ProblemCode[] {
  const reads =
    body === undefined ? [] : [body].flat().filter(({ mediaType = JSON_TYPE }) => mediaType === JSON_TYPE);
  return [
    ...new Set<ProblemCode>([
      ...own,
      ...(reads.length > 0 ? (['body-invalid', 'body-too-large'] as const) : []),
      ...(audience === 'customer' ? (['token-incomplete'] as const) : []),
      ...(role === 'manager' ? (['role-insufficient'] as const) : []),
      'unavailable',
    ]),
  ];
}

function problemsByStatus(operation: Operation): Map<string, ProblemCode[]> {
  const byStatus = new Map<string, ProblemCode[]>();
  // Pages for people have no problems: whatever happens, a person gets a page.
  if (isForReaders(operation)) return byStatus;
  for (const code of problemsOf(operation)) {
    const status = String(operation.conflicts?.includes(code) === true ? 409 : problems[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

const isForReaders = ({ answers }: Operation): boolean =>
  Object.values(answers).every(({ content = [] }) =>
    [content].flat().some(({ mediaType }) => mediaType === 'text/html'),
  );

function problemResponseOf(codes: readonly ProblemCode[], schemas: SchemaCollection): OpenApiResponse {
  const first = codes[0] ?? 'unavailable';
  const { title, status, detail, retryAfter }: (typeof problems)[ProblemCode] & { retryAfter?: number } =
    problems[first];
  const retries = retryAfter !== undefined || codes.some((code) => 'retryAfter' in problems[code]);
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
    ...(retries ? headersOf({ 'Retry-After': 'Seconds after which trying again can help' }) : {}),
    content: {
      [PROBLEM_TYPE]: {
        schema: {
          allOf: [
            schemas.named(problemSchema, 'output', 'Problem'),
            { properties: { code: { enum: codes } } },
          ],
        },
        example: {
          type: `https://licensing.vendor.example/problems#${first}`,
          title,
          status,
          code: first,
          detail,
          requestId: 'JKJaXmPLvHcESHA=',
        },
      },
    },
  };
}

/** Answers that API Gateway makes itself, before or instead of a function. */
function* gatewayAnswers({ audience, body }: Operation): Generator<[string, string]> {
  if (audience === 'customer') yield ['401', 'Unauthorized'];
  if (audience === 'vendor') yield ['403', 'Forbidden'];
  if (body !== undefined) yield ['413', 'Request Entity Too Large'];
  yield ['429', 'Too Many Requests'];
  yield ['500', 'Internal Server Error'];
  yield ['503', 'Service Unavailable'];
}

const bareResponseOf = (message: string, schemas: SchemaCollection): OpenApiResponse => ({
  description: `${message}, by the gateway`,
  content: {
    [JSON_TYPE]: { schema: schemas.named(bareSchema, 'output', 'GatewayAnswer'), example: { message } },
  },
});

/** RFC 9457, as `problemResponse` writes it. */
const problemSchema = z.object({
  type: z.string().check(z.meta({ format: 'uri', description: 'Address of the explanation' })),
  title: z.string(),
  status: z.int(),
  code: z.string().check(z.meta({ description: 'Stable: what programs decide on' })),
  detail: z.string().check(z.meta({ description: 'For people: what can be done about it' })),
  faults: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  requestId: z.string(),
});

const bareSchema = z.object({ message: z.string() });

/** Responses by status; the gateway and a function may answer the same status in media types of their own. */
class ResponseCollection {
  readonly #byStatus = new Map<string, OpenApiResponse>();

  add(status: string, added: OpenApiResponse): void {
    const known = this.#byStatus.get(status);
    this.#byStatus.set(status, known === undefined ? added : merged(known, added));
  }

  all(): Record<string, OpenApiResponse> {
    return Object.fromEntries(this.#byStatus);
  }
}

const merged = (a: OpenApiResponse, b: OpenApiResponse): OpenApiResponse => ({
  description: `${a.description}\n\n${b.description}`,
  ...(a.headers || b.headers ? { headers: { ...a.headers, ...b.headers } } : {}),
  content: { ...a.content, ...b.content },
});

/** What is sent may lack what has a default; what is answered has it. */
type Direction = 'input' | 'output';

/** The schemas of the document, each one once. */
class SchemaCollection {
  readonly #closed: boolean;
  readonly #names: Record<Direction, Map<z.ZodMiniType, string>> = { input: new Map(), output: new Map() };
  readonly #schemas = new Map<string, JsonSchema>();

  constructor(closed: boolean) {
    this.#closed = closed;
  }

  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference to the schema, under this name where it has none yet. */
  named(schema: z.ZodMiniType, io: Direction, wanted: string): JsonSchema {
    let name = this.#names[io].get(schema);
    if (name === undefined) {
      const converted = this.#convert(schema, io);
      name = this.#nameFor(converted, wanted);
      this.#names[io].set(schema, name);
      this.#schemas.set(name, converted);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  inline(schema: z.ZodMiniType): JsonSchema {
    return this.#convert(schema, 'input');
  }

  /** Numbered where another schema has the name; one that is equal, such as the other direction of this one, shares it. */
  #nameFor(schema: JsonSchema, wanted: string): string {
    const json = JSON.stringify(schema);
    const isTaken = (name: string): boolean => {
      const known = this.#schemas.get(name);
      return known !== undefined && JSON.stringify(known) !== json;
    };
    let name = wanted;
    for (let number = 2; isTaken(name); number += 1) name = `${wanted}${number}`;
    return name;
  }

  #convert(schema: z.ZodMiniType, io: Direction): JsonSchema {
    const { $schema, ...converted } = z.toJSONSchema(schema, {
      io,
      override: ({ zodSchema, jsonSchema }) => {
        const { def } = zodSchema._zod;
        if (def.type === 'record') nameMembers(jsonSchema, this.#closed);
        // Strict objects stay so: they say it themselves.
        if (!this.#closed && def.type === 'object' && def.catchall === undefined)
          delete jsonSchema.additionalProperties;
        // The limits of every `z.int()` are those of the machine and say nothing.
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      },
    });
    // Without what zod hangs on to it for its own purposes.
    return JSON.parse(JSON.stringify(converted)) as JsonSchema;
  }
}

/** A record over an enumeration is an object whose members are known: readers and generated clients see them by name. */
function nameMembers(record: z.core.JSONSchema.BaseSchema, closed: boolean): void {
  const { propertyNames, additionalProperties: member, required } = record;
  if (typeof propertyNames !== 'object' || typeof member !== 'object' || required === undefined) return;
  record.properties = Object.fromEntries(required.map((name) => [name, member]));
  delete record.propertyNames;
  if (closed) record.additionalProperties = false;
  else delete record.additionalProperties;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The JSON Schema of a contract document, as a document of its own. */
export const contractSchemaOf = ({ url }: ServedAt, path: string): JsonSchema => {
  const { $schema, ...schema } = contractJsonSchema();
  return { $schema, $id: `${url}${path}`, ...schema };
};
