import { cleanAddress, cleanText } from './clean.ts';
import type { MailFact } from './document.ts';
import type { MailContent } from './mail.ts';
import { noticeTextsIn } from './notice-texts/notice-texts-in.ts';
import { noticeContent, type NoticeContext } from './notice-content.ts';
import type { Reader } from './compose-notices.ts';
import { textsIn } from './texts/texts-in.ts';
import { portalLink } from './voice.ts';

/** What somebody who may use the customers' portal is told. */
export interface Invitation {
  readonly customer: { readonly customerId: string; readonly name: string };
  readonly role: 'viewer' | 'manager';
  /** The invited address, with which to sign in. */
  readonly email: string;
  /** Address of the member who invited. @default - the vendor did */
  readonly invitedBy?: string;
}

/** The e-mail that invites to the portal. */
export function composeInvitation(
  { customer, role, email, invitedBy }: Invitation,
  { language }: Pick<Reader, 'language'>,
  { portalUrl }: Pick<NoticeContext, 'portalUrl'>,
): MailContent {
  const { invitation } = noticeTextsIn(language);
  const { openPortal, reply } = textsIn(language);
  const name = cleanText(customer.name) || cleanText(customer.customerId);
  const facts: MailFact[] = [
    { label: invitation.signInAs, value: cleanAddress(email) },
    { label: invitation.role, value: invitation.roles[role] },
  ];
  return noticeContent(customer, {
    language,
    tone: 'neutral',
    headline: invitation.headline,
    blocks: [
      {
        paragraphs: [
          invitation.what(name, invitedBy === undefined ? undefined : cleanAddress(invitedBy)),
          invitation.may(role),
        ],
        steps: { title: textsIn(language).words.whatToDo, items: invitation.steps(portalUrl !== undefined) },
        lists: [{ rows: [{ name, ids: [], facts }] }],
      },
    ],
    ...(portalUrl === undefined ? {} : { action: portalLink(portalUrl, '/', openPortal) }),
    footer: [{ text: `${invitation.unexpected} ${reply}` }],
  });
}
