import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf } from '../../../lambdas/core/customer-view/csv.ts';

const FORMULA_SIGNS = ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20'];

/** Whether a spreadsheet could take a cell for a formula: blanks and quotes before the sign do not count. */
const isFormula = (cell: string): boolean => {
  const [first = ''] = cell.replace(/^[\s"]+/u, '');
  return first !== '' && FORMULA_SIGNS.includes(first);
};

/**
 * How spreadsheets may split the file. Where it is not by commas, quotes are taken for text: those that mean something only
 * join cells, so every cell of such a reader begins where one begins here.
 */
const READERS = [
  { delimiter: ',', quote: '"' },
  { delimiter: ';', quote: false },
  { delimiter: '\t', quote: false },
] as const;

const cellsFor = (csv: string, reader: (typeof READERS)[number]): string[] =>
  parse(csv, {
    ...reader,
    bom: true,
    record_delimiter: reader.quote ? '\r\n' : ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
  }).flat();

/** Made of what separates cells and begins formulas, so that nearly every text tries something. */
const hostileText = fc.string({
  unit: fc.constantFrom(...FORMULA_SIGNS, ';', '\t', '\r', '\n', ' ', '\u00a0', '"', "'", ',', 'a', '1'),
  maxLength: 12,
});

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
    ' =1',
    '\u00a0\u200b=1',
    '"=1"',
  ])('does not let %j be a formula', (cell) => {
    expect(rowsIn(csvOf([[cell, 'b']]))).toEqual([[`'${cell}`, 'b']]);
  });

  it('leaves numbers and what only contains such a sign as they are', () => {
    expect(rowsIn(csvOf([[-1, 'rip-01', 'a=b', 'x@y']]))).toEqual([['-1', 'rip-01', 'a=b', 'x@y']]);
  });

  it.each([
    ['rip;=1+1', "rip;'=1+1"],
    ['rip\t@SUM(A1)', "rip\t'@SUM(A1)"],
    ['rip; "-1"', `rip;' "-1"`],
    [' \r\n"+1', ` \r\n'"+1`],
    ['a\r\n=1;+1', "a\r\n'=1;'+1"],
  ])('does not let %j be one for a spreadsheet that splits it', (cell, kept) => {
    expect(rowsIn(csvOf([[cell, 'b']]))).toEqual([[kept, 'b']]);
  });

  it.each(READERS)('has no formula for a reader that splits at $delimiter', (reader) => {
    const rows = fc.array(fc.array(hostileText, { minLength: 2, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(rows, (texts) => {
        expect(cellsFor(csvOf(texts), reader).filter(isFormula)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps any other text through a parser of RFC 4180', () => {
    const cell = fc
      .oneof(fc.string({ unit: 'binary' }), hostileText)
      .filter((text) => !/^[\t\r\n]|(?:^|[;\t\r\n])[\s\p{C}"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(text));
    const row = fc.array(cell, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        expect(rowsIn(csvOf(rows))).toEqual(rows);
      }),
    );
  });

  it('adds apostrophes to a text and takes nothing from it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [[cell = ''] = []] = rowsIn(csvOf([[text, 'b']]));
        expect(cell.replaceAll("'", '')).toBe(text.replaceAll("'", ''));
      }),
    );
  });
});
