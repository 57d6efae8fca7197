import { describe, expect, it } from 'vitest';
import { useWorld } from '../integration/world.ts';
import { outcomeOf } from './vendor-answers.ts';

const world = useWorld();

const document = {
  name: 'Acme Print',
  contacts: [
    {
      email: 'ops@acme.example',
      language: 'de',
      timeZone: 'Europe/Berlin',
      roles: ['technical', 'commercial'],
    },
  ],
};

describe('PUT and GET of a customer', () => {
  it('create, show and replace the whole document', async () => {
    const path = '/v1/customers/whole-document';
    const created = await world.vendor('PUT', path, document);
    expect(created.status).toBe(201);
    expect(created.body).toEqual({ customerId: 'whole-document', ...document });
    expect((await world.vendor('PUT', path, document)).status).toBe(200);

    const replaced = { name: 'Acme', contacts: [] };
    expect((await world.vendor('PUT', path, replaced)).status).toBe(200);
    expect((await world.vendor('GET', path)).body).toEqual({ customerId: 'whole-document', ...replaced });
  });

  it('leave alone what else is noted of the customer', async () => {
    await world.stored.put('customers', {
      customerId: 'noted',
      name: 'Old',
      contacts: [],
      disabledAddresses: ['a@b.example'],
    });
    await world.vendor('PUT', '/v1/customers/noted', document);
    expect(await world.stored.get('customers', { customerId: 'noted' })).toMatchObject({
      name: 'Acme Print',
      disabledAddresses: ['a@b.example'],
    });
    expect((await world.vendor('GET', '/v1/customers/noted')).body).toEqual({
      customerId: 'noted',
      ...document,
    });
  });

  it('carry a new name into every installation, and nothing else', async () => {
    const customerId = await world.customer('Old Name');
    await world.order(customerId, 'c-1');
    await world.order(customerId, 'c-2', { installation: 'proof' });
    const before = await world.stored.installationItem(customerId);

    await world.vendor('PUT', `/v1/customers/${customerId}`, { name: 'New Name', contacts: [] });
    expect(await world.stored.installationItem(customerId)).toEqual({
      ...before,
      customerName: 'New Name',
      version: 2,
    });
    expect(await world.stored.get('installations', { customerId, installation: 'ES#proof' })).toMatchObject({
      customerName: 'New Name',
    });

    await world.vendor('PUT', `/v1/customers/${customerId}`, { name: 'New Name', contacts: [] });
    expect((await world.stored.installationItem(customerId))?.['version']).toBe(2);
  });

  it('answer 404 for a customer that does not exist and for what cannot be an id', async () => {
    expect(outcomeOf(await world.vendor('GET', '/v1/customers/nobody'))).toBe('404 customer-not-found');
    for (const id of ['a%23b', '-a', 'a'.repeat(65), '%00', '__proto__']) {
      expect(outcomeOf(await world.vendor('PUT', `/v1/customers/${id}`, document)), id).toBe(
        '404 customer-not-found',
      );
    }
  });

  it('name the faults of a body', async () => {
    const path = '/v1/customers/faulty';
    const answers = await Promise.all([
      world.vendor('PUT', path, {
        ...document,
        contacts: [{ ...document.contacts[0], email: 'ops', phone: '1' }],
      }),
      world.vendor('PUT', path, '{"name": '),
      world.vendor('PUT', path),
      world.vendor('PUT', path, '[]'),
    ]);
    expect(answers.map(outcomeOf)).toEqual([
      '400 body-invalid contacts[0].email contacts[0].phone',
      '400 body-invalid ',
      '400 body-invalid ',
      '400 body-invalid ',
    ]);
    expect((await world.vendor('GET', path)).status).toBe(404);
  });

  it('take 256 KiB and not a byte more', async () => {
    const path = '/v1/customers/large';
    const padded = (length: number) => JSON.stringify(document).padEnd(length, ' ');
    expect((await world.vendor('PUT', path, padded(256 * 1024))).status).toBe(201);
    expect(outcomeOf(await world.vendor('PUT', path, padded(256 * 1024 + 1)))).toBe('413 body-too-large');
  });

  it('answer problems as problem+json with a request id', async () => {
    const { headers, body } = await world.vendor('GET', '/v1/customers/nobody');
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      type: expect.stringContaining('#customer-not-found') as unknown,
      status: 404,
      requestId: expect.stringMatching(/./) as unknown,
    });
  });

  it('need a signature', async () => {
    expect((await world.send('GET', '/v1/customers/whole-document', '')).status).toBe(403);
    expect((await world.send('PUT', '/v1/customers/unsigned', JSON.stringify(document))).status).toBe(403);
    expect((await world.vendor('GET', '/v1/customers/unsigned')).status).toBe(404);
  });
});
