import fc from 'fast-check';
import type { Contact } from '../../lambdas/core/customer.ts';

export const aContact = (email: string, given: Partial<Contact> = {}): Contact => ({
  email,
  language: 'en',
  timeZone: 'Europe/Berlin',
  roles: ['technical', 'commercial'],
  ...given,
});

/** Few addresses, in either case, so that lists meet. */
const emails = fc.constantFrom('a@x.example', 'A@x.example', 'b@x.example', 'c@x.example', 'd@x.example');

const arbitraryContact: fc.Arbitrary<Contact> = fc.record(
  {
    email: emails,
    language: fc.constantFrom('en', 'de', 'fr'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
    roles: fc.constantFrom<Contact['roles'][]>(
      ['technical'],
      ['commercial'],
      ['technical', 'commercial'],
      ['commercial', 'technical'],
    ),
    kinds: fc.subarray(['offline', 'failed', 'expiring', 'ending']),
    report: fc.constantFrom<NonNullable<Contact['report']>[]>(
      { every: 'week', on: 'monday', hour: 8 },
      { every: 'month', on: 1, hour: 0 },
    ),
  },
  { requiredKeys: ['email', 'language', 'timeZone', 'roles'] },
);

/** What a vendor may send: the same address may be there twice. */
export const vendorContacts = fc.array(arbitraryContact, { maxLength: 5 });

/** What a customer may want: no address twice. */
export const wantedContacts = fc.uniqueArray(arbitraryContact, {
  maxLength: 5,
  selector: ({ email }) => email.toLowerCase(),
});
