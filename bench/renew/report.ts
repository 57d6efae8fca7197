/** A table in Markdown, as it stands in docs/performance.md; every column but the first is set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

const pad = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

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
