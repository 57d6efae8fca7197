import * as z from 'zod/mini';

/** As much of a code as is logged. */
const MAX_CODE = 60;

const code = z.string().check(z.regex(new RegExp(`^[A-Za-z-]{1,${MAX_CODE}}$`), 'must be a code'));

/**
 * Whom the e-mail was sent to, as SES knows it. The addresses in the report of the other side are not read: that is text of
 * strangers, with which one recipient could silence another.
 */
const mail = z.object({
  destination: z
    .array(z.string().check(z.minLength(3), z.maxLength(320), z.regex(/^[^\s<>]+@[^\s<>]+$/)))
    .check(z.minLength(1), z.maxLength(50)),
});

const eventSchema = z.discriminatedUnion('detail-type', [
  z.object({
    source: z.literal('aws.ses'),
    'detail-type': z.literal('Email Bounced'),
    detail: z.object({ mail, bounce: z.object({ bounceType: code, bounceSubType: code }) }),
  }),
  z.object({
    source: z.literal('aws.ses'),
    'detail-type': z.literal('Email Complaint Received'),
    detail: z.object({ mail, complaint: z.object({ complaintFeedbackType: z.optional(z.nullable(code)) }) }),
  }),
]);

export type MailEvent =
  | {
      readonly kind: 'disable';
      /** In lower case, each once. */
      readonly addresses: readonly string[];
      readonly because: 'bounce' | 'complaint';
      readonly code: string;
    }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly faults: readonly string[] };

/** What an event asks for. It comes from outside: whatever does not fit exactly is not acted on. */
export function readMailEvent(event: unknown): MailEvent {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) {
    return { kind: 'malformed', faults: parsed.error.issues.map(({ path }) => path.join('.') || '(all)') };
  }
  const { detail } = parsed.data;
  const addresses = [...new Set(detail.mail.destination.map((address) => address.toLowerCase()))];
  if ('bounce' in detail) {
    const { bounceType, bounceSubType } = detail.bounce;
    // A full mailbox or a server that is down passes; SES has tried for hours.
    if (bounceType !== 'Permanent') return { kind: 'ignored', reason: `bounce ${bounceType}` };
    return { kind: 'disable', addresses, because: 'bounce', code: bounceSubType };
  }
  const feedback = detail.complaint.complaintFeedbackType ?? 'none';
  // Somebody took the e-mail out of the junk: the opposite of a complaint.
  if (feedback === 'not-spam') return { kind: 'ignored', reason: 'complaint not-spam' };
  return { kind: 'disable', addresses, because: 'complaint', code: feedback };
}
