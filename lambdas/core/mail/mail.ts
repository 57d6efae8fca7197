/** An e-mail as people read it; the same data in both forms. */
export interface MailContent {
  /** One line of at most about 120 characters, without anything that hosts or strangers chose. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** An e-mail on its way to one recipient. */
export interface Mail extends MailContent {
  readonly to: string;
  /** What it is about, for statistics and for events of its delivery: letters, digits, `_` and `-` only. */
  readonly tags: Readonly<Record<string, string>>;
  /** Address that takes the recipient off this kind of e-mail, by POST only. @default - cannot be muted */
  readonly muteUrl?: string;
}

/** Thrown where the mail service will never take this e-mail, whatever it is asked again. */
export class MailRejected extends Error {
  override readonly name = 'MailRejected';
}

/** Sends e-mail. Resolves once the mail service has taken it. */
export interface Mailer {
  /** @throws {MailRejected} and whatever fault the service has at the moment. */
  send(mail: Mail): Promise<void>;
}
