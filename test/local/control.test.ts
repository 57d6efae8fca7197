import { request as httpRequest } from 'node:http';
import {
  SendEmailCommand,
  SendRawEmailCommand,
  SESClient,
  VerifyEmailIdentityCommand,
} from '@aws-sdk/client-ses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDuration } from '../../local/clock.ts';
import type { Mail } from '../../local/mailbox.ts';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

const DAY = 86_400_000;

let service: FixtureService;
beforeAll(async () => {
  service = await startFixture();
});
afterAll(() => service.stop());

const get = (path: string): Promise<Response> => fetch(`${service.url}/_local${path}`);
const move = (body: string): Promise<Response> =>
  fetch(`${service.url}/_local/clock`, { method: 'POST', body });

describe('the clock', () => {
  const now = async (): Promise<number> => Date.parse((await jsonOf<{ now: string }>(get('/clock'))).now);

  it('shows the real time until it is moved, and then runs on from there', async () => {
    expect(Math.abs((await now()) - Date.now())).toBeLessThan(60_000);

    const answer = await move('{"advance": "16d"}');
    expect(answer.status).toBe(200);
    const { now: moved } = (await answer.json()) as { now: string };
    expect(moved).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(moved) - Date.now() - 16 * DAY)).toBeLessThan(60_000);
    expect(Math.abs((await now()) - Date.now() - 16 * DAY)).toBeLessThan(60_000);
  });

  it.each([
    ['16d', 16 * DAY],
    ['1d12h', 1.5 * DAY],
    ['36h', 1.5 * DAY],
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1d1h1m1s', DAY + 3_661_000],
    ['36525d', 36_525 * DAY],
  ])('knows the duration %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    '0d',
    '-1d',
    '16',
    '16 d',
    'd',
    '1h1d',
    '1d1d',
    '1.5d',
    '1w',
    '1D',
    'P1D',
    '36526d',
    '9999999d',
  ])('knows no duration "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"advance": 16}',
    '{"advance": "-1d"}',
    '{"advance": "1d", "to": "x"}',
  ])('refuses the body %s and stays where it is', async (body) => {
    const before = service.clock.offsetMs;
    const answer = await move(body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('16d') as string,
    });
    expect(service.clock.offsetMs).toBe(before);
  });
});

describe('the mailbox', () => {
  const hostile = '"><script>alert(1)</script>';
  let ses: SESClient;
  beforeAll(() => {
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    ses = new SESClient({
      endpoint: service.endpoints.ses,
      region: 'eu-west-1',
      credentials,
      maxAttempts: 1,
    });
  });
  afterAll(() => ses.destroy());

  it('shows sent e-mails newest first, with every recipient and the time of the service', async () => {
    expect(await jsonOf(get('/mail'))).toEqual([]);
    await ses.send(
      new SendEmailCommand({
        Source: 'licensing@vendor.example',
        Destination: {
          ToAddresses: ['ops@acme.example', 'boss@acme.example'],
          CcAddresses: ['cc@acme.example'],
        },
        Message: {
          Subject: { Data: hostile },
          Body: { Text: { Data: 'text' }, Html: { Data: `<p>${hostile}</p>` } },
        },
      }),
    );
    const raw = [
      'From: Licensing <licensing@vendor.example>',
      'To: Ops <ops@acme.example>, boss@acme.example',
      'Subject: =?utf-8?Q?f=C3=BCr_Sie?=',
      'Reply-To: Support <support@vendor.example>',
      'List-Unsubscribe:',
      ' <https://licensing.vendor.example/u>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'X-Other: not shown',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'grüße',
      '',
    ].join('\r\n');
    await ses.send(new SendRawEmailCommand({ RawMessage: { Data: Buffer.from(raw) } }));
    await ses.send(
      new SendRawEmailCommand({
        RawMessage: { Data: Buffer.from(raw) },
        Destinations: ['only@acme.example'],
        ConfigurationSetName: 'licensing-events',
        Tags: [
          { Name: 'kind', Value: 'offline' },
          { Name: 'customer', Value: 'acme' },
        ],
      }),
    );

    const mails = await jsonOf<Mail[]>(get('/mail'));
    expect(mails).toHaveLength(3);
    expect(mails[0]?.to).toEqual(['only@acme.example']);
    expect(mails[0]).toMatchObject({
      configurationSet: 'licensing-events',
      tags: { kind: 'offline', customer: 'acme' },
    });
    expect(mails[1]).toMatchObject({ subject: 'für Sie', html: '', tags: {} });
    expect(mails[1]?.replyTo.join()).toContain('support@vendor.example');
    expect(mails[1]?.headers).toEqual({
      'List-Unsubscribe': '<https://licensing.vendor.example/u>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    expect(mails[1]).not.toHaveProperty('configurationSet');
    expect(mails[1]?.to.join()).toContain('boss@acme.example');
    expect(mails[1]?.text.trim()).toBe('grüße');
    expect(mails[2]).toMatchObject({
      to: ['ops@acme.example', 'boss@acme.example', 'cc@acme.example'],
      from: 'licensing@vendor.example',
      subject: hostile,
      text: 'text',
      html: `<p>${hostile}</p>`,
    });
    for (const { sentAt } of mails) {
      expect(Math.abs(Date.parse(sentAt) - service.clock.now().getTime())).toBeLessThan(60_000);
    }
  });

  it('is shown to people with everything in it escaped', async () => {
    const response = await get('/');
    const html = await response.text();

    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<iframe sandbox ');
    expect(html.match(/<iframe /g)).toHaveLength(
      html.match(/<iframe sandbox loading="lazy" title="The e-mail" srcdoc="/g)?.length ?? 0,
    );
    expect(html).toContain('<code>&lt;https://licensing.vendor.example/u&gt;</code>');
    expect(html).not.toContain('href="https://licensing.vendor.example');
  });

  it('keeps each of many e-mails sent at once', async () => {
    const before = service.mailbox.newestFirst().length;
    const subjects = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    await Promise.all(
      subjects.map((subject) =>
        ses.send(
          new SendEmailCommand({
            Source: 'licensing@vendor.example',
            Destination: { ToAddresses: [`${subject.replace(' ', '-')}@acme.example`] },
            Message: { Subject: { Data: subject }, Body: { Text: { Data: subject } } },
          }),
        ),
      ),
    );

    const sent = service.mailbox.newestFirst().slice(0, -before);
    expect(sent.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
    for (const { to, subject, text } of sent) {
      expect(to).toEqual([`${subject.replace(' ', '-')}@acme.example`]);
      expect(text).toBe(subject);
    }
  });

  it('answers actions it does not know at once', async () => {
    const sent = ses.send(new VerifyEmailIdentityCommand({ EmailAddress: 'a@b.example' }));
    await expect(sent).rejects.toMatchObject({ name: 'InvalidAction' });
  });
});

describe('what is asked from elsewhere', () => {
  const statusWith = (
    headers: Record<string, string>,
    method = 'GET',
    path = '/_local/mail',
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(service.url);
      httpRequest({ hostname, port, path, method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end(method === 'POST' ? '{"advance": "1d"}' : undefined);
    });
  const port = (): string => new URL(service.url).port;

  it('is refused under a foreign name, as after DNS rebinding', async () => {
    expect(await statusWith({ host: 'evil.example' })).toBe(403);
    expect(await statusWith({ host: `evil.example:${port()}` })).toBe(403);
    expect(await statusWith({ host: `127.0.0.1.evil.example:${port()}` })).toBe(403);
    expect(await statusWith({ host: `localhost:${port()}` })).toBe(200);
    expect(await statusWith({ host: `127.0.0.1:${port()}` })).toBe(200);
  });

  it('is refused from a foreign page', async () => {
    const before = service.clock.offsetMs;
    const host = `127.0.0.1:${port()}`;
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1:1',
      `http://localhost:${port()}`,
    ]) {
      expect(await statusWith({ host, origin }, 'POST', '/_local/clock'), origin).toBe(403);
    }
    expect(service.clock.offsetMs).toBe(before);
    expect(await statusWith({ host, origin: `http://${host}` }, 'POST', '/_local/clock')).toBe(200);
  });
});

it('leads to its page and knows no others', async () => {
  const redirect = await fetch(`${service.url}/_local`, { redirect: 'manual' });

  expect(redirect.status).toBe(308);
  expect(redirect.headers.get('location')).toBe('/_local/');
  expect((await get('/other')).status).toBe(404);
  expect((await fetch(`${service.url}/_localhost`)).status).toBe(200);
});
