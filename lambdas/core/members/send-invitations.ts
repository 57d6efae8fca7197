import { inPieces } from '../alerts/in-pieces.ts';
import type { Customer } from '../customer.ts';
import { composeInvitation } from '../mail/invitation.ts';
import { sendNotice, type NoticeDependencies } from '../mail/send-notice.ts';
import { changeRoster } from './keep-members.ts';
import { AddressRefused, type MemberStore, type SignInAccounts } from './member-ports.ts';
import type { Member, Roster } from './member.ts';

export interface InvitationDependencies extends NoticeDependencies {
  readonly members: MemberStore;
  readonly accounts: SignInAccounts;
  readonly settings: { readonly portalUrl?: string };
}

export interface SentInvitations {
  /** As it is stored then; undefined where nothing came of it. */
  readonly roster: Roster | undefined;
  /** What went wrong for now; those invitations stay due. */
  readonly faults: readonly unknown[];
}

type Outcome = Exclude<Member['invitation'], 'due'>;

const SENT_AT_ONCE = 8;

/**
 * Makes the accounts of members, also of those that were invited before and have lost theirs, such as with the user pool, and
 * sends the invitations that are due. It does so for these members and no others: whoever asks is answered for its own. What
 * was sent is noted after it was sent: a crash between the two sends again, never too little.
 */
export async function sendInvitations(
  { members, accounts, settings, ...notices }: InvitationDependencies,
  customer: Customer,
  invited: readonly Member[],
): Promise<SentInvitations> {
  const { customerId } = customer;
  const outcomes = new Map<string, Outcome>();
  const faults: unknown[] = [];
  await inPieces(invited, SENT_AT_ONCE, async ({ email, role, language, invitedBy, invitation }) => {
    try {
      // Before the e-mail that says to sign in.
      await accounts.create(email);
    } catch (fault) {
      // Without an account nobody can sign in, so no e-mail says so.
      if (fault instanceof AddressRefused) outcomes.set(email, 'unreachable');
      else faults.push(fault);
      return;
    }
    if (invitation !== 'due') return;
    const about = { customer, role, email, ...(invitedBy === undefined ? {} : { invitedBy }) };
    const report = await sendNotice(
      notices,
      // No times are named in it.
      [{ email, language, timeZone: 'UTC' }],
      () => composeInvitation(about, { language }, settings),
      { kind: 'invitation', customerId },
    );
    faults.push(...report.faults);
    if (report.faults.length === 0) outcomes.set(email, report.sent.length > 0 ? 'sent' : 'unreachable');
  });
  const roster = outcomes.size === 0 ? undefined : await noted(members, customerId, invited, outcomes);
  return { roster, faults };
}

/** Notes what became of invitations, unless a member has gone or somebody else sent it meanwhile. */
const noted = (
  members: MemberStore,
  customerId: string,
  invited: readonly Member[],
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<Roster> =>
  changeRoster(members, customerId, (stored) => {
    const before = new Map(invited.map(({ email, invitation }) => [email, invitation]));
    const after = (member: Member): Member => {
      const invitation = outcomes.get(member.email);
      return invitation && member.invitation === before.get(member.email)
        ? { ...member, invitation }
        : member;
    };
    const changed = stored.members.map(after);
    return changed.some((member, index) => member !== stored.members[index])
      ? { ...stored, members: changed }
      : undefined;
  });
