import { describe, expect, it } from 'vitest';
import { createHandler } from '../../lambdas/mail-events/mail-events-handler.ts';
import { KeptObservability } from './kept-observability.ts';

const mail = {
  timestamp: '2026-11-24T11:59:00.000Z',
  messageId: 'message-1',
  source: 'licensing@vendor.example',
  destination: ['Ops@Acme.example'],
  tags: { kind: ['offline'] },
};

const bounced = (bounceType: string, bounceSubType = 'General', destination: unknown = mail.destination) => ({
  version: '0',
  source: 'aws.ses',
  'detail-type': 'Email Bounced',
  detail: {
    eventType: 'Bounce',
    mail: { ...mail, destination },
    bounce: {
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress: 'victim@other.example', diagnosticCode: 'smtp; 550 <script>' }],
    },
  },
});

const complained = (complaintFeedbackType?: string | null) => ({
  version: '0',
  source: 'aws.ses',
  'detail-type': 'Email Complaint Received',
  detail: {
    eventType: 'Complaint',
    mail,
    complaint: {
      complainedRecipients: [{ emailAddress: 'ops@acme.example' }],
      ...(complaintFeedbackType === undefined ? {} : { complaintFeedbackType }),
    },
  },
});

function service() {
  const disabled: string[] = [];
  const observability = new KeptObservability();
  const recipients = {
    disable: (address: string, because: string) => {
      disabled.push(`${address} ${because}`);
      return Promise.resolve();
    },
  };
  return { handle: createHandler({ recipients, observability }), disabled, lines: observability.lines };
}

describe('What comes back', () => {
  it('disables the address of a permanent bounce and of a complaint', async () => {
    const { handle, disabled, lines } = service();
    await handle(bounced('Permanent'));
    await handle(complained('abuse'));
    await handle(complained());
    expect(disabled).toEqual([
      'ops@acme.example bounce',
      'ops@acme.example complaint',
      'ops@acme.example complaint',
    ]);
    expect(lines[0]).toBe('["MailDisabled","reason","bounce",1,{"code":"General"}]');
  });

  it('leaves alone the address of a bounce that passes, and of mail that was taken out of the junk', async () => {
    const { handle, disabled } = service();
    await handle(bounced('Transient', 'MailboxFull'));
    await handle(bounced('Undetermined', 'Undetermined'));
    await handle(complained('not-spam'));
    expect(disabled).toEqual([]);
  });

  it('believes whom the mail was sent to, and not the addresses in the report of the other side', async () => {
    const { handle, disabled } = service();
    await handle(bounced('Permanent'));
    expect(disabled).not.toContain('victim@other.example bounce');
  });

  it.each([
    ['nothing', undefined],
    ['another source', { ...bounced('Permanent'), source: 'my.app' }],
    ['another event', { ...bounced('Permanent'), 'detail-type': 'Email Opened' }],
    ['no address', bounced('Permanent', 'General', [])],
    ['text that is no address', bounced('Permanent', 'General', ['a\r\nb@x.example'])],
    ['more addresses than an e-mail has', bounced('Permanent', 'General', Array(51).fill('a@x.example'))],
    ['a code that is none', bounced('Permanent', 'x\n'.repeat(40))],
  ])('fails and disables nothing where the event has %s', async (_, event) => {
    const { handle, disabled } = service();
    await expect(handle(event)).rejects.toThrow('Not an event');
    expect(disabled).toEqual([]);
  });

  it('fails where the address cannot be written, so that the event comes again', async () => {
    const recipients = { disable: () => Promise.reject(new Error('throttled')) };
    const handle = createHandler({ recipients, observability: new KeptObservability() });
    await expect(handle(bounced('Permanent'))).rejects.toThrow('throttled');
  });

  it('logs no address', async () => {
    const { handle, lines } = service();
    await handle(bounced('Permanent'));
    await handle(bounced('Transient'));
    const fault: unknown = await handle(bounced('Permanent', 'General', ['<ops@acme.example>'])).catch(
      (error: unknown) => error,
    );
    expect([...lines, String(fault)].join()).not.toMatch(/acme|victim/i);
  });
});
