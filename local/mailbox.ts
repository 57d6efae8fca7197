import type { State } from './data-folder.ts';

/** An e-mail as `GET /_local/mail` shows it. */
export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** ISO instant by the service's clock. */
  readonly sentAt: string;
  readonly replyTo: readonly string[];
  /** Those of its headers that tell how to unsubscribe: `List-Unsubscribe`, `List-Unsubscribe-Post`. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the sender told SES about it. */
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet?: string;
}

const PREFIX = 'mail/';
/** For e-mails that an earlier version of the local run kept. */
const ABSENT = { replyTo: [], headers: {}, tags: {} };

/** Every e-mail that was sent. It outlives the run. */
export interface Mailbox {
  add(mail: Mail): Promise<void>;
  newestFirst(): Mail[];
}

export async function openMailbox(state: State): Promise<Mailbox> {
  // Only this file writes under the prefix.
  const stored = (await state.list(PREFIX)) as Mail[];
  const mails = stored.map((mail) => ({ ...ABSENT, ...mail }));
  let next = mails.length;
  return {
    async add(mail) {
      await state.put(PREFIX + String(next++).padStart(9, '0'), mail);
      mails.push(mail);
    },
    newestFirst: () => mails.toReversed(),
  };
}
