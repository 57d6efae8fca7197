import type { Instant } from '../instant.ts';
import { cleanText } from './clean.ts';
import type { MailDocument } from './document.ts';
import type { MailContent } from './mail.ts';
import { renderHtml } from './render-html.ts';
import { renderText } from './render-text.ts';

/** The name of a customer in a subject line, which has little room. */
const SHORT_NAME = 40;

export interface NoticeContext {
  readonly now: Instant;
  /** Where the customers' portal is. @default - no links */
  readonly portalUrl?: string;
}

/** An e-mail about a customer, as text and HTML; its headline is the subject line, too. */
export function noticeContent(
  { customerId, name }: { readonly customerId: string; readonly name: string },
  document: Omit<MailDocument, 'about'>,
): MailContent {
  const whole: MailDocument = { ...document, about: cleanText(name) || cleanText(customerId) };
  return {
    subject: `${whole.headline} - ${cleanText(name, SHORT_NAME) || cleanText(customerId, SHORT_NAME)}`,
    text: renderText(whole),
    html: renderHtml(whole),
  };
}
