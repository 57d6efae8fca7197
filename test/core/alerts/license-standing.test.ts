import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { licenseStanding } from '../../../lambdas/core/alerts/license-standing.ts';
import { DAY, HOUR } from '../../../lambdas/core/instant.ts';
import type { ContractTerms } from '../../../lambdas/core/installation.ts';
import type { License } from '../../../lambdas/core/license.ts';
import { NOW } from '../../builders/instants.ts';
import { aContract } from '../../builders/installation.ts';
import { LIMITS } from '../../builders/limits.ts';
import { aCurrentFile, aLicense, anUnboundLicense } from '../../builders/license.ts';

/** A license whose host was last heard of, and got its file, that long ago. */
const silentFor = (seconds: number, given: Partial<License> = {}): License =>
  aLicense({
    lastSeenAt: NOW - seconds,
    current: aCurrentFile({ issuedAt: NOW - seconds, expiresAt: NOW - seconds + 35 * DAY }),
    ...given,
  });

const standing = (license: License, ...contracts: ContractTerms[]) =>
  licenseStanding(license, contracts.length > 0 ? contracts : [aContract()], NOW, LIMITS);

const stepsOf = (license: License, ...contracts: ContractTerms[]) => {
  const found = standing(license, ...contracts);
  return 'ladder' in found ? found.ladder.map(({ step, at }) => [step, (at - NOW) / DAY]) : [];
};

describe('a host that renews', () => {
  it('is healthy up to the last second before 96 hours', () => {
    expect(standing(silentFor(0)).kind).toBe('healthy');
    expect(standing(silentFor(96 * HOUR - 1)).kind).toBe('healthy');
    expect(standing(silentFor(96 * HOUR)).kind).toBe('offline');
  });

  it('is healthy whatever its file says, as long as it was heard of: a file shortened by a contract is no trouble', () => {
    const license = silentFor(HOUR, { current: aCurrentFile({ expiresAt: NOW + DAY }) });
    expect(standing(license, aContract({ until: NOW + 300 * DAY })).kind).toBe('healthy');
  });

  it('has three intervals, where these are longer', () => {
    const slow = aContract({ renewEverySeconds: 7 * DAY });
    expect(standing(silentFor(20 * DAY), slow).kind).toBe('healthy');
    expect(standing(silentFor(21 * DAY), slow).kind).not.toBe('healthy');
  });

  it('is as patient as its customer', () => {
    const patient = { ...LIMITS, offlineAfterHours: 240 };
    expect(licenseStanding(silentFor(9 * DAY), [aContract()], NOW, patient).kind).toBe('healthy');
  });
});

describe('a silent host', () => {
  it('is offline, to be said at 4, 10 and 20 days and a week after the expiry', () => {
    expect(stepsOf(silentFor(5 * DAY))).toEqual([
      ['silent', -1],
      ['silent-10-days', 5],
      ['silent-20-days', 15],
      ['expired', 37],
    ]);
  });

  it('is expiring from 15 days before the expiry on, instead', () => {
    expect(standing(silentFor(20 * DAY - 1)).kind).toBe('offline');
    expect(standing(silentFor(20 * DAY)).kind).toBe('expiring');
    expect(stepsOf(silentFor(20 * DAY))).toEqual([
      ['expiring', 0],
      ['7-days', 8],
      ['3-days', 12],
      ['1-day', 14],
      ['expired', 15],
    ]);
  });

  it('is asked to be retired a week after the expiry', () => {
    expect(standing(silentFor(42 * DAY - 1)).kind).toBe('expiring');
    expect(standing(silentFor(42 * DAY)).kind).toBe('offline');
    expect(stepsOf(silentFor(42 * DAY)).at(-1)).toEqual(['expired', 0]);
  });

  it('with a short validity is expiring as soon as it is silent', () => {
    const license = silentFor(5 * DAY, { current: aCurrentFile({ expiresAt: NOW + 5 * DAY }) });
    expect(standing(license, aContract({ validityDays: 10 })).kind).toBe('expiring');
    expect(stepsOf(license, aContract({ validityDays: 10 }))[0]).toEqual(['7-days', -2]);
  });

  it('whose file only the end of the contract shortens is offline, not expiring', () => {
    const contract = aContract({ until: NOW + 2 * DAY, graceDays: 3 });
    const license = silentFor(5 * DAY, { current: aCurrentFile({ expiresAt: NOW + 5 * DAY }) });
    expect(standing(license, contract).kind).toBe('offline');
  });

  it('names contract, purchase order, host and dates', () => {
    expect(standing(silentFor(5 * DAY), aContract({ reference: 'PO 4711' }))).toMatchObject({
      since: NOW - 5 * DAY,
      about: {
        kind: 'offline',
        licenseId: 'license-1',
        host: { id: 'H-1', name: 'rip-01' },
        contracts: [{ id: 'c-1001', reference: 'PO 4711' }],
        lastSeenAt: NOW - 5 * DAY,
        expiresAt: NOW + 30 * DAY,
      },
    });
  });
});

describe('a refused host', () => {
  const refused = (lastRefusal: string, refusalsInRow: number, given: Partial<License> = {}) =>
    silentFor(0, { failingSince: NOW - DAY, lastRefusal, refusalsInRow, ...given });

  it.each(['contract-suspended', 'contract-not-started', 'license-unknown'])(
    'is undecided until %s came three times',
    (code) => {
      expect(standing(refused(code, 1)).kind).toBe('undecided');
      expect(standing(refused(code, 2)).kind).toBe('undecided');
      expect(standing(refused(code, 3))).toMatchObject({ kind: 'failed', about: { code } });
    },
  );

  it.each(['license-revoked', 'starter-lapsed', 'a-code-of-the-future'])('fails at once with %s', (code) => {
    expect(standing(refused(code, 1)).kind).toBe('failed');
  });

  it('is said at once and then once a week, four times', () => {
    expect(stepsOf(refused('license-revoked', 1))).toEqual([
      ['refused', -1],
      ['week-1', 6],
      ['week-2', 13],
      ['week-3', 20],
      ['week-4', 27],
    ]);
  });

  it('is failing and neither offline nor expiring, also when it is silent afterwards', () => {
    for (const days of [5, 21, 36, 60]) {
      const license = silentFor(days * DAY, {
        failingSince: NOW,
        lastRefusal: 'license-revoked',
        refusalsInRow: 1,
      });
      expect(standing(license).kind).toBe('failed');
    }
  });

  it('fails where its license was revoked, and is silenced where it does not ask', () => {
    expect(standing(refused('license-revoked', 1, { state: 'revoked' })).kind).toBe('failed');
    expect(standing(silentFor(50 * DAY, { state: 'revoked' })).kind).toBe('silenced');
  });

  it('fails while its contract is suspended, and is silenced where it does not ask', () => {
    const suspended = aContract({ suspended: true });
    expect(standing(refused('contract-suspended', 3), suspended).kind).toBe('failed');
    expect(standing(refused('contract-suspended', 2), suspended).kind).toBe('undecided');
    expect(standing(silentFor(10 * DAY), suspended).kind).toBe('silenced');
  });

  it('fails where its installation is gone', () => {
    const license = refused('license-unknown', 3);
    expect(licenseStanding(license, undefined, NOW, LIMITS)).toMatchObject({
      kind: 'failed',
      about: { contracts: [] },
    });
  });
});

describe('what is not worth a word', () => {
  test('a license that was never installed', () => {
    expect(standing(anUnboundLicense()).kind).toBe('not-installed');
    const { lastSeenAt, ...issued } = silentFor(30 * DAY);
    expect(standing(issued).kind).toBe('not-installed');
  });

  test('anything of a contract that has ended, in its grace too', () => {
    const refused = { failingSince: NOW, lastRefusal: 'license-revoked', refusalsInRow: 5 };
    for (const until of [NOW, NOW - 13 * DAY, NOW - 50 * DAY]) {
      for (const license of [silentFor(5 * DAY), silentFor(30 * DAY), silentFor(0, refused)]) {
        expect(standing(license, aContract({ until })).kind).toBe('silenced');
      }
    }
  });

  test('a host that is retired, or will be', () => {
    for (const retiresAt of [NOW - DAY, NOW + DAY]) {
      expect(standing(silentFor(30 * DAY, { retiresAt })).kind).toBe('silenced');
    }
  });

  test('the old host of a transfer', () => {
    for (const days of [5, 30, 60]) {
      expect(standing(silentFor(days * DAY, { transfer: { hostId: 'H-2' } })).kind).toBe('silenced');
    }
  });
});

describe('a host without a network', () => {
  const manual = aContract({ connection: 'manual', validityDays: 100 });
  const heldFor = (days: number) => {
    const { lastSeenAt, ...license } = aLicense({
      current: aCurrentFile({ issuedAt: NOW - days * DAY, expiresAt: NOW + (100 - days) * DAY }),
    });
    return license;
  };

  it('is never offline', () => {
    for (let days = 0; days < 85; days += 1) expect(standing(heldFor(days), manual).kind).toBe('healthy');
  });

  it('is expiring from 15 days before the expiry on, and for good', () => {
    for (const days of [85, 93, 100, 110, 200]) {
      expect(standing(heldFor(days), manual)).toMatchObject({
        kind: 'expiring',
        about: { connection: 'manual' },
      });
    }
  });

  it('counts as online where one of the contracts in force is', () => {
    const license = silentFor(5 * DAY);
    expect(standing(license, manual, aContract({ id: 'c-2' })).kind).toBe('offline');
  });
});

it('never calls a host that was heard of within four days and is not refused anything but healthy, or nothing at all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 96 * HOUR - 1 }),
      fc.integer({ min: -60, max: 60 }),
      fc.integer({ min: -400, max: 400 }),
      fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
      (silence, expiresInDays, endsInDays, validityDays) => {
        const license = silentFor(silence, {
          current: aCurrentFile({ expiresAt: NOW + expiresInDays * DAY }),
        });
        const contract = aContract({
          from: NOW - 500 * DAY,
          until: NOW + endsInDays * DAY,
          ...(validityDays === undefined ? {} : { validityDays }),
        });
        expect(['healthy', 'silenced']).toContain(standing(license, contract).kind);
      },
    ),
  );
});
