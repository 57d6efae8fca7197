import { describe, expect, it } from 'vitest';
import { MailRejected, type Mail } from '../../../lambdas/core/mail/mail.ts';
import { sendNotice, type NoticeReader } from '../../../lambdas/core/mail/send-notice.ts';

const TAGS = { kind: 'transfer', customerId: 'acme.eu' } as const;

const reader = (email: string, language: NoticeReader['language'] = 'en'): NoticeReader => ({
  email,
  language,
  timeZone: 'Europe/Berlin',
});

/** A mail service that fails for some addresses, with what it was given. */
function mailService(failing: Readonly<Record<string, Error>> = {}, disabled: readonly string[] = []) {
  const mails: Mail[] = [];
  return {
    mails,
    mailer: {
      send: (mail: Mail) => {
        const fault = failing[mail.to];
        if (fault) return Promise.reject(fault);
        mails.push(mail);
        return Promise.resolve();
      },
    },
    recipients: { readDisabled: () => Promise.resolve(new Set(disabled)) },
  };
}

const compose = (language: string, timeZone: string) => ({
  subject: language,
  text: timeZone,
  html: `<p>${language}</p>`,
});

describe('a notice', () => {
  it('goes to each reader in its language and zone, once per address', async () => {
    const service = mailService();
    const to = [reader('jo@acme.example', 'de'), reader('kim@acme.example'), reader('JO@acme.example', 'de')];
    const report = await sendNotice(service, to, compose, TAGS);
    expect(report).toEqual({ sent: ['jo@acme.example', 'kim@acme.example'], unreachable: [], faults: [] });
    expect(service.mails).toEqual([
      {
        ...{ subject: 'de', text: 'Europe/Berlin', html: '<p>de</p>', to: 'JO@acme.example' },
        tags: { kind: 'transfer', customer: 'acme_eu' },
      },
      expect.objectContaining({ subject: 'en', to: 'kim@acme.example' }),
    ]);
  });

  it('leaves out addresses that do not work, and says which', async () => {
    const rejected = { 'no@acme.example': new MailRejected('MessageRejected') };
    const service = mailService(rejected, ['bounced@acme.example']);
    const to = [reader('no@acme.example'), reader('Bounced@acme.example'), reader('jo@acme.example')];
    expect(await sendNotice(service, to, compose, TAGS)).toEqual({
      sent: ['jo@acme.example'],
      unreachable: ['bounced@acme.example', 'no@acme.example'],
      faults: [],
    });
  });

  it('never throws: what goes wrong for one reader is told, and the others get it', async () => {
    const fault = new Error('connection lost');
    const service = mailService({ 'jo@acme.example': fault });
    const to = [reader('jo@acme.example'), reader('kim@acme.example')];
    expect(await sendNotice(service, to, compose, TAGS)).toEqual({
      sent: ['kim@acme.example'],
      unreachable: [],
      faults: [fault],
    });
  });

  it('is not sent where nobody knows which addresses work', async () => {
    const fault = new Error('throttled');
    const service = { ...mailService(), recipients: { readDisabled: () => Promise.reject(fault) } };
    const report = await sendNotice(service, [reader('jo@acme.example')], compose, TAGS);
    expect(report).toEqual({ sent: [], unreachable: [], faults: [fault] });
    expect(service.mails).toEqual([]);
  });

  it('calls nobody for nobody', async () => {
    expect(await sendNotice(mailService(), [], compose, TAGS)).toEqual({
      sent: [],
      unreachable: [],
      faults: [],
    });
  });
});
