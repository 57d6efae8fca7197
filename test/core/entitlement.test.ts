import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entitlementAt, expiryOf, hostsAt, periodsOf } from '../../lambdas/core/entitlement.ts';
import { DAY, HOUR, isoOf, MINUTE } from '../../lambdas/core/instant.ts';
import type { ContractTerms } from '../../lambdas/core/installation.ts';
import { arbitraryContracts, sampledInstants } from '../builders/arbitrary-contracts.ts';
import { aContract, DEFAULTS } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { entitlementBy } from '../builders/issue-plan.ts';
import { NaiveEntitlement } from '../builders/naive-entitlement.ts';

const entitled = (contracts: readonly ContractTerms[], instant = NOW) =>
  entitlementAt(contracts, instant, DEFAULTS).kind === 'entitled';
const refusal = (contracts: readonly ContractTerms[], instant = NOW) => {
  const answer = entitlementAt(contracts, instant, DEFAULTS);
  return answer.kind === 'none' ? answer.code : answer.kind;
};
const expiry = (contracts: readonly ContractTerms[], instant = NOW) =>
  expiryOf(entitlementBy(contracts, instant), instant);
const idsOf = (contracts: readonly ContractTerms[]) => contracts.map(({ id }) => id);

describe('the contracts of an installation', () => {
  const first = aContract({ id: 'first', from: NOW - 10 * DAY, until: NOW + 10 * DAY });

  it('unite where they overlap', () => {
    const second = aContract({ id: 'second', from: NOW, until: NOW + 40 * DAY });
    expect(periodsOf([second, first], DEFAULTS)).toEqual([
      { from: first.from, until: second.until, graceUntil: NOW + 54 * DAY },
    ]);
  });

  it('unite where one starts at the instant at which the other ends', () => {
    const second = aContract({ id: 'second', from: NOW + 10 * DAY, until: NOW + 40 * DAY });
    expect(periodsOf([first, second], DEFAULTS)).toMatchObject([{ from: first.from, until: second.until }]);
  });

  it('unite over a third one that bridges them', () => {
    const later = aContract({ from: NOW + 20 * DAY, until: NOW + 30 * DAY });
    const bridge = aContract({ from: NOW + 5 * DAY, until: NOW + 20 * DAY });
    expect(periodsOf([later, first, bridge], DEFAULTS)).toMatchObject([
      { from: first.from, until: later.until },
    ]);
  });

  it('unite to the end of the longer one where one lies inside the other', () => {
    const inside = aContract({ from: NOW - DAY, until: NOW + DAY, graceDays: 90 });
    expect(periodsOf([first, inside], DEFAULTS)).toEqual([
      { from: first.from, until: first.until, graceUntil: NOW + 24 * DAY },
    ]);
  });

  it('leave a gap a gap, however short', () => {
    const second = aContract({ from: NOW + 10 * DAY + 1, until: NOW + 40 * DAY });
    expect(periodsOf([first, second], DEFAULTS)).toMatchObject([
      { from: first.from, until: first.until },
      { from: second.from, until: second.until },
    ]);
  });

  it('do not end where a perpetual one is in force', () => {
    const perpetual = aContract({ id: 'perpetual', kind: 'perpetual', from: NOW, until: null });
    expect(periodsOf([first, perpetual], DEFAULTS)).toEqual([
      { from: first.from, until: null, graceUntil: null },
    ]);
    expect(entitled([perpetual], NOW + 40_000 * DAY)).toBe(true);
    expect(expiry([perpetual])).toBe(NOW + 35 * DAY);
  });

  it('are named as those in force: started, not ended, not suspended, add-ons among them', () => {
    const contracts = [
      first,
      aContract({ id: 'add-on', hosts: 0, from: NOW, until: NOW + 5 * DAY }),
      aContract({ id: 'suspended', suspended: true }),
      aContract({ id: 'ended', until: NOW }),
      aContract({ id: 'later', from: NOW + 1 }),
    ];
    expect(idsOf(entitlementBy(contracts).contracts)).toEqual(['first', 'add-on']);
  });

  it('add up their hosts, without suspended, ended and later ones', () => {
    const contracts = [
      aContract({ hosts: 3 }),
      aContract({ hosts: 2 }),
      aContract({ hosts: 0 }),
      aContract({ hosts: 10, suspended: true }),
      aContract({ hosts: 20, until: NOW }),
      aContract({ hosts: 40, from: NOW + 1 }),
    ];
    expect(hostsAt(contracts, NOW)).toBe(5);
    expect(hostsAt(contracts, NOW - 1)).toBe(25);
    expect(hostsAt(contracts, NOW + 1)).toBe(45);
  });
});

describe('a contract', () => {
  const contract = aContract({ from: NOW, until: NOW + 10 * DAY, graceDays: 3 });

  it('entitles from its first second to its last, then in grace, then no more', () => {
    expect(refusal([contract], NOW - 1)).toBe('contract-not-started');
    expect(entitlementBy([contract], NOW).inGrace).toBe(false);
    expect(entitlementBy([contract], NOW + 10 * DAY - 1).inGrace).toBe(false);
    expect(entitlementBy([contract], NOW + 10 * DAY).inGrace).toBe(true);
    expect(entitlementBy([contract], NOW + 13 * DAY - 1).inGrace).toBe(true);
    expect(refusal([contract], NOW + 13 * DAY)).toBe('contract-ended');
  });

  it('that ended yesterday renews in grace, is refused after it, and is revived by an extension', () => {
    const ended = aContract({ id: 'ended', until: NOW - DAY });
    expect(idsOf(entitlementBy([ended]).contracts)).toEqual(['ended']);
    expect(expiry([ended])).toBe(NOW - DAY + 14 * DAY);
    expect(refusal([ended], NOW + 13 * DAY)).toBe('contract-ended');
    const extended = { ...ended, until: NOW + 365 * DAY };
    expect(expiry([extended], NOW + 13 * DAY)).toBe(NOW + 48 * DAY);
  });

  it('tells when it started too early to renew, and when it ended', () => {
    expect(entitlementAt([contract], NOW - DAY, DEFAULTS)).toMatchObject({
      code: 'contract-not-started',
      detail: expect.stringContaining('2026-11-24T12:00:00Z') as string,
    });
    const ended = entitlementAt([contract], NOW + 20 * DAY, DEFAULTS);
    expect(ended).toMatchObject({ code: 'contract-ended' });
    expect(ended.kind === 'none' && ended.detail).toContain('2026-12-04T12:00:00Z');
    expect(ended.kind === 'none' && ended.detail).toContain('2026-12-07T12:00:00Z');
  });

  it('name in a gap when the next contract starts', () => {
    const contracts = [
      aContract({ from: NOW - 40 * DAY, until: NOW - 20 * DAY, graceDays: 0 }),
      aContract({ from: NOW + 10 * DAY, until: NOW + 40 * DAY }),
    ];
    expect(entitlementAt(contracts, NOW, DEFAULTS)).toMatchObject({
      code: 'contract-ended',
      detail: expect.stringContaining(`The next one starts at ${isoOf(NOW + 10 * DAY)}`) as string,
    });
  });

  it('has ended where there is none at all', () => {
    expect(refusal([])).toBe('contract-ended');
  });

  it('has ended, and not "not started", in a gap before the next one', () => {
    const next = aContract({ from: NOW + 30 * DAY, until: NOW + 60 * DAY });
    expect(refusal([contract, next], NOW + 20 * DAY)).toBe('contract-ended');
    expect(entitled([contract, next], NOW + 30 * DAY)).toBe(true);
  });
});

describe('grace', () => {
  it('is the default of the stage where no contract says another', () => {
    expect(periodsOf([aContract({ until: NOW })], DEFAULTS)).toMatchObject([{ graceUntil: NOW + 14 * DAY }]);
  });

  it('is none after a trial', () => {
    const trial = aContract({ kind: 'trial', graceDays: 0, until: NOW });
    expect(entitled([trial], NOW - 1)).toBe(true);
    expect(refusal([trial], NOW)).toBe('contract-ended');
    expect(expiry([trial], NOW - DAY)).toBe(NOW);
  });

  it('is the largest of the contracts that end where the entitlement ends', () => {
    const contracts = [7, 21, 0].map((graceDays) => aContract({ until: NOW, graceDays }));
    expect(periodsOf(contracts, DEFAULTS)).toMatchObject([{ graceUntil: NOW + 21 * DAY }]);
  });

  it('counts the default of a silent contract among them', () => {
    const contracts = [aContract({ until: NOW, graceDays: 7 }), aContract({ until: NOW })];
    expect(periodsOf(contracts, DEFAULTS)).toMatchObject([{ graceUntil: NOW + 14 * DAY }]);
  });

  it('does not come from a contract that ends earlier, is suspended or orders no hosts', () => {
    const contracts = [
      aContract({ until: NOW, graceDays: 3 }),
      aContract({ until: NOW - 1, graceDays: 60 }),
      aContract({ until: NOW, graceDays: 60, suspended: true }),
      aContract({ until: NOW, graceDays: 60, hosts: 0 }),
    ];
    expect(periodsOf(contracts, DEFAULTS)).toMatchObject([{ graceUntil: NOW + 3 * DAY }]);
  });

  it('does not exist where a contract ends and another goes on', () => {
    const ending = aContract({ id: 'ending', until: NOW, graceDays: 90 });
    const running = aContract({ id: 'running', until: NOW + 5 * DAY, graceDays: 0 });
    expect(entitlementBy([ending, running]).inGrace).toBe(false);
    expect(expiry([ending, running])).toBe(NOW + 5 * DAY);
    expect(refusal([ending, running], NOW + 5 * DAY)).toBe('contract-ended');
  });

  it('does not exist where the next contract starts at the same instant', () => {
    const next = aContract({ id: 'next', from: NOW, until: NOW + DAY, graceDays: 0 });
    expect(idsOf(entitlementBy([aContract({ id: 'ending', until: NOW }), next]).contracts)).toEqual(['next']);
    expect(expiry([aContract({ until: NOW }), next])).toBe(NOW + DAY);
  });

  it('runs in a gap, and is over where the next contract is in force', () => {
    const contracts = [
      aContract({ id: 'before', until: NOW }),
      aContract({ id: 'after', from: NOW + 2 * DAY, until: NOW + 90 * DAY }),
    ];
    expect(entitlementBy(contracts, NOW + DAY)).toMatchObject({
      inGrace: true,
      contracts: [{ id: 'before' }],
    });
    expect(entitlementBy(contracts, NOW + 2 * DAY)).toMatchObject({
      inGrace: false,
      contracts: [{ id: 'after' }],
    });
  });
});

describe('an add-on contract without hosts', () => {
  it('entitles nothing by itself', () => {
    expect(refusal([aContract({ hosts: 0 })])).toBe('contract-ended');
  });

  it('does not extend the contract that it adds to, nor its grace', () => {
    const contracts = [
      aContract({ until: NOW, graceDays: 5 }),
      aContract({ hosts: 0, until: NOW + 90 * DAY, graceDays: 90 }),
    ];
    expect(expiry(contracts, NOW - DAY)).toBe(NOW + 5 * DAY);
    expect(refusal(contracts, NOW + 5 * DAY)).toBe('contract-ended');
  });

  it('does not bridge a gap', () => {
    const contracts = [
      aContract({ until: NOW, graceDays: 0 }),
      aContract({ hosts: 0 }),
      aContract({ from: NOW + HOUR }),
    ];
    expect(entitled(contracts, NOW + HOUR - 1)).toBe(false);
    expect(entitled(contracts, NOW + HOUR)).toBe(true);
  });
});

describe('a suspended contract', () => {
  const suspended = aContract({ suspended: true });

  it('is the reason of a refusal where nothing else entitles', () => {
    expect(refusal([suspended])).toBe('contract-suspended');
    expect(refusal([suspended, aContract({ until: NOW - 30 * DAY })])).toBe('contract-suspended');
  });

  it('is no reason where another contract entitles, be it in grace', () => {
    expect(entitled([suspended, aContract()])).toBe(true);
    expect(entitlementBy([suspended, aContract({ until: NOW - DAY })]).inGrace).toBe(true);
  });

  it('is no reason before it starts and after its grace', () => {
    expect(refusal([{ ...suspended, from: NOW + 1 }, aContract({ until: NOW - 30 * DAY })])).toBe(
      'contract-ended',
    );
    expect(refusal([{ ...suspended, until: NOW - 14 * DAY + 1 }])).toBe('contract-suspended');
    expect(refusal([{ ...suspended, until: NOW - 14 * DAY }])).toBe('contract-ended');
  });

  it('is no reason where it orders no hosts: activating an add-on would heal nothing', () => {
    expect(refusal([aContract({ until: NOW - 30 * DAY }), { ...suspended, hosts: 0 }])).toBe(
      'contract-ended',
    );
  });

  it('is no reason where its grace would not count beside a contract that ended later', () => {
    const ended = aContract({ until: NOW - DAY, graceDays: 0 });
    expect(refusal([ended, { ...suspended, until: NOW - 2 * DAY }])).toBe('contract-ended');
  });

  it('is the reason exactly where its activation would heal the refusal at the next try', () => {
    fc.assert(
      fc.property(arbitraryContracts, fc.constantFrom(...sampledInstants), (contracts, instant) => {
        const activated = contracts.map((contract) => ({ ...contract, suspended: false }));
        fc.pre(!entitled(contracts, instant));
        expect(refusal(contracts, instant) === 'contract-suspended').toBe(entitled(activated, instant));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('validity and interval', () => {
  it('are the defaults of the stage where no contract says another', () => {
    expect(entitlementBy([aContract()])).toMatchObject({ validityDays: 35, renewEverySeconds: DAY });
  });

  it('are the longest validity and the shortest interval of the contracts in force', () => {
    const contracts = [
      aContract({ validityDays: 60, renewEverySeconds: 30 * MINUTE }),
      aContract({ validityDays: 400, renewEverySeconds: 12 * HOUR }),
      aContract({ validityDays: 500, renewEverySeconds: MINUTE, suspended: true }),
      aContract({ validityDays: 500, renewEverySeconds: MINUTE, until: NOW }),
      aContract({ validityDays: 500, renewEverySeconds: MINUTE, from: NOW + 1 }),
    ];
    expect(entitlementBy(contracts)).toMatchObject({ validityDays: 400, renewEverySeconds: 30 * MINUTE });
  });

  it('count the defaults for a contract that says nothing, and nothing for a silent add-on', () => {
    const stated = aContract({ validityDays: 7, renewEverySeconds: 7 * DAY });
    const silent = entitlementBy([stated, aContract()]);
    expect(silent).toMatchObject({ validityDays: 35, renewEverySeconds: DAY });
    const addOn = entitlementBy([stated, aContract({ hosts: 0 })]);
    expect(addOn).toMatchObject({ validityDays: 7, renewEverySeconds: 7 * DAY });
  });

  it('may be shorter than the default where every contract in force says so', () => {
    expect(expiry([aContract({ validityDays: 7 })])).toBe(NOW + 7 * DAY);
  });

  it('stay those of the contract that ended, in grace', () => {
    const ended = aContract({ until: NOW - DAY, validityDays: 2, renewEverySeconds: HOUR });
    expect(entitlementBy([ended])).toMatchObject({ validityDays: 2, renewEverySeconds: HOUR });
  });

  it('are not shortened, nor the interval lengthened, by an add-on to a contract that keeps the defaults', () => {
    const addOn = aContract({ hosts: 0, validityDays: 1, renewEverySeconds: 7 * DAY });
    expect(entitlementBy([aContract(), addOn])).toMatchObject({ validityDays: 35, renewEverySeconds: DAY });
  });
});

describe('at any instant, over random contracts', () => {
  const defaults = { ...DEFAULTS, graceDays: 2 };

  it('the entitlement is what a naive reading of the rules finds, hour by hour and a second before each', () => {
    fc.assert(
      fc.property(arbitraryContracts, (contracts) => {
        const naive = new NaiveEntitlement(contracts, defaults.graceDays);
        for (const instant of sampledInstants) {
          const answer = entitlementAt(contracts, instant, defaults);
          if ((answer.kind === 'entitled') !== naive.isEntitled(instant)) {
            expect.fail(`${answer.kind} at ${instant - NOW} seconds from now`);
          }
          if (answer.kind === 'entitled' && answer.inGrace === naive.isCovered(instant)) {
            expect.fail(`grace: ${answer.inGrace} at ${instant - NOW} seconds from now`);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a file expires after now, at the end of validity or of the grace at the latest', () => {
    fc.assert(
      fc.property(arbitraryContracts, fc.constantFrom(...sampledInstants), (contracts, instant) => {
        const answer = entitlementAt(contracts, instant, defaults);
        fc.pre(answer.kind === 'entitled');
        const inForce = answer.contracts.map(({ validityDays = 0 }) => validityDays);
        const { graceUntil } = answer.period;
        const expiresAt = expiryOf(answer, instant);
        expect(expiresAt).toBeGreaterThan(instant);
        expect(answer.validityDays).toBe(Math.max(...inForce));
        expect(expiresAt).toBe(Math.min(instant + Math.max(...inForce) * DAY, graceUntil ?? Infinity));
      }),
      { numRuns: 1000 },
    );
  });

  it('the order of the contracts does not matter', () => {
    fc.assert(
      fc.property(arbitraryContracts, fc.constantFrom(...sampledInstants), (contracts, instant) => {
        const { contracts: _named, ...answer } = {
          contracts: [],
          ...entitlementAt(contracts, instant, defaults),
        };
        expect(entitlementAt(contracts.toReversed(), instant, defaults)).toMatchObject(answer);
      }),
      { numRuns: 300 },
    );
  });
});
