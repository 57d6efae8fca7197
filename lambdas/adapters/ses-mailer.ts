import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import MailComposer from 'nodemailer/lib/mail-composer';
import { MailRejected, type Mail, type Mailer } from '../core/mail/mail.ts';
import { CLIENT_SETTINGS, lean } from './aws-client.ts';

export interface SenderSettings {
  /** Address of the sender, of an identity verified in SES. */
  readonly from: string;
  readonly replyTo: string;
  /** Where SES reports bounces and complaints. */
  readonly configurationSet: string;
}

/**
 * SES has no token that tells a repetition: an attempt whose reply was lost may have been sent, and a second one would be a
 * second e-mail. So the SDK does not try again; the next run does, once.
 */
export const createSesClient = (): SESClient => lean(new SESClient({ ...CLIENT_SETTINGS, maxAttempts: 1 }));

/** With these SES has surely not taken the e-mail: the account sends too fast, or has sent enough for today. */
const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'TooManyRequestsException']);

/** Pauses after which an e-mail that came too fast is sent again; each is lengthened at random, so that many do not meet. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000];

/** Faults with which SES says that it will never take this e-mail. */
const REJECTIONS = new Set(['MessageRejected', 'InvalidParameterValue', 'ValidationError']);

/** E-mail through SES, built whole here: only a raw message can carry the headers for unsubscribing. */
export class SesMailer implements Mailer {
  private readonly client: SESClient;
  private readonly settings: SenderSettings;

  constructor(client: SESClient, settings: SenderSettings) {
    this.client = client;
    this.settings = settings;
  }

  async send(mail: Mail): Promise<void> {
    const { from, configurationSet } = this.settings;
    const command = new SendRawEmailCommand({
      Source: from,
      Destinations: [mail.to],
      RawMessage: { Data: await this.compose(mail) },
      ConfigurationSetName: configurationSet,
      Tags: Object.entries(mail.tags).map(([Name, Value]) => ({ Name, Value })),
    });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.client.send(command);
        return;
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (REJECTIONS.has(name)) throw new MailRejected(name, { cause: error });
        const pause = PAUSES_MS[attempt];
        if (!THROTTLED.has(name) || pause === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause * (1 + Math.random())));
      }
    }
  }

  /** The message in MIME: text and HTML of the same, and how to stop it with one click (RFC 8058). */
  private compose({ to, subject, text, html, muteUrl }: Mail): Promise<Buffer> {
    const { from, replyTo } = this.settings;
    return new MailComposer({
      from,
      to,
      replyTo,
      subject,
      text,
      html,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(muteUrl === undefined
          ? {}
          : {
              'List-Unsubscribe': { prepared: true, value: `<${muteUrl}>` },
              'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            }),
      },
      // Nothing in an e-mail may read files or addresses of this machine.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
      .compile()
      .build();
  }
}
