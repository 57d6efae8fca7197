import type { Instant } from '../instant.ts';
import type { CustomerStore } from '../order-ports.ts';
import { changeRoster } from './keep-members.ts';
import { withInvited } from './member.ts';
import { sendInvitations, type InvitationDependencies } from './send-invitations.ts';

export interface FirstManagersDependencies extends InvitationDependencies {
  readonly customers: Pick<CustomerStore, 'read'>;
}

/**
 * Makes the first managers of a customer that has no members, and sends the invitations that are due: to those whom the vendor
 * named, else to the first commercial contact, else to the first contact. A customer without any of them stays without until its
 * next order.
 * @returns what went wrong for now; the same order again makes up for it.
 */
export async function inviteFirstManagers(
  dependencies: FirstManagersDependencies,
  customerId: string,
  now: Instant,
): Promise<readonly unknown[]> {
  const { members, customers } = dependencies;
  let made: readonly string[] = [];
  const roster = await changeRoster(members, customerId, async (stored) => {
    made = [];
    if (stored.members.length > 0) return undefined;
    const { contacts = [], managers } = (await customers.read(customerId)) ?? {};
    const contact = contacts.find(({ roles }) => roles.includes('commercial')) ?? contacts[0];
    const named = managers ?? (contact ? [contact.email] : []);
    const addresses = new Set(named.map((email) => email.toLowerCase()));
    if (addresses.size === 0) return undefined;
    made = [...addresses];
    let changed = stored;
    for (const email of addresses) {
      const language = contacts.find((known) => known.email.toLowerCase() === email)?.language ?? 'en';
      await members.link(email, customerId);
      changed = withInvited(changed, { email, role: 'manager', language }, now);
    }
    return changed;
  });
  // Again: whoever removed them before may have taken the links away after they were noted above.
  for (const email of made) await members.link(email, customerId);
  // What members sent is theirs to send again. Two orders at the same moment may send twice; a crash never leaves one unsent.
  const due = roster.members.filter(
    ({ invitation, invitedBy }) => invitation === 'due' && invitedBy === undefined,
  );
  const customer = due.length === 0 ? undefined : await customers.read(customerId);
  return customer ? (await sendInvitations(dependencies, customer, due)).faults : [];
}
