import type { Instant } from '../instant.ts';
import type { MemberRole } from './member.ts';
import type { Memberships } from './member-ports.ts';
import { memberIn } from './member.ts';

/** For whom somebody acts who has signed in. */
export interface Membership {
  readonly customerId: string;
  readonly role: MemberRole;
}

/** Rosters that are read at a time. */
const AT_ONCE = 8;

/**
 * The membership of an address. Of several it is the one of the customer that the sign-in asks for, else the one that it was
 * invited to first; undefined where it is a member of none, or not of the one that is asked for.
 * @param email in lower case.
 */
export async function membershipOf(
  memberships: Memberships,
  email: string,
  wantedCustomer?: string,
): Promise<Membership | undefined> {
  const customers = wantedCustomer === undefined ? await memberships.customersOf(email) : [wantedCustomer];
  let first: (Membership & { readonly invitedAt: Instant }) | undefined;
  for (let start = 0; start < customers.length; start += AT_ONCE) {
    const rosters = await Promise.all(
      customers.slice(start, start + AT_ONCE).map((customerId) => memberships.read(customerId)),
    );
    for (const roster of rosters) {
      const member = memberIn(roster, email);
      if (!member) continue;
      const { role, invitedAt } = member;
      const { customerId } = roster;
      if (!first || isBefore({ invitedAt, customerId }, first)) first = { customerId, role, invitedAt };
    }
  }
  return first && { customerId: first.customerId, role: first.role };
}

interface Invited {
  readonly invitedAt: Instant;
  readonly customerId: string;
}

const isBefore = (a: Invited, b: Invited): boolean =>
  a.invitedAt < b.invitedAt || (a.invitedAt === b.invitedAt && a.customerId < b.customerId);
