import type { KMSClient } from '@aws-sdk/client-kms';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MuteTokens } from '../../lambdas/adapters/mute-key.ts';
import type { AlertKind } from '../../lambdas/core/alerts/kinds.ts';
import { muteOf } from '../../lambdas/core/alerts/recipients.ts';
import type { Contact, Customer } from '../../lambdas/core/customer.ts';
import { createHandler } from '../../lambdas/mute/mute-handler.ts';
import { KeptObservability } from './kept-observability.ts';

/** KMS with one HMAC key. */
class FakeKms {
  calls = 0;
  broken = false;

  send({ input }: { input: { Message: Uint8Array; Mac?: Uint8Array } }): Promise<unknown> {
    this.calls += 1;
    if (this.broken) return Promise.reject(new Error('KMS is away'));
    const mac = createHmac('sha256', 'the key').update(input.Message).digest();
    if (!input.Mac) return Promise.resolve({ Mac: mac });
    if (timingSafeEqual(mac, input.Mac)) return Promise.resolve({ MacValid: true });
    return Promise.reject(Object.assign(new Error(), { name: 'KMSInvalidMacException' }));
  }
}

/** The customer `acme` and its mutes, with the conditions of the real table. */
class MemoryMutes {
  readonly mutes = new Set<string>();
  customer: Customer | undefined;
  writes = 0;

  readWithMutes(customerId: string) {
    const { customer } = this;
    const known = customer?.customerId === customerId ? { customer, mutes: new Set(this.mutes) } : undefined;
    return Promise.resolve(known);
  }

  mute(_: string, kind: AlertKind, email: string): Promise<boolean> {
    this.writes += 1;
    if (this.customer) this.mutes.add(muteOf(kind, email));
    return Promise.resolve(this.customer !== undefined);
  }

  unmute(_: string, kind: AlertKind, email: string): Promise<boolean> {
    this.writes += 1;
    this.mutes.delete(muteOf(kind, email));
    return Promise.resolve(this.customer !== undefined);
  }
}

const contact = (email: string, given: Partial<Contact> = {}): Contact => ({
  email,
  language: 'en',
  timeZone: 'UTC',
  roles: ['technical', 'commercial'],
  ...given,
});

let kms: FakeKms;
let customers: MemoryMutes;
let observability: KeptObservability;
let tokens: MuteTokens;

beforeEach(() => {
  kms = new FakeKms();
  // The fake has the one method of the client that is used.
  tokens = new MuteTokens(kms as unknown as KMSClient, 'key-1');
  customers = new MemoryMutes();
  customers.customer = {
    customerId: 'acme',
    name: 'Acme <Print>',
    contacts: [contact('Ops@acme.example'), contact('deux@acme.example', { language: 'fr' })],
  };
  observability = new KeptObservability();
});

const tokenOf = (kind: AlertKind, email = 'ops@acme.example', customerId = 'acme') =>
  tokens.tokenFor({ customerId, email, kind });

/** What the function answers; only the members of an event that it reads are there. */
async function ask(
  method: 'GET' | 'POST',
  token: string | undefined,
  { body, base64 = false, language }: { body?: string; base64?: boolean; language?: string } = {},
): Promise<{ status: number | undefined; body: string; headers: Record<string, unknown> }> {
  const handler = createHandler({
    customers,
    tokens,
    documentationUrl: 'https://docs.example',
    observability,
  });
  const event = {
    routeKey: `${method} /v1/mute`,
    queryStringParameters: token === undefined ? undefined : { token },
    headers: language === undefined ? {} : { 'accept-language': language },
    requestContext: { requestId: 'request-1' },
    body: body === undefined || !base64 ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: base64,
  };
  const response = await handler(
    event as unknown as Parameters<typeof handler>[0],
    {} as Context,
    () => undefined,
  );
  const { statusCode, body: text = '', headers = {} } = response as APIGatewayProxyStructuredResultV2;
  return { status: statusCode, body: text, headers };
}

const ONE_CLICK = { body: 'List-Unsubscribe=One-Click', base64: true };
const UNDO = { body: 'undo=1', base64: true };

describe('Stopping a kind of e-mail', () => {
  it('changes nothing by following the link, which shows one button that posts to the page itself', async () => {
    const { status, body } = await ask('GET', await tokenOf('offline'));
    expect(status).toBe(200);
    expect(body.match(/<button/g)).toHaveLength(1);
    expect(body).toContain('<form method="post"><button name="mute"');
    expect(customers.writes).toBe(0);
  });

  it('stops it by one click of a mail program, as often as that is sent', async () => {
    const token = await tokenOf('offline');
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await ask('POST', token, ONE_CLICK);
      expect(status).toBe(200);
      expect(body).toContain('name="undo"');
    }
    expect([...customers.mutes]).toEqual(['offline ops@acme.example']);
  });

  it('takes it back by the other button', async () => {
    const token = await tokenOf('expiring');
    await ask('POST', token, { body: 'mute=1' });
    expect((await ask('GET', token)).body).toContain('name="undo"');
    expect((await ask('POST', token, UNDO)).body).toContain('turned on');
    expect((await ask('POST', token, UNDO)).status).toBe(200);
    expect(customers.mutes.size).toBe(0);
  });

  it('stops what the token says and nothing else', async () => {
    await ask('POST', await tokenOf('offline'), ONE_CLICK);
    await ask('POST', await tokenOf('ending', 'deux@acme.example'), ONE_CLICK);
    expect([...customers.mutes]).toEqual(['offline ops@acme.example', 'ending deux@acme.example']);
  });

  it('keeps the last contact that gets e-mails about the ends of contracts, and says why', async () => {
    await ask('POST', await tokenOf('ending'), ONE_CLICK);
    const last = await tokenOf('ending', 'deux@acme.example');
    expect((await ask('GET', last)).body).not.toContain('<button');
    const { status, body } = await ask('POST', last, ONE_CLICK);
    expect(status).toBe(409);
    expect(body).toContain('le dernier contact');
    expect([...customers.mutes]).toEqual(['ending ops@acme.example']);
    await ask('POST', await tokenOf('ending'), UNDO);
    expect((await ask('POST', last, ONE_CLICK)).status).toBe(200);
  });

  it('counts an address that is named twice as one contact', async () => {
    customers.customer = {
      ...customers.customer!,
      contacts: [contact('ops@acme.example'), contact('OPS@acme.example')],
    };
    expect((await ask('POST', await tokenOf('ending'), ONE_CLICK)).status).toBe(409);
  });

  it('lets the last one go from every other kind', async () => {
    await ask('POST', await tokenOf('failed'), ONE_CLICK);
    expect((await ask('POST', await tokenOf('failed', 'deux@acme.example'), ONE_CLICK)).status).toBe(200);
  });

  it('answers the same for a token that is damaged, forged or of a customer that is gone', async () => {
    const token = await tokenOf('offline');
    const [payload = '', mac = ''] = token.split('.');
    const other = Buffer.from('{"customerId":"acme","email":"x@acme.example","kind":"offline"}').toString(
      'base64url',
    );
    const unknown = await tokenOf('offline', 'ops@acme.example', 'gone');
    const pages = await Promise.all(
      [undefined, '', token.slice(0, -1), `${other}.${mac}`, `${payload}.${'A'.repeat(43)}`, unknown].flatMap(
        (bad) => [ask('GET', bad), ask('POST', bad, ONE_CLICK)],
      ),
    );
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([400]));
    expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
    expect(customers.writes).toBe(0);
  });

  it('makes no call for what has not the shape of a token', async () => {
    const shapes = ['x', 'a.b', `${'A'.repeat(2000)}.${'A'.repeat(43)}`, `e30.${'A'.repeat(43)}`, '!.!'];
    for (const shape of shapes) expect((await ask('GET', shape)).status).toBe(400);
    expect(kms.calls).toBe(0);
  });

  it('answers in the language of the contact, and without one in that of the browser', async () => {
    const german = { language: 'pt-PT, de-DE;q=0.9, en;q=0.8' };
    expect((await ask('GET', await tokenOf('offline', 'deux@acme.example'), german)).headers).toMatchObject({
      'content-language': 'fr',
    });
    expect((await ask('GET', 'x', german)).headers).toMatchObject({ 'content-language': 'de' });
    expect((await ask('GET', 'x')).headers).toMatchObject({ 'content-language': 'en' });
  });

  it('escapes the name of the customer, allows no script and tells the address to nobody', async () => {
    const { body, headers } = await ask('GET', await tokenOf('offline'));
    expect(body).toContain('Acme &lt;Print&gt;');
    expect(body).not.toContain('<Print>');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('shows a page where a call fails, and has changed nothing', async () => {
    const token = await tokenOf('offline');
    kms.broken = true;
    const { status, body, headers } = await ask('POST', token, ONE_CLICK);
    expect(status).toBe(503);
    expect(body).toContain('<h1>This does not work at the moment</h1>');
    expect(headers['retry-after']).toBe('60');
    expect(customers.writes).toBe(0);
  });

  it('logs no address and no token', async () => {
    const token = await tokenOf('offline');
    await ask('POST', token, ONE_CLICK);
    expect(observability.lines).toHaveLength(1);
    expect(observability.lines.join()).not.toMatch(/@/);
    expect(observability.lines.join()).not.toContain(token.slice(0, 20));
  });
});
