import type { AlertKind, Language } from '../alerts/kinds.ts';
import type { Notice } from '../alerts/subjects.ts';
import type { Instant } from '../instant.ts';
import { cleanText } from './clean.ts';
import { datesFor } from './dates.ts';
import type { MailFootnote } from './document.ts';
import { endingStory } from './ending-story.ts';
import { expiringStory, failedStory, offlineStory } from './host-story.ts';
import type { MailContent } from './mail.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';
import { textsIn } from './texts/texts-in.ts';
import { noticesOf, portalLink, type Story, type Voice } from './voice.ts';

/** The name of a customer in a subject line, which has little room. */
const SHORT_NAME = 40;

/** What one e-mail is about: notices of one kind, of one customer. */
export interface Mailing {
  readonly kind: AlertKind;
  readonly customer: { readonly customerId: string; readonly name: string };
  readonly notices: readonly Notice[];
}

export interface Reader {
  readonly language: Language;
  readonly timeZone: string;
}

export interface MailContext {
  readonly now: Instant;
  /** Where the customers' portal is. @default - no links */
  readonly portalUrl?: string;
  /** Takes the reader off this kind. @default - the e-mail does not offer it */
  readonly muteUrl?: string;
  /** The vendor reads it because no contact of the customer can be reached. @default false */
  readonly vendorIsReader?: boolean;
}

/** The e-mail that tells a reader of these notices: what happened and since when, what follows and when, what to do. */
export function composeNotices(mailing: Mailing, reader: Reader, context: MailContext): MailContent {
  const { kind, customer, notices } = mailing;
  const { language, timeZone } = reader;
  const { now, portalUrl, vendorIsReader = false } = context;
  const texts = textsIn(language);
  const name = cleanText(customer.name) || cleanText(customer.customerId);
  const { headline, blocks } = storyOf(kind, notices, {
    texts,
    dates: datesFor(language, timeZone),
    now,
    portalUrl,
  });
  const isGood = notices.every(({ notice }) => notice === 'recover');
  const path = kind === 'ending' ? '/installations' : `/licenses?problem=${kind}`;
  const document = {
    language,
    tone: isGood ? 'good' : 'problem',
    ...(vendorIsReader ? { note: texts.vendorNote(`${name} (${cleanText(customer.customerId)})`) } : {}),
    headline,
    about: name,
    blocks,
    ...(portalUrl === undefined || isGood ? {} : { action: portalLink(portalUrl, path, texts.openPortal) }),
    footer: vendorIsReader ? [] : footerOf(mailing, name, language, context.muteUrl),
  } as const;
  return {
    subject: `${headline} - ${cleanText(customer.name, SHORT_NAME) || cleanText(customer.customerId, SHORT_NAME)}`,
    text: renderText(document),
    html: renderHtml(document),
  };
}

function storyOf(kind: AlertKind, notices: readonly Notice[], voice: Voice): Story {
  switch (kind) {
    case 'offline':
      return offlineStory(voice, noticesOf(notices, kind));
    case 'failed':
      return failedStory(voice, noticesOf(notices, kind));
    case 'expiring':
      return expiringStory(voice, noticesOf(notices, kind));
    case 'ending':
      return endingStory(voice, noticesOf(notices, kind));
  }
}

/** Why the reader gets it, where to ask, and how to get no more of it. */
function footerOf(
  { kind }: Mailing,
  name: string,
  language: Language,
  muteUrl: string | undefined,
): MailFootnote[] {
  const { why, reply, mute, mustStay } = textsIn(language);
  const { text, link } = mute(kind);
  return [
    { text: `${why(name, kind)} ${reply}` },
    ...(muteUrl === undefined ? [] : [{ text, link: { label: link, url: muteUrl } }]),
    ...(kind === 'ending' ? [{ text: mustStay }] : []),
  ];
}
