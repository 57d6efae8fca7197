import { describe, expect, it } from 'vitest';
import { invitationsTo } from '../integration/alerting.ts';
import { useWorld } from '../integration/world.ts';
import { aContact } from '../builders/contacts.ts';
import { barrier, callsOf, crashAfter, type AwsCall } from '../support/aws-proxy.ts';
import {
  aManagedCustomer,
  anAddress,
  codeOf,
  listed,
  mailServiceDown,
  type MemberView,
} from './managed-customer.ts';

const world = useWorld();

const somebody = (): string => anAddress('members');
const managedCustomer = (given?: object) => aManagedCustomer(world, 'members', given);

const isAbout = (table: string) => (call: AwsCall) =>
  call.input['TableName'] === world.stored.tableName(table);

describe('The first order of a customer', () => {
  it('makes the first commercial contact the manager, and invites it once', async () => {
    const commercial = somebody();
    const contacts = [
      aContact(somebody(), { roles: ['technical'] }),
      aContact(commercial.toUpperCase(), { language: 'fr' }),
    ];
    const { customerId, asViewer } = await managedCustomer({ contacts });
    expect(await listed(asViewer)).toEqual([
      {
        email: commercial,
        role: 'manager',
        language: 'fr',
        invitedAt: expect.stringMatching(/^2\d{3}-.*Z$/) as unknown,
        invitation: 'sent',
      },
    ]);
    await world.order(customerId, 'c-1');
    await world.order(customerId, 'c-1', { revision: 2 });
    expect(await invitationsTo(world, commercial)).toHaveLength(1);
  });

  it('makes those managers whom the vendor names', async () => {
    const managers = [somebody(), somebody()];
    const { asViewer } = await managedCustomer({ managers: [...managers, managers[0]?.toUpperCase()] });
    expect(await listed(asViewer)).toMatchObject(managers.map((email) => ({ email, role: 'manager' })));
    for (const manager of managers) expect(await invitationsTo(world, manager)).toHaveLength(1);
  });

  it('makes nobody where there is no contact, and the next order makes up for it', async () => {
    const { customerId, asViewer, manager } = await managedCustomer({ contacts: [] });
    expect(await listed(asViewer)).toEqual([]);
    await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'A', contacts: [aContact(manager)] });
    await world.order(customerId, 'c-1');
    expect(await listed(asViewer)).toMatchObject([{ email: manager }]);
  });

  it('is placed and answers 503 while the mail service is down; the same order again invites', async () => {
    const { customerId, asViewer, manager } = await managedCustomer({ contacts: [] });
    await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'A', contacts: [aContact(manager)] });
    world.proxy.intervene(callsOf('contracts', 'SendRawEmail'), mailServiceDown);
    const order = world.contract({ revision: 2 });
    const path = `/v1/customers/${customerId}/contracts/c-1`;
    expect(codeOf(await world.vendor('PUT', path, order))).toBe('503 unavailable');
    expect(await listed(asViewer)).toMatchObject([{ email: manager, invitation: 'due' }]);
    expect(codeOf(await world.vendor('PUT', path, order))).toBe('200');
    expect(await listed(asViewer)).toMatchObject([{ email: manager, invitation: 'sent' }]);
    expect(await invitationsTo(world, manager)).toHaveLength(1);
  });

  it('invites after a crash at any write, once the order comes again', async () => {
    for (let write = 1; write <= 3; write += 1) {
      const { customerId, asViewer, manager } = await managedCustomer({ contacts: [] });
      await world.accepted('PUT', `/v1/customers/${customerId}`, {
        name: 'A',
        contacts: [aContact(manager)],
      });
      let seen = 0;
      world.proxy.intervene(
        (call) =>
          callsOf('contracts', 'UpdateItem')(call) && isAbout('members')(call) && (seen += 1) === write,
        crashAfter(() => world.service.killFunction('contracts')),
      );
      const crashed = await world.vendor(
        'PUT',
        `/v1/customers/${customerId}/contracts/c-1`,
        world.contract(),
      );
      expect(crashed.status).toBe(500);
      // As the ERP does after a fault: soon, but not within the same second.
      await world.advance(30_000);
      await world.order(customerId, 'c-1');
      expect(await listed(asViewer)).toMatchObject([{ email: manager, invitation: 'sent' }]);
      expect((await invitationsTo(world, manager)).length, `write ${write}`).toBeGreaterThan(0);
    }
  });
});

describe('A token', () => {
  it('says for whom it acts', async () => {
    const { customerId, asManager, asViewer, manager } = await managedCustomer();
    const customer = { id: customerId, name: 'Acme Print' };
    expect((await asManager('GET', '/v1/customer/me')).body).toEqual({
      customer,
      role: 'manager',
      email: manager,
    });
    expect((await asViewer('GET', '/v1/customer/me')).body).toMatchObject({ customer, role: 'viewer' });
    const asNobody = world.asCustomer('no-such-customer', 'manager');
    for (const path of ['me', 'members', 'contacts']) {
      expect(codeOf(await asNobody('GET', `/v1/customer/${path}`))).toBe('403 token-incomplete');
    }
  });
});

describe('A manager', () => {
  it('invites by e-mail, once, in the language that was asked for', async () => {
    const { asManager, manager } = await managedCustomer();
    const email = somebody();
    const path = `/v1/customer/members/${encodeURIComponent(email.toUpperCase())}`;
    const invited = await asManager('PUT', path, { role: 'viewer', language: 'fr' });
    expect(invited.status).toBe(201);
    expect(invited.body).toMatchObject({
      email,
      role: 'viewer',
      language: 'fr',
      invitedBy: manager,
      invitation: 'sent',
    });
    const again = await asManager('PUT', path, { role: 'viewer' });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(invited.body);
    const [mail, ...others] = await invitationsTo(world, email);
    expect(others).toEqual([]);
    expect(mail?.text).toContain(manager);
    expect(mail?.text).toContain('Acme Print');
  });

  it('changes roles, and is answered the pages of a list', async () => {
    const { asManager, asViewer, manager } = await managedCustomer();
    const email = somebody();
    await asManager('PUT', `/v1/customer/members/${email}`, { role: 'viewer' });
    expect((await asManager('PUT', `/v1/customer/members/${email}`, { role: 'manager' })).body).toMatchObject(
      {
        role: 'manager',
      },
    );
    const first = (await asViewer('GET', '/v1/customer/members?limit=1&sort=-email')).body as {
      items: MemberView[];
      next: string;
    };
    expect(first.items).toMatchObject([{ email }]);
    const second = await asViewer('GET', `/v1/customer/members?limit=1&sort=-email&after=${first.next}`);
    expect(second.body).toMatchObject({ items: [{ email: manager }] });
    expect(second.body).not.toHaveProperty('next');
    expect(codeOf(await asViewer('GET', '/v1/customer/members?sort=language'))).toBe('400 query-invalid');
  });

  it('removes members, whose address is then nowhere; removed and invited again gets a new invitation', async () => {
    const { asManager } = await managedCustomer();
    const email = somebody();
    const path = `/v1/customer/members/${email}`;
    await asManager('PUT', path, { role: 'viewer' });
    expect(await world.stored.get('members', { subject: `address#${email}` })).toBeDefined();
    const removed = await asManager('DELETE', path);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect(await world.stored.get('members', { subject: `address#${email}` })).toBeUndefined();
    expect(codeOf(await asManager('DELETE', path))).toBe('404 member-not-found');
    expect(codeOf(await asManager('PUT', path, { role: 'viewer' }))).toBe('201');
    expect(await invitationsTo(world, email)).toHaveLength(2);
  });

  it('is told that an address cannot be reached', async () => {
    const { asManager } = await managedCustomer();
    const email = somebody();
    await world.stored.put('recipients', { address: email, disabledAt: 1, disabledBecause: 'bounce' });
    const invited = await asManager('PUT', `/v1/customer/members/${email}`, { role: 'viewer' });
    expect(invited.body).toMatchObject({ invitation: 'unreachable' });
    expect(await invitationsTo(world, email)).toEqual([]);
  });

  it('is told what is wrong with an address or a body', async () => {
    const { asManager } = await managedCustomer();
    const put = async (address: string, body: unknown) =>
      codeOf(await asManager('PUT', `/v1/customer/members/${address}`, body));
    for (const address of [
      'nobody',
      'a@b',
      '%00@acme.example',
      'a%0d%0ab@acme.example',
      `${'a'.repeat(255)}@b.example`,
    ]) {
      expect(await put(address, { role: 'viewer' }), address).toBe('400 body-invalid');
      const removed = await asManager('DELETE', `/v1/customer/members/${address}`);
      expect(codeOf(removed), address).toBe('404 member-not-found');
    }
    for (const body of [
      {},
      { role: 'owner' },
      { role: 'viewer', language: 'it' },
      { role: 'viewer', x: 1 },
      '[',
      'null',
    ]) {
      expect(await put(somebody(), body), JSON.stringify(body)).toBe('400 body-invalid');
    }
    expect(await put(somebody(), ' '.repeat(256 * 1024 + 1))).toBe('413 body-too-large');
  });

  it('invites at most 50 people a day, and 200 in all', async () => {
    const { customerId, asManager } = await managedCustomer();
    const subject = `customer#${customerId}`;
    const roster = await world.stored.get('members', { subject });
    const invited = { day: world.day(), count: 50 };
    await world.stored.put('members', { ...roster, invited });
    const invite = async () =>
      codeOf(await asManager('PUT', `/v1/customer/members/${somebody()}`, { role: 'viewer' }));
    expect(await invite()).toBe('409 member-limit');
    await world.stored.put('members', { ...roster, invited: { ...invited, day: world.day(-1) } });
    expect(await invite()).toBe('201');

    const [member] = roster?.['members'] as object[];
    const members = Array.from({ length: 199 }, (_, index) => ({
      ...member,
      email: `q${index}@acme.example`,
    }));
    await world.stored.put('members', { ...roster, members });
    expect(await invite()).toBe('201');
    expect(await invite()).toBe('409 member-limit');
  });
});

describe('A viewer', () => {
  it('reads, and changes nothing', async () => {
    const { asViewer, manager } = await managedCustomer();
    expect(await listed(asViewer)).toMatchObject([{ email: manager }]);
    for (const method of ['PUT', 'DELETE']) {
      const answer = await asViewer(
        method,
        `/v1/customer/members/${manager}`,
        method === 'PUT' ? { role: 'viewer' } : undefined,
      );
      expect(codeOf(answer)).toBe('403 role-insufficient');
    }
  });
});

describe('The last manager', () => {
  it('can neither be removed nor become a viewer', async () => {
    const { asManager, asViewer, manager } = await managedCustomer();
    await asManager('PUT', `/v1/customer/members/${somebody()}`, { role: 'viewer' });
    const path = `/v1/customer/members/${manager}`;
    expect(codeOf(await asManager('DELETE', path))).toBe('409 last-manager');
    expect(codeOf(await asManager('PUT', path, { role: 'viewer' }))).toBe('409 last-manager');
    expect(await listed(asViewer)).toContainEqual(
      expect.objectContaining({ email: manager, role: 'manager' }),
    );
  });

  it('stays when two managers remove each other at the same moment', async () => {
    const { asManager, asViewer, manager } = await managedCustomer();
    const other = somebody();
    await asManager('PUT', `/v1/customer/members/${other}`, { role: 'manager' });
    const meet = barrier(2);
    const isRosterWrite = (call: AwsCall) =>
      callsOf('customer-account', 'UpdateItem')(call) && 'ConditionExpression' in call.input;
    world.proxy.intervene(isRosterWrite, meet);
    world.proxy.intervene(isRosterWrite, meet);
    const outcomes = await Promise.all([
      asManager('DELETE', `/v1/customer/members/${other}`),
      asManager('PUT', `/v1/customer/members/${manager}`, { role: 'viewer' }),
    ]);
    expect(outcomes.map(codeOf).sort()).toEqual([expect.stringMatching(/^20[04]$/), '409 last-manager']);
    expect((await listed(asViewer)).filter(({ role }) => role === 'manager')).toHaveLength(1);
  });
});

describe('The vendor', () => {
  it('sees, invites and removes members, as where the only manager has left', async () => {
    const { customerId, manager, asViewer } = await managedCustomer();
    const members = `/v1/customers/${customerId}/members`;
    const email = somebody();
    const invited = await world.vendor('PUT', `${members}/${email}`, { role: 'manager' });
    expect(codeOf(invited)).toBe('201');
    expect(invited.body).not.toHaveProperty('invitedBy');
    expect(codeOf(await world.vendor('DELETE', `${members}/${manager}`))).toBe('204');
    expect((await world.vendor('GET', members)).body).toEqual({ items: await listed(asViewer) });
    expect(await listed(asViewer)).toMatchObject([{ email }]);
    expect(codeOf(await world.vendor('GET', '/v1/customers/nobody/members'))).toBe('404 customer-not-found');
  });

  it('needs a signature, and a token does not do', async () => {
    const { customerId, asManager } = await managedCustomer();
    const answer = await asManager('GET', `/v1/customers/${customerId}/members`);
    expect(answer.status).toBe(403);
  });
});

it('The logs hold no address', () => {
  expect(world.logs.filter((line) => line.includes('@acme.example'))).toEqual([]);
});
