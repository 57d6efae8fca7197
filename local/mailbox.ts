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
}

const PREFIX = 'mail/';

/** Every e-mail that was sent. It outlives the run. */
export interface Mailbox {
  add(mail: Mail): Promise<void>;
  newestFirst(): Mail[];
}

export async function openMailbox(state: State): Promise<Mailbox> {
  // Only this file writes under the prefix.
  const mails = (await state.list(PREFIX)) as Mail[];
  let next = mails.length;
  return {
    async add(mail) {
      await state.put(PREFIX + String(next++).padStart(9, '0'), mail);
      mails.push(mail);
    },
    newestFirst: () => mails.toReversed(),
  };
}
