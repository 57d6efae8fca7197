import { createTransport } from 'nodemailer';
import { printable } from '../file/printable.ts';

const LIMIT_MS = 30_000;

export interface MailSettings {
  /** `smtp://user:password@relay:587`, or `smtps://`; with `smtp:`, TLS is used where the relay offers it. */
  readonly url: string;
  readonly from: string;
  readonly to: string;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
}

export type MailResult =
  | { readonly kind: 'sent' }
  /** For the log, without the password. */
  | { readonly kind: 'failed'; readonly detail: string };

/** Sends plain text through the customer's own relay, in at most 30 seconds. Never rejects. */
export async function sendMail(
  { url, from, to }: MailSettings,
  { subject, text }: Message,
  limitMs: number = LIMIT_MS,
): Promise<MailResult> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const transport = createTransport({
      url,
      connectionTimeout: limitMs,
      greetingTimeout: limitMs,
      socketTimeout: limitMs,
      dnsTimeout: limitMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      logger: false,
    });
    await transport.sendMail({
      from,
      to,
      subject: printable(subject, 150),
      text,
      // Absences need no answer to this.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
    return { kind: 'sent' };
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', detail: `no answer within ${limitMs / 1000} s` };
    return { kind: 'failed', detail: printable(withoutPassword(textOf(error), url), 200) };
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error');

/** Faults quote the URL, or what the relay has said, which may quote what it was told. */
function withoutPassword(text: string, url: string): string {
  const userInfo = /^[^/]*\/\/(.*)@/.exec(url)?.[1];
  if (userInfo === undefined) return text;
  const password = userInfo.slice(userInfo.indexOf(':') + 1);
  const user = userInfo.slice(0, Math.max(0, userInfo.indexOf(':')));
  const secrets = [userInfo, password, decoded(password)].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(`\0${decoded(user)}\0${decoded(password)}`).toString('base64'),
  ]);
  return secrets
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
