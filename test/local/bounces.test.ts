import { SendEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchesPattern } from '../../local/event-rules.ts';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

interface MailEvent {
  readonly 'detail-type': string;
  readonly detail: {
    readonly mail: { readonly destination: string[]; readonly tags: Record<string, string[]> };
  };
}

let service: FixtureService;
let ses: SESClient;
let heard = 0;
beforeAll(async () => {
  service = await startFixture();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  ses = new SESClient({ endpoint: service.endpoints.ses, region: 'eu-west-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  ses.destroy();
  await service.stop();
});

const send = (to: string, configurationSet: string | undefined = 'fixture-MailEvents') =>
  ses.send(
    new SendEmailCommand({
      Source: 'Licensing <licensing@vendor.example>',
      Destination: { ToAddresses: [to] },
      Message: { Subject: { Data: 'Two hosts are offline' }, Body: { Text: { Data: 'text' } } },
      Tags: [{ Name: 'kind', Value: 'offline' }],
      ...(configurationSet === '' ? {} : { ConfigurationSetName: configurationSet }),
    }),
  );

const bounces = (method: string, body?: unknown): Promise<Response> =>
  fetch(`${service.url}/_local/bounces`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** The events that the template's rule has brought since the last call, once there are `count` of them. */
async function newEvents(count: number): Promise<MailEvent[]> {
  for (;;) {
    const events = await jsonOf<MailEvent[]>(fetch(`${service.url}/reported`));
    if (events.length < heard + count) {
      await sleep(20);
      continue;
    }
    const found = events.slice(heard);
    heard = events.length;
    return found;
  }
}

describe('an e-mail that does not arrive', () => {
  it('is reported to the function of the rule, as EventBridge does for SES', async () => {
    await send('Gone <bounce@simulator.amazonses.com>');

    const [event] = await newEvents(1);
    expect(event).toMatchObject({
      source: 'aws.ses',
      'detail-type': 'Email Bounced',
      region: 'eu-west-1',
      resources: ['arn:aws:ses:eu-west-1:000000000000:configuration-set/fixture-MailEvents'],
      detail: {
        eventType: 'Bounce',
        bounce: {
          bounceType: 'Permanent',
          bouncedRecipients: [{ emailAddress: 'bounce@simulator.amazonses.com' }],
        },
        mail: {
          source: 'licensing@vendor.example',
          destination: ['bounce@simulator.amazonses.com'],
          commonHeaders: { subject: 'Two hosts are offline' },
          tags: { 'ses:configuration-set': ['fixture-MailEvents'], kind: ['offline'] },
        },
      },
    });
    expect(service.mailbox.newestFirst()[0]?.to).toEqual(['Gone <bounce@simulator.amazonses.com>']);
  });

  it('is reported as a complaint where its reader calls it spam', async () => {
    await send('complaint@simulator.amazonses.com');

    const [event] = await newEvents(1);
    expect(event).toMatchObject({
      'detail-type': 'Email Complaint Received',
      detail: {
        eventType: 'Complaint',
        complaint: { complainedRecipients: [{ emailAddress: 'complaint@simulator.amazonses.com' }] },
      },
    });
  });

  it('is reported only for a configuration set that reports, and only where something is wrong', async () => {
    await send('bounce@simulator.amazonses.com', '');
    await send('bounce@simulator.amazonses.com', 'another');
    await send('ops@acme.example');
    await send('complaint@simulator.amazonses.com');

    expect((await newEvents(1)).map((event) => event['detail-type'])).toEqual(['Email Complaint Received']);
  });
});

describe('addresses that bounce', () => {
  it('can be any, until they are taken off the list', async () => {
    const added = await bounces('POST', { address: 'Dead@Acme.example' });
    expect(await added.json()).toEqual([{ address: 'dead@acme.example', kind: 'bounce' }]);
    await bounces('POST', { address: 'cross@acme.example', kind: 'complaint' });
    await send('dead@ACME.example');
    await send('cross@acme.example');
    const types = (await newEvents(2)).map((event) => event['detail-type']).sort();
    expect(types).toEqual(['Email Bounced', 'Email Complaint Received']);

    await bounces('DELETE', { address: 'dead@acme.example' });
    expect(await jsonOf(bounces('GET'))).toEqual([{ address: 'cross@acme.example', kind: 'complaint' }]);
    await send('dead@acme.example');
    await send('cross@acme.example');
    expect((await newEvents(1)).map((event) => event.detail.mail.destination)).toEqual([
      ['cross@acme.example'],
    ]);
  });

  it.each([{}, { address: 'nobody' }, { address: 'a@b', kind: 'delay' }, { address: 'a@b', more: 1 }])(
    'are refused where they are none: %j',
    async (body) => {
      const answer = await bounces('POST', body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it('stay on the list over a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'licensing-bounces-'));
    const before = await startFixture({ dataDir });
    await before.bounces.add('dead@acme.example');
    await before.stop();
    const after = await startFixture({ dataDir });
    try {
      expect(after.bounces.list()).toEqual([{ address: 'dead@acme.example', kind: 'bounce' }]);
    } finally {
      await after.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('an event pattern', () => {
  const event = { source: 'aws.ses', detail: { tags: { set: ['one', 'two'] }, count: 1 } };

  it.each([
    [{ source: ['aws.ses'] }, true],
    [{ source: ['aws.s3', 'aws.ses'], detail: { tags: { set: ['two'] } } }, true],
    [{ source: [{ prefix: 'aws.' }] }, true],
    [{ detail: { count: [1] } }, true],
    [{ source: ['aws.s3'] }, false],
    [{ detail: { tags: { set: ['three'] } } }, false],
    [{ detail: { tags: { other: ['one'] } } }, false],
    [{ detail: { count: ['1'] } }, false],
    [{ source: [{ suffix: 'ses' }] }, false],
  ])('%j matches: %s', (pattern, expected) => {
    expect(matchesPattern(pattern, event)).toBe(expected);
  });
});
