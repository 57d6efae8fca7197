import { describe, expect, it } from 'vitest';
import type { Contact, Customer } from '../../../lambdas/core/customer.ts';
import type { ReportPlan } from '../../../lambdas/core/report/report-plans.ts';
import { Problem } from '../../../lambdas/core/problem.ts';
import { saveCustomer } from '../../../lambdas/core/save-customer.ts';

const contact = (hour: number): Contact => ({
  email: 'ops@acme.example',
  language: 'en',
  timeZone: 'UTC',
  roles: ['technical'],
  report: { every: 'week', on: 'monday', hour },
});

const customerWith = (...contacts: Contact[]): Customer => ({
  customerId: 'acme',
  name: 'Acme Print',
  contacts,
});

/** Saves a document while `others` come in, one with each time that the schedules are kept; answers the schedules. */
async function savedAgainst(customer: Customer, others: readonly Customer[]) {
  const left = [...others];
  const kept: (readonly ReportPlan[])[] = [];
  let stored: Customer | undefined;
  const saving = saveCustomer(
    {
      customers: {
        read: () => Promise.resolve(stored),
        write: (document) => {
          stored = document;
          return Promise.resolve('created');
        },
      },
      installations: {
        readAll: () => Promise.resolve([]),
        write: () => Promise.reject(new Error('There is no installation')),
      },
      reportSchedules: {
        add: () => Promise.resolve(),
        keep: (_customerId, plans) => {
          kept.push(plans);
          stored = left.shift() ?? stored;
          return Promise.resolve();
        },
      },
    },
    customer,
  );
  await saving;
  return kept.map((plans) => plans.map(({ cron }) => cron));
}

describe('The schedules of reports, once a customer is saved', () => {
  it('are kept once where nobody else writes', async () => {
    expect(await savedAgainst(customerWith(contact(8)), [])).toEqual([['cron(0 8 ? * MON *)']]);
  });

  it('are those of the stored document, where another one came in between', async () => {
    const others = [customerWith(contact(9)), customerWith()];
    expect(await savedAgainst(customerWith(contact(8)), others)).toEqual([
      ['cron(0 8 ? * MON *)'],
      ['cron(0 9 ? * MON *)'],
      [],
    ]);
  });

  it('come before anything is stored, so that nothing is where they are refused', async () => {
    const written: Customer[] = [];
    const refused = () => Promise.reject(new Problem('body-invalid'));
    const saving = saveCustomer(
      {
        customers: {
          read: () => Promise.resolve(undefined),
          write: (document) => {
            written.push(document);
            return Promise.resolve('created');
          },
        },
        installations: { readAll: () => Promise.resolve([]), write: () => Promise.resolve('written') },
        reportSchedules: { add: refused, keep: refused },
      },
      customerWith(contact(8)),
    );
    await expect(saving).rejects.toMatchObject({ code: 'body-invalid' });
    expect(written).toEqual([]);
  });

  it('are given up on, to be tried again, where others keep writing', async () => {
    const others = Array.from({ length: 50 }, (_, index) => customerWith(contact(index % 2 === 0 ? 9 : 8)));
    await expect(savedAgainst(customerWith(contact(8)), others)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
