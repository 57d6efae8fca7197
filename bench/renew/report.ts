/** A table in Markdown, as it stands in docs/performance.md; columns of figures are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((name, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    return {
      width: Math.max(3, name.length, ...cells.map(({ length }) => length)),
      isOfFigures: cells.every((cell) => /^[\d.,]*$/.test(cell)),
    };
  });
  const pad = (cell: string, { width, isOfFigures }: { width: number; isOfFigures: boolean }): string =>
    isOfFigures ? cell.padStart(width) : cell.padEnd(width);
  const line = (row: readonly string[]): string =>
    `| ${columns.map((column, index) => pad(row[index] ?? '', column)).join(' | ')} |`;
  const rule = columns.map(({ width, isOfFigures }) => '-'.repeat(width - 1) + (isOfFigures ? ':' : '-'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Something that must hold. */
export interface Expectation {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly digits?: number;
}

export const holds = ({ measured, limit }: Expectation): boolean => measured <= limit;

export const verdicts = (expectations: readonly Expectation[]): string =>
  table(
    ['must show', 'measured', 'at most', ''],
    expectations.map((expectation) => [
      expectation.what,
      number(expectation.measured, expectation.digits),
      number(expectation.limit, expectation.digits),
      holds(expectation) ? 'ok' : 'FAILED',
    ]),
  );
