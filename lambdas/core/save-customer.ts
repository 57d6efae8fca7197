import type { Customer } from './customer.ts';
import type { CustomerStore, InstallationStore } from './order-ports.ts';
import { Problem } from './problem.ts';

/** Rounds before the service gives up; each conflict means that somebody else got ahead. */
const MAX_ROUNDS = 10;

export interface CustomerDependencies {
  readonly customers: CustomerStore;
  readonly installations: InstallationStore;
}

/**
 * Stores a customer document and carries the name into the customer's installations, from where it gets into license files.
 * A retry heals a crash between the two.
 * @throws {Problem} `unavailable` when others keep changing the installations.
 */
export async function saveCustomer(
  { customers, installations }: CustomerDependencies,
  customer: Customer,
): Promise<'created' | 'replaced'> {
  const outcome = await customers.write(customer);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    // The customer is read after the installations, so that of two racing documents the stored one names them in the end.
    const stored = await installations.readAll(customer.customerId);
    const { name } = (await customers.read(customer.customerId)) ?? customer;
    const misnamed = stored.filter(({ customerName }) => customerName !== name);
    if (misnamed.length === 0) return outcome;
    await Promise.all(
      misnamed.map((installation) => installations.write({ ...installation, customerName: name })),
    );
  }
  throw new Problem('unavailable', { cause: new Error('The installations of the customer kept changing') });
}
