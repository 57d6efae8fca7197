import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { contractJsonSchema, customerJsonSchema } from '../../lambdas/core/api/document-schemas.ts';
import { parseContract } from '../../lambdas/core/contract.ts';
import { parseCustomer } from '../../lambdas/core/customer.ts';
import type { Delivery } from '../../local/event-bus.ts';
import { useWorld } from '../integration/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = new Map(
  readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => [
      basename(name, '.json'),
      JSON.parse(readFileSync(join(root, 'examples', name), 'utf8')) as Record<string, unknown>,
    ]),
);
const contracts = [...examples].filter(([, example]) => 'revision' in example);
const schemas = { contract: contractJsonSchema(), customer: customerJsonSchema() };

// Formats are for people here: patterns say what counts.
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, formats: { date: true } });
const fits = { contract: ajv.compile(schemas.contract), customer: ajv.compile(schemas.customer) };

/** `npx vitest run test/orders/documents.test.ts -u` writes them anew. */
describe('docs/schemas', () => {
  it.each(Object.entries(schemas))('has the schema of a %s as the service has it', async (name, schema) => {
    const file = join(root, `docs/schemas/${name}.schema.json`);
    const text = await format(JSON.stringify(schema), { ...(await resolveConfig(file)), parser: 'json' });
    await expect(text).toMatchFileSnapshot(file);
  });
});

describe('the schema of a contract', () => {
  const base = contracts.find(([name]) => name === 'subscription')![1];
  const accepts = (document: unknown): boolean => {
    try {
      parseContract('c-1', document);
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ['an unknown member', { more: 1 }],
    ['no hosts', { hosts: undefined }],
    ['hosts that are no number', { hosts: '3' }],
    ['half a host', { hosts: 1.5 }],
    ['more hosts than there may be', { hosts: 5_001 }],
    ['a quantity of 0', { lines: [{ id: 'l1', option: 'x', scope: 'pool', quantity: 0 }] }],
    ['a line without scope', { lines: [{ id: 'l1', option: 'x', quantity: 1 }] }],
    ['an id with a separator', { product: 'E#S' }],
    ['a day in another notation', { startsOn: '01.01.2026' }],
    ['a day with a time', { startsOn: '2026-01-01T00:00:00Z' }],
    ['an offset for a time zone', { timeZone: '+02:00' }],
    ['another status', { status: 'paused' }],
    ['a subscription without end', { endsOn: undefined }],
    ['a perpetual contract with an end', { kind: 'perpetual' }],
    ['a trial with grace', { kind: 'trial', graceDays: 3 }],
    ['too long a reference', { reference: 'x'.repeat(201) }],
    ['none to supersede', { supersedes: [] }],
  ])('refuses %s, as the service does', (_, change) => {
    const document = JSON.parse(JSON.stringify({ ...base, ...change })) as unknown;
    expect(fits.contract(document)).toBe(false);
    expect(accepts(document)).toBe(false);
  });

  it('accepts whatever the service accepts', () => {
    const day = fc.constantFrom(
      '2026-01-01',
      '2026-02-28',
      '2026-02-29',
      '9999-12-31',
      '1969-12-31',
      '2026-1-1',
    );
    const whole = fc.oneof(
      fc.integer({ min: -1, max: 6_000 }),
      fc.constantFrom(1.5, 1e6, 2 ** 53, '3', null),
    );
    const id = fc.constantFrom('ES', 'l1', 'a.b-c_d', '', '-x', 'x'.repeat(64), 'x'.repeat(65));
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const line = fc.record({
      id,
      option: id,
      scope: fc.constantFrom('pool', 'every-host', 'all'),
      quantity: whole,
      startsOn: maybe(day),
      endsOn: maybe(day),
    });
    const changes: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
      revision: whole,
      product: id,
      kind: fc.constantFrom('subscription', 'perpetual', 'trial'),
      status: fc.constantFrom('active', 'suspended', 'cancelled'),
      startsOn: day,
      endsOn: maybe(day),
      hosts: whole,
      reference: maybe(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', 'a\nb', 'PO 1'))),
      supersedes: maybe(fc.oneof(id, fc.array(id, { maxLength: 3 }))),
      graceDays: maybe(whole),
      validityDays: maybe(whole),
      connection: maybe(fc.constantFrom('online', 'manual', 'none')),
      renewEverySeconds: maybe(whole),
      lines: fc.array(line, { maxLength: 2 }),
    };
    const one = Object.entries(changes).map(([name, value]) => value.map((changed) => ({ [name]: changed })));
    const change = fc
      .array(fc.oneof(...one), { maxLength: 3 })
      .map((list) => Object.assign({}, ...list) as object);
    let accepted = 0;
    fc.assert(
      fc.property(change, (changed) => {
        const document = JSON.parse(JSON.stringify({ ...base, ...changed })) as unknown;
        if (!accepts(document)) return;
        accepted += 1;
        expect(fits.contract(document), JSON.stringify([document, fits.contract.errors])).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('an example', () => {
  const world = useWorld();

  it.each(contracts)('%s fits the schema, and is what the service reads', (id, document) => {
    expect(fits.contract(document), JSON.stringify(fits.contract.errors)).toBe(true);
    expect(parseContract(id, document)).toEqual(document);
  });

  it('of a customer fits the schema', () => {
    const customer = examples.get('customer');
    expect(fits.customer(customer), JSON.stringify(fits.customer.errors)).toBe(true);
    expect(parseCustomer(customer)).toEqual(customer);
  });

  it('goes where its page says, and the service takes it, one after the other', async () => {
    const page = readFileSync(join(root, 'examples/README.md'), 'utf8');
    const rows = [...page.matchAll(/^\| \[(.+)\.json\]\(\1\.json\) +\| `?([^`|]+?)[`, ].*\|$/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...examples.keys()].sort());
    for (const [, name = '', path = ''] of rows) {
      const body = examples.get(name);
      if (path.startsWith('POST')) {
        const { text } = await world.send('POST', '/_local/events', JSON.stringify(body));
        const { deliveries } = JSON.parse(text) as { deliveries: Delivery[] };
        // Its revision is older than that of the others.
        expect(deliveries).toEqual([{ functionName: 'order-events', attempts: 1 }]);
      } else if (name === 'customer') {
        await world.accepted('PUT', '/v1/customers/acme', body);
      } else {
        await world.accepted('PUT', `/v1/customers/acme/${path}`, body);
      }
    }
    const { body } = await world.vendor('GET', '/v1/customers/acme/contracts');
    const stored = (body as { contracts: { contractId: string; revision: number }[] }).contracts;
    expect(stored.find(({ contractId }) => contractId === 'subscription')?.revision).toBe(3);
  });
});
