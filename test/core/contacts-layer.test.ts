import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byAddress,
  changesFor,
  contactsInForce,
  customerInForce,
  isSameContact,
  versionOf,
  type CustomerChanges,
} from '../../lambdas/core/contacts-layer.ts';
import type { Contact } from '../../lambdas/core/customer.ts';
import { aContact, vendorContacts, wantedContacts } from '../builders/contacts.ts';

const NOTHING: CustomerChanges = { contacts: [] };

const vendorOf = (contacts: readonly Contact[], offlineAfterHours?: number) => ({
  customerId: 'acme',
  name: 'Acme',
  contacts: [...contacts],
  ...(offlineAfterHours === undefined ? {} : { offlineAfterHours }),
});

const addressesOf = (contacts: readonly Contact[]) => [...byAddress(contacts).keys()].sort();

function expectSame(actual: readonly Contact[], expected: readonly Contact[]): void {
  expect(addressesOf(actual)).toEqual(addressesOf(expected));
  const found = byAddress(actual);
  for (const [address, contact] of byAddress(expected)) {
    expect(isSameContact(found.get(address)!, contact), JSON.stringify([found.get(address), contact])).toBe(
      true,
    );
  }
}

const isSame = (a: Contact | undefined, b: Contact | undefined): boolean =>
  a && b ? isSameContact(a, b) : a === b;

describe('What a customer says of its contacts', () => {
  it('counts, whatever the vendor and the customer said before', () => {
    fc.assert(
      fc.property(vendorContacts, wantedContacts, wantedContacts, (vendor, before, wanted) => {
        const first = changesFor({ vendor: vendorOf(vendor), changes: NOTHING }, { contacts: before });
        const layers = { vendor: vendorOf(vendor), changes: first };
        const changes = changesFor(layers, { contacts: wanted });
        expectSame(contactsInForce(vendor, changes.contacts), wanted);
      }),
    );
  });

  it('survives every later document of the vendor, and what it left alone follows the vendor', () => {
    fc.assert(
      fc.property(vendorContacts, wantedContacts, vendorContacts, (vendor, wanted, later) => {
        const changes = changesFor({ vendor: vendorOf(vendor), changes: NOTHING }, { contacts: wanted });
        const inForce = byAddress(contactsInForce(later, changes.contacts));
        const [named, said, laterNamed] = [byAddress(vendor), byAddress(wanted), byAddress(later)];
        for (const address of new Set([...named.keys(), ...said.keys(), ...laterNamed.keys()])) {
          const [before, wish, now] = [named.get(address), said.get(address), laterNamed.get(address)];
          const isUntouched = before && wish ? isSameContact(before, wish) : before === wish;
          const expected = isUntouched ? now : wish;
          const actual = inForce.get(address);
          expect(actual === undefined).toBe(expected === undefined);
          if (actual && expected) expect(isSameContact(actual, expected)).toBe(true);
        }
      }),
    );
  });

  it('stays the customer’s own until it says otherwise, whatever the vendor and the customer say of others meanwhile', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ vendor: vendorContacts }),
        // The vendor's system catches up with what the customer said.
        fc.record({ caughtUp: fc.constant(true) }),
        fc.record({ saved: wantedContacts }),
        // Most saves change little: what is left as it is must keep its layer.
        fc.record({ added: wantedContacts.map((contacts) => contacts.slice(0, 1)) }),
      ),
      { minLength: 6, maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let vendor: readonly Contact[] = [];
        let changes = NOTHING;
        /** Per address what the customer said of it last; one without an entry follows the vendor. */
        const own = new Map<string, Contact | undefined>();
        for (const step of all) {
          const named = byAddress(vendor);
          if ('vendor' in step) {
            vendor = step.vendor;
          } else if ('caughtUp' in step) {
            vendor = contactsInForce(vendor, changes.contacts);
          } else {
            const inForce = byAddress(contactsInForce(vendor, changes.contacts));
            const wanted =
              'saved' in step ? byAddress(step.saved) : new Map([...inForce, ...byAddress(step.added)]);
            for (const address of new Set([...inForce.keys(), ...wanted.keys()])) {
              const [before, wish, theirs] = [inForce, wanted, named].map((from) => from.get(address));
              if (isSame(before, wish)) continue;
              if (isSame(theirs, wish)) own.delete(address);
              else own.set(address, wish);
            }
            changes = changesFor({ vendor: vendorOf(vendor), changes }, { contacts: [...wanted.values()] });
          }
          const expected = byAddress(vendor);
          const followed = [...expected].filter(([address]) => !own.has(address));
          const said = [...own.values()].filter((contact) => contact !== undefined);
          expectSame(contactsInForce(vendor, changes.contacts), [
            ...followed.map(([, contact]) => contact),
            ...said,
          ]);
        }
      }),
    );
  });

  it('keeps an address that both named when the vendor drops it again', () => {
    const [named, added] = [aContact('a@x.example'), aContact('b@x.example')];
    const first = changesFor({ vendor: vendorOf([named]), changes: NOTHING }, { contacts: [named, added] });
    // Both name it now, and the customer changes something else.
    const changed = aContact('a@x.example', { language: 'fr' });
    const vendor = vendorOf([named, added]);
    const second = changesFor({ vendor, changes: first }, { contacts: [changed, added] });
    expectSame(contactsInForce([named], second.contacts), [changed, added]);
  });

  it('keeps hours that the vendor happens to say, too, until the customer says others', () => {
    const contacts = [aContact('a@x.example')];
    const said = { contacts: [], offlineAfterHours: 72 };
    const save = (vendorHours: number, changes: CustomerChanges, offlineAfterHours?: number) =>
      changesFor({ vendor: vendorOf(contacts, vendorHours), changes }, { contacts, offlineAfterHours });
    expect(save(48, NOTHING, 72)).toEqual(said);
    expect(save(72, said, 72)).toEqual(said);
    expect(save(72, NOTHING, 72)).toEqual(NOTHING);
    expect(save(48, said, 48)).toEqual(NOTHING);
    expect(save(72, said)).toEqual(NOTHING);
  });

  it('is nothing where it says what the vendor says', () => {
    fc.assert(
      fc.property(vendorContacts, (vendor) => {
        const layers = { vendor: vendorOf(vendor, 48), changes: NOTHING };
        const contacts = [...byAddress(vendor).values()];
        expect(changesFor(layers, { contacts, offlineAfterHours: 48 })).toEqual(NOTHING);
        expect(contactsInForce(vendor, [])).toEqual(vendor);
      }),
    );
  });

  it('goes when the customer says again what the vendor says', () => {
    const vendor = vendorOf([aContact('a@x.example')], 48);
    const changes = changesFor(
      { vendor, changes: NOTHING },
      {
        contacts: [aContact('a@x.example', { language: 'de' }), aContact('b@x.example')],
        offlineAfterHours: 72,
      },
    );
    expect(customerInForce({ vendor, changes })).toMatchObject({
      contacts: [{ email: 'a@x.example', language: 'de' }, { email: 'b@x.example' }],
      offlineAfterHours: 72,
    });
    expect(changesFor({ vendor, changes }, { contacts: vendor.contacts })).toEqual(NOTHING);
  });

  it('remembers a removal while the vendor does not name the address, and while it says other things', () => {
    const vendor = vendorOf([aContact('a@x.example'), aContact('b@x.example')]);
    const removed = changesFor({ vendor, changes: NOTHING }, { contacts: [aContact('b@x.example')] });
    const without = vendorOf([aContact('b@x.example')]);
    const later = changesFor(
      { vendor: without, changes: removed },
      { contacts: [aContact('b@x.example', { language: 'fr' })] },
    );
    expectSame(contactsInForce(vendor.contacts, later.contacts), [
      aContact('b@x.example', { language: 'fr' }),
    ]);
  });

  it('takes an address that the vendor names twice for one, with the roles of both', () => {
    const contacts = [
      aContact('a@x.example', { roles: ['technical'], kinds: ['offline'] }),
      aContact('A@x.example', { roles: ['commercial'], report: { every: 'month', on: 1, hour: 8 } }),
    ];
    expect([...byAddress(contacts).values()]).toEqual([
      aContact('a@x.example', { report: { every: 'month', on: 1, hour: 8 } }),
    ]);
  });

  it('has a version that tells every change, and none where a document comes again', () => {
    const vendor = vendorOf([aContact('a@x.example')]);
    const layers = { vendor, changes: NOTHING, mutes: new Set<string>(), counter: 1 };
    const others = [
      { ...layers, vendor: vendorOf([aContact('a@x.example', { language: 'fr' })]) },
      { ...layers, vendor: vendorOf(vendor.contacts, 48) },
      { ...layers, changes: { contacts: [{ address: 'a@x.example', contact: null }] } },
      { ...layers, changes: { contacts: [], offlineAfterHours: 48 } },
      { ...layers, mutes: new Set(['offline a@x.example']) },
    ];
    expect(new Set([layers, ...others].map(versionOf)).size).toBe(6);
    expect(versionOf({ ...layers, vendor: vendorOf([aContact('a@x.example')]), counter: 9 })).toBe(
      versionOf(layers),
    );
  });
});
