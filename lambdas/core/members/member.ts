import * as z from 'zod/mini';
import { LANGUAGES, type Language } from '../alerts/kinds.ts';
import { parseBody } from '../body.ts';
import { emailField } from '../customer.ts';
import { choiceField, idField } from '../fields.ts';
import { utcDayOf, type Instant } from '../instant.ts';
import { Problem } from '../problem.ts';

export const MEMBER_ROLES = ['viewer', 'manager'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** How the invitation stands; `due`: it has not been sent yet. */
export const INVITATION_STATES = ['due', 'sent', 'unreachable'] as const;

/** Somebody who may sign in for a customer. */
export interface Member {
  /** In lower case. */
  readonly email: string;
  readonly role: MemberRole;
  readonly language: Language;
  readonly invitedAt: Instant;
  /** Who invited it; absent: the vendor, or an order. */
  readonly invitedBy?: string;
  readonly invitation: (typeof INVITATION_STATES)[number];
}

/** The members of a customer: one item, so that what counts for all of them is decided on all of them. */
export interface Roster {
  readonly customerId: string;
  /** 0: nothing is stored yet. */
  readonly version: number;
  /** In the order of their invitations. */
  readonly members: readonly Member[];
  /** Invitations on the latest day (UTC) that had one. */
  readonly invited?: { readonly day: string; readonly count: number };
}

const MOST_MEMBERS = 200;

/** Invitations of a customer on one day (UTC): they go to addresses that anybody may have typed. */
const MOST_INVITATIONS_A_DAY = 50;

export const memberBodySchema = z.strictObject(
  { role: choiceField(MEMBER_ROLES), language: z.optional(choiceField(LANGUAGES)) },
  'must be a role and, if wanted, a language',
);

export type MemberDocument = z.infer<typeof memberBodySchema>;

/** @throws {Problem} `body-invalid` */
export const parseMember = (body: unknown): MemberDocument => parseBody(memberBodySchema, body);

export const chosenMembershipSchema = z.strictObject({ actFor: idField }, 'must name a customer to act for');

/** @throws {Problem} `body-invalid` */
export const parseChosenMembership = (body: unknown): z.infer<typeof chosenMembershipSchema> =>
  parseBody(chosenMembershipSchema, body);

/** An address as members are kept under it; undefined where the text is none. */
export function memberAddress(text: string): string | undefined {
  const parsed = z.safeParse(emailField, text);
  return parsed.success ? parsed.data.toLowerCase() : undefined;
}

export const memberIn = (roster: Roster, email: string): Member | undefined =>
  roster.members.find((member) => member.email === email);

export interface Invitation {
  readonly email: string;
  readonly role: MemberRole;
  readonly language: Language;
  readonly invitedBy?: string | undefined;
}

/** The roster with a new member.
 * @throws {Problem} `member-limit`
 */
export function withInvited(
  roster: Roster,
  { email, role, language, invitedBy }: Invitation,
  now: Instant,
): Roster {
  if (roster.members.length >= MOST_MEMBERS) throw new Problem('member-limit');
  const day = utcDayOf(now);
  const before = roster.invited?.day === day ? roster.invited.count : 0;
  if (before >= MOST_INVITATIONS_A_DAY) {
    throw new Problem('member-limit', {
      detail: `At most ${MOST_INVITATIONS_A_DAY} people can be invited in a day (UTC). Go on tomorrow.`,
    });
  }
  const member: Member = {
    email,
    role,
    language,
    invitedAt: now,
    ...(invitedBy === undefined ? {} : { invitedBy }),
    invitation: 'due',
  };
  return { ...roster, members: [...roster.members, member], invited: { day, count: before + 1 } };
}

/**
 * The roster with what changed of a member.
 * @throws {Problem} `last-manager`
 */
export function withChanged(roster: Roster, changed: Member): Roster {
  return withManager(roster, {
    ...roster,
    members: roster.members.map((member) => (member.email === changed.email ? changed : member)),
  });
}

/**
 * The roster without a member.
 * @throws {Problem} `last-manager`
 */
export const withoutMember = (roster: Roster, email: string): Roster =>
  withManager(roster, { ...roster, members: roster.members.filter((member) => member.email !== email) });

/**
 * A customer that has a manager keeps one, and where there is one who was sent the invitation, such a one: others do not know
 * that they may sign in, or cannot be reached. Whether somebody has signed in does not count: it can at any time.
 */
function withManager(before: Roster, after: Roster): Roster {
  if (managersOf(before).some(wasInvited) && !managersOf(after).some(wasInvited)) {
    throw managersOf(after).length === 0
      ? new Problem('last-manager')
      : new Problem('last-manager', {
          detail:
            'No invitation has reached any other manager yet. Invite one that can be reached, then send it again.',
        });
  }
  if (managersOf(before).length > 0 && managersOf(after).length === 0) throw new Problem('last-manager');
  return after;
}

const managersOf = ({ members }: Roster): readonly Member[] =>
  members.filter(({ role }) => role === 'manager');

const wasInvited = ({ invitation }: Member): boolean => invitation === 'sent';
