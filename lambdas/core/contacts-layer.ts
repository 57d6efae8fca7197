import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { CONTACT_ROLES } from './alerts/kinds.ts';
import type { Mutes } from './alerts/recipients.ts';
import type { Contact, Customer } from './customer.ts';

/** What a customer has made of one address: a contact of its own, or none. */
export interface ContactChange {
  /** In lower case. */
  readonly address: string;
  /** `null`: the customer removed it. */
  readonly contact: Contact | null;
}

/** What a customer said itself, above the vendor's document; later documents do not touch it. */
export interface CustomerChanges {
  readonly contacts: readonly ContactChange[];
  readonly offlineAfterHours?: number;
}

/** All that is stored about the contacts of a customer. */
export interface CustomerLayers {
  /** The vendor's document. */
  readonly vendor: Customer;
  readonly changes: CustomerChanges;
  readonly mutes: Mutes;
  /** Counts the writes of both layers. */
  readonly counter: number;
}

/** Removed addresses that the vendor does not name any more; as many as are remembered in case it names them again. */
const MOST_REMOVED = 100;

const addressOf = ({ email }: Contact): string => email.toLowerCase();

/**
 * The contacts that count. An address that the customer changed is as the customer said, whatever the vendor says of it
 * later; any other is as the vendor says.
 */
export function contactsInForce(
  vendor: readonly Contact[],
  changes: readonly ContactChange[],
): readonly Contact[] {
  const changed = new Map(changes.map(({ address, contact }) => [address, contact]));
  const kept = vendor.flatMap((contact) => {
    const address = addressOf(contact);
    const change = changed.get(address);
    if (change === undefined) return [contact];
    // An address that the vendor names twice is said once.
    changed.set(address, null);
    return change === null ? [] : [change];
  });
  return [...kept, ...[...changed.values()].filter((contact) => contact !== null)];
}

/** The customer as everything else sees it. */
export const customerInForce = ({
  vendor,
  changes,
}: Pick<CustomerLayers, 'vendor' | 'changes'>): Customer => ({
  ...vendor,
  contacts: [...contactsInForce(vendor.contacts, changes.contacts)],
  ...(changes.offlineAfterHours === undefined ? {} : { offlineAfterHours: changes.offlineAfterHours }),
});

/** What a customer wants to count from now on. */
export interface WantedContacts {
  /** No address twice. */
  readonly contacts: readonly Contact[];
  readonly offlineAfterHours?: number | undefined;
}

/**
 * What has to be stored so that `wanted` counts. What the customer leaves as it is keeps its layer: an own contact stays its own
 * also while the vendor's document happens to say the same, so that it does not go or change with a later one.
 */
export function changesFor(
  { vendor, changes }: Pick<CustomerLayers, 'vendor' | 'changes'>,
  wanted: WantedContacts,
): CustomerChanges {
  const named = byAddress(vendor.contacts);
  const kept = byAddress(wanted.contacts);
  const own = new Map(changes.contacts.map(({ address, contact }) => [address, contact]));
  const removedBefore = changes.contacts.filter(
    ({ address, contact }) => contact === null && !named.has(address) && !kept.has(address),
  );
  const { offlineAfterHours } = wanted;
  const followsVendor =
    offlineAfterHours === undefined ||
    (offlineAfterHours === vendor.offlineAfterHours && offlineAfterHours !== changes.offlineAfterHours);
  return {
    contacts: [
      ...removedBefore.slice(-MOST_REMOVED),
      ...[...named.keys()]
        .filter((address) => !kept.has(address))
        .map((address) => ({ address, contact: null })),
      ...[...kept].flatMap(([address, contact]) => {
        const isAsBefore = isSaid(own.get(address), contact);
        return !isAsBefore && isSaid(named.get(address), contact) ? [] : [{ address, contact }];
      }),
    ],
    ...(followsVendor ? {} : { offlineAfterHours }),
  };
}

const isSaid = (said: Contact | null | undefined, contact: Contact): boolean =>
  said !== null && said !== undefined && isSameContact(said, contact);

/**
 * One contact per address: where the vendor names one twice, with the roles of all, as they are all told.
 */
export function byAddress(contacts: readonly Contact[]): ReadonlyMap<string, Contact> {
  const united = new Map<string, Contact>();
  for (const contact of contacts) {
    const address = addressOf(contact);
    const known = united.get(address);
    united.set(address, known ? unite(known, contact) : contact);
  }
  return united;
}

function unite(first: Contact, second: Contact): Contact {
  const { kinds, report = second.report, ...contact } = first;
  return {
    ...contact,
    roles: CONTACT_ROLES.filter((role) => first.roles.includes(role) || second.roles.includes(role)),
    // Without a list it is all kinds.
    ...(kinds && second.kinds ? { kinds: [...new Set([...kinds, ...second.kinds])] } : {}),
    ...(report ? { report } : {}),
  };
}

export const isSameContact = (a: Contact, b: Contact): boolean => isDeepStrictEqual(plain(a), plain(b));

/** The same for contacts that say the same: lists in one order, members in one order. */
const plain = ({ email, language, timeZone, roles, kinds, report }: Contact) => [
  email.toLowerCase(),
  language,
  timeZone,
  [...roles].sort(),
  kinds ? [...kinds].sort() : null,
  report ? [report.every, report.on, report.hour] : null,
];

/** Tells whether anything changed since somebody looked; the same document of the vendor again is no change. */
export function versionOf({ vendor, changes, mutes }: CustomerLayers): string {
  const facts = [
    vendor.contacts.map(plain),
    vendor.offlineAfterHours ?? null,
    changes.contacts.map(({ address, contact }) => [address, contact && plain(contact)]),
    changes.offlineAfterHours ?? null,
    [...mutes].sort(),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);
}
