import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../agent/src/exit-codes.ts';

const page = readFileSync(new URL('../../../docs/product-contract.md', import.meta.url), 'utf8');

type Json = Record<string, unknown>;

/** First cells of the table that has this one. */
const rowsWith = (cell: string): string[] => {
  const table = page.split('\n\n').find((block) => block.includes(`\n| \`${cell}\``)) ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
};

describe('the answer of status in docs/product-contract.md', () => {
  const [, example = '{}'] = /^```json\n(.+?)^```$/ms.exec(page) ?? [];
  const answer = JSON.parse(example) as { files: readonly [Json]; exitCode: number };
  const [file] = answer.files;

  it('has in its example every member of the tables, and no other', () => {
    expect(Object.keys(answer)).toEqual(rowsWith('exitCode'));
    expect(Object.keys(file)).toEqual(rowsWith('expiresAt'));
    expect(Object.keys(file['renewal'] as Json)).toEqual(rowsWith('failuresInRow'));
  });

  it('has states and exit codes that there are', () => {
    expect(rowsWith('expiring')).toContain(file['state']);
    expect(answer.exitCode).toBe(EXIT.expiringUnrenewed);
    const [, codes = ''] = /^\| `exitCode` .*?: (0 where .+?)\. Of several/m.exec(page) ?? [];
    expect(codes.match(/\d+/g)?.map(Number)).toEqual([
      EXIT.ok,
      EXIT.file,
      EXIT.expiringUnrenewed,
      EXIT.expiringByContract,
      EXIT.expired,
    ]);
  });
});
