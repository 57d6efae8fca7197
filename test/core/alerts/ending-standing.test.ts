import { describe, expect, it } from 'vitest';
import { endingStanding } from '../../../lambdas/core/alerts/ending-standing.ts';
import { DAY } from '../../../lambdas/core/instant.ts';
import type { ContractTerms } from '../../../lambdas/core/installation.ts';
import { NOW } from '../../builders/instants.ts';
import { aContract, anInstallation } from '../../builders/installation.ts';
import { LIMITS } from '../../builders/limits.ts';

const standing = (...contracts: ContractTerms[]) =>
  endingStanding(anInstallation({ contracts }), NOW, LIMITS);

const stepsOf = (...contracts: ContractTerms[]) => {
  const found = standing(...contracts);
  return 'ladder' in found ? found.ladder.map(({ step, at }) => [step, (at - NOW) / DAY]) : [];
};

describe('the end of an entitlement', () => {
  it('is said from 60 days before it on, at the listed days', () => {
    expect(standing(aContract({ until: NOW + 60 * DAY + 1 })).kind).toBe('healthy');
    expect(stepsOf(aContract({ until: NOW + 60 * DAY }))).toEqual([
      ['ending', 0],
      ['30-days', 30],
      ['15-days', 45],
      ['7-days', 53],
      ['1-day', 59],
      ['ended', 60],
      ['half-of-grace', 67],
      ['last-day-of-grace', 73],
    ]);
  });

  it('of a trial is said from 7 days before it on, and there is no grace', () => {
    const trial = { kind: 'trial', graceDays: 0 } as const;
    expect(standing(aContract({ ...trial, until: NOW + 8 * DAY })).kind).toBe('healthy');
    expect(stepsOf(aContract({ ...trial, until: NOW + 7 * DAY }))).toEqual([
      ['ending', 0],
      ['1-day', 6],
      ['ended', 7],
    ]);
  });

  it('is not the end of a trial where a subscription ends with it', () => {
    const until = NOW + 20 * DAY;
    const trial = aContract({ id: 'c-2', kind: 'trial', graceDays: 0, until });
    expect(standing(trial, aContract({ until }))).toMatchObject({ kind: 'ending', about: { trial: false } });
  });

  it('names the contracts that end, the hosts and the grace', () => {
    const until = NOW + 20 * DAY;
    expect(
      standing(
        aContract({ until, hosts: 3, reference: 'PO 4711', graceDays: 5 }),
        aContract({ id: 'c-2', until: NOW + 10 * DAY }),
      ),
    ).toMatchObject({
      since: until,
      about: {
        contracts: [{ id: 'c-1001', reference: 'PO 4711' }],
        endsAt: until,
        graceUntil: until + 5 * DAY,
        hosts: 3,
      },
    });
  });

  it('goes on being one until contracts are forgotten', () => {
    expect(standing(aContract({ until: NOW - 5 * DAY })).kind).toBe('ending');
    expect(standing(aContract({ until: NOW - 90 * DAY })).kind).toBe('ending');
    expect(standing().kind).toBe('silenced');
  });

  it('has no steps in a grace that is shorter than two days', () => {
    expect(stepsOf(aContract({ until: NOW, graceDays: 1 })).at(-1)).toEqual(['ended', 0]);
  });
});

describe('nothing ends', () => {
  it('without an end', () => {
    expect(standing(aContract({ kind: 'perpetual', until: null })).kind).toBe('healthy');
  });

  it('where a contract follows without a gap, or within the grace', () => {
    const first = aContract({ until: NOW + 10 * DAY });
    const later = { id: 'c-2', until: NOW + 400 * DAY };
    expect(standing(first, aContract({ ...later, from: NOW + 10 * DAY })).kind).toBe('healthy');
    expect(standing(first, aContract({ ...later, from: NOW + 24 * DAY })).kind).toBe('healthy');
  });

  it('but it does where the next contract starts behind the grace, and the next start is named', () => {
    const first = aContract({ until: NOW + 10 * DAY });
    const later = aContract({ id: 'c-2', from: NOW + 25 * DAY, until: NOW + 400 * DAY });
    expect(standing(first, later)).toMatchObject({
      kind: 'ending',
      about: { endsAt: NOW + 10 * DAY, nextStartsAt: NOW + 25 * DAY },
    });
  });

  it('where only an add-on without hosts ends', () => {
    expect(standing(aContract(), aContract({ id: 'c-2', hosts: 0, until: NOW + DAY })).kind).toBe('healthy');
  });

  it('that is known while all contracts are suspended', () => {
    expect(standing(aContract({ suspended: true, until: NOW + DAY })).kind).toBe('silenced');
  });

  it('before the first contract has begun, if it is far away', () => {
    expect(standing(aContract({ from: NOW + DAY, until: NOW + 90 * DAY })).kind).toBe('healthy');
  });
});
