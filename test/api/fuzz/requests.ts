import type { Operation, Parameter } from '../../../lambdas/core/api/operation.ts';
import type { OpenApiDocument, OpenApiOperation } from '../../../lambdas/core/api/openapi.ts';
import type { ApiRequest, Caller } from '../api-client.ts';
import { bytesOf, exampleBodyOf } from '../example-requests.ts';
import type { Named } from '../population.ts';
import { Generator, type Known } from './generate.ts';
import { hostileBody, HOSTILE_TEXTS, mutated } from './hostile.ts';
import type { Pool } from './pool.ts';
import type { Random } from './random.ts';

/** A request, and what is known of its answer beforehand. */
export interface FuzzRequest extends ApiRequest {
  readonly operation: Operation;
  /** Nobody may get past the gateway with it. */
  readonly isUnauthorized: boolean;
  /** The customer whose token it carries. */
  readonly customerId?: string;
}

/** Makes requests for the operations: valid ones, nearly valid ones, and such as only somebody hostile sends. */
export class RequestMaker {
  readonly #document: OpenApiDocument;
  readonly #generator: Generator;

  constructor(document: OpenApiDocument) {
    this.#document = document;
    this.#generator = new Generator(document);
  }

  make(operation: Operation, random: Random, pool: Pool): FuzzRequest {
    const named = pool.named(random.weighted({ own: 6, foreign: 1, unknown: 1 }), random);
    const known = knownFrom(named, pool);
    const description = this.#descriptionOf(operation);
    const body = this.#bodyOf(operation, description, random, named, known, pool);
    return {
      operation,
      method: operation.method,
      path: pathFor(operation, random, named) + this.#queryOf(operation, description, random, known),
      headers: headersFor(operation, random, known),
      ...(body === undefined ? {} : { body }),
      ...callerFor(operation, random, pool),
    };
  }

  #descriptionOf({ path, method }: Operation): OpenApiOperation {
    const found = this.#document.paths[path]?.[method.toLowerCase()];
    if (!found) throw new Error(`${method} ${path} is not described`);
    return found;
  }

  #queryOf(operation: Operation, { parameters }: OpenApiOperation, random: Random, known: Known): string {
    const pairs: string[] = [];
    for (const { name, in: place, schema } of parameters) {
      if (place !== 'query' || !random.chance(0.4)) continue;
      const value = random.chance(0.75)
        ? String(this.#generator.valueOf(schema, random, known, name))
        : random.pick(HOSTILE_TEXTS);
      pairs.push(`${name}=${encoded(value)}`);
      if (random.chance(0.05)) pairs.push(`${name}=${encoded(random.pick(HOSTILE_TEXTS))}`);
    }
    if (random.chance(0.03))
      pairs.push(`${encoded(random.pick(HOSTILE_TEXTS))}=${encoded(random.pick(HOSTILE_TEXTS))}`);
    // Signers and gateways read broken escapes in ways of their own: only where nothing is signed.
    if (operation.audience !== 'vendor' && random.chance(0.02))
      pairs.push(random.pick(['%', '%zz=1', '=', '&&', 'limit']));
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  }

  #bodyOf(
    operation: Operation,
    { requestBody }: OpenApiOperation,
    random: Random,
    named: Named,
    known: Known,
    pool: Pool,
  ): Buffer | undefined {
    const example = exampleBodyOf(operation, named, pool.versions);
    if (example === undefined) return random.chance(0.03) ? hostileBody(random) : undefined;
    const kind = random.weighted({ valid: 4, generated: 3, nearly: 4, hostile: 1 });
    if (kind === 'hostile') return hostileBody(random);
    const { mediaType = 'application/json' } = example;
    if (!mediaType.endsWith('json'))
      return random.chance(0.7) ? bytesOf(example) : broken(bytesOf(example), random);
    const schema = requestBody?.content[mediaType]?.schema;
    const value =
      schema !== undefined && (kind === 'generated' || random.chance(0.3))
        ? this.#generator.valueOf(schema, random, known)
        : example.example;
    return bytesOf({ ...example, example: kind === 'nearly' ? mutated(value, random) : value });
  }
}

/** A file or form with a few bytes changed, cut or repeated. */
function broken(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.between(0, Math.max(0, copy.length - 1));
  switch (random.pick(['flip', 'cut', 'twice', 'spaced'] as const)) {
    case 'flip':
      if (copy.length > 0) copy[at] = random.between(0, 255);
      return copy;
    case 'cut':
      return copy.subarray(0, at);
    case 'twice':
      return Buffer.concat([copy, copy]);
    case 'spaced':
      return Buffer.concat([Buffer.from(' \r\n'), copy, Buffer.from('\n\n')]);
  }
}

/** Halves of surrogate pairs cannot be encoded. */
const encoded = (text: string): string => encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\ufffd'));

function pathFor({ path, pathParameters = {} }: Operation, random: Random, named: Named): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    // A segment that is empty, or one step up, would be another route.
    const texts = HOSTILE_TEXTS.filter((text) => text !== '' && !text.includes('/'));
    if (random.chance(0.06)) return encoded(random.pick(texts));
    const value: unknown = Reflect.get(named, name) ?? pathParameters[name]?.example;
    return encoded(String(value));
  });
}

function headersFor({ headers = {}, body }: Operation, random: Random, known: Known): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, parameter] of Object.entries<Parameter>(headers)) {
    if (!random.chance(0.5)) continue;
    sent[name] = random.chance(0.7)
      ? (known.textFor(name === 'Host-Id' ? 'hostId' : name, random) ?? String(parameter.example))
      : random.pick([
          '',
          ' ',
          'é',
          'a b',
          'x'.repeat(128),
          'x'.repeat(129),
          'x'.repeat(2_000),
          '"',
          'W/"x"',
          ',',
        ]);
  }
  if (body !== undefined && random.chance(0.9)) {
    const { mediaType = 'application/json' } = [body].flat()[0] ?? {};
    sent['content-type'] = random.chance(0.8)
      ? mediaType
      : random.pick([
          'text/plain',
          'application/octet-stream',
          'application/zip',
          'multipart/form-data',
          'x',
        ]);
  }
  return sent;
}

/** With what a request of the operation is sent, mostly as it should be. */
function callerFor(
  { audience }: Operation,
  random: Random,
  pool: Pool,
): { caller: Caller; isUnauthorized: boolean; customerId?: string } {
  if (audience !== 'customer') {
    const isRight = audience === 'public' || random.chance(0.95);
    const caller = pool.caller(audience === 'vendor' && isRight ? 'vendor' : 'anybody', random);
    return { ...caller, isUnauthorized: !isRight };
  }
  const kind = random.weighted({
    manager: 12,
    viewer: 4,
    foreign: 2,
    incomplete: 1,
    expired: 1,
    garbage: 1,
    anybody: 1,
  });
  return { ...pool.caller(kind, random), isUnauthorized: ['expired', 'garbage', 'anybody'].includes(kind) };
}

/** What the name of a member or parameter stands for. */
const knownFrom = (named: Named, pool: Pool): Known => ({
  textFor(name, random) {
    if (name === 'after' || name === 'next') return pool.cursor(random);
    const value: unknown = Reflect.get(named, name === 'retire' ? 'licenseId' : name);
    return typeof value === 'string' ? value : undefined;
  },
  keyFor: (random) => (random.chance(0.5) ? named.licenseId : named.option),
});
