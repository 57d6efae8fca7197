import { installationOf, type Contract } from '../../lambdas/core/contract.ts';
import type { Customer } from '../../lambdas/core/customer.ts';
import type { Installation, InstallationKey } from '../../lambdas/core/installation.ts';
import type { OrderDependencies } from '../../lambdas/core/order.ts';
import { unite } from '../../lambdas/core/united-contracts.ts';
import { NOW } from '../builders/instants.ts';

/** Decides when an access to the tables happens, and whether it or its answer is lost. */
export type Access = <T>(name: string, access: () => T) => Promise<T>;

export const atOnce: Access = (_name, access) => Promise.resolve(access());

const installationId = (key: InstallationKey): string => `${key.product}#${key.installation}`;

/** The tables of orders in memory; each method is one atomic access, as a strongly consistent one to DynamoDB is. */
export class MemoryOrderTables {
  readonly customers = new Map<string, Customer>();
  readonly contracts = new Map<string, Contract>();
  readonly installations = new Map<string, Installation>();

  constructor() {
    this.customers.set('acme', { customerId: 'acme', name: 'Acme Print', contacts: [] });
  }

  /** The stores as one request sees them. */
  storesWith(
    access: Access,
  ): OrderDependencies & { customers: { write(customer: Customer): Promise<'created' | 'replaced'> } } {
    const { customers, contracts, installations } = this;
    return {
      customers: {
        read: (customerId) => access('customers.read', () => customers.get(customerId)),
        write: (customer) =>
          access('customers.write', () => {
            const outcome = customers.has(customer.customerId) ? 'replaced' : 'created';
            customers.set(customer.customerId, customer);
            return outcome;
          }),
      },
      contracts: {
        read: (_customerId, contractId) => access('contracts.read', () => contracts.get(contractId)),
        readAll: () => access('contracts.readAll', () => [...contracts.values()]),
        readPage: () => access('contracts.readPage', () => ({ contracts: [...contracts.values()] })),
        write: (contract, expected) =>
          access('contracts.write', () => {
            if (contracts.get(contract.contractId)?.document.revision !== expected) return 'conflict';
            contracts.set(contract.contractId, contract);
            return 'written';
          }),
      },
      installations: {
        readAll: () => access('installations.readAll', () => [...installations.values()]),
        write: (installation) =>
          access('installations.write', () => {
            const id = installationId(installation);
            if ((installations.get(id)?.version ?? 0) !== installation.version) return 'conflict';
            installations.set(id, { ...installation, version: installation.version + 1 });
            return 'written';
          }),
      },
    };
  }

  /** What the installations must say by now: name of the customer and union of the stored contracts. */
  expected(): Map<string, Pick<Installation, 'customerName' | 'contracts'>> {
    const customerName = this.customers.get('acme')?.name ?? '';
    return new Map(
      [...this.installations.keys()].map((id) => {
        const fed = [...this.contracts.values()].filter(
          (contract) => installationId(installationOf(contract)) === id,
        );
        return [id, { customerName, contracts: unite(fed, NOW) }];
      }),
    );
  }

  /** What they say. */
  actual(): Map<string, Pick<Installation, 'customerName' | 'contracts'>> {
    return new Map(
      [...this.installations].map(([id, { customerName, contracts }]) => [id, { customerName, contracts }]),
    );
  }
}
