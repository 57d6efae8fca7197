import { describe, expect, it } from 'vitest';
import { Problem, problems, type BodyFault, type ProblemCode } from '../../lambdas/core/problem.ts';

interface Kind {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly retryAfter?: number;
  readonly refusal?: string;
}
const all = Object.entries(problems) as [ProblemCode, Kind][];
const codesWith = (condition: (kind: Kind) => boolean): string[] =>
  all.filter(([, kind]) => condition(kind)).map(([code]) => code);

/** What a reader can do, or that there is nothing to do but wait. */
const STEP =
  /\b(?:send|order|contact|ask|declare|use|create|correct|check|try again|must be|succeeds by itself|needs a license|read|wait|choose|cancel|confirmed|install)\b/i;

describe('every problem', () => {
  it.each(all)('%s has a stable code of lower-case words', (code) => {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  });

  it.each(all)('%s has a title, one short line without a full stop', (_code, { title }) => {
    expect(title).toMatch(/^[A-Z][^\n]{5,60}[^.\s]$/);
  });

  it.each(all)('%s has a detail in whole sentences that names the next step', (_code, { title, detail }) => {
    expect(detail).toMatch(/^[A-Z].*\.$/);
    expect(detail).not.toBe(title);
    expect(detail).toMatch(STEP);
  });

  it.each(all)('%s has a status of a client error or of a fault that passes', (_code, { status }) => {
    expect([400, 403, 404, 409, 413, 503]).toContain(status);
  });

  it('has a title of its own, so that nobody mistakes one for another', () => {
    expect(new Set(all.map(([, { title }]) => title)).size).toBe(all.length);
  });
});

describe('a problem by kind', () => {
  it('is 403 exactly where a genuine file is refused, or a token that says too little', () => {
    expect(codesWith(({ status }) => status === 403)).toEqual([
      ...codesWith(({ refusal }) => refusal !== undefined),
      'token-incomplete',
      'role-insufficient',
    ]);
  });

  it('is curable where an order or time heals it, and then says when to try again', () => {
    const curable = [
      'contract-ended',
      'contract-not-started',
      'contract-suspended',
      'host-limit',
      'license-unknown',
    ];
    expect(codesWith(({ refusal }) => refusal === 'curable').sort()).toEqual(curable);
    for (const code of curable as ProblemCode[]) {
      expect((problems[code] as Kind).retryAfter, code).toBe(3600);
    }
  });

  it('is for a human where the license was revoked or the starter file lapsed', () => {
    expect(codesWith(({ refusal }) => refusal === 'human').sort()).toEqual([
      'license-revoked',
      'starter-lapsed',
    ]);
  });

  it('is never mailed where another host calls', () => {
    expect(codesWith(({ refusal }) => refusal === 'caller').sort()).toEqual([
      'host-id-required',
      'host-known',
      'host-mismatch',
      'license-retired',
      'license-transferred',
    ]);
  });

  it('offers to try again only where time, an order or a recovery helps', () => {
    expect(codesWith(({ retryAfter }) => retryAfter !== undefined).sort()).toEqual([
      'contract-ended',
      'contract-not-started',
      'contract-suspended',
      'host-limit',
      'license-unknown',
      'unavailable',
    ]);
  });

  it.each([
    ['malformed', 'file-malformed', 400],
    ['not genuine', 'file-not-genuine', 400],
    ['empty', 'body-empty', 400],
    ['too large', 'body-too-large', 413],
    ['a fault of ours', 'unavailable', 503],
    ['one host too many for a renewal', 'host-limit', 403],
    ['an older revision', 'revision-outdated', 409],
    ['another document under a revision', 'revision-conflict', 409],
  ] as const)('has the status of the protocol where it is %s', (_what, code, status) => {
    expect(problems[code].status).toBe(status);
  });

  it('says nothing about what exists before a file is proven genuine', () => {
    for (const code of [
      'body-empty',
      'body-too-large',
      'host-id-invalid',
      'file-malformed',
      'file-not-genuine',
    ] as const) {
      expect(problems[code].detail).not.toMatch(
        /\b(?:customer|installation|contract|revoked|unknown|kid)\b/i,
      );
    }
  });

  it('calms a host whose vendor has an outage: nothing is wrong, the license stays valid', () => {
    expect(problems.unavailable.detail).toMatch(/license stays valid/);
  });
});

describe('a thrown Problem', () => {
  it('says what its code says', () => {
    const problem = new Problem('host-limit');
    expect(problem).toBeInstanceOf(Error);
    expect(problem).toMatchObject({ name: 'Problem', message: 'host-limit', code: 'host-limit', faults: [] });
    expect(problem.detail).toBe(problems['host-limit'].detail);
    expect(problem.cause).toBeUndefined();
  });

  it('says more where its thrower knows more, and keeps the cause', () => {
    const cause = new Error('throttled');
    const faults: BodyFault[] = [{ path: 'lines[1].quantity', message: 'is required' }];
    const problem = new Problem('body-invalid', { detail: 'Correct line 1.', faults, cause });
    expect(problem).toMatchObject({ code: 'body-invalid', detail: 'Correct line 1.', faults, cause });
  });

  it('never puts the cause into its text', () => {
    expect(String(new Problem('unavailable', { cause: new Error('secret') }))).not.toContain('secret');
  });
});
