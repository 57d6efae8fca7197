import { randomUUID } from 'node:crypto';
import { addressIn, type Bounces, type TroubledAddress } from './bounces.ts';
import type { EventBus, EventEntry } from './event-bus.ts';
import type { Mail } from './mailbox.ts';
import type { MailEventDestination } from './template.ts';

export interface MailEventsOptions {
  readonly bounces: Bounces;
  readonly destinations: readonly MailEventDestination[];
  readonly region: string;
  readonly account: string;
  readonly put: EventBus['put'];
}

export interface MailEvents {
  /** Tells the functions what became of an e-mail that SES took; they are started afterwards, as by EventBridge. */
  sent(mail: Mail, messageId: string): void;
}

/** Bounces and complaints on their way from SES over the event bus to the functions of the template's rules. */
export function createMailEvents(options: MailEventsOptions): MailEvents {
  const { bounces, destinations, put } = options;
  return {
    sent(mail, messageId) {
      for (const troubled of mail.to.flatMap((recipient) => bounces.troubleOf(recipient) ?? [])) {
        const isReported = destinations.some(
          ({ configurationSet, eventTypes }) =>
            configurationSet === mail.configurationSet && eventTypes.includes(troubled.kind.toUpperCase()),
        );
        if (!isReported) continue;
        // What could not be kept of a dead letter as the run ends is not worth its crash.
        put(eventOf(mail, messageId, troubled, options)).catch(() => undefined);
      }
    },
  };
}

/** The event as EventBridge delivers it for SES's event publishing. */
function eventOf(
  mail: Mail,
  messageId: string,
  troubled: TroubledAddress,
  { region, account }: MailEventsOptions,
): EventEntry {
  const { from, replyTo, subject, sentAt, configurationSet = '', tags } = mail;
  const sender = addressIn(from);
  const domain = sender.split('@')[1] ?? '';
  return {
    source: 'aws.ses',
    detailType: troubled.kind === 'bounce' ? 'Email Bounced' : 'Email Complaint Received',
    time: sentAt,
    resources: [`arn:aws:ses:${region}:${account}:configuration-set/${configurationSet}`],
    detail: {
      ...reportOf(troubled, sentAt),
      mail: {
        timestamp: sentAt,
        source: sender,
        sourceArn: `arn:aws:ses:${region}:${account}:identity/${domain}`,
        sendingAccountId: account,
        messageId,
        destination: mail.to.map(addressIn),
        headersTruncated: false,
        headers: [
          { name: 'From', value: from },
          ...(replyTo.length > 0 ? [{ name: 'Reply-To', value: replyTo.join(', ') }] : []),
          { name: 'To', value: mail.to.join(', ') },
          { name: 'Subject', value: subject },
          ...Object.entries(mail.headers).map(([name, value]) => ({ name, value })),
        ],
        commonHeaders: { from: [from], to: mail.to, messageId, subject },
        tags: {
          'ses:configuration-set': [configurationSet],
          'ses:from-domain': [domain],
          ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
        },
      },
    },
  };
}

function reportOf({ address, kind }: TroubledAddress, timestamp: string): object {
  const feedbackId = randomUUID();
  if (kind === 'complaint') {
    const complainedRecipients = [{ emailAddress: address }];
    const complaint = { complainedRecipients, timestamp, feedbackId, complaintFeedbackType: 'abuse' };
    return { eventType: 'Complaint', complaint };
  }
  const recipient = {
    emailAddress: address,
    action: 'failed',
    status: '5.1.1',
    diagnosticCode: 'smtp; 550 5.1.1 user unknown',
  };
  return {
    eventType: 'Bounce',
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [recipient],
      timestamp,
      feedbackId,
      reportingMTA: 'dns; local.example',
    },
  };
}
