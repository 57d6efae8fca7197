import { expect } from 'vitest';
import { problems, type ProblemCode } from '../../lambdas/core/problem.ts';
import { fileOf } from '../../lambdas/core/issuing.ts';
import type { IssueRecord } from '../../lambdas/core/renewal-record.ts';
import { claimsIn, type Answer, type ProblemDocument, type World } from './world.ts';

/** A complete RFC 9457 answer of this status, with the Retry-After that belongs to its code. Answers the document. */
export function expectProblem(answer: Answer, status: number, code?: string): ProblemDocument {
  expect(answer.headers['content-type'], answer.text).toBe('application/problem+json');
  const problem = JSON.parse(answer.text) as ProblemDocument;
  expect(problem).toMatchObject(code === undefined ? { status } : { status, code });
  expect(answer.status).toBe(status);
  expect(problem.type).toMatch(new RegExp(`^https://.+#${problem.code}$`));
  expect(problem.detail).not.toBe('');
  expect(problem.requestId).toBe(answer.headers['apigw-requestid']);
  expect(answer.headers['cache-control']).toBe('no-store');
  const kind = problems[problem.code as ProblemCode];
  expect(answer.headers['retry-after']).toBe('retryAfter' in kind ? String(kind.retryAfter) : undefined);
  return problem;
}

/** A file that was delivered is the one that its license points to, and its record holds it byte for byte. */
export async function expectCurrent(world: World, file: string): Promise<void> {
  const { sub, jti, seq } = claimsIn(file);
  expect(await world.stored.licenseItem(sub)).toMatchObject({ serial: jti, seq });
  const records = (await world.stored.records(sub)).filter((record) => record['seq'] === seq);
  expect(records.map((record) => fileOf(record as unknown as IssueRecord))).toEqual([file]);
}

/** No function has printed an address, a host or a part of a license file. */
export function expectNoLeaks({ logs, confidential }: World): void {
  expect(logs.length).toBeGreaterThan(0);
  expect(confidential.size).toBeGreaterThan(0);
  const text = logs.join('\n');
  expect([...confidential].filter((secret) => text.includes(secret))).toEqual([]);
  // Addresses of the stand-ins come with a port; those of callers without.
  expect(text).not.toMatch(/127\.0\.0\.1(?!:\d)|::1\b|203\.0\.113\./);
  expect(text).not.toMatch(/eyJ[\w-]{10}/);
}
