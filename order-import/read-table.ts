import { CsvError, parse } from 'csv-parse/sync';
import { ImportFault, printable, type RowFault } from './import-fault.ts';

/** A customer base of 100,000 contracts has about 20 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ROWS = 200_000;
const MAX_COLUMNS = 300;
const MAX_CELL = 10_000;

/** What spreadsheets put between cells, depending on the country. */
const DELIMITERS = [',', ';', '\t'] as const;

export interface Row {
  /** As spreadsheets count: the header is row 1. */
  readonly row: number;
  /** Cells that are not empty, by column, without space around them. */
  readonly cells: ReadonlyMap<string, string>;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly faults: readonly RowFault[];
}

/**
 * Reads a table with a header from CSV in UTF-8.
 * @throws {ImportFault} where it cannot be read at all; what is wrong with single rows is answered.
 */
export function readTable(bytes: Uint8Array): Table {
  const records = recordsIn(textOf(bytes));
  const [header, ...body] = records;
  if (header === undefined) throw new ImportFault('the file is empty');
  const columns = header.map((name) => name.trim());
  if (columns.length > MAX_COLUMNS) throw new ImportFault(`the file has more than ${MAX_COLUMNS} columns`);
  if (body.length > MAX_ROWS) throw new ImportFault(`the file has more than ${MAX_ROWS} rows: split it`);

  const faults: RowFault[] = [];
  const rows = body.flatMap((record, index): Row[] => {
    const row = index + 2;
    const cells = record.map((cell) => cell.trim());
    if (cells.every((cell) => cell === '')) return [];
    if (cells.length > columns.length) {
      const message = `has ${cells.length} cells, and the header ${columns.length}: quote cells that hold the separator`;
      faults.push({ row, message });
      return [];
    }
    const given = columns.flatMap((column, at): [string, string][] => {
      const cell = cells[at] ?? '';
      if (cell.length > MAX_CELL)
        faults.push({ row, column, message: `is longer than ${MAX_CELL} characters` });
      return cell === '' ? [] : [[column, cell]];
    });
    return [{ row, cells: new Map(given) }];
  });
  return { columns, rows, faults };
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES) throw new ImportFault('the file has more than 64 MiB: split it');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportFault('the file is not in UTF-8: save it as "CSV UTF-8"');
  }
}

function recordsIn(text: string): string[][] {
  try {
    // Rows of any length: what is wrong with them is told with all other faults, and not one at a time.
    return parse(text, { delimiter: delimiterOf(text), relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error;
    const where = typeof lines === 'number' ? ` near line ${lines}` : '';
    const what = error.code.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();
    throw new ImportFault(`the file is not CSV${where}: ${printable(what)}`);
  }
}

/** The one that the header has most of. */
function delimiterOf(text: string): string {
  const header = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => header.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
