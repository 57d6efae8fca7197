import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  cursorOf,
  cursorParts,
  limitFields,
  pageFields,
  pageOf,
  parseQuery,
  type PageQuery,
} from '../../../lambdas/core/api/paging.ts';
import { Problem } from '../../../lambdas/core/problem.ts';

const schema = z.strictObject({ ...pageFields(['name', 'size']), product: z.optional(z.string()) });

const faultsOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, faults: error.faults };
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('parseQuery', () => {
  it('fills in what is not given', () => {
    expect(parseQuery(schema, undefined)).toEqual({ limit: 50, sort: 'name' });
  });

  it('takes limit, after, sort and filters', () => {
    expect(parseQuery(schema, { limit: '200', after: 'x', sort: '-size', product: 'ES' })).toEqual({
      limit: 200,
      after: 'x',
      sort: '-size',
      product: 'ES',
    });
  });

  it.each(['0', '201', '-1', '1.5', ' 5', '5 ', '1e2', '', 'NaN', '0x10', '1,2', '٣'])(
    'refuses the limit %j',
    (limit) => {
      expect(faultsOf(() => parseQuery(z.strictObject(limitFields), { limit }))).toEqual({
        code: 'query-invalid',
        faults: [{ path: 'limit', message: 'must be a whole number from 1 to 200' }],
      });
    },
  );

  it('names every fault with its parameter', () => {
    expect(
      faultsOf(() => parseQuery(schema, { limit: 'x', sort: '--name', ['y'.repeat(100)]: '1' })),
    ).toEqual({
      code: 'query-invalid',
      faults: [
        { path: 'limit', message: 'must be a whole number from 1 to 200' },
        { path: 'sort', message: 'must be one of name, -name, size, -size' },
        { path: 'y'.repeat(64), message: 'is not a parameter of this route' },
      ],
    });
  });

  it.each(['', 'x'.repeat(4097)])('refuses a cursor that none of ours can be', (after) => {
    expect(faultsOf(() => parseQuery(schema, { after })).code).toBe('query-invalid');
  });

  it('is not misled by names of the prototype', () => {
    const parameters = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    expect(faultsOf(() => parseQuery(schema, parameters)).code).toBe('query-invalid');
  });
});

interface Thing {
  readonly id: string;
  readonly name?: string;
  readonly size: number;
}

const thing = (id: string, name: string | undefined, size = 0): Thing => ({
  id,
  ...(name === undefined ? {} : { name }),
  size,
});

const keyOf = (item: Thing, sort: 'name' | 'size') => item[sort];
const page = (items: readonly Thing[], query: Partial<PageQuery<'name' | 'size'>> = {}) =>
  pageOf(items, { limit: 2, sort: 'name', ...query }, keyOf, ({ id }) => id);
const idsOf = (items: readonly Thing[]) => items.map(({ id }) => id);

function allPages(items: readonly Thing[], sort: PageQuery<'name' | 'size'>['sort']): string[] {
  const ids: string[] = [];
  for (let after: string | undefined, pages = 0; pages < 100; pages += 1) {
    const { items: shown, next } = page(items, { sort, after });
    ids.push(...idsOf(shown));
    if (next === undefined) return ids;
    after = next;
  }
  throw new Error('the pages never end');
}

describe('pageOf', () => {
  const things = [
    thing('a', 'rip-10', 3),
    thing('b', 'rip-2', 1),
    thing('c', undefined, 2),
    thing('d', 'RIP-2', 2),
    thing('e', 'rip-2', 2),
    thing('f', undefined, 9),
  ];

  it('sorts as people do, with what is absent at the end in both directions', () => {
    expect(allPages(things, 'name')).toEqual(['b', 'e', 'd', 'a', 'c', 'f']);
    expect(allPages(things, '-name')).toEqual(['a', 'd', 'b', 'e', 'c', 'f']);
    expect(allPages(things, 'size')).toEqual(['b', 'c', 'd', 'e', 'a', 'f']);
    expect(allPages(things, '-size')).toEqual(['f', 'a', 'c', 'd', 'e', 'b']);
  });

  it('has no next on the last page, also when it is full', () => {
    expect(page(things.slice(0, 2))).not.toHaveProperty('next');
    expect(page([])).toEqual({ items: [] });
  });

  it('neither repeats nor hides items when others come and go between two pages', () => {
    const first = page(things);
    expect(idsOf(first.items)).toEqual(['b', 'e']);
    const meanwhile = [...things.filter(({ id }) => id !== 'e'), thing('0', 'aaa'), thing('1', 'rip-3')];
    expect(idsOf(page(meanwhile, { after: first.next, limit: 10 }).items)).toEqual(['d', '1', 'a', 'c', 'f']);
  });

  it('does not take a cursor of another sort', () => {
    const { next } = page(things);
    expect(faultsOf(() => page(things, { after: next, sort: '-name' }))).toEqual({
      code: 'query-invalid',
      faults: [{ path: 'after', message: 'must be what `next` of the page before said, with the same sort' }],
    });
  });

  it.each([
    'garbage',
    '%',
    cursorOf(['name', 'x']),
    cursorOf(['name', 'x', 1]),
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["name",{},"x"]').toString('base64url'),
    Buffer.from('["name",true,"x"]').toString('base64url'),
  ])('refuses the cursor %j', (after) => {
    expect(faultsOf(() => page(things, { after })).code).toBe('query-invalid');
  });

  it('takes a cursor with a key of the wrong type without fault', () => {
    expect(
      idsOf(page(things, { after: cursorOf(['size', '2', 'c']), sort: 'size', limit: 9 }).items),
    ).toEqual(['d', 'e', 'a', 'f']);
  });
});

describe('cursors', () => {
  it('come back as they were made', () => {
    expect(cursorParts(cursorOf(['ä', 1, null]), 3)).toEqual(['ä', 1, null]);
  });

  it('stay within their bound for the longest hostile name', () => {
    expect(cursorOf(['-host', '\u0001"'.repeat(128).slice(0, 255), 'x'.repeat(64)]).length).toBeLessThan(
      4096,
    );
  });
});
