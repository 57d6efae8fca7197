import { createConfig, lintFromString } from '@redocly/openapi-core';
import { compactVerify, createLocalJWKSet } from 'jose';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_FILE, EXAMPLE_KEY, EXAMPLE_STARTER_FILE } from '../../lambdas/core/api/examples.ts';
import type { Content, Parameter } from '../../lambdas/core/api/operation.ts';
import { operations } from '../../lambdas/core/api/operations.ts';
import { parseContract } from '../../lambdas/core/contract.ts';
import { describedApi, DocumentSchemas } from '../support/openapi.ts';

const published = describedApi({ closed: false });
const closed = describedApi({ closed: true });
const schemas = new DocumentSchemas(closed);

const described = Object.entries(closed.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

it('is a valid OpenAPI 3.1 document by the recommended rules of Redocly, without a warning', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const findings = await lintFromString({ source: JSON.stringify(published), config });
  expect(
    findings.map(
      ({ ruleId, message, location }) => `${ruleId}: ${message} at ${String(location[0]?.pointer)}`,
    ),
  ).toEqual([]);
}, 60_000);

it('names every operation once', () => {
  const ids = operations.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
});

it('explains every tag', () => {
  for (const { name, description } of published.tags) expect(description, name).not.toBe(name);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
  it('describes exactly the parameters of its path', () => {
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(operation.pathParameters ?? {}).sort()).toEqual(inPath.sort());
  });

  it('has a body only where the method has one', () => {
    if (operation.method === 'GET') expect(operation.body).toBeUndefined();
  });

  it('names no problem twice, and as conflicts only problems of its own', () => {
    expect(new Set(operation.problems).size).toBe(operation.problems.length);
    for (const code of operation.conflicts ?? []) expect(operation.problems).toContain(code);
  });
});

describe.each(described.map((entry) => [entry.operation.operationId, entry] as const))(
  'the examples of %s fit their schemas:',
  (_id, { path, method, operation }) => {
    const at = ['paths', path, method];

    it('parameters', () => {
      for (const [index, { name, example }] of operation.parameters.entries()) {
        if (example === undefined) continue;
        expect(schemas.faultsOf([...at, 'parameters', String(index), 'schema'], example), name).toEqual([]);
      }
    });

    it('body', () => {
      for (const [mediaType, { schema, example }] of Object.entries(operation.requestBody?.content ?? {})) {
        expect(example).toBeDefined();
        if (schema === undefined) continue;
        expect(schemas.faultsOf([...at, 'requestBody', 'content', mediaType, 'schema'], example)).toEqual([]);
      }
    });

    it('answers', () => {
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        for (const [mediaType, { schema, example }] of Object.entries(content)) {
          expect(example, `${status} ${mediaType}`).toBeDefined();
          if (schema === undefined) continue;
          const pointer = [...at, 'responses', status, 'content', mediaType, 'schema'];
          expect(schemas.faultsOf(pointer, example), `${status} ${mediaType}`).toEqual([]);
        }
      }
    });
  },
);

describe('what is published', () => {
  const objects = (value: unknown): Record<string, unknown>[] =>
    typeof value !== 'object' || value === null
      ? []
      : [value as Record<string, unknown>, ...Object.values(value).flatMap(objects)];

  it('lets answers grow: only strict documents are closed', () => {
    const answers = published.components.schemas['License'];
    expect(JSON.stringify(answers)).not.toContain('additionalProperties');
    expect(published.components.schemas['Contract']).toMatchObject({ additionalProperties: false });
    expect(closed.components.schemas['License']).toMatchObject({ additionalProperties: false });
  });

  it('says nothing of where it was made', () => {
    expect(JSON.stringify(published)).not.toMatch(/localhost|127\.0\.0\.1|\/work\//);
  });

  it('describes every member of a body: no schema is empty', () => {
    for (const { properties } of objects(published.components.schemas)) {
      for (const [name, schema] of Object.entries((properties ?? {}) as Record<string, object>)) {
        if (typeof schema === 'object' && !Array.isArray(schema))
          expect(Object.keys(schema), name).not.toEqual([]);
      }
    }
  });
});

describe('the example files', () => {
  it.each([EXAMPLE_FILE, EXAMPLE_STARTER_FILE])('are signed by the example key', async (file) => {
    const verified = await compactVerify(file, createLocalJWKSet({ keys: [EXAMPLE_KEY] }));
    expect(verified.protectedHeader).toMatchObject({ alg: 'ES256', typ: 'license+jwt' });
  });
});

describe('the examples of operations', () => {
  it('are taken by the parser of contracts', () => {
    const bodies: readonly Content[] = operations.flatMap(({ body }) =>
      body === undefined ? [] : [body].flat(),
    );
    const example = bodies.find(({ name }) => name === 'Contract')?.example;
    expect(parseContract('c-1001', example)).toEqual(example);
  });

  it('show a parameter of the path, always', () => {
    for (const { id, pathParameters = {} } of operations) {
      for (const [name, { example }] of Object.entries<Parameter>(pathParameters)) {
        expect(example, `${id} ${name}`).toBeDefined();
      }
    }
  });
});
