import { describe, expect, it } from 'vitest';
import { parseContract } from '../../lambdas/core/contract.ts';
import { parseCustomer } from '../../lambdas/core/customer.ts';
import { Problem, type BodyFault } from '../../lambdas/core/problem.ts';
import { aContractDocument, withoutMember } from '../builders/contract-document.ts';

/** The faults that a body is refused with. */
function faultsOf(parse: () => unknown): readonly BodyFault[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof Problem && error.code === 'body-invalid') return error.faults;
    throw error;
  }
  return [];
}

const pathsOf = (parse: () => unknown) => faultsOf(parse).map(({ path }) => path);
const contractFaults = (body: unknown, contractId = 'c-1001') =>
  pathsOf(() => parseContract(contractId, body));
const line = { id: 'l1', option: 'render-engine', scope: 'pool', quantity: 8 } as const;

describe('a contract document', () => {
  it('is kept as it was received', () => {
    const document = aContractDocument({
      installation: 'proof',
      reference: 'PO 4711 – Größe',
      supersedes: ['c-1', 'c-2'],
      graceDays: 0,
      validityDays: 400,
      connection: 'manual',
      renewEverySeconds: 900,
      lines: [{ ...line, startsOn: '2026-03-10', endsOn: '2026-03-24' }],
    });
    expect(parseContract('c-1001', JSON.parse(JSON.stringify(document)))).toEqual(document);
  });

  it('may have no lines and no hosts', () => {
    expect(contractFaults(aContractDocument({ hosts: 0, lines: [] }))).toEqual([]);
  });

  it.each([null, 7, 'text', [], true])('is an object, not %j', (body) => {
    expect(contractFaults(body)).toEqual(['']);
  });

  it('names every fault of its shape at once, with its path', () => {
    const faults = faultsOf(() =>
      parseContract('c-1001', {
        ...withoutMember(aContractDocument(), 'product'),
        hosts: 1.5,
        colour: 'red',
        timeZone: 'Mars/Olympus',
        lines: [line, { ...line, id: 'l2', quantity: '8', until: 'x' }],
      }),
    );
    expect(faults).toEqual(
      expect.arrayContaining([
        { path: 'product', message: 'is required' },
        { path: 'hosts', message: 'must be a whole number from 0 to 5000' },
        { path: 'timeZone', message: 'must be an IANA time zone, such as Europe/Berlin' },
        { path: 'lines[1].quantity', message: 'must be a whole number from 1 to 1000000' },
        { path: 'lines[1].until', message: 'is not a member of this document' },
        { path: 'colour', message: 'is not a member of this document' },
      ]),
    );
    expect(faults).toHaveLength(6);
  });

  it.each([
    ['revision', 0],
    ['revision', 2 ** 53],
    ['product', 'E#S'],
    ['product', '-ES'],
    ['product', 'E'.repeat(65)],
    ['product', ''],
    ['installation', 'a b'],
    ['reference', ''],
    ['reference', '   '],
    ['reference', 'line\nbreak'],
    ['reference', 'r'.repeat(201)],
    ['reference', 'half a \ud83d pair'],
    ['kind', 'gift'],
    ['status', 'Active'],
    ['startsOn', '2026-02-30'],
    ['endsOn', null],
    ['hosts', -1],
    ['hosts', -0],
    ['hosts', 100_001],
    ['hosts', Number.NaN],
    ['supersedes', []],
    ['supersedes', Array.from({ length: 17 }, (_, index) => `c-${index}`)],
    ['supersedes', 'no id'],
    ['graceDays', 91],
    ['validityDays', 0],
    ['validityDays', 401],
    ['connection', 'offline'],
    ['renewEverySeconds', 899],
    ['renewEverySeconds', 604_801],
    ['lines', {}],
    ['lines', Array.from({ length: 201 }, (_, index) => ({ ...line, id: `l${index}` }))],
  ])('refuses %s %j', (member, value) => {
    expect(contractFaults({ ...aContractDocument(), [member]: value })).toEqual([member]);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('refuses the member %s', (member) => {
    const body: unknown = JSON.parse(
      JSON.stringify(aContractDocument()).replace('{', `{"${member}":{"hosts":9},`),
    );
    expect(contractFaults(body)).toEqual([member]);
  });

  it('answers a bounded number of faults, with bounded names', () => {
    const strange = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`${index}${'k'.repeat(200)}`, 1]),
    );
    const paths = contractFaults({ ...aContractDocument(), ...strange });
    expect(paths).toHaveLength(100);
    expect(Math.max(...paths.map((path) => path.length))).toBe(64);
  });

  it('has an end unless it is perpetual', () => {
    const endless = withoutMember(aContractDocument(), 'endsOn');
    expect(contractFaults(endless)).toEqual(['endsOn']);
    expect(contractFaults({ ...endless, kind: 'perpetual' })).toEqual([]);
    expect(contractFaults(aContractDocument({ kind: 'perpetual' }))).toEqual(['endsOn']);
  });

  it('does not end before it starts', () => {
    expect(contractFaults(aContractDocument({ startsOn: '2026-05-02', endsOn: '2026-05-01' }))).toEqual([
      'endsOn',
    ]);
    expect(contractFaults(aContractDocument({ startsOn: '2026-05-01', endsOn: '2026-05-01' }))).toEqual([]);
  });

  it('has no grace as a trial', () => {
    expect(contractFaults(aContractDocument({ kind: 'trial', graceDays: 1 }))).toEqual(['graceDays']);
    expect(contractFaults(aContractDocument({ kind: 'trial', graceDays: 0 }))).toEqual([]);
  });

  it('supersedes others, never itself', () => {
    expect(contractFaults(aContractDocument({ supersedes: 'c-1001' }))).toEqual(['supersedes']);
    expect(contractFaults(aContractDocument({ supersedes: ['c-1', 'c-1001'] }))).toEqual(['supersedes']);
    expect(contractFaults(aContractDocument({ supersedes: 'c-1000' }))).toEqual([]);
  });

  it('has lines with ids of their own and days in order', () => {
    const lines = [line, { ...line, startsOn: '2026-03-02', endsOn: '2026-03-01' }];
    expect(contractFaults(aContractDocument({ lines }))).toEqual(['lines[1].id', 'lines[1].endsOn']);
  });

  it('may have lines whose days lie outside of it', () => {
    const lines = [{ ...line, startsOn: '2020-01-01', endsOn: '2040-01-01' }];
    expect(contractFaults(aContractDocument({ lines }))).toEqual([]);
  });
});

describe('a customer document', () => {
  const contact = {
    email: 'ops@acme.example',
    language: 'en',
    timeZone: 'Europe/Berlin',
    roles: ['technical'],
  };
  const customerFaults = (body: unknown) => pathsOf(() => parseCustomer(body));

  it('is kept as it was received', () => {
    const document = {
      name: 'Acme Print',
      contacts: [contact, { ...contact, roles: ['technical', 'commercial'] }],
    };
    expect(parseCustomer(document)).toEqual(document);
  });

  it('may have no contacts yet', () => {
    expect(customerFaults({ name: 'Acme', contacts: [] })).toEqual([]);
  });

  it.each([
    ['language', 'es'],
    ['timeZone', '+01:00'],
    ['roles', []],
    ['roles', ['technical', 'technical', 'technical']],
    ['email', 'ops'],
    ['email', 'ops@acme'],
    ['email', 'a@b.example, c@d.example'],
    ['email', 'Ops <ops@acme.example>'],
    ['email', 'ops@acme.example\r\nBcc: x@y.example'],
    ['email', `${'o'.repeat(250)}@acme.example`],
  ])('refuses a contact with %s %j', (member, value) => {
    const body = { name: 'Acme', contacts: [contact, { ...contact, [member]: value }] };
    expect(customerFaults(body)).toEqual([`contacts[1].${member}`]);
  });

  it('names a wrong role with its place', () => {
    const body = { name: 'Acme', contacts: [{ ...contact, roles: ['technical', 'boss'] }] };
    expect(customerFaults(body)).toEqual(['contacts[0].roles[1]']);
  });

  it('refuses a name of control characters, and more than 50 contacts', () => {
    expect(customerFaults({ name: 'Acme\u0000', contacts: [] })).toEqual(['name']);
    expect(customerFaults({ name: 'Acme', contacts: Array.from({ length: 51 }, () => contact) })).toEqual([
      'contacts',
    ]);
  });
});
