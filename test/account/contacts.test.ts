import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aContact } from '../builders/contacts.ts';
import { runAllScans, subjectsTo } from '../integration/alerting.ts';
import { useWorld } from '../integration/world.ts';
import { callsOf, crashAfter, whenAsked, type AwsCall } from '../support/aws-proxy.ts';

const world = useWorld();

interface SeenContacts {
  readonly version: string;
  readonly contacts: readonly (ReturnType<typeof aContact> & { readonly muted: readonly string[] })[];
  readonly offlineAfterHours?: number;
}

const PATH = '/v1/customer/contacts';
const weekly = { every: 'week', on: 'monday', hour: 8 } as const;

let count = 0;
const somebody = (): string => `c${(count += 1)}@acme.example`;

const outcomeOf = ({ status, body }: { status: number; body: unknown }): string => {
  const { code, faults = [] } = (body ?? {}) as { code?: string; faults?: readonly { path: string }[] };
  return [status, code, ...faults.map(({ path }) => path)].filter((part) => part !== undefined).join(' ');
};

async function aCustomer(contacts: readonly object[], given: object = {}) {
  const customerId = `k${(count += 1)}`;
  const put = (latest: readonly object[], more = given) =>
    world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Acme Print', contacts: latest, ...more });
  await put(contacts);
  const asManager = world.asCustomer(customerId, 'manager');
  const read = async () => (await asManager('GET', PATH)).body as SeenContacts;
  const save = async (wanted: readonly object[], more: object = {}) =>
    asManager('PUT', PATH, { version: (await read()).version, contacts: wanted, ...more });
  const shown = async () =>
    (await world.vendor('GET', `/v1/customers/${customerId}`)).body as Record<string, unknown>;
  return { customerId, put, asManager, read, save, shown };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Which of the addresses have a schedule of a report, and that nobody else of the customer has. */
async function reported(customerId: string, ...addresses: readonly string[]): Promise<string[]> {
  const { text } = await world.send('GET', '/_local/schedules', '');
  const names = (JSON.parse(text) as { name: string }[])
    .map(({ name }) => /report-([0-9a-f]+)-([0-9a-f]+)-/.exec(name))
    .flatMap((found) => (found?.[1] === hash(customerId) ? [found[2] ?? ''] : []));
  return names.map((name) => addresses.find((address) => hash(address) === name) ?? 'somebody else').sort();
}

const isContactWrite = (call: AwsCall) =>
  callsOf('customer-account', 'UpdateItem')(call) &&
  call.input['TableName'] === world.stored.tableName('customers');

describe('The contacts of a customer', () => {
  it('are those of the vendor, until the customer changes them', async () => {
    const email = somebody();
    const { read, shown, customerId } = await aCustomer([aContact(email)], { offlineAfterHours: 48 });
    expect(await read()).toEqual({
      version: expect.stringMatching(/^[\w-]{22}$/) as unknown,
      contacts: [{ ...aContact(email), muted: [] }],
      offlineAfterHours: 48,
    });
    const asViewer = world.asCustomer(customerId, 'viewer');
    expect((await asViewer('GET', PATH)).body).toEqual(await read());
    expect(await shown()).not.toHaveProperty('contactsInForce');
  });

  it('are changed, added and removed by the customer, and stay so through later documents of the vendor', async () => {
    const [changed, removed, untouched, added, later] = [1, 2, 3, 4, 5].map(somebody) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const vendor = [aContact(changed), aContact(removed), aContact(untouched)];
    const { put, read, save, shown } = await aCustomer(vendor);
    const wanted = [
      aContact(changed, { language: 'fr', kinds: ['failed'] }),
      aContact(untouched),
      aContact(added, { roles: ['commercial'] }),
    ];
    const saved = await save(wanted, { offlineAfterHours: 72 });
    expect(saved.status).toBe(200);
    const inForce = wanted.map((contact) => ({ ...contact, muted: [] }));
    expect(saved.body).toMatchObject({ contacts: inForce, offlineAfterHours: 72 });
    expect(await read()).toEqual(saved.body);

    const newer = [...vendor.slice(0, 2), aContact(untouched, { language: 'de' }), aContact(later)];
    await put(newer, { offlineAfterHours: 24 });
    expect((await read()).contacts.map(({ email, language }) => `${email} ${language}`)).toEqual([
      `${changed} fr`,
      `${untouched} de`,
      `${later} en`,
      `${added} en`,
    ]);
    expect(await shown()).toMatchObject({
      contacts: newer,
      offlineAfterHours: 24,
      contactsInForce: [
        { email: changed, language: 'fr' },
        { email: untouched },
        { email: later },
        { email: added },
      ],
      offlineAfterHoursInForce: 72,
    });
  });

  it('follow the vendor in the hours once the customer leaves them out, also while both say the same', async () => {
    const contacts = [aContact(somebody())];
    const { put, read, save } = await aCustomer(contacts, { offlineAfterHours: 48 });
    expect((await save(contacts, { offlineAfterHours: 72 })).body).toMatchObject({ offlineAfterHours: 72 });
    await put(contacts, { offlineAfterHours: 72 });
    const left = await save(contacts);
    expect([left.status, (left.body as SeenContacts).offlineAfterHours]).toEqual([200, 72]);
    await put(contacts, { offlineAfterHours: 24 });
    expect(await read()).toMatchObject({ offlineAfterHours: 24 });
  });

  it('get the alerts: those in force, and no others', async () => {
    const [vendor, own] = [somebody(), somebody()];
    const { customerId, save } = await aCustomer([aContact(vendor)]);
    await save([aContact(own)]);
    await world.order(customerId, 'c-1', { endsOn: world.day(20) });
    const { file } = await world.issue(customerId, { id: `host-${customerId}` });
    await world.renewed(file);
    await runAllScans(world);
    expect(await subjectsTo(world, vendor)).toEqual([]);
    expect(await subjectsTo(world, own)).toEqual([expect.stringContaining('Acme Print')]);
  });

  it('get reports as they are in force, whoever speaks last', async () => {
    const [vendor, own] = [somebody(), somebody()];
    const { customerId, put, save } = await aCustomer([aContact(vendor, { report: weekly })]);
    expect(await reported(customerId, vendor, own)).toEqual([vendor]);
    await save([aContact(vendor), aContact(own, { report: weekly })]);
    expect(await reported(customerId, vendor, own)).toEqual([own]);
    await put([aContact(vendor, { report: weekly })]);
    expect(await reported(customerId, vendor, own)).toEqual([own]);
  });

  it('are replaced only by whoever has seen the latest', async () => {
    const { asManager, put, read, save } = await aCustomer([aContact(somebody())]);
    const { version } = await read();
    const wanted = [aContact(somebody())];
    expect(outcomeOf(await save([aContact(somebody())]))).toBe('200');
    const stale = await asManager('PUT', PATH, { version, contacts: wanted });
    expect(outcomeOf(stale)).toBe('409 version-outdated');
    const seen = await read();
    await put([aContact(somebody())]);
    expect(outcomeOf(await asManager('PUT', PATH, { version: seen.version, contacts: wanted }))).toBe(
      '409 version-outdated',
    );
  });

  it('are saved by one of two who have seen the same', async () => {
    const { asManager, read } = await aCustomer([aContact(somebody())]);
    const { version } = await read();
    const wishes = [1, 2, 3].map(() => [aContact(somebody())]);
    const answers = await Promise.all(
      wishes.map((contacts) => asManager('PUT', PATH, { version, contacts })),
    );
    expect(answers.map(outcomeOf).sort()).toEqual(['200', '409 version-outdated', '409 version-outdated']);
    const winner = wishes[answers.findIndex(({ status }) => status === 200)];
    expect((await read()).contacts).toMatchObject(winner ?? []);
  });

  it('are saved when the same document of the vendor comes in between, and not when another one does', async () => {
    const vendor = [aContact(somebody())];
    const { put, save } = await aCustomer(vendor);
    world.proxy.intervene(
      isContactWrite,
      whenAsked(() => put(vendor)),
    );
    expect(outcomeOf(await save([aContact(somebody())]))).toBe('200');
    world.proxy.intervene(
      isContactWrite,
      whenAsked(() => put([...vendor, aContact(somebody())])),
    );
    expect(outcomeOf(await save([aContact(somebody())]))).toBe('409 version-outdated');
  });

  it('are saved after a crash, once the same comes again', async () => {
    const email = somebody();
    const { asManager, customerId, read } = await aCustomer([aContact(somebody())]);
    const wish = { version: (await read()).version, contacts: [aContact(email, { report: weekly })] };
    world.proxy.intervene(
      isContactWrite,
      crashAfter(() => world.service.killFunction('customer-account')),
    );
    expect((await asManager('PUT', PATH, wish)).status).toBe(500);
    const again = await asManager('PUT', PATH, wish);
    expect(outcomeOf(again)).toBe('200');
    expect(again.body).toMatchObject({ contacts: wish.contacts });
    expect(await reported(customerId, email)).toEqual([email]);
  });

  it('show what each has stopped by its own link, and a manager can take that back', async () => {
    const email = somebody();
    const { customerId, read, save } = await aCustomer([aContact(email), aContact(somebody())]);
    const item = await world.stored.get('customers', { customerId });
    await world.stored.put('customers', { ...item, mutes: new Set([`offline ${email}`, `failed ${email}`]) });
    const { contacts } = await read();
    expect(contacts.map(({ muted }) => muted)).toEqual([['offline', 'failed'], []]);

    const silent = contacts.map(({ muted: _, ...contact }) => contact);
    expect((await save(silent)).body).toMatchObject({ contacts });
    const more = contacts.map((contact) => ({ ...contact, muted: ['ending'] }));
    expect(outcomeOf(await save(more))).toBe('400 body-invalid contacts[0].muted contacts[1].muted');
    const fewer = contacts.map((contact) => ({ ...contact, muted: contact.muted.slice(1) }));
    expect((await save(fewer)).body).toMatchObject({ contacts: [{ muted: ['failed'] }, { muted: [] }] });
    expect((await save(contacts.map((contact) => ({ ...contact, muted: [] })))).status).toBe(200);
    expect((await read()).contacts.map(({ muted }) => muted)).toEqual([[], []]);
  });

  it('are one at least, unless the vendor names none', async () => {
    const { save } = await aCustomer([aContact(somebody())]);
    expect(outcomeOf(await save([]))).toBe('400 body-invalid contacts');
    const nameless = await aCustomer([]);
    expect(outcomeOf(await nameless.save([aContact(somebody())]))).toBe('200');
    expect(outcomeOf(await nameless.save([]))).toBe('200');
  });

  it('are refused with every fault named', async () => {
    const { save, asManager, read } = await aCustomer([aContact(somebody())]);
    const email = somebody();
    expect(outcomeOf(await save([aContact(email), aContact(email.toUpperCase())]))).toBe(
      '400 body-invalid contacts[1].email',
    );
    const wrong = { ...aContact(email), timeZone: 'Mars/Olympus', roles: [], phone: '1' };
    expect(outcomeOf(await save([wrong], { offlineAfterHours: 1 }))).toBe(
      '400 body-invalid contacts[0].timeZone contacts[0].roles contacts[0].phone offlineAfterHours',
    );
    expect(outcomeOf(await asManager('PUT', PATH, { contacts: [] }))).toBe('400 body-invalid version');
    expect(outcomeOf(await asManager('PUT', PATH, '{'))).toBe('400 body-invalid ');
    expect((await read()).contacts).toHaveLength(1);
  });

  it('are read by viewers, and changed by managers alone', async () => {
    const { customerId, read } = await aCustomer([aContact(somebody())]);
    const asViewer = world.asCustomer(customerId, 'viewer');
    const { version } = await read();
    const answer = await asViewer('PUT', PATH, { version, contacts: [aContact(somebody())] });
    expect(outcomeOf(answer)).toBe('403 role-insufficient');
  });

  it('of the vendor that name an address twice are seen and saved as one', async () => {
    const email = somebody();
    const twice = [aContact(email, { roles: ['technical'] }), aContact(email, { roles: ['commercial'] })];
    const { read, save, shown } = await aCustomer(twice);
    const { contacts } = await read();
    expect(contacts).toEqual([{ ...aContact(email), muted: [] }]);
    expect((await save(contacts)).body).toMatchObject({ contacts });
    expect(await shown()).not.toHaveProperty('contactsInForce');
  });
});
