import type { RecipientStore } from '../alerts/recipient-ports.ts';
import type { Recipient } from '../alerts/recipients.ts';
import { inPieces } from '../alerts/in-pieces.ts';
import { MailRejected, type MailContent, type Mailer } from './mail.ts';

/** E-mails that are on their way to the mail service at a time. */
const SENT_AT_ONCE = 8;

/** What `createSending` makes has all of it. */
export interface NoticeDependencies {
  readonly mailer: Mailer;
  readonly recipients: Pick<RecipientStore, 'readDisabled'>;
}

export type NoticeReader = Pick<Recipient, 'email' | 'language' | 'timeZone'>;

/** What a notice is about, for statistics of its delivery. */
export interface NoticeTags {
  readonly kind: 'transfer' | 'invitation' | 'change';
  readonly customerId: string;
}

/** What came of a notice. Addresses are in lower case. */
export interface NoticeReport {
  readonly sent: readonly string[];
  /** The mail service will never take it for these, or earlier e-mail to them bounced. */
  readonly unreachable: readonly string[];
  /** Whatever else went wrong; the same may go well later. */
  readonly faults: readonly unknown[];
}

/**
 * Sends an e-mail to each reader in its own words, once per address. Never throws: what it tells of has happened, and whoever
 * calls logs the faults.
 */
export async function sendNotice(
  { mailer, recipients }: NoticeDependencies,
  to: readonly NoticeReader[],
  compose: (language: NoticeReader['language'], timeZone: string) => MailContent,
  { kind, customerId }: NoticeTags,
): Promise<NoticeReport> {
  const readers = new Map(to.map((reader) => [reader.email.toLowerCase(), reader]));
  const sent: string[] = [];
  const unreachable: string[] = [];
  const faults: unknown[] = [];
  const tags = { kind, customer: customerId.replaceAll('.', '_') };
  try {
    const disabled = await recipients.readDisabled([...readers.keys()]);
    await inPieces([...readers], SENT_AT_ONCE, async ([address, { email, language, timeZone }]) => {
      if (disabled.has(address)) {
        unreachable.push(address);
        return;
      }
      try {
        await mailer.send({ ...compose(language, timeZone), to: email, tags });
        sent.push(address);
      } catch (fault) {
        if (fault instanceof MailRejected) unreachable.push(address);
        else faults.push(fault);
      }
    });
  } catch (fault) {
    faults.push(fault);
  }
  return { sent, unreachable, faults };
}
