import { parseContract, type ContractDocument } from '../lambdas/core/contract.ts';
import { parseCustomer, type CustomerDocument } from '../lambdas/core/customer.ts';
import { isId } from '../lambdas/core/fields.ts';
import { Problem } from '../lambdas/core/problem.ts';
import { readColumns, type Columns } from './columns.ts';
import type { RowFault } from './import-fault.ts';
import type { Row, Table } from './read-table.ts';

/** Used where a file says nothing. */
export interface ImportDefaults {
  readonly language: string;
  readonly timeZone: string;
  /** Of customers that are new: nothing that was due before this day is said. */
  readonly alertsFrom: string;
}

/** Members of a document that a file says something of; undefined: that there is none. */
export type Said = Readonly<Record<string, unknown>>;

export interface SaidContract {
  readonly contractId: string;
  readonly row: number;
  readonly said: Said;
}

export interface SaidCustomer {
  readonly customerId: string;
  readonly said: Said;
  readonly contracts: readonly SaidContract[];
}

/** A customer that is new. */
export const newCustomer = (said: Said, { alertsFrom }: ImportDefaults): CustomerDocument =>
  parseCustomer(withoutUndefined({ contacts: [], alertsFrom, ...said }));

/** The first revision of a contract that is new. */
export const newContract = (
  contractId: string,
  said: Said,
  { timeZone }: Pick<ImportDefaults, 'timeZone'>,
): ContractDocument =>
  parseContract(
    contractId,
    withoutUndefined({ revision: 1, status: 'active', timeZone, lines: [], ...said, kind: kindOf(said) }),
  );

/** The kind of a contract that a file says no kind of: what it was, or what it must be with an end or without. */
export function kindOf({ kind, endsOn }: Said, before?: unknown): unknown {
  if (kind !== undefined) return kind;
  if (endsOn === undefined) return 'perpetual';
  return before === 'trial' ? before : 'subscription';
}

/** Members that are undefined are absent in JSON, and for strict schemas they must be. */
export const withoutUndefined = (members: Said): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/**
 * The customers of a file with their contracts, in the order of their first rows. Every document is checked as the service
 * checks it, so that nothing is sent before all of the file is sound.
 */
export function readCustomers(
  table: Table,
  defaults: ImportDefaults,
): { readonly customers: readonly SaidCustomer[]; readonly faults: readonly RowFault[] } {
  const columns = readColumns(table.columns);
  const faults = [...table.faults];
  const rowsOf = new Map<string, Row[]>();
  for (const row of table.rows) {
    const customerId = row.cells.get('customer') ?? '';
    if (isId(customerId)) rowsOf.set(customerId, [...(rowsOf.get(customerId) ?? []), row]);
    else
      faults.push({
        row: row.row,
        column: 'customer',
        message: customerId === '' ? 'is required' : ID_MESSAGE,
      });
  }
  const customers = [...rowsOf].map(([customerId, rows]): SaidCustomer => {
    const said = saidOfCustomer(rows, columns, defaults, faults);
    return { customerId, said, contracts: contractsOf(rows, columns, defaults, faults) };
  });
  return { customers, faults: faults.toSorted((a, b) => a.row - b.row) };
}

const ID_MESSAGE =
  'must be 1 to 64 letters, digits, dots, hyphens or underscores, and start with a letter or digit';

function saidOfCustomer(
  rows: readonly Row[],
  columns: Columns,
  defaults: ImportDefaults,
  faults: RowFault[],
): Said {
  const agreed = (column: string): string | undefined => {
    const [first, ...others] = rows.filter(({ cells }) => cells.has(column));
    for (const other of others) {
      if (other.cells.get(column) === first?.cells.get(column)) continue;
      const message = `differs from row ${first?.row ?? 0}, which is about the same customer`;
      faults.push({ row: other.row, column, message });
    }
    return first?.cells.get(column);
  };
  const language = agreed('language') ?? defaults.language;
  // A customer may have contracts in several zones: its people are in the first.
  const timeZone =
    rows.find(({ cells }) => cells.has('timeZone'))?.cells.get('timeZone') ?? defaults.timeZone;
  const contacts = new Map<string, { email: string; language: string; timeZone: string; roles: string[] }>();
  for (const role of ['technical', 'commercial']) {
    for (const email of listIn(agreed(role))) {
      const known = contacts.get(email.toLowerCase());
      if (known === undefined)
        contacts.set(email.toLowerCase(), { email, language, timeZone, roles: [role] });
      else if (!known.roles.includes(role)) known.roles.push(role);
    }
  }
  const hasContacts = columns.has('technical') || columns.has('commercial');
  const said = { name: agreed('name'), ...(hasContacts ? { contacts: [...contacts.values()] } : {}) };
  const row = rows[0]?.row ?? 0;
  check(
    () => newCustomer(said, defaults),
    (path) => ({ row, column: columnOfCustomer(path, [...contacts.values()]) }),
    faults,
  );
  return said;
}

function columnOfCustomer(
  path: string,
  contacts: readonly { readonly roles: readonly string[] }[],
): string | undefined {
  const [, index, member] = /^contacts\[(\d+)\]\.(\w+)/.exec(path) ?? [];
  if (member === 'email') return contacts[Number(index)]?.roles[0];
  return member ?? (path.startsWith('contacts') ? 'technical' : path);
}

function contractsOf(
  rows: readonly Row[],
  columns: Columns,
  defaults: ImportDefaults,
  faults: RowFault[],
): SaidContract[] {
  const seen = new Map<string, number>();
  return rows.flatMap((row): SaidContract[] => {
    const contractId = row.cells.get('contract') ?? '';
    if (!isId(contractId)) {
      faults.push({
        row: row.row,
        column: 'contract',
        message: contractId === '' ? 'is required' : ID_MESSAGE,
      });
      return [];
    }
    const earlier = seen.get(contractId);
    if (earlier !== undefined) {
      faults.push({ row: row.row, column: 'contract', message: `is in row ${earlier} already` });
      return [];
    }
    seen.set(contractId, row.row);
    faults.push(...unevaluated(row));
    const said = saidOfContract(row, columns);
    const lines = lineColumnsOf(row, columns);
    check(
      () => newContract(contractId, said, defaults),
      (path) => ({ row: row.row, column: columnOfContract(path, lines) }),
      faults,
    );
    return [{ contractId, row: row.row, said }];
  });
}

/** Lines are named by the columns that they come from, everything else by its own. */
function columnOfContract(path: string, lines: readonly { readonly column: string }[]): string {
  const index = /^lines\[(\d+)\]/.exec(path)?.[1];
  return index === undefined ? path.replace(/\[.*$/, '') : (lines[Number(index)]?.column ?? path);
}

/** Texts and numbers as the file has them; whether they are right is seen with the whole document. */
function saidOfContract({ row, cells }: Row, columns: Columns): Said {
  // Anything but digits stays text, which the check then refuses.
  const whole = (column: string): number | string | undefined => {
    const cell = cells.get(column);
    return cell !== undefined && /^\d{1,9}$/.test(cell) ? Number(cell) : cell;
  };
  const said: Record<string, unknown> = {
    product: cells.get('product'),
    startsOn: cells.get('startsOn'),
    endsOn: cells.get('endsOn'),
    hosts: whole('hosts'),
  };
  for (const column of ['kind', 'status', 'timeZone'] as const) {
    // These every contract has: an empty cell says nothing of them.
    if (cells.has(column)) said[column] = cells.get(column);
  }
  for (const column of ['installation', 'reference', 'connection'] as const) {
    if (columns.has(column)) said[column] = cells.get(column);
  }
  for (const column of ['graceDays', 'validityDays', 'renewEverySeconds'] as const) {
    if (columns.has(column)) said[column] = whole(column);
  }
  if (columns.has('supersedes')) {
    const ids = listIn(cells.get('supersedes'));
    said['supersedes'] = ids.length > 1 ? ids : ids[0];
  }
  if (columns.options.length > 0) {
    said['lines'] = lineColumnsOf({ row, cells }, columns).map(({ column, option, scope }) => ({
      id: `${scope === 'pool' ? 'p' : 'h'}-${option}`,
      option,
      scope,
      quantity: whole(column),
    }));
  }
  return said;
}

/** Columns of options that the contract has something of. */
const lineColumnsOf = ({ cells }: Row, { options }: Columns) =>
  options.filter(({ column }) => !['', '0'].includes(cells.get(column) ?? ''));

/** Addresses and ids hold none of what stands between them. */
const listIn = (cell: string | undefined): string[] =>
  (cell ?? '').split(/[\s;,]+/).filter((part) => part !== '');

/** Formulas and errors of a spreadsheet that were exported instead of what they stand for. */
function unevaluated({ row, cells }: Row): RowFault[] {
  return ['name', 'reference'].flatMap((column) => {
    const cell = cells.get(column) ?? '';
    const isFormula = cell.startsWith('=') || /^#(?:N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NULL!|NUM!)/.test(cell);
    return isFormula
      ? [{ row, column, message: 'is a formula or an error of a spreadsheet, and no text' }]
      : [];
  });
}

/** Runs a check of the service; its faults are those of the cells that they come from. */
function check(
  parse: () => unknown,
  placeOf: (path: string) => Omit<RowFault, 'message'>,
  faults: RowFault[],
): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    faults.push(...error.faults.map(({ path, message }) => ({ ...placeOf(path), message })));
  }
}
