import { readFile } from 'node:fs/promises';
import { importCustomer, type Change, type ImportedCustomer } from './import-customer.ts';
import { ImportFault, printable, type RowFault } from './import-fault.ts';
import { readCustomers, type SaidCustomer } from './read-customers.ts';
import { readTable } from './read-table.ts';
import { HELP, parseSettings, type ImportSettings } from './settings.ts';
import { createVendorApi, RequestRefused, Stopped } from './vendor-api.ts';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** The UTC day, `2026-11-24`. */
  readonly today: string;
  /** Aborted by Ctrl-C: the request in flight ends, and no other is begun. */
  readonly stopped: AbortSignal;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** More faults than this help nobody at once. */
const MAX_FAULTS = 100;

const EXIT = { done: 0, someFailed: 1, nothingSent: 2, stopped: 130 } as const;

/** The program: answers its exit code. */
export async function runImport(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err, environment, today } = surroundings;
  try {
    const settings = parseSettings(args, environment, today);
    if (settings === 'help') {
      out(HELP);
      return EXIT.done;
    }
    const { customers, faults } = readCustomers(readTable(await bytesOf(settings.file)), settings.defaults);
    if (faults.length > 0) {
      err(faultsIn(settings.file, faults));
      return EXIT.nothingSent;
    }
    return await importAll(customers, settings, surroundings);
  } catch (error) {
    if (!(error instanceof ImportFault)) throw error;
    err(`import: ${error.message}\n`);
    return EXIT.nothingSent;
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ImportFault(`${printable(file, 200)} cannot be read (${code})`);
  }
}

function faultsIn(file: string, faults: readonly RowFault[]): string {
  const lines = faults.slice(0, MAX_FAULTS).map(({ row, column, message }) => {
    const where = column === undefined ? '' : `, column ${printable(column)}`;
    return `${printable(file, 200)}: row ${row}${where}: ${printable(message, 300)}`;
  });
  const more = faults.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : []), 'Nothing was sent.', ''].join('\n');
}

async function importAll(
  customers: readonly SaidCustomer[],
  { api: settings, defaults, dryRun }: ImportSettings,
  { stopped, out, err }: Surroundings,
): Promise<number> {
  const api = createVendorApi({ ...settings, stopped });
  const tally = new Tally();
  try {
    for (const [index, said] of customers.entries()) {
      const place = `[${index + 1}/${customers.length}] ${said.customerId}`;
      try {
        const imported = await importCustomer(said, { api, defaults, dryRun });
        tally.add(imported);
        out(`${place}: ${inWords(imported)}\n`);
      } catch (error) {
        if (!(error instanceof RequestRefused)) throw error;
        tally.failed += 1;
        err(`${place}: failed: ${error.message}\n`);
      }
    }
  } catch (error) {
    // What was done so far is done; it is told before the program ends.
    if (error instanceof Stopped) {
      out(`${tally.inWords(dryRun)}\nStopped. Run it again to go on.\n`);
      return EXIT.stopped;
    }
    if (!(error instanceof ImportFault) || tally.isEmpty) throw error;
    err(`import: ${error.message}\n`);
    tally.failed += 1;
  }
  out(`${tally.inWords(dryRun)}\n`);
  return tally.failed > 0 ? EXIT.someFailed : EXIT.done;
}

const inWords = ({ customer, contracts }: ImportedCustomer): string =>
  [
    `customer ${changeInWords(customer)}`,
    ...contracts.map(({ contractId, change }) => `contract ${contractId} ${changeInWords(change)}`),
  ].join(', ');

const changeInWords = (change: Change): string =>
  change.kind === 'changed' ? `changed (${change.members.join(', ')})` : change.kind;

/** What became of customers and contracts, counted. */
class Tally {
  failed = 0;
  readonly #counts = { customers: emptyCounts(), contracts: emptyCounts() };

  add({ customer, contracts }: ImportedCustomer): void {
    this.#counts.customers[customer.kind] += 1;
    for (const { change } of contracts) this.#counts.contracts[change.kind] += 1;
  }

  get isEmpty(): boolean {
    return this.failed === 0 && Object.values(this.#counts.customers).every((count) => count === 0);
  }

  inWords(dryRun: boolean): string {
    const would = dryRun ? 'would be ' : '';
    const lines = Object.entries(this.#counts).map(
      ([what, { created, changed, unchanged }]) =>
        `${what}: ${created} ${would}created, ${changed} ${would}changed, ${unchanged} unchanged`,
    );
    return [...lines, `failed customers: ${this.failed}`].join('\n');
  }
}

const emptyCounts = (): Record<Change['kind'], number> => ({ created: 0, changed: 0, unchanged: 0 });
