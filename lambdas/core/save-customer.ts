import { isDeepStrictEqual } from 'node:util';
import type { Customer } from './customer.ts';
import type { CustomerStore, InstallationStore } from './order-ports.ts';
import { Problem } from './problem.ts';
import { reportPlansOf, type ReportSchedules } from './report/report-plans.ts';

/** Rounds before the service gives up; each conflict means that somebody else got ahead. */
export const MAX_ROUNDS = 10;

export interface ReportDependencies {
  readonly customers: Pick<CustomerStore, 'read'>;
  readonly reportSchedules: ReportSchedules;
}

export interface CustomerDependencies extends ReportDependencies {
  readonly customers: CustomerStore;
  readonly installations: InstallationStore;
}

/**
 * Stores a customer document, carries the name into the customer's installations, from where it gets into license files, and
 * keeps the schedules of its reports. A retry heals a crash between them.
 * @throws {Problem} `unavailable` when others keep changing the customer or its installations, `body-invalid` for a time zone
 * in which no report can be scheduled; nothing is stored then.
 */
export async function saveCustomer(
  dependencies: CustomerDependencies,
  customer: Customer,
): Promise<'created' | 'replaced'> {
  const plans = reportPlansOf(customer.contacts);
  // Before anything is stored: only Scheduler knows its time zones. One too many sends nothing.
  if (plans.length > 0) await dependencies.reportSchedules.add(customer.customerId, plans);
  const outcome = await dependencies.customers.write(customer);
  await carryName(dependencies, customer);
  await keepReports(dependencies, customer.customerId);
  return outcome;
}

async function carryName(
  { customers, installations }: CustomerDependencies,
  customer: Customer,
): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    // The customer is read after the installations, so that of two racing documents the stored one names them in the end.
    const stored = await installations.readAll(customer.customerId);
    const { name } = (await customers.read(customer.customerId)) ?? customer;
    const misnamed = stored.filter(({ customerName }) => customerName !== name);
    if (misnamed.length === 0) return;
    await Promise.all(
      misnamed.map((installation) => installations.write({ ...installation, customerName: name })),
    );
  }
  throw new Problem('unavailable', { cause: new Error('The installations of the customer kept changing') });
}

/** Makes the schedules of reports those of the contacts that count, whoever said them last. */
export async function keepReports(
  { customers, reportSchedules }: ReportDependencies,
  customerId: string,
): Promise<void> {
  const plansStored = async () => reportPlansOf((await customers.read(customerId))?.contacts ?? []);
  let plans = await plansStored();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await reportSchedules.keep(customerId, plans);
    // Read after the schedules were kept, so that of two racing documents the stored one has them in the end.
    const stored = await plansStored();
    if (isDeepStrictEqual(stored, plans)) return;
    plans = stored;
  }
  throw new Problem('unavailable', { cause: new Error('The reports of the customer kept changing') });
}
