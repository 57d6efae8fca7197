import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfDay, startOfDay } from '../../lambdas/core/calendar.ts';
import { supersededBy, type Contract } from '../../lambdas/core/contract.ts';
import { covers, DAY } from '../../lambdas/core/instant.ts';
import type { ContractTerms } from '../../lambdas/core/installation.ts';
import { unite } from '../../lambdas/core/united-contracts.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { at, NOW } from '../builders/instants.ts';

const berlin = (day: string) => startOfDay(day, 'Europe/Berlin');
const endOfBerlin = (day: string) => endOfDay(day, 'Europe/Berlin');
const spansOf = (terms: readonly ContractTerms[]) => terms.map(({ id, from, until }) => [id, from, until]);

const first = { startsOn: '2026-01-01', endsOn: '2026-12-31' };
const second = { startsOn: '2027-01-01', endsOn: '2027-12-31' };

describe('one contract', () => {
  it('counts from the start of its first day to the end of its last', () => {
    const [terms] = unite(
      [anOrderedContract('c-1', { graceDays: 5, validityDays: 60, renewEverySeconds: 3600 })],
      NOW,
    );
    expect(terms).toEqual({
      id: 'c-1',
      kind: 'subscription',
      suspended: false,
      from: at('2025-12-31T23:00:00Z'),
      until: at('2027-12-31T23:00:00Z'),
      hosts: 3,
      connection: 'online',
      timeZone: 'Europe/Berlin',
      graceDays: 5,
      validityDays: 60,
      renewEverySeconds: 3600,
      lines: [
        {
          option: 'render-engine',
          scope: 'pool',
          quantity: 8,
          from: at('2025-12-31T23:00:00Z'),
          until: at('2027-12-31T23:00:00Z'),
        },
      ],
    });
  });

  it('leaves to the stage what it does not say', () => {
    const [terms] = unite([anOrderedContract('c-1')], NOW);
    expect(Object.keys(terms ?? {})).toEqual(
      expect.not.arrayContaining(['graceDays', 'validityDays', 'renewEverySeconds']),
    );
  });

  it('has no end if it is perpetual, and neither have its lines', () => {
    const { endsOn, ...document } = anOrderedContract('c-1', { kind: 'perpetual' }).document;
    const [terms] = unite([{ ...anOrderedContract('c-1'), document }], NOW);
    expect(terms?.until).toBeNull();
    expect(terms?.lines[0]?.until).toBeNull();
  });

  it('has no grace if it is a trial', () => {
    expect(unite([anOrderedContract('c-1', { kind: 'trial' })], NOW)[0]?.graceDays).toBe(0);
  });

  it('stays, marked, while it is suspended', () => {
    expect(unite([anOrderedContract('c-1', { status: 'suspended' })], NOW)[0]?.suspended).toBe(true);
  });

  it('clips its lines, and drops those that are left with nothing', () => {
    const line = { option: 'render-engine', scope: 'pool', quantity: 1 } as const;
    const [terms] = unite(
      [
        anOrderedContract('c-1', {
          ...first,
          lines: [
            { ...line, id: 'temporary', startsOn: '2026-03-10', endsOn: '2026-03-24' },
            { ...line, id: 'wider', startsOn: '2025-01-01', endsOn: '2030-01-01' },
            { ...line, id: 'before', endsOn: '2025-12-31' },
            { ...line, id: 'after', startsOn: '2027-01-01' },
          ],
        }),
      ],
      NOW,
    );
    expect(terms?.lines.map(({ from, until }) => [from, until])).toEqual([
      [berlin('2026-03-10'), endOfBerlin('2026-03-24')],
      [berlin('2026-01-01'), endOfBerlin('2026-12-31')],
    ]);
  });

  it('is forgotten 100 days after its end', () => {
    const ended = anOrderedContract('c-1', { startsOn: '2025-01-01', endsOn: '2025-12-31' });
    const until = endOfBerlin('2025-12-31');
    expect(unite([ended], until + 100 * DAY - 1)).toHaveLength(1);
    expect(unite([ended], until + 100 * DAY)).toEqual([]);
  });
});

describe('a cancelled contract', () => {
  const cancelled = (cancelledAt: number) =>
    anOrderedContract('c-1', { ...first, status: 'cancelled' }, { cancelledAt });

  it('ends when the cancellation was received, and its lines with it', () => {
    const [terms] = unite([cancelled(NOW)], NOW);
    expect([terms?.until, terms?.lines[0]?.until]).toEqual([NOW, NOW]);
  });

  it('ends at its own end if that was earlier', () => {
    const until = endOfBerlin('2026-12-31');
    expect(unite([cancelled(until + DAY)], until + DAY)[0]?.until).toBe(until);
  });

  it('is left out if it never began', () => {
    expect(unite([cancelled(berlin('2026-01-01'))], NOW)).toEqual([]);
  });
});

describe('a successor', () => {
  it('ends its predecessor where it starts, lines included', () => {
    const united = unite(
      [
        anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn: '2027-12-31' }),
        anOrderedContract('c-2', { startsOn: '2026-10-01', endsOn: '2028-12-31', supersedes: 'c-1' }),
      ],
      NOW,
    );
    expect(spansOf(united)).toEqual([
      ['c-1', berlin('2026-01-01'), berlin('2026-10-01')],
      ['c-2', berlin('2026-10-01'), endOfBerlin('2028-12-31')],
    ]);
    expect(united[0]?.lines[0]?.until).toBe(berlin('2026-10-01'));
  });

  it('leaves a gap where it starts after its predecessor has ended', () => {
    const united = unite(
      [
        anOrderedContract('c-1', first),
        anOrderedContract('c-2', { ...second, startsOn: '2027-02-01', supersedes: 'c-1' }),
      ],
      NOW,
    );
    expect(spansOf(united)).toEqual([
      ['c-1', berlin('2026-01-01'), endOfBerlin('2026-12-31')],
      ['c-2', berlin('2027-02-01'), endOfBerlin('2027-12-31')],
    ]);
  });

  it('converts a trial', () => {
    const united = unite(
      [
        anOrderedContract('trial', { kind: 'trial', startsOn: '2026-11-01', endsOn: '2026-11-30' }),
        anOrderedContract('c-1', { startsOn: '2026-11-20', endsOn: '2027-11-19', supersedes: 'trial' }),
      ],
      NOW,
    );
    expect(spansOf(united)[0]).toEqual(['trial', berlin('2026-11-01'), berlin('2026-11-20')]);
  });

  it('may replace several, and one that has not begun', () => {
    const united = unite(
      [
        anOrderedContract('c-1', first),
        anOrderedContract('c-2', second),
        anOrderedContract('c-3', {
          startsOn: '2026-10-01',
          endsOn: '2028-12-31',
          supersedes: ['c-1', 'c-2'],
        }),
      ],
      NOW,
    );
    expect(spansOf(united)).toEqual([
      ['c-1', berlin('2026-01-01'), berlin('2026-10-01')],
      ['c-3', berlin('2026-10-01'), endOfBerlin('2028-12-31')],
    ]);
  });

  it('replaces what its predecessor replaced', () => {
    const united = unite(
      [
        anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn: '2028-12-31' }),
        anOrderedContract('c-2', { startsOn: '2027-01-01', endsOn: '2028-12-31', supersedes: 'c-1' }),
        anOrderedContract('c-3', { startsOn: '2026-10-01', endsOn: '2028-12-31', supersedes: 'c-2' }),
      ],
      NOW,
    );
    expect(united.map(({ id, until }) => [id, until])).toEqual([
      ['c-1', berlin('2026-10-01')],
      ['c-3', endOfBerlin('2028-12-31')],
    ]);
  });

  it('replaces nothing while it is suspended, nor if it was cancelled before it began', () => {
    const predecessor = anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn: '2027-12-31' });
    const successor = { ...second, supersedes: 'c-1' };
    const suspended = anOrderedContract('c-2', { ...successor, status: 'suspended' });
    const cancelled = anOrderedContract('c-2', { ...successor, status: 'cancelled' }, { cancelledAt: NOW });
    expect(unite([predecessor, suspended], NOW)[0]?.until).toBe(endOfBerlin('2027-12-31'));
    expect(unite([predecessor, cancelled], NOW)[0]?.until).toBe(endOfBerlin('2027-12-31'));
  });

  it('that is cancelled later does not bring its predecessor back', () => {
    const now = berlin('2027-03-01');
    const united = unite(
      [
        anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn: '2027-12-31' }),
        anOrderedContract('c-2', { ...second, status: 'cancelled', supersedes: 'c-1' }, { cancelledAt: now }),
      ],
      now,
    );
    expect(united.map(({ id, until }) => [id, until])).toEqual([
      ['c-1', berlin('2027-01-01')],
      ['c-2', now],
    ]);
  });

  it('of an unknown contract replaces nothing', () => {
    expect(unite([anOrderedContract('c-1', { supersedes: 'elsewhere' })], NOW)).toHaveLength(1);
  });

  it('is the later one where two name each other', () => {
    const united = unite(
      [
        anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn: '2027-12-31', supersedes: 'c-2' }),
        anOrderedContract('c-2', { startsOn: '2026-10-01', endsOn: '2027-12-31', supersedes: 'c-1' }),
      ],
      NOW,
    );
    expect(spansOf(united)).toEqual([
      ['c-1', berlin('2026-01-01'), berlin('2026-10-01')],
      ['c-2', berlin('2026-10-01'), endOfBerlin('2027-12-31')],
    ]);
  });
});

describe('any contracts', () => {
  const dayAt = (offset: number) => new Date((NOW + offset * DAY) * 1000).toISOString().slice(0, 10);

  const anyContract = (id: string, others: readonly string[]): fc.Arbitrary<Contract> =>
    fc
      .record({
        start: fc.integer({ min: -80, max: 60 }),
        length: fc.integer({ min: 0, max: 120 }),
        status: fc.constantFrom('active', 'active', 'suspended', 'cancelled'),
        cancelled: fc.integer({ min: -80, max: 0 }),
        supersedes: fc.subarray([...others], { maxLength: Math.min(2, others.length) }),
        hosts: fc.integer({ min: 0, max: 3 }),
        zone: fc.constantFrom('Europe/Berlin', 'Asia/Tokyo', 'America/New_York'),
        line: fc.record({
          start: fc.integer({ min: -90, max: 90 }),
          length: fc.integer({ min: 0, max: 50 }),
        }),
      })
      .map(({ start, length, status, cancelled, supersedes, hosts, zone, line }) =>
        anOrderedContract(
          id,
          {
            status,
            hosts,
            timeZone: zone,
            startsOn: dayAt(start),
            endsOn: dayAt(start + length),
            ...(supersedes.length === 0 ? {} : { supersedes }),
            lines: [
              {
                id: 'l1',
                option: 'render-engine',
                scope: 'pool',
                quantity: 1,
                startsOn: dayAt(line.start),
                endsOn: dayAt(line.start + line.length),
              },
            ],
          },
          status === 'cancelled' ? { cancelledAt: NOW + cancelled * DAY } : {},
        ),
      );

  const ids = ['c-1', 'c-2', 'c-3', 'c-4', 'c-5'];
  /** Contracts replace earlier ones only, as ERPs number them. */
  const inChains = fc.tuple(...ids.map((id, index) => anyContract(id, ids.slice(0, index))));
  /** Contracts name each other at will, cycles included. */
  const inKnots = fc.tuple(
    ...ids.map((id) =>
      anyContract(
        id,
        ids.filter((other) => other !== id),
      ),
    ),
  );

  /** The rule said once more, instant by instant: does this contract count then? */
  function countsAt(contract: Contract, all: readonly Contract[], instant: number): boolean {
    const startOf = ({ document }: Contract) => startOfDay(document.startsOn, document.timeZone);
    const { document, cancelledAt = Infinity } = contract;
    const isReplacedBy = (successor: Contract): boolean =>
      supersededBy(successor.document).some(
        (id) =>
          id === contract.contractId ||
          all.some((between) => between.contractId === id && isReplacedBy(between)),
      );
    const isReplaced = all.some(
      (successor) =>
        isReplacedBy(successor) &&
        successor.document.status !== 'suspended' &&
        (successor.cancelledAt ?? Infinity) > startOf(successor) &&
        startOf(successor) <= instant,
    );
    const isOrdered =
      startOf(contract) <= instant && instant < endOfDay(document.endsOn ?? '9999-12-31', document.timeZone);
    return isOrdered && instant < cancelledAt && !isReplaced;
  }

  it('count exactly when the rule says so', () => {
    fc.assert(
      fc.property(inChains, fc.integer({ min: -90 * 24, max: 190 * 24 }), (contracts, hours) => {
        const instant = NOW + hours * 3600;
        const counting = unite(contracts, NOW).filter((terms) => covers(terms, instant));
        const expected = contracts.filter((contract) => countsAt(contract, contracts, instant));
        expect(counting.map(({ id }) => id).sort()).toEqual(
          expected.map(({ contractId }) => contractId).sort(),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('unite to the same whatever their order, also where they name each other', () => {
    fc.assert(
      fc.property(inKnots, fc.func(fc.integer()), (contracts, rank) => {
        const shuffled = [...contracts].sort((a, b) => rank(a.contractId) - rank(b.contractId));
        expect(unite(shuffled, NOW)).toEqual(unite(contracts, NOW));
      }),
    );
  });

  it('never lose all of a knot: whoever counts last in it keeps its end', () => {
    fc.assert(
      fc.property(inKnots, (contracts) => {
        const active = contracts.map(({ contractId, document }) =>
          anOrderedContract(contractId, { ...document, status: 'active' }),
        );
        expect(unite(active, NOW).length).toBeGreaterThan(0);
      }),
    );
  });

  it('have spans and lines with time in them, lines within their contract', () => {
    fc.assert(
      fc.property(inKnots, (contracts) => {
        for (const terms of unite(contracts, NOW)) {
          const until = terms.until ?? Infinity;
          expect(terms.from).toBeLessThan(until);
          for (const line of terms.lines) {
            expect(line.from).toBeGreaterThanOrEqual(terms.from);
            expect(line.until ?? Infinity).toBeLessThanOrEqual(until);
            expect(line.from).toBeLessThan(line.until ?? Infinity);
          }
        }
      }),
    );
  });
});
