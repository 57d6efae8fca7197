import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../local/event-bus.ts';
import { callsOf, crashAfter, throttled } from '../support/aws-proxy.ts';
import { claimsIn, useWorld } from '../integration/world.ts';

const world = useWorld();

interface Put {
  readonly eventId: string;
  readonly deliveries: readonly Delivery[];
}

const post = async (path: string, body: unknown) => {
  const { status, text } = await world.send('POST', `/_local${path}`, JSON.stringify(body));
  return { status, body: JSON.parse(text) as unknown };
};

/** Sends an order as an event, and waits for what becomes of it. */
async function sent(customerId: unknown, contract: unknown, contractId: unknown = 'c-1'): Promise<Delivery> {
  const event = { detailType: 'ContractChanged', detail: { customerId, contractId, contract } };
  const { status, body } = await post('/events', event);
  expect(status).toBe(200);
  const [delivery, ...others] = (body as Put).deliveries;
  expect(others).toEqual([]);
  expect(delivery?.functionName).toBe('order-events');
  return delivery!;
}

const taken = { functionName: 'order-events', attempts: 1 };
const stored = async (customerId: string, contractId = 'c-1') =>
  (await world.vendor('GET', `/v1/customers/${customerId}/contracts/${contractId}`)).body as Record<
    string,
    unknown
  >;

const deadLetters = async () =>
  JSON.parse((await world.send('GET', '/_local/dead-letters', '')).text) as {
    id: string;
    error: string;
    event: { detail: unknown };
  }[];

/** The lines of the log that count order events. */
const counted = (outcome: string) =>
  world.logs.filter((line) => line.includes('"OrderEvents"') && line.includes(`"outcome":"${outcome}"`));

describe('an order that comes as an event', () => {
  it('is stored as one that is put, and reaches hosts', async () => {
    const customerId = await world.customer();
    const contract = world.contract({
      lines: [{ id: 'l1', option: 'TWIST', scope: 'every-host', quantity: 2 }],
    });
    expect(await sent(customerId, contract)).toEqual(taken);

    expect(await stored(customerId)).toMatchObject({ customerId, contractId: 'c-1', ...contract });
    const { file } = await world.issue(customerId, { id: 'H-of-an-event' });
    expect(claimsIn(file).options).toMatchObject([{ option: 'TWIST', quantity: 2 }]);
  });

  it('does no harm when it comes again, whichever way', async () => {
    const customerId = await world.customer();
    const contract = world.contract();
    await sent(customerId, contract);
    const before = await stored(customerId);
    expect(await sent(customerId, contract)).toEqual(taken);
    const again = await world.vendor('PUT', `/v1/customers/${customerId}/contracts/c-1`, contract);
    expect(again.status).toBe(200);
    expect(await stored(customerId)).toEqual(before);
  });

  it('is overtaken by a newer revision and then done with, as in a replay', async () => {
    const customerId = await world.customer();
    await sent(customerId, world.contract({ revision: 2, hosts: 7 }));
    const letters = (await deadLetters()).length;
    expect(await sent(customerId, world.contract({ revision: 1 }))).toEqual(taken);
    expect(await stored(customerId)).toMatchObject({ revision: 2, hosts: 7 });
    expect(await deadLetters()).toHaveLength(letters);
    expect(counted('outdated').some((line) => line.includes(customerId))).toBe(true);
  });

  it('of the same customer may race with others: the installation has all of them', async () => {
    const customerId = await world.customer();
    const ids = Array.from({ length: 6 }, (_, index) => `c-${index}`);
    await Promise.all(ids.map((id) => sent(customerId, world.contract({ hosts: 1 }), id)));
    const { contracts } = (await world.stored.installationItem(customerId)) as {
      contracts: { id: string }[];
    };
    expect(contracts.map(({ id }) => id).sort()).toEqual(ids);
  });
});

describe('an event that cannot be taken', () => {
  it('is tried again, and found among the dead letters with its reason', async () => {
    const customerId = await world.customer();
    const contract = { ...world.contract(), hosts: -1, nonsense: 1 };
    const { attempts, deadLetter } = await sent(customerId, contract);
    expect(attempts).toBe(3);
    expect(deadLetter?.error).toContain(
      'body-invalid: detail.contract.hosts must be a whole number from 0 to 5000',
    );
    expect(deadLetter?.error).toContain('detail.contract.nonsense is not a member of this document');
    const [letter] = await deadLetters();
    expect(letter).toMatchObject({
      id: deadLetter?.id,
      attempts: 3,
      event: { detail: { customerId, contract } },
    });
    expect((await world.vendor('GET', `/v1/customers/${customerId}/contracts/c-1`)).status).toBe(404);
  });

  it('because its revision is taken by another document stays a dead letter', async () => {
    const customerId = await world.customer();
    await sent(customerId, world.contract());
    const { deadLetter } = await sent(customerId, world.contract({ hosts: 9 }));
    expect(deadLetter?.error).toContain('revision-conflict');
    expect(await stored(customerId)).toMatchObject({ hosts: 3 });
  });

  it.each([
    ['no customer', undefined, 'c-1', 'detail.customerId is required'],
    ['an id that is none', 'a#b', 'c-1', 'detail.customerId must be'],
    ['no id of the contract', 'acme', 7, 'detail.contractId must be'],
  ])('names what is wrong where it has %s', async (_, customerId, contractId, reason) => {
    const { deadLetter } = await sent(customerId, world.contract(), contractId);
    expect(deadLetter?.error).toContain(`body-invalid: ${reason}`);
  });

  it('puts no text of its sender into the log', async () => {
    await sent('acme', { ...world.contract(), 'eve\n<script>': 'confidential-of-the-sender' });
    const lines = world.logs.filter((line) => line.includes('script'));
    expect(lines.join('\n')).not.toContain('<script>');
    expect(world.logs.join('\n')).not.toContain('confidential-of-the-sender');
  });

  it('is taken once its customer is there: it had overtaken it', async () => {
    const customerId = 'overtaken';
    const { deadLetter } = await sent(customerId, world.contract());
    expect(deadLetter?.error).toContain('customer-not-found');
    await world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Late', contacts: [] });

    const replayed = await post(`/dead-letters/${deadLetter?.id ?? ''}/replay`, undefined);
    expect(replayed).toEqual({ status: 200, body: taken });
    expect(await stored(customerId)).toMatchObject({ revision: 1 });
    expect((await deadLetters()).map(({ id }) => id)).not.toContain(deadLetter?.id);
    expect((await post(`/dead-letters/${deadLetter?.id ?? ''}/replay`, undefined)).status).toBe(404);
  });

  it('stays where it is while the reason for it stays', async () => {
    const { deadLetter } = await sent('nobody-at-all', world.contract());
    const replayed = await post(`/dead-letters/${deadLetter?.id ?? ''}/replay`, undefined);
    expect(replayed.body).toMatchObject({ attempts: 3, deadLetter: { id: deadLetter?.id } });
    expect((await deadLetters()).filter(({ id }) => id === deadLetter?.id)).toHaveLength(1);
  });
});

describe('a fault that passes', () => {
  it('costs a try, and the order is taken', async () => {
    const customerId = await world.customer();
    // Three tries of the SDK make one of the function.
    world.proxy.intervene(callsOf('order-events', 'GetItem'), throttled, 3);
    expect(await sent(customerId, world.contract())).toEqual({ ...taken, attempts: 2 });
    expect(await stored(customerId)).toMatchObject({ revision: 1 });
    expect(counted('unavailable').some((line) => line.includes(customerId))).toBe(true);
  });

  it('between contract and installation is healed by the next try', async () => {
    const customerId = await world.customer();
    const kill = () => world.service.killFunction('order-events');
    world.proxy.intervene(callsOf('order-events', 'PutItem'), crashAfter(kill));
    expect(await sent(customerId, world.contract())).toEqual({ ...taken, attempts: 2 });
    expect(await world.stored.installationItem(customerId)).toMatchObject({ contracts: [{ id: 'c-1' }] });
  });
});

describe('the SDK of EventBridge', () => {
  let client: EventBridgeClient;
  beforeAll(() => {
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const endpoint = `${world.service.url}/_local/eventbridge`;
    client = new EventBridgeClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  });
  afterAll(() => client.destroy());

  const entry = (customerId: string, given: object = {}) => ({
    Source: 'erp.example',
    DetailType: 'ContractChanged',
    EventBusName: 'licensing-local-orders',
    Detail: JSON.stringify({ customerId, contractId: 'c-1', contract: world.contract() }),
    ...given,
  });

  it('puts orders on the bus, by its name or its ARN', async () => {
    const customers = [await world.customer(), await world.customer()];
    const [byName, byArn] = customers as [string, string];
    const EventBusName = 'arn:aws:events:eu-west-1:000000000000:event-bus/licensing-local-orders';
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({ Entries: [entry(byName), entry(byArn, { EventBusName })] }),
    );
    expect(FailedEntryCount).toBe(0);
    expect(Entries?.map(({ EventId }) => typeof EventId)).toEqual(['string', 'string']);
    for (const customerId of customers) expect(await stored(customerId)).toMatchObject({ revision: 1 });
  });

  it('learns which entries are none, and the others are taken', async () => {
    const customerId = await world.customer();
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          entry('x', { Detail: '{"customerId"' }),
          entry('x', { Source: undefined }),
          entry('x', { EventBusName: 'another' }),
          entry(customerId),
        ],
      }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
      undefined,
    ]);
    expect(await stored(customerId)).toMatchObject({ revision: 1 });
  });

  it('may send other events, and to the other bus: no order comes of them', async () => {
    const customerId = await world.customer();
    await client.send(
      new PutEventsCommand({
        Entries: [
          entry(customerId, { DetailType: 'ContractSigned' }),
          entry(customerId, { EventBusName: 'default' }),
        ],
      }),
    );
    expect((await world.vendor('GET', `/v1/customers/${customerId}/contracts/c-1`)).status).toBe(404);
  });

  it('is refused more than EventBridge takes', async () => {
    const big = entry('acme', { Detail: JSON.stringify({ text: 'x'.repeat(256 * 1024) }) });
    await expect(client.send(new PutEventsCommand({ Entries: [big] }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const many = Array.from({ length: 11 }, () => entry('acme'));
    await expect(client.send(new PutEventsCommand({ Entries: many }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('POST /_local/events', () => {
  it.each([
    [undefined, 400],
    [{}, 400],
    [{ detailType: '', detail: {} }, 400],
    [{ detailType: 'ContractChanged', detail: 'text' }, 400],
    [{ detailType: 'ContractChanged', detail: {}, more: 1 }, 400],
    [{ detailType: 'ContractChanged', detail: {}, bus: 'nowhere' }, 404],
  ])('answers %j with %i', async (body, status) => {
    expect((await post('/events', body)).status).toBe(status);
  });

  it('takes events that nobody waits for', async () => {
    const { status, body } = await post('/events', { detailType: 'SomethingElse', detail: {} });
    expect(status).toBe(200);
    expect(body).toMatchObject({ deliveries: [] });
  });
});
