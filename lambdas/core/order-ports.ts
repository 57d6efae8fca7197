import type { Contract } from './contract.ts';
import type { Customer } from './customer.ts';
import type { Installation } from './installation.ts';

export interface CustomerStore {
  /** Strongly consistent. */
  read(customerId: string): Promise<Customer | undefined>;
  write(customer: Customer): Promise<'created' | 'replaced'>;
}

export interface ContractStore {
  /** Strongly consistent. */
  read(customerId: string, contractId: string): Promise<Contract | undefined>;
  /** Every contract of a customer, strongly consistent. */
  readAll(customerId: string): Promise<readonly Contract[]>;
  /** One page in the order of the ids; `next` is where the following one starts, absent at the end. */
  readPage(
    customerId: string,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly contracts: readonly Contract[]; readonly next?: string }>;
  /** Writes a contract if the stored revision is still `expectedRevision` (undefined: nothing stored yet). */
  write(contract: Contract, expectedRevision: number | undefined): Promise<'written' | 'conflict'>;
}

export interface InstallationStore {
  /** Every installation of a customer, strongly consistent. */
  readAll(customerId: string): Promise<readonly Installation[]>;
  /**
   * Writes what an order changes, name, contracts and kept hosts, if the stored version is still `installation.version` (0:
   * nothing stored yet), and bumps it.
   */
  write(installation: Installation): Promise<'written' | 'conflict'>;
}
