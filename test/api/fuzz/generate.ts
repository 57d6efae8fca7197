import fc from 'fast-check';
import type { JsonSchema } from '../../../lambdas/core/api/document-schemas.ts';
import type { OpenApiDocument } from '../../../lambdas/core/api/openapi.ts';
import { HOSTILE_TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

const MAX_DEPTH = 12;

/** Makes values that fit the schemas of a document. */
export class Generator {
  readonly #components: Readonly<Record<string, JsonSchema>>;
  readonly #ofPattern = new Map<string, readonly string[]>();

  constructor({ components }: OpenApiDocument) {
    this.#components = components.schemas;
  }

  /** @param known texts that mean something where a member has that name. */
  valueOf(schema: JsonSchema, random: Random, known: Known, name = '', depth = 0): unknown {
    const { $ref, const: constant, enum: choices, anyOf, oneOf, allOf, type } = schema;
    const inside = (part: unknown, partName = name) =>
      // Parts of a schema are schemas.
      this.valueOf((part ?? {}) as JsonSchema, random, known, partName, depth + 1);
    if (depth > MAX_DEPTH) return null;
    if (typeof $ref === 'string') return inside(this.#components[$ref.split('/').at(-1) ?? '']);
    if (constant !== undefined) return constant;
    if (Array.isArray(choices)) return random.pick(choices) as unknown;
    for (const several of [anyOf, oneOf, allOf]) {
      if (Array.isArray(several) && type === undefined) return inside(random.pick(several));
    }
    switch (Array.isArray(type) ? random.pick(type) : type) {
      case 'object':
        return this.#object(schema, random, known, inside);
      case 'array': {
        const least = numberOf(schema['minItems'], 0);
        const most = Math.min(numberOf(schema['maxItems'], least + 3), least + 3);
        return Array.from({ length: random.between(least, most) }, () => inside(schema['items']));
      }
      case 'string':
        return this.#text(schema, random, known, name);
      case 'integer':
        return wholeNumber(schema, random);
      case 'number':
        return random.next() * 100;
      case 'boolean':
        return random.chance(0.5);
      default:
        return null;
    }
  }

  #object(
    { properties = {}, required = [], additionalProperties, propertyNames }: JsonSchema,
    random: Random,
    known: Known,
    inside: (part: unknown, name?: string) => unknown,
  ): unknown {
    const needed = required as readonly string[];
    const named = Object.entries(properties as object)
      .filter(([name]) => needed.includes(name) || random.chance(0.4))
      .map(([name, part]) => [name, inside(part, name)]);
    const others =
      typeof additionalProperties === 'object' && additionalProperties !== null
        ? Array.from({ length: random.between(0, 3) }, () => [
            known.keyFor(random) ?? String(inside(propertyNames)),
            inside(additionalProperties),
          ])
        : [];
    return Object.fromEntries([...named, ...others]) as object;
  }

  #text(schema: JsonSchema, random: Random, known: Known, name: string): string {
    const meant = random.chance(0.8) ? known.textFor(name, random) : undefined;
    if (meant !== undefined) return meant;
    if (schema['format'] === 'date')
      return `20${random.between(24, 30)}-0${random.between(1, 9)}-1${random.between(0, 9)}`;
    if (typeof schema['pattern'] === 'string') return random.pick(this.#samples(schema['pattern']));
    const least = numberOf(schema['minLength'], 0);
    const most = Math.min(numberOf(schema['maxLength'], 40), 300);
    return random.pick(HOSTILE_TEXTS).slice(0, most).padEnd(least, 'x');
  }

  #samples(pattern: string): readonly string[] {
    const known = this.#ofPattern.get(pattern);
    if (known !== undefined) return known;
    const made = fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { numRuns: 20, seed: 1 });
    this.#ofPattern.set(pattern, made);
    return made;
  }
}

/** Texts that mean something to the service. */
export interface Known {
  textFor(name: string, random: Random): string | undefined;
  /** For a member whose name is an id. */
  keyFor(random: Random): string | undefined;
}

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

function wholeNumber({ minimum, maximum }: JsonSchema, random: Random): number {
  const least = numberOf(minimum, 0);
  const most = numberOf(maximum, Number.MAX_SAFE_INTEGER);
  return random.pick([least, most, random.between(least, Math.min(most, least + 10))]);
}
