/** Spreadsheets take a text for UTF-8 only if it begins so. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Where a cell would begin that a spreadsheet takes for a formula. It may begin inside of one of ours: in many languages
 * spreadsheets split at semicolons, or are told to split at tabs, and then quotes inside of a row mean nothing to them. Blanks
 * and quotes before the sign do not always keep it from being one. The wide signs are what some fold to the narrow ones.
 */
const FORMULA_START =
  /(?<=^|[;\t\r\n])(?=(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}"])*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/** Some take a cell that begins so for a formula, whatever follows. */
const CONTROL_START = /^[\t\r\n]/;

type Cell = string | number | undefined;

/** RFC 4180 with CRLF. Texts may be hostile, so an apostrophe stands before whatever would be a formula. */
export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  BYTE_ORDER_MARK + rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');

function cellOf(cell: Cell): string {
  if (cell === undefined) return '';
  const text = typeof cell === 'string' ? guarded(cell) : String(cell);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function guarded(text: string): string {
  const safe = text.replace(FORMULA_START, "'");
  return CONTROL_START.test(safe) ? `'${safe}` : safe;
}
