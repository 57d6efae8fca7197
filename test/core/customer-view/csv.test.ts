import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf } from '../../../lambdas/core/customer-view/csv.ts';

const rowsIn = (csv: string): string[][] =>
  parse(csv, { bom: true, record_delimiter: '\r\n', relax_column_count: false });

describe('csvOf', () => {
  it('begins with a byte order mark and ends every row with CRLF', () => {
    expect(
      csvOf([
        ['a', 1],
        [undefined, 'b'],
      ]),
    ).toBe('\ufeffa,1\r\n,b\r\n');
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '=HYPERLINK("http://x","y")',
  ])('does not let %j be a formula', (cell) => {
    expect(rowsIn(csvOf([[cell, 'b']]))).toEqual([[`'${cell}`, 'b']]);
  });

  it('leaves numbers and what only contains such a sign as they are', () => {
    expect(rowsIn(csvOf([[-1, 'rip-01', 'a=b', 'x@y']]))).toEqual([['-1', 'rip-01', 'a=b', 'x@y']]);
  });

  it('keeps any text through a parser of RFC 4180', () => {
    const cell = fc
      .string({ unit: 'binary' })
      .filter((text) => !/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text));
    const row = fc.array(cell, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        expect(rowsIn(csvOf(rows))).toEqual(rows);
      }),
    );
  });
});
