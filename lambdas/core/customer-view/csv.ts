/** Spreadsheets take a text for UTF-8 only if it begins so. */
const BYTE_ORDER_MARK = '\ufeff';

/** What makes a spreadsheet take a cell for a formula; the wide forms are what some of them fold to the narrow ones. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

type Cell = string | number | undefined;

/** RFC 4180 with CRLF. Cells may be hostile text, so one that would be a formula begins with an apostrophe. */
export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  BYTE_ORDER_MARK + rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');

function cellOf(cell: Cell): string {
  if (cell === undefined) return '';
  const text = String(cell);
  const guarded = typeof cell === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
