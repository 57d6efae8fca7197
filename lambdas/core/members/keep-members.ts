import type { Instant } from '../instant.ts';
import type { Customer } from '../customer.ts';
import { Problem } from '../problem.ts';
import type { Memberships, MemberStore, SignInAccounts } from './member-ports.ts';
import {
  memberIn,
  withChanged,
  withInvited,
  withoutMember,
  type MemberDocument,
  type Roster,
} from './member.ts';

/** Rounds before the service gives up; each conflict means that somebody else got ahead. */
const MAX_ROUNDS = 10;

export interface WantedMember extends MemberDocument {
  /** In lower case. */
  readonly email: string;
  readonly invitedBy?: string | undefined;
}

export interface SavedMember {
  readonly outcome: 'invited' | 'changed' | 'unchanged';
  readonly roster: Roster;
}

/**
 * Invites somebody, or changes the role or language of a member. The same again changes nothing, but that an invitation which
 * could not reach its address becomes due again: whoever asks again has reason to think that it can now.
 * @throws {Problem} `last-manager`, `member-limit`, `unavailable`
 */
export async function saveMember(
  members: MemberStore,
  { customerId, contacts }: Customer,
  wanted: WantedMember,
  now: Instant,
): Promise<SavedMember> {
  const { email, role } = wanted;
  const contact = contacts.find((candidate) => candidate.email.toLowerCase() === email);

  let outcome: SavedMember['outcome'] = 'unchanged';
  const roster = await changeRoster(members, customerId, async (stored) => {
    const known = memberIn(stored, email);
    const language = wanted.language ?? known?.language ?? contact?.language ?? 'en';
    if (!known) {
      const invited = withInvited(stored, { ...wanted, language }, now);
      // First, for a crash in between: a member without a link could not sign in; a link without a member means nothing.
      await members.link(email, customerId);
      outcome = 'invited';
      return invited;
    }
    const isUnreachable = known.invitation === 'unreachable';
    if (known.role === role && known.language === language && !isUnreachable) {
      outcome = 'unchanged';
      return undefined;
    }
    outcome = 'changed';
    const invitation = isUnreachable ? 'due' : known.invitation;
    return withChanged(stored, { ...known, role, language, invitation });
  });
  // Whoever removed it before may have taken the link away after it was noted above.
  await members.link(email, customerId);
  return { outcome, roster };
}

export interface RemovalDependencies {
  readonly members: MemberStore & Pick<Memberships, 'linksOf'>;
  readonly accounts: SignInAccounts;
}

/**
 * Takes a member away: its tokens end within minutes, and it gets no new ones. Its account goes with its last membership.
 * @throws {Problem} `member-not-found`, `last-manager`, `unavailable`
 */
export async function removeMember(
  { members, accounts }: RemovalDependencies,
  customerId: string,
  email: string,
): Promise<void> {
  const found = { once: false };
  await changeRoster(members, customerId, (stored) => {
    const isThere = memberIn(stored, email) !== undefined;
    if (isThere) found.once = true;
    return isThere ? withoutMember(stored, email) : undefined;
  });
  // Also where it was not there: this may be the retry of a removal that ended half way.
  const left = await members.unlink(email, customerId);
  if (memberIn(await members.read(customerId), email)) {
    // Somebody invited it again before the link was taken away; another removal may not have seen the link either.
    await members.link(email, customerId);
    await accounts.create(email);
  } else if (left === 'none') {
    await deleteAccount({ members, accounts }, email);
  }
  if (!found.once) throw new Problem('member-not-found');
}

async function deleteAccount({ members, accounts }: RemovalDependencies, email: string): Promise<void> {
  await accounts.delete(email);
  // Whoever invited it meanwhile may have found the account still there. The link is always noted before the account is made: if
  // it is not seen here yet, the account is made later.
  const { customers } = await members.linksOf(email);
  if (customers.length > 0) await accounts.create(email);
}

/**
 * Changes a roster on what is stored, again where others got ahead.
 * @param change answers what is to be stored, or undefined to leave it.
 * @returns what is stored then
 */
export async function changeRoster(
  members: MemberStore,
  customerId: string,
  change: (stored: Roster) => Promise<Roster | undefined> | Roster | undefined,
): Promise<Roster> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await members.read(customerId);
    const changed = await change(stored);
    if (!changed) return stored;
    if ((await members.write(changed)) === 'written') return { ...changed, version: stored.version + 1 };
  }
  throw new Problem('unavailable', { cause: new Error('The members of the customer kept changing') });
}
