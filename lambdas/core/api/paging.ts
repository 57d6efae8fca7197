import * as z from 'zod/mini';
import { Problem } from '../problem.ts';
import type { Parameter } from './operation.ts';

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** The longest cursor that we make: an id and a name of 255 characters, each of them escaped. */
const MAX_CURSOR_LENGTH = 4096;

/** As much of an unknown parameter's name as is repeated to the sender. */
const MAX_NAME_LENGTH = 64;

const LIMIT_MESSAGE = `must be a whole number from 1 to ${MAX_PAGE}`;
const CURSOR_MESSAGE = 'must be what `next` of the page before said, with the same sort';

/** Which part of a list is asked for, in which order. */
export interface PageQuery<Sort extends string = string> {
  readonly limit: number;
  /** What `next` of the page before said. */
  readonly after?: string | undefined;
  readonly sort: Sort | `-${Sort}`;
}

/**
 * The members of a query that ask for a page: `z.strictObject({ ...pageFields(['name', 'expiresAt']), product: … })`.
 * @param sorts what the list can be sorted by; the first is the default, a `-` before it sorts backwards.
 */
export function pageFields<const Sorts extends readonly [string, ...string[]]>(sorts: Sorts) {
  type Sort = Sorts[number] | `-${Sorts[number]}`;
  const allowed = sorts.flatMap((sort): Sort[] => [sort, `-${sort}`]);
  const message = `must be one of ${allowed.join(', ')}`;
  const [first]: readonly [Sort, ...Sort[]] = sorts;
  return {
    ...limitFields,
    sort: z.pipe(
      z.optional(z.enum(allowed, message)),
      z.transform((sort): Sort => sort ?? first),
    ),
  };
}

/** The same for a list that has one order. */
export const limitFields = {
  limit: z._default(
    z.pipe(
      z.string().check(z.regex(/^(?:[1-9][0-9]?|1[0-9]{2}|200)$/, LIMIT_MESSAGE)),
      z.transform((text: string) => Number(text)),
    ),
    DEFAULT_PAGE,
  ),
  after: z.optional(
    z.string().check(z.minLength(1, CURSOR_MESSAGE), z.maxLength(MAX_CURSOR_LENGTH, CURSOR_MESSAGE)),
  ),
};

/** What `pageFields` takes, for the description of an operation. */
export function pageParameters(
  sorts: readonly [string, ...string[]],
): Record<'limit' | 'after' | 'sort', Parameter> {
  const allowed = sorts.flatMap((sort) => [sort, `-${sort}`]);
  return {
    ...limitParameters,
    sort: {
      schema: z.enum(allowed),
      description: `What to sort by, with a hyphen in front for the other direction; \`${sorts[0]}\` unless given. What is absent comes last.`,
      example: sorts[0],
    },
  };
}

/** What `limitFields` takes, for the description of an operation. */
export const limitParameters: Record<'limit' | 'after', Parameter> = {
  limit: {
    schema: z.int().check(z.minimum(1), z.maximum(MAX_PAGE)),
    description: `At most so many items; ${DEFAULT_PAGE} unless given.`,
    example: DEFAULT_PAGE,
  },
  after: {
    schema: z.string().check(z.minLength(1), z.maxLength(MAX_CURSOR_LENGTH)),
    description: 'Where to go on: what `next` of the page before said.',
  },
};

/** The answer of a list. `next` is absent on the last page. */
export const pageSchema = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({ items: z.array(item).check(z.maxLength(MAX_PAGE)), next: z.optional(z.string()) });

/**
 * The parameters of a query that fit a strict schema of texts.
 * @throws {Problem} `query-invalid`, with every fault named by its parameter.
 */
export function parseQuery<Schema extends z.ZodMiniType>(
  schema: Schema,
  parameters: Readonly<Record<string, string | undefined>> | undefined,
): z.output<Schema> {
  const parsed = z.safeParse(schema, parameters ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: key.slice(0, MAX_NAME_LENGTH),
          message: 'is not a parameter of this route',
        }))
      : [{ path: issue.path.map(String).join('.'), message: issue.message }],
  );
  throw new Problem('query-invalid', { faults: faults.slice(0, 100) });
}

export interface Page<Item> {
  readonly items: Item[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** What an item is sorted by: texts as people sort them, numbers by value; what is absent comes last in both directions. */
export type SortKey = string | number | undefined;

/**
 * A page of a list that is in memory. A cursor says what came last, not how many: items that come and go between
 * two pages neither repeat nor hide others.
 * @param idOf what no two items share.
 * @throws {Problem} `query-invalid` for a cursor of another list or sort.
 */
export function pageOf<Item, Sort extends string>(
  items: readonly Item[],
  query: PageQuery<Sort>,
  keyOf: (item: Item, sort: Sort) => SortKey,
  idOf: (item: Item) => string,
): Page<Item> {
  const { limit, after, sort } = query;
  const descending = sort.startsWith('-');
  // `sort` is a Sort or a hyphen and a Sort, and no Sort begins with a hyphen.
  const by = (descending ? sort.slice(1) : sort) as Sort;
  const compare = (a: Place, b: Place) => comparePlaces(a, b, descending);
  const places = items.map((item) => ({ item, key: keyOf(item, by), id: idOf(item) })).sort(compare);
  const last = after === undefined ? undefined : placeOf(after, sort);
  const rest = last ? places.filter((place) => compare(place, last) > 0) : places;
  const shown = rest.slice(0, limit);
  const end = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    ...(end && rest.length > shown.length ? { next: cursorOf([sort, end.key ?? null, end.id]) } : {}),
  };
}

interface Place {
  readonly key: SortKey;
  readonly id: string;
}

/** `rip-2` before `rip-10`, `Rip` beside `rip`. */
const collator = new Intl.Collator('en', { numeric: true });

function comparePlaces(a: Place, b: Place, descending: boolean): number {
  const byKey = compareKeys(a.key, b.key);
  if (byKey !== 0) return descending && a.key !== undefined && b.key !== undefined ? -byKey : byKey;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

function placeOf(after: string, sort: string): Place {
  const [cursorSort, key, id] = cursorParts(after, 3);
  if (cursorSort !== sort || typeof id !== 'string') throw cursorInvalid();
  return { key: key ?? undefined, id };
}

type CursorPart = string | number | null;

/** A cursor to hand out; opaque to the caller, who knows all that it holds from the page before. */
export const cursorOf = (parts: readonly CursorPart[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/**
 * What `cursorOf` put into a cursor. It comes back from a caller, so the parts are to be judged like any input.
 * @throws {Problem} `query-invalid` for anything else than a cursor of `count` parts.
 */
export function cursorParts(cursor: string, count: number): CursorPart[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw cursorInvalid();
  }
  if (!Array.isArray(parts) || parts.length !== count || !parts.every(isCursorPart)) throw cursorInvalid();
  return parts;
}

const isCursorPart = (part: unknown): part is CursorPart =>
  part === null || typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part));

export const cursorInvalid = (): Problem =>
  new Problem('query-invalid', { faults: [{ path: 'after', message: CURSOR_MESSAGE }] });
