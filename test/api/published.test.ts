import { Ajv2020 } from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../lambdas/core/api/openapi.ts';
import { operations } from '../../lambdas/core/api/operations.ts';
import { useWorld } from '../integration/world.ts';

const world = useWorld();

const get = (path: string, headers: Record<string, string> = {}) => world.send('GET', path, '', headers);

const paths = ['/v1/openapi.json', '/v1/schemas/contract.json', '/v1/terms', '/v1/terms?language=de'];

describe.each(paths)('GET %s', (path) => {
  it('may be kept for five minutes, and says whether it is still the same', async () => {
    const first = await get(path);
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({ 'cache-control': 'public, max-age=300' });
    const etag = String(first.headers['etag']);
    expect(etag).toMatch(/^"[\w-]{43}"$/);

    for (const held of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get(path, { 'if-none-match': held });
      expect(again).toMatchObject({ status: 304, text: '' });
      expect(again.headers['etag']).toBe(etag);
    }
    expect(await get(path, { 'if-none-match': '"other"' })).toMatchObject({ status: 200, text: first.text });
  });
});

it('describes the API that runs, at its own address', async () => {
  const document = JSON.parse((await get('/v1/openapi.json')).text) as OpenApiDocument;
  const { functions } = world.service;
  const address = functions.find(({ name }) => name === 'published')?.environment['API_URL'];
  expect(document.servers).toEqual([{ url: address }]);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
});

describe('the JSON Schema of a contract', () => {
  it('takes what the service takes, and refuses what it refuses', async () => {
    const { text, headers } = await get('/v1/schemas/contract.json');
    expect(headers['content-type']).toBe('application/schema+json');
    const takes = new Ajv2020({ formats: { date: true } }).compile(JSON.parse(text) as object);
    const customerId = await world.customer();
    const { endsOn, ...endless } = world.contract();
    const documents = [
      world.contract(),
      world.contract({ kind: 'perpetual' }),
      { ...endless, kind: 'perpetual' },
      endless,
      world.contract({ kind: 'trial', graceDays: 0 }),
      world.contract({ kind: 'trial', graceDays: 1 }),
      world.contract({ hosts: 5001 }),
      world.contract({ hosts: 1.5 }),
      world.contract({ supersedes: ['c-0'] }),
      world.contract({ colour: 'red' }),
      world.contract({ startsOn: 'soon', endsOn }),
    ];
    for (const [index, document] of documents.entries()) {
      const { status } = await world.vendor(
        'PUT',
        `/v1/customers/${customerId}/contracts/c-${index}`,
        document,
      );
      expect(status === 201, JSON.stringify(document)).toBe(takes(document));
    }
  });
});

describe('the terms', () => {
  it.each(['en', 'de', 'fr'])('are there in %s, with the hash of their text', async (language) => {
    const { text } = await get(`/v1/terms?language=${language}`);
    const terms = JSON.parse(text) as Record<string, string>;
    expect(terms['language']).toBe(language);
    expect(terms['hash']).toBe(
      createHash('sha256')
        .update(terms['text'] ?? '')
        .digest('hex'),
    );
  });

  it('are in English unless asked otherwise, and in no language that they do not have', async () => {
    expect((await get('/v1/terms')).text).toBe((await get('/v1/terms?language=en')).text);
    for (const query of ['language=tlh', 'language=', 'lang=en']) {
      const { status, text } = await get(`/v1/terms?${query}`);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({
        code: 'query-invalid',
        faults: [{ path: query.split('=')[0] }],
      });
    }
  });
});
