import { describe, expect, it } from 'vitest';
import { aContractDocument, withoutMember } from '../builders/contract-document.ts';
import { useWorld } from '../integration/world.ts';
import { membersOf, outcomeOf } from './vendor-answers.ts';

const world = useWorld();

const pathOf = (customerId: string, contractId = 'c-1') =>
  `/v1/customers/${customerId}/contracts/${contractId}`;

/** Hosts that each contract of an installation orders. */
async function hostsIn(customerId: string, installation = 'ES#main'): Promise<Record<string, unknown>> {
  const item = await world.stored.get('installations', { customerId, installation });
  const contracts = (item?.['contracts'] ?? []) as { id: string; hosts: number }[];
  return Object.fromEntries(contracts.map(({ id, hosts }) => [id, hosts]));
}

const versionOf = async (customerId: string) =>
  (await world.stored.installationItem(customerId))?.['version'];

describe('PUT of a contract', () => {
  it('answers the document as it was received, and builds its installation', async () => {
    const customerId = await world.customer('Acme Print');
    const document = aContractDocument({ reference: 'PO 4711', supersedes: 'c-0', graceDays: 7 });
    const { status, body } = await world.vendor('PUT', pathOf(customerId), document);
    const receivedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown;
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ customerId, contractId: 'c-1', ...document, receivedAt, installationVersion: 1 },
      changes: [expect.objectContaining({ kind: 'hosts', before: 0, after: document.hosts })],
      moreChanges: 0,
    });

    const shown = await world.vendor('GET', pathOf(customerId));
    expect(shown.body).toEqual({ customerId, contractId: 'c-1', ...document, receivedAt });
    expect(await world.stored.installationItem(customerId)).toMatchObject({
      customerName: 'Acme Print',
      version: 1,
      licenses: [],
      contracts: [{ id: 'c-1', hosts: 3, graceDays: 7, suspended: false, connection: 'online' }],
    });
  });

  it('needs its customer', async () => {
    expect(outcomeOf(await world.vendor('PUT', pathOf('nobody'), aContractDocument()))).toBe(
      '404 customer-not-found',
    );
    expect((await world.vendor('GET', pathOf('nobody'))).status).toBe(404);
  });

  it('changes nothing the second time, whatever the order of its members', async () => {
    const customerId = await world.customer();
    const document = aContractDocument();
    await world.vendor('PUT', pathOf(customerId), document);
    const reversed = Object.fromEntries(Object.entries(document).reverse());
    const again = await world.vendor('PUT', pathOf(customerId), reversed);
    expect([again.status, membersOf(again)['installationVersion']]).toEqual([200, 1]);
    expect(await versionOf(customerId)).toBe(1);
  });

  it('takes higher revisions only', async () => {
    const customerId = await world.customer();
    const put = async (revision: number, hosts: number) =>
      outcomeOf(await world.vendor('PUT', pathOf(customerId), aContractDocument({ revision, hosts })));
    expect(await put(5, 3)).toBe('201');
    expect(await put(4, 3)).toBe('409 revision-outdated');
    expect(await put(5, 4)).toBe('409 revision-conflict');
    expect(await put(7, 4)).toBe('200');
    expect(await put(5, 3)).toBe('409 revision-outdated');
    expect(await hostsIn(customerId)).toEqual({ 'c-1': 4 });
    expect(membersOf(await world.vendor('GET', pathOf(customerId)))).toMatchObject({ revision: 7, hosts: 4 });
  });

  it('moves a contract from one installation to another', async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1');
    await world.order(customerId, 'c-2');
    await world.order(customerId, 'c-1', { revision: 2, installation: 'proof' });
    expect(await hostsIn(customerId)).toEqual({ 'c-2': 3 });
    expect(await hostsIn(customerId, 'ES#proof')).toEqual({ 'c-1': 3 });
    await world.order(customerId, 'c-1', { revision: 3, product: 'TWIST' });
    expect(await hostsIn(customerId, 'ES#proof')).toEqual({});
    expect(await hostsIn(customerId, 'TWIST#main')).toEqual({ 'c-1': 3 });
  });

  it('keeps when the cancellation was first received, and forgets it when the contract is reactivated', async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1', { revision: 1, status: 'cancelled' });
    const first = membersOf(await world.vendor('GET', pathOf(customerId)))['cancelledAt'];
    expect(Math.abs(Date.parse(String(first)) - world.now().getTime())).toBeLessThan(60_000);

    await world.advance(3_600_000);
    await world.order(customerId, 'c-1', { revision: 2, status: 'cancelled', reference: 'PO 2' });
    expect(membersOf(await world.vendor('GET', pathOf(customerId)))['cancelledAt']).toBe(first);

    await world.order(customerId, 'c-1', { revision: 3, status: 'active' });
    expect(membersOf(await world.vendor('GET', pathOf(customerId)))).not.toHaveProperty('cancelledAt');
  });

  it('names the faults of a body, and keeps nothing of it', async () => {
    const customerId = await world.customer();
    const [line] = aContractDocument().lines;
    const put = async (body: unknown) => outcomeOf(await world.vendor('PUT', pathOf(customerId), body));
    expect(await put({ ...aContractDocument(), lines: [line, { ...line, id: 'l2', quantity: 0 }] })).toBe(
      '400 body-invalid lines[1].quantity',
    );
    expect(await put({ ...withoutMember(aContractDocument(), 'hosts'), timeZone: 'Mars/Olympus' })).toBe(
      '400 body-invalid timeZone hosts',
    );
    expect(await put(aContractDocument({ supersedes: 'c-1' }))).toBe('400 body-invalid supersedes');
    expect(await put('not json')).toBe('400 body-invalid ');
    expect(await put(' '.repeat(256 * 1024 + 1))).toBe('413 body-too-large');
    expect(outcomeOf(await world.vendor('GET', pathOf(customerId)))).toBe('404 contract-not-found');
  });

  it('answers 404 for what cannot be an id', async () => {
    const customerId = await world.customer();
    for (const id of ['a%23b', '-a', 'a'.repeat(65), '__proto__']) {
      expect(outcomeOf(await world.vendor('PUT', pathOf(customerId, id), aContractDocument())), id).toBe(
        '404 contract-not-found',
      );
    }
  });

  it('leaves alone what else is noted in the installation', async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1');
    const licenses = [{ id: 'lic_1', hostId: 'H-1' }];
    const others = {
      declarations: [{ option: 'render-engine', effectiveAt: 1_764_000_000, quantities: '5' }],
      notedByNewerCode: [1],
    };
    await world.stored.put('installations', {
      ...(await world.stored.installationItem(customerId)),
      licenses,
      ...others,
    });
    await world.order(customerId, 'c-2');
    expect(await world.stored.installationItem(customerId)).toMatchObject({
      licenses,
      ...others,
      version: 2,
    });
  });

  it('brings racing orders of a customer together, each in its installation', async () => {
    const customerId = await world.customer();
    const ids = Array.from({ length: 12 }, (_, index) => `c-${index}`);
    const answers = await Promise.all(
      ids.map((id, index) =>
        world.vendor(
          'PUT',
          pathOf(customerId, id),
          aContractDocument({ installation: index % 3 === 0 ? 'proof' : 'main' }),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
    expect(Object.keys(await hostsIn(customerId)).length).toBe(8);
    expect(Object.keys(await hostsIn(customerId, 'ES#proof')).length).toBe(4);
  });

  it('lets one of racing revisions win', async () => {
    const customerId = await world.customer();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        world.vendor('PUT', pathOf(customerId), aContractDocument({ hosts: index + 1 })),
      ),
    );
    expect(answers.map(outcomeOf).sort()).toEqual([
      '201',
      ...Array.from({ length: 5 }, () => '409 revision-conflict'),
    ]);
    const stored = membersOf(await world.vendor('GET', pathOf(customerId)))['hosts'];
    expect(await hostsIn(customerId)).toEqual({ 'c-1': stored });
  });
});

describe('the list of contracts', () => {
  it('has pages that lead through all of them', async () => {
    const customerId = await world.customer();
    for (const id of ['c-1', 'c-2', 'c-3', 'c-4', 'c-5']) await world.order(customerId, id);
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const query = `?limit=2${next === undefined ? '' : `&next=${next}`}`;
      const answer = await world.vendor('GET', `/v1/customers/${customerId}/contracts${query}`);
      const page = answer.body as { contracts: { contractId: string }[]; next?: string };
      expect(page.contracts.length).toBeLessThanOrEqual(2);
      seen.push(...page.contracts.map(({ contractId }) => contractId));
      next = page.next;
    } while (next !== undefined);
    expect(seen).toEqual(['c-1', 'c-2', 'c-3', 'c-4', 'c-5']);
  });

  it('is whole without a limit, and where limit and next make no sense', async () => {
    const customerId = await world.customer();
    await world.order(customerId, 'c-1');
    for (const query of ['', '?limit=0', '?limit=many', '?limit=1000&next=%23']) {
      const { body } = await world.vendor('GET', `/v1/customers/${customerId}/contracts${query}`);
      expect(body).toMatchObject({ contracts: [{ contractId: 'c-1' }] });
      expect(body).not.toHaveProperty('next');
    }
  });

  it('is empty for a customer without orders, and 404 without the customer', async () => {
    const customerId = await world.customer();
    expect((await world.vendor('GET', `/v1/customers/${customerId}/contracts`)).body).toEqual({
      contracts: [],
    });
    expect(outcomeOf(await world.vendor('GET', '/v1/customers/nobody/contracts'))).toBe(
      '404 customer-not-found',
    );
  });
});
