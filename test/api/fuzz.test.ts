import { expect, it } from 'vitest';
import { operations } from '../../lambdas/core/api/operations.ts';
import { useWorld } from '../integration/world.ts';
import { fuzz } from './fuzz/fuzzer.ts';

const world = useWorld();

it('1,500 requests, valid, nearly valid and hostile, are answered as described, and none with a fault', async () => {
  const { findings, answers } = await fuzz(world.service, { requests: 1_500, seed: 1 });
  expect(findings.map(({ operationId, what, curl }) => `${operationId}: ${what}\n${curl}`)).toEqual([]);

  // A fuzzer that only ever knocks on closed doors finds nothing.
  const succeeded = operations.filter(({ id }) =>
    [...(answers.get(id) ?? [])].some(([status]) => status < 300),
  );
  expect(succeeded.length).toBeGreaterThan(0.8 * operations.length);
}, 300_000);
