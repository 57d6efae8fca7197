import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectNoLeaks } from '../integration/expectations.ts';
import { mailsTo } from '../integration/alerting.ts';
import { aHostId, useWorld } from '../integration/world.ts';
import {
  callsOf,
  crashAfter,
  crashBefore,
  replyLost,
  throttled,
  whenAsked,
  type AwsCall,
  type Reply,
} from '../support/aws-proxy.ts';

const world = useWorld();
afterEach(() => world.proxy.pass());

const POOL = { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 };

interface Ordered {
  readonly customerId: string;
  /** The only contact, German and technical. */
  readonly contact: string;
  readonly licenseIds: readonly string[];
}

interface Change {
  readonly kind: string;
  readonly licenseId?: string;
  readonly host?: { readonly id: string; readonly name?: string };
}

/** A customer with a contract for three hosts and eight render engines, and as many licensed hosts as given. */
async function ordered(hosts: number, contacts = 1): Promise<Ordered> {
  const customerId = await world.customer();
  const addresses = Array.from({ length: contacts }, (_, index) => `ops-${index}@${customerId}.example`);
  await world.accepted('PUT', `/v1/customers/${customerId}`, {
    name: 'Acme Print',
    contacts: addresses.map((email, index) => ({
      email,
      language: index === 0 ? 'de' : 'en',
      timeZone: 'UTC',
      roles: [index === 0 ? 'technical' : 'commercial'],
      kinds: [],
    })),
  });
  await put(customerId, { revision: 1 });
  const licenseIds: string[] = [];
  for (let index = 0; index < hosts; index += 1) {
    const host = { id: aHostId(), name: `rip-${index}-of-${customerId}` };
    licenseIds.push((await world.issue(customerId, host)).licenseId);
  }
  return { customerId, contact: addresses[0] ?? '', licenseIds };
}

const put = (customerId: string, given: object, contractId = 'c-1') =>
  world.vendor('PUT', `/v1/customers/${customerId}/contracts/${contractId}`, {
    ...world.contract({ reference: 'PO 4711' }),
    ...given,
  });

/** Lines of so many options. */
const optionsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...POOL, id: `l-${index}`, option: `o-${index}` }));

const changesIn = (body: unknown): Change[] => (body as { changes: Change[] }).changes;

/** E-mails about changes; the first one of a customer is the invitation of its manager. */
const toldTo = async (address: string) =>
  (await mailsTo(world, address)).filter(({ subject }) => !/portal/i.test(subject));

const writes = ({ input }: AwsCall, table: string): boolean =>
  input['TableName'] === world.stored.tableName(table);

/** Notices that are not sent. */
const unsentOf = async (customerId: string) =>
  (await world.stored.ofCustomer('episodes', customerId)).filter(({ episode }) =>
    String(episode).startsWith('change#'),
  );

describe('PUT of a contract', () => {
  it('answers what it changes for which host, and nothing where nothing changes', async () => {
    const { customerId, licenseIds } = await ordered(2);
    const changed = { revision: 2, lines: [{ ...POOL, quantity: 6 }] };
    const { body } = await put(customerId, changed);
    expect(changesIn(body)).toEqual(
      licenseIds.map((licenseId, index) => ({
        ...{ kind: 'share', product: 'ES', installation: 'main', licenseId, option: 'render-engine' },
        host: { id: expect.any(String) as string, name: `rip-${index}-of-${customerId}` },
        ...{ before: 4, after: 3 },
        from: expect.stringMatching(/^2026-/) as string,
        until: expect.stringMatching(/^202\d-/) as string,
      })),
    );
    const again = await put(customerId, changed);
    expect(again.body).toMatchObject({ changes: [], moreChanges: 0 });
  });

  it('answers a refusal as soon as fewer hosts are ordered than licensed, the last declared first', async () => {
    const { customerId, licenseIds } = await ordered(3);
    const { body } = await put(customerId, { revision: 2, hosts: 1 });
    const refused = changesIn(body).filter(({ kind }) => kind === 'refused');
    expect(refused.map(({ licenseId }) => licenseId)).toEqual([licenseIds[2], licenseIds[1]]);
    expect(changesIn(body)).toContainEqual(
      expect.objectContaining({ kind: 'hosts', before: 3, after: 1, licensed: 3 }),
    );
  });

  it('lists at most 200 changes, and says how many more there are', async () => {
    const { customerId } = await ordered(3);
    await put(customerId, { revision: 2, hosts: 5 });
    for (let index = 0; index < 2; index += 1) await world.issue(customerId, { id: aHostId() });
    const lines = optionsOf(64);
    const { body } = await put(customerId, { revision: 3, hosts: 5, lines });
    expect(changesIn(body)).toHaveLength(200);
    // Five shares of each new option, and five that end with the old one.
    expect(body).toMatchObject({ moreChanges: 5 * 65 - 200 });
  });

  it('takes as many options at once as a file can carry, over all contracts, and keeps nothing of one too many', async () => {
    const { customerId } = await ordered(1);
    expect((await put(customerId, { revision: 2, lines: optionsOf(64) })).status).toBe(200);
    const addOn = { hosts: 0, lines: [{ ...POOL, option: 'one-more' }] };
    const refused = await put(customerId, addOn, 'c-2');
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'too-many-options' }]);
    expect((await world.vendor('GET', `/v1/customers/${customerId}/contracts/c-2`)).status).toBe(404);
    // One that takes the place of another, of the next year, or of another installation is not too many.
    const lines = [...optionsOf(63), { ...POOL, option: 'one-more' }];
    expect((await put(customerId, { revision: 3, lines })).status).toBe(200);
    const other = { ...addOn, installation: 'proof', hosts: 1, lines: [{ ...POOL, option: 'third' }] };
    expect((await put(customerId, other, 'c-3')).status).toBe(201);
  });
});

describe('an order that takes something away', () => {
  it('is told to all contacts in their languages, once, and not again by a retry', async () => {
    const { customerId, contact } = await ordered(3, 2);
    const smaller = { revision: 2, hosts: 2, lines: [{ ...POOL, quantity: 5 }] };
    await put(customerId, smaller);
    await put(customerId, smaller);
    const [mail, ...others] = await toldTo(contact);
    expect(others).toEqual([]);
    expect(mail?.subject).toMatch(/^Weniger Hosts bestellt: 1 Host ab .* abgelehnt - Acme Print$/);
    expect(mail?.text).toContain(`* rip-2-of-${customerId}`);
    expect(mail?.text).toContain('PO 4711 (c-1)');
    const english = await toldTo(contact.replace('ops-0', 'ops-1'));
    expect(english.map(({ subject }) => subject.slice(0, 27))).toEqual(['Fewer hosts ordered: 1 host']);
    expect(await unsentOf(customerId)).toEqual([]);
  });

  it('is told once per revision', async () => {
    const { customerId, contact } = await ordered(1);
    for (const revision of [2, 3]) {
      await put(customerId, { revision, lines: [{ ...POOL, quantity: 8 - revision }] });
    }
    expect(await toldTo(contact)).toHaveLength(2);
  });

  it('is not told of where nobody has less', async () => {
    const { customerId, contact } = await ordered(2);
    await put(customerId, { revision: 2, hosts: 2, lines: [{ ...POOL, quantity: 9 }] });
    await put(customerId, { revision: 3, hosts: 5, lines: [{ ...POOL, quantity: 9 }] });
    await put(customerId, { revision: 4, reference: 'PO 4712', hosts: 5, lines: [{ ...POOL, quantity: 9 }] });
    expect(await toldTo(contact)).toEqual([]);
  });

  it('is told of where it moves to another installation, for the one that it leaves', async () => {
    const { customerId, contact } = await ordered(1);
    await put(customerId, { revision: 2, installation: 'proof' });
    const [mail] = await toldTo(contact);
    expect(mail?.subject).toMatch(/^Lizenzen von 1 Host enden/);
  });

  it('is told of when it comes as an event, too, and an equal PUT does not repeat it', async () => {
    const { customerId, contact } = await ordered(1);
    const contract = {
      ...world.contract({ reference: 'PO 4711' }),
      revision: 2,
      lines: [{ ...POOL, quantity: 1 }],
    };
    const detail = { customerId, contractId: 'c-1', contract };
    await world.send('POST', '/_local/events', JSON.stringify({ detailType: 'ContractChanged', detail }));
    await expect.poll(() => toldTo(contact).then(({ length }) => length), { timeout: 15_000 }).toBe(1);
    await put(customerId, contract);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('is not told of to customers that are imported with a past', async () => {
    const { customerId, contact } = await ordered(1);
    const contacts = [{ email: contact, language: 'en', timeZone: 'UTC', roles: ['technical'] }];
    const customer = { name: 'Acme Print', contacts, alertsFrom: world.day(2) };
    await world.accepted('PUT', `/v1/customers/${customerId}`, customer);
    await put(customerId, { revision: 2, lines: [] });
    expect(await toldTo(contact)).toEqual([]);
    expect(await unsentOf(customerId)).toEqual([]);
  });
});

describe('whatever fails, the customer is told', () => {
  const smaller = { revision: 2, hosts: 1, lines: [{ ...POOL, quantity: 1 }] };
  const kill = () => void world.service.killFunction('contracts');

  const moments: readonly (readonly [string, (call: AwsCall) => boolean])[] = [
    ['the contract is written', (call) => call.action === 'PutItem' && writes(call, 'contracts')],
    ['the notice is noted', (call) => call.action === 'PutItem' && writes(call, 'episodes')],
    ['the installation is written', (call) => call.action === 'UpdateItem' && writes(call, 'installations')],
    ['the notice is claimed', (call) => call.action === 'UpdateItem' && writes(call, 'episodes')],
    ['the notice is removed', (call) => call.action === 'DeleteItem' && writes(call, 'episodes')],
  ];
  it.each(
    moments.flatMap(([what, matches]) =>
      [['before', crashBefore] as const, ['after', crashAfter] as const].map(
        ([when, crash]) => [when, what, matches, crash] as const,
      ),
    ),
  )('by the retry, where it crashed %s %s', async (_when, _what, matches, crash) => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene((call) => callsOf('contracts')(call) && matches(call), crash(kill));
    expect((await put(customerId, smaller)).status).toBeGreaterThanOrEqual(500);
    // A claim that a crash left behind ends by itself.
    await world.advance(3 * 60_000);
    expect([200, 201]).toContain((await put(customerId, smaller)).status);
    expect(await toldTo(contact)).toHaveLength(1);
    expect(await unsentOf(customerId)).toEqual([]);
    await put(customerId, smaller);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('twice at most, where it crashed between sending and the note of it', async () => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene((call) => callsOf('contracts')(call) && call.service === 'ses', crashAfter(kill));
    expect((await put(customerId, smaller)).status).toBeGreaterThanOrEqual(500);
    await world.advance(3 * 60_000);
    expect((await put(customerId, smaller)).status).toBe(200);
    expect(await toldTo(contact)).toHaveLength(2);
  });

  it('by the retry, where the mail service was out of order; the order counts at once', async () => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene(
      (call) => callsOf('contracts')(call) && call.service === 'ses',
      crashBefore(() => undefined),
    );
    expect((await put(customerId, smaller)).status).toBe(503);
    expect(await toldTo(contact)).toEqual([]);
    const shown = await world.vendor('GET', `/v1/customers/${customerId}/contracts/c-1`);
    expect(shown.body).toMatchObject({ revision: 2 });
    const again = await put(customerId, smaller);
    expect([again.status, changesIn(again.body)]).toEqual([200, []]);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('by an outdated order that finishes the one which overtook it', async () => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene(
      (call) => callsOf('contracts', 'PutItem')(call) && writes(call, 'contracts'),
      crashAfter(kill),
    );
    await put(customerId, smaller);
    expect((await put(customerId, { revision: 1 })).status).toBe(409);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('once, where equal orders race', async () => {
    const { customerId, contact } = await ordered(2);
    const answers = await Promise.all(Array.from({ length: 4 }, () => put(customerId, smaller)));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    expect((await put(customerId, smaller)).status).toBe(200);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('of both, where two revisions race and the first one is still being told of', async () => {
    const { customerId, contact } = await ordered(2);
    const slowly = async (_call: AwsCall, forward: () => Promise<Reply>) => {
      await setTimeout(700);
      return forward();
    };
    world.proxy.intervene((call) => callsOf('contracts')(call) && call.service === 'ses', slowly);
    const first = put(customerId, { revision: 2, lines: [{ ...POOL, quantity: 6 }] });
    await setTimeout(200);
    const second = put(customerId, { revision: 3, lines: [{ ...POOL, quantity: 4 }] });
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(await toldTo(contact)).toHaveLength(2);
    expect(await unsentOf(customerId)).toEqual([]);
  });

  it('only what came true, where a host was licensed in between', async () => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene(
      (call) => callsOf('contracts', 'UpdateItem')(call) && writes(call, 'installations'),
      // Two changes of the installation: a place, and the host that is bound to it.
      whenAsked(async () => {
        const { file } = await world.issue(customerId);
        await world.renewed(file, { hostId: aHostId() });
      }),
    );
    expect((await put(customerId, { revision: 2, lines: [{ ...POOL, quantity: 6 }] })).status).toBe(200);
    const mails = await toldTo(contact);
    expect(mails).toHaveLength(1);
    // Of three hosts: 3, 3 and 2 become 2 each. Of two, which nobody ever had, 4 would become 3.
    expect(mails[0]?.text).toContain('render-engine: 2 statt 3');
    expect(mails[0]?.text).not.toContain('3 statt 4');
    expect(await unsentOf(customerId)).toEqual([]);
  });

  it('once, where replies of the database get lost or it is busy', async () => {
    const { customerId, contact } = await ordered(2);
    world.proxy.intervene(callsOf('contracts', 'UpdateItem'), replyLost);
    world.proxy.intervene(callsOf('contracts', 'PutItem'), throttled);
    expect((await put(customerId, smaller)).status).toBe(200);
    expect(await toldTo(contact)).toHaveLength(1);
  });

  it('and no log says who', () => {
    expectNoLeaks(world);
  });
});
