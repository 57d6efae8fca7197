import { ImportFault, printable } from './import-fault.ts';

/** Columns that every file has. */
const REQUIRED = ['customer', 'name', 'contract', 'product', 'hosts', 'startsOn'] as const;

const OPTIONAL = [
  'technical',
  'commercial',
  'language',
  'timeZone',
  'installation',
  'reference',
  'kind',
  'status',
  'endsOn',
  'graceDays',
  'validityDays',
  'connection',
  'renewEverySeconds',
  'supersedes',
] as const;

type KnownColumn = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

/** `pool:render-engine`: the quantity of an option, and how it is given to hosts. */
interface OptionColumn {
  readonly column: string;
  readonly option: string;
  readonly scope: 'pool' | 'every-host';
}

export interface Columns {
  has(column: KnownColumn): boolean;
  readonly options: readonly OptionColumn[];
}

/**
 * What the columns of a file mean.
 * @throws {ImportFault} for one that is missing, unknown or there twice.
 */
export function readColumns(header: readonly string[]): Columns {
  const known: ReadonlySet<string> = new Set([...REQUIRED, ...OPTIONAL]);
  const options = header.flatMap((column): OptionColumn[] => {
    const [, scope, option = ''] = /^(pool|every-host):(.+)$/.exec(column) ?? [];
    return scope === 'pool' || scope === 'every-host' ? [{ column, option: option.trim(), scope }] : [];
  });
  const isOption = new Set(options.map(({ column }) => column));
  const quoted = (names: readonly string[]): string => names.map((name) => `"${printable(name)}"`).join(', ');
  const unknown = header.filter((column) => !known.has(column) && !isOption.has(column));
  if (unknown.length > 0) {
    throw new ImportFault(
      `there is no column ${quoted(unknown)}: there are ${[...known].join(', ')}, and pool:OPTION and every-host:OPTION`,
    );
  }
  const twice = header.filter((column, index) => header.indexOf(column) !== index);
  if (twice.length > 0) throw new ImportFault(`the column ${quoted(twice)} is there more than once`);
  const missing = REQUIRED.filter((column) => !header.includes(column));
  if (missing.length > 0) throw new ImportFault(`the file has no column ${quoted(missing)}`);
  return { has: (column) => header.includes(column), options };
}
