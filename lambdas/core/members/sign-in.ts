import type { Instant } from '../instant.ts';
import { Problem } from '../problem.ts';
import type { MemberRole } from './member.ts';
import type { MembershipChoices, Memberships } from './member-ports.ts';
import { memberIn, type Roster } from './member.ts';

/** For whom somebody may act. */
export interface Membership {
  readonly customerId: string;
  readonly role: MemberRole;
}

/** A membership among all those of an address. */
export interface ChoosableMembership extends Membership {
  /** The next token acts for it. */
  readonly isChosen: boolean;
}

/** Rosters that are read at a time. */
const AT_ONCE = 8;

/**
 * The membership that a token is made with: of several the one of the customer that the sign-in asks for, else the one that the
 * member chose, else the one that it was invited to first. Undefined where it is a member of none, or not of the one that is
 * asked for.
 * @param email in lower case.
 */
export async function membershipOf(
  memberships: Memberships,
  email: string,
  wantedCustomer?: string,
): Promise<Membership | undefined> {
  if (wantedCustomer !== undefined) {
    const wanted = invitedIn(await memberships.read(wantedCustomer), email);
    return wanted && { customerId: wanted.customerId, role: wanted.role };
  }
  const chosen = (await membershipsOf(memberships, email)).find(({ isChosen }) => isChosen);
  return chosen && { customerId: chosen.customerId, role: chosen.role };
}

/**
 * All memberships of an address, the first invitation first; one of them is the chosen one, unless there is none.
 * @param email in lower case.
 */
export async function membershipsOf(
  memberships: Memberships,
  email: string,
): Promise<readonly ChoosableMembership[]> {
  const { customers, chosen } = await memberships.linksOf(email);
  const invited: Invited[] = [];
  for (let start = 0; start < customers.length; start += AT_ONCE) {
    const rosters = await Promise.all(
      customers.slice(start, start + AT_ONCE).map((customerId) => memberships.read(customerId)),
    );
    // A link may lead to nothing: only the roster says who is a member.
    invited.push(...rosters.flatMap((roster) => invitedIn(roster, email) ?? []));
  }
  invited.sort(byInvitation);
  const actsFor = invited.find(({ customerId }) => customerId === chosen) ?? invited[0];
  return invited.map((membership) => ({
    customerId: membership.customerId,
    role: membership.role,
    isChosen: membership === actsFor,
  }));
}

/**
 * Has the next tokens of an address act for another of the customers that it is a member of.
 * @param email in lower case.
 * @throws {Problem} `customer-not-found`, also for customers that there are but have not invited it.
 */
export async function chooseMembership(
  memberships: MembershipChoices,
  email: string,
  customerId: string,
): Promise<void> {
  if (!memberIn(await memberships.read(customerId), email)) throw notInvited();
  // The link goes with a removal: a choice alone would stay, and count again with the next invitation.
  if ((await memberships.choose(email, customerId)) === 'not-linked') throw notInvited();
}

/** The same for customers that there are and for those that there are not: who is a customer is nobody else's business. */
export const notInvited = (): Problem =>
  new Problem('customer-not-found', {
    detail: 'You are not a member of this customer. Choose one of the list of your memberships.',
  });

interface Invited extends Membership {
  readonly invitedAt: Instant;
}

function invitedIn(roster: Roster, email: string): Invited | undefined {
  const member = memberIn(roster, email);
  return member && { customerId: roster.customerId, role: member.role, invitedAt: member.invitedAt };
}

const byInvitation = (a: Invited, b: Invited): number =>
  a.invitedAt - b.invitedAt || (a.customerId < b.customerId ? -1 : 1);
