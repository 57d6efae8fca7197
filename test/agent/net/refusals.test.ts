import { describe, expect, it } from 'vitest';
import { interpret } from '../../../agent/src/net/answer.ts';
import { renewalOperation } from '../../../lambdas/core/api/public-operations.ts';
import { problems } from '../../../lambdas/core/problem.ts';

/** Faults that pass: no word on the license. */
const PASSING = new Set(['unavailable']);

describe('every refusal that the service describes for a renewal', () => {
  it.each(renewalOperation.problems.filter((code) => !PASSING.has(code)))('%s is known here', (code) => {
    const { status, title, detail } = problems[code];
    const answer = interpret({
      status,
      headers: { 'content-type': 'application/problem+json' },
      body: Buffer.from(JSON.stringify({ status, code, title, detail })),
      peer: 'licensing.vendor.example:443',
      now: 1_790_000_000,
    });
    expect(answer).toMatchObject({ kind: 'refused', code });
  });
});
