import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HEADER, run, useFiles } from './importing.ts';

const files = useFiles();

/** Nobody listens there: whatever is sent fails with another code. */
const NOWHERE = ['--url', 'http://127.0.0.1:1'];
const imported = (content: string) => run([files.of(content), ...NOWHERE]);

describe('a file with faults', () => {
  const good = 'acme-x,Acme,ops@acme.example,c-1,ES,2026-01-01,2027-12-31,3,8';
  const withCell = (column: number, cell: string) =>
    `${HEADER}${good.split(',').toSpliced(column, 1, cell).join(',')}\n`;

  it.each([
    ['an id of a customer', withCell(0, 'a#b'), 'row 2, column customer: must be'],
    ['no customer', withCell(0, ''), 'row 2, column customer: is required'],
    ['no name', withCell(1, ''), 'row 2, column name: is required'],
    ['a name that breaks the line', withCell(1, '"a\u0007b"'), 'row 2, column name: must be one line'],
    [
      'a formula as name',
      withCell(1, '"=HYPERLINK(""http://x.example"")"'),
      'row 2, column name: is a formula',
    ],
    ['an error of a spreadsheet', withCell(1, '#N/A'), 'row 2, column name: is a formula or an error'],
    [
      'an address',
      withCell(2, 'Ops <ops@acme.example>'),
      'row 2, column technical: must be one plain e-mail',
    ],
    ['no contract', withCell(3, ''), 'row 2, column contract: is required'],
    ['an id of a contract', withCell(3, '../c-1'), 'row 2, column contract: must be'],
    ['no product', withCell(4, ''), 'row 2, column product: is required'],
    [
      'a day in the notation of a spreadsheet',
      withCell(5, '1/1/2026'),
      'row 2, column startsOn: must be a day',
    ],
    ['a day that does not exist', withCell(6, '2027-02-30'), 'row 2, column endsOn: must be a day'],
    [
      'an end before the start',
      withCell(6, '2025-12-31'),
      'row 2, column endsOn: must not be before startsOn',
    ],
    ['no hosts', withCell(7, ''), 'row 2, column hosts: is required'],
    ['hosts in words', withCell(7, 'three'), 'row 2, column hosts: must be a whole number'],
    ['a quantity with a separator', withCell(8, '"1,000"'), 'row 2, column pool:render-engine: must be'],
    ['half a quantity', withCell(8, '1.5'), 'row 2, column pool:render-engine: must be'],
    ['too many cells', `${HEADER}${good},9,9\n`, 'row 2: has 11 cells, and the header 9'],
    ['one contract twice', `${HEADER}${good}\n${good}\n`, 'row 3, column contract: is in row 2 already'],
    [
      'two names of one customer',
      `${HEADER}${good}\n${good.replace('Acme', 'Other').replace('c-1', 'c-2')}\n`,
      'row 3, column name: differs from row 2',
    ],
    ['an unknown column', HEADER.replace('hosts', 'host'), 'there is no column "host"'],
    ['a column that plays tricks', `__proto__,${HEADER}`, 'there is no column "__proto__"'],
    ['a column twice', HEADER.replace('technical', 'name'), 'the column "name" is there more than once'],
    ['a missing column', HEADER.replace('hosts,', ''), 'the file has no column "hosts"'],
    [
      'an option that is none',
      `${HEADER.replace('render-engine', 'a b')}${good}\n`,
      'row 2, column pool:a b: must be',
    ],
    ['nothing', '', 'the file is empty'],
    ['a quote that is not closed', `${HEADER}"acme`, 'the file is not CSV near line 2: quote not closed'],
  ])('is refused whole: %s', async (_, content, fault) => {
    const result = await imported(content);
    expect(result.code).toBe(2);
    expect(result.err).toContain(fault);
    expect(result.out).toBe('');
  });

  it('has all of them named at once, in the order of the rows', async () => {
    const { err } = await imported(
      `${HEADER}${good.replace('ES', '')}\n${good.replace(',3,', ',x,').replace('c-1', 'c-2')}\n`,
    );
    expect(err).toMatch(/row 2, column product: .*\n.*row 3, column hosts: .*\nNothing was sent\.\n$/);
  });

  it('is refused where it is not in UTF-8, and where it is not there', async () => {
    const latin = Buffer.concat([
      Buffer.from(HEADER),
      Buffer.from('acme,M\u00fcller,,c,ES,2026-01-01,,1,1\n', 'latin1'),
    ]);
    expect(await run([files.of(latin), ...NOWHERE])).toMatchObject({
      code: 2,
      err: expect.stringContaining('not in UTF-8') as string,
    });
    const missing = await run([join(files.path(), 'missing.csv'), ...NOWHERE]);
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('(ENOENT)') as string });
  });

  it('shows nothing of its text that could move the cursor of a terminal', async () => {
    const { err } = await imported(HEADER.replace('hosts', '"ho\u001b[2Jsts"'));
    expect(err).toContain('there is no column "ho?[2Jsts"');
  });
});
