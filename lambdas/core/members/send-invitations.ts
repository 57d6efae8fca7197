import { inPieces } from '../alerts/in-pieces.ts';
import type { Customer } from '../customer.ts';
import { composeInvitation } from '../mail/invitation.ts';
import { sendNotice, type NoticeDependencies } from '../mail/send-notice.ts';
import { changeRoster } from './keep-members.ts';
import type { MemberStore, SignInAccounts } from './member-ports.ts';
import type { Member, Roster } from './member.ts';

export interface InvitationDependencies extends NoticeDependencies {
  readonly members: MemberStore;
  readonly accounts: SignInAccounts;
  readonly settings: { readonly portalUrl?: string };
}

export interface SentInvitations {
  /** As it is stored then; undefined where nothing was due. */
  readonly roster: Roster | undefined;
  /** What went wrong for now; those invitations stay due. */
  readonly faults: readonly unknown[];
}

const SENT_AT_ONCE = 8;

/**
 * Sends the invitations that are due, and no others: whoever asks is answered for its own. What was sent is noted after it was
 * sent: a crash between the two sends again, never too little.
 */
export async function sendInvitations(
  { members, accounts, settings, ...notices }: InvitationDependencies,
  customer: Customer,
  due: readonly Member[],
): Promise<SentInvitations> {
  if (due.length === 0) return { roster: undefined, faults: [] };
  const { customerId } = customer;
  const outcomes = new Map<string, Member['invitation']>();
  const faults: unknown[] = [];
  await inPieces(due, SENT_AT_ONCE, async ({ email, role, language, invitedBy }) => {
    try {
      // Before the e-mail that says to sign in.
      await accounts.create(email);
    } catch (fault) {
      faults.push(fault);
      outcomes.set(email, 'due');
      return;
    }
    const invited = { customer, role, email, ...(invitedBy === undefined ? {} : { invitedBy }) };
    const report = await sendNotice(
      notices,
      // No times are named in it.
      [{ email, language, timeZone: 'UTC' }],
      () => composeInvitation(invited, { language }, settings),
      { kind: 'invitation', customerId },
    );
    faults.push(...report.faults);
    if (report.faults.length > 0) outcomes.set(email, 'due');
    else outcomes.set(email, report.sent.length > 0 ? 'sent' : 'unreachable');
  });
  return { roster: await noted(members, customerId, outcomes), faults };
}

/** Notes what became of invitations, unless a member has gone or somebody else sent it meanwhile. */
const noted = (
  members: MemberStore,
  customerId: string,
  outcomes: ReadonlyMap<string, Member['invitation']>,
): Promise<Roster> =>
  changeRoster(members, customerId, (stored) => {
    const isNews = ({ email, invitation }: Member) => invitation === 'due' && outcomes.has(email);
    if (!stored.members.some(isNews)) return undefined;
    const after = ({ tried: _, ...member }: Member): Member => {
      const invitation = outcomes.get(member.email) ?? 'due';
      return { ...member, invitation, ...(invitation === 'due' ? { tried: true } : {}) };
    };
    return { ...stored, members: stored.members.map((member) => (isNews(member) ? after(member) : member)) };
  });
