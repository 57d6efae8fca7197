import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, type Changes } from '../../lambdas/core/changes.ts';
import { shareAt, type Distributable } from '../../lambdas/core/distribution.ts';
import { entitlementAt, hostsAt } from '../../lambdas/core/entitlement.ts';
import { sharingAt } from '../../lambdas/core/hosts-allowed.ts';
import { covers, DAY, HOUR, type Instant, type Span } from '../../lambdas/core/instant.ts';
import {
  arbitraryContracts,
  arbitraryDeclarations,
  arbitraryLicenses,
  sampledInstants,
} from '../builders/arbitrary-contracts.ts';
import { aContract, DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';

const defaults = { ...DEFAULTS, graceDays: 2 };
const ahead = sampledInstants.filter((instant) => instant >= NOW);
const OPTIONS = ['render-engine', 'hardworker'];

const kept = fc.array(
  fc.record({
    hosts: fc.integer({ min: 1, max: 4 }),
    endedAt: fc.integer({ min: 0, max: 60 }).map((hours) => NOW - hours * HOUR),
  }),
  { maxLength: 1 },
);

/** An installation before and after: other contracts, the same licenses, and sometimes other declarations. */
const arbitraryChange = fc
  .record({
    before: arbitraryContracts,
    after: arbitraryContracts,
    licenses: arbitraryLicenses,
    declarations: arbitraryDeclarations,
    others: fc.option(arbitraryDeclarations, { nil: undefined }),
    keptHosts: kept,
  })
  .map(({ before, after, licenses, declarations, others = declarations, keptHosts }) => ({
    before: { contracts: before, licenses, declarations },
    after: { contracts: after, licenses, declarations: others, keptHosts },
  }));

/** Of one subject and instant: what is told of it; undefined where nothing is. */
const toldAt = (
  changes: readonly (Span & { readonly before: number; readonly after: number })[],
  instant: Instant,
): [number, number] | undefined => {
  const telling = changes.filter((change) => covers(change, instant));
  expect(telling.length).toBeLessThanOrEqual(1);
  const [told] = telling;
  return told && [told.before, told.after];
};

const renews = (installation: Distributable, id: string, instant: Instant): boolean =>
  entitlementAt(installation.contracts, instant, defaults).kind === 'entitled' &&
  sharingAt(installation, instant, defaults).some((license) => license.id === id);

/** Whatever the naive look at both states at an instant says must be told, and nothing else. */
function expectToldAt(before: Distributable, after: Distributable, changes: Changes, instant: Instant): void {
  const hosts = [hostsAt(before.contracts, instant), hostsAt(after.contracts, instant)];
  expect(toldAt(changes.hosts, instant)).toEqual(hosts[0] === hosts[1] ? undefined : hosts);
  for (const { id } of after.licenses) {
    const was = shareAt(before, id, instant, defaults);
    const is = shareAt(after, id, instant, defaults);
    for (const option of OPTIONS) {
      const shares = [was.get(option) ?? 0, is.get(option) ?? 0];
      const told = changes.shares.filter((change) => change.licenseId === id && change.option === option);
      expect(toldAt(told, instant)).toEqual(shares[0] === shares[1] ? undefined : shares);
    }
    const from = changes.refused.find(({ licenseId }) => licenseId === id)?.from ?? Number.POSITIVE_INFINITY;
    const isRefused = renews(before, id, instant) && !renews(after, id, instant);
    if (instant < from) expect(isRefused).toBe(false);
    if (instant === from) expect(isRefused).toBe(true);
  }
}

describe('changes between two states', () => {
  it('are what looking at every hour tells, and nothing else', () => {
    fc.assert(
      fc.property(arbitraryChange, ({ before, after }) => {
        const changes = changesBetween(before, after, NOW, defaults);
        for (const instant of ahead) expectToldAt(before, after, changes, instant);
        const lasting = [...changes.hosts, ...changes.shares];
        expect(lasting.every(({ from, until }) => from >= NOW && (until === null || from < until))).toBe(
          true,
        );
        expect(changes.shrinks).toBe(
          changes.refused.length > 0 || changes.shares.some((change) => change.after < change.before),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are none where nothing changed', () => {
    fc.assert(
      fc.property(arbitraryChange, ({ after }) => {
        expect(changesBetween(after, structuredClone(after), NOW, defaults)).toEqual({
          shares: [],
          hosts: [],
          refused: [],
          shrinks: false,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('are one span where several things change but its quantities do not', () => {
    fc.assert(
      fc.property(arbitraryChange, ({ before, after }) => {
        const { shares } = changesBetween(before, after, NOW, defaults);
        for (const one of shares) {
          const follows = shares.some(
            (next) =>
              next.licenseId === one.licenseId &&
              next.option === one.option &&
              next.from === one.until &&
              next.before === one.before &&
              next.after === one.after,
          );
          expect(follows).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('fewer hosts than licensed', () => {
  const licenses = licensesNamed('a', 'b', 'c');
  const before = { contracts: [aContract({ hosts: 3, lines: [] })], licenses };

  it('are told with who is refused: the one declared last, after the grace', () => {
    const after = {
      contracts: [aContract({ hosts: 1, lines: [] })],
      licenses,
      keptHosts: [{ hosts: 3, endedAt: NOW }],
    };
    expect(changesBetween(before, after, NOW, defaults)).toEqual({
      shares: [],
      hosts: [{ from: NOW, until: NOW + 300 * DAY, before: 3, after: 1, licensed: 3 }],
      refused: [
        { licenseId: 'c', from: NOW + 2 * DAY },
        { licenseId: 'b', from: NOW + 2 * DAY },
      ],
      shrinks: true,
    });
  });

  it('take nothing away where no more are licensed', () => {
    const two = licensesNamed('a', 'b');
    const after = {
      contracts: [aContract({ hosts: 2, lines: [] })],
      licenses: two,
      keptHosts: [{ hosts: 3, endedAt: NOW }],
    };
    const changes = changesBetween({ ...before, licenses: two }, after, NOW, defaults);
    expect(changes).toMatchObject({
      refused: [],
      shrinks: false,
      hosts: [{ before: 3, after: 2, licensed: 2 }],
    });
  });

  describe('where there are too many', () => {
    const hosts = 10;
    const licenses = licensesNamed(...Array.from({ length: hosts }, (_, index) => `l-${index}`));
    /** So many options, each a day later than the one before; the last one in another quantity. */
    const temporary = (count: number, last = 100): Distributable => ({
      contracts: [
        aContract({
          hosts,
          lines: Array.from({ length: count }, (_, index) => ({
            option: `o-${index}`,
            quantity: index === count - 1 ? last : 100,
            from: NOW + index * DAY,
          })),
        }),
      ],
      licenses,
    });
    const nothing = { ...temporary(1), contracts: [aContract({ hosts, lines: [] })] };

    it('are those of the options that change first, each with its true end', () => {
      const all = changesBetween(nothing, temporary(20), NOW, defaults);
      const few = changesBetween(nothing, temporary(20), NOW, defaults, 5 * hosts);
      expect(all.shares).toHaveLength(20 * hosts);
      expect(few.shares).toEqual(all.shares.slice(0, 5 * hosts));
      expect([all.shrinks, few.shrinks]).toEqual([false, false]);
    });

    it('have those of an option that is less among them, however late it begins', () => {
      const before = { ...temporary(20), contracts: [...temporary(20).contracts] };
      const more = (last: number) => ({
        ...temporary(20, last),
        contracts: [
          ...temporary(20, last).contracts,
          aContract({
            id: 'c-2',
            hosts: 0,
            lines: Array.from({ length: 6 }, (_, o) => ({ option: `o-${o}` })),
          }),
        ],
      });
      const less = changesBetween(before, more(60), NOW, defaults, 2 * hosts);
      expect(less.shares.filter(({ option }) => option === 'o-19')).toHaveLength(hosts);
      expect(less.shares.length).toBeLessThanOrEqual(4 * hosts);
      expect(less.shrinks).toBe(true);
      expect(changesBetween(before, more(100), NOW, defaults, 2 * hosts).shrinks).toBe(false);
    });

    it('take no option for less that every host has, where there are more hosts', () => {
      const everyHost = (count: number) => ({
        contracts: [aContract({ hosts: count, lines: [{ scope: 'every-host' as const, quantity: 2 }] })],
        licenses,
      });
      const changes = changesBetween(everyHost(5), everyHost(10), NOW, defaults, 0);
      expect(changes).toMatchObject({ shares: [], shrinks: false });
    });
  });

  it('refuse all at once where the contract is suspended, whatever hosts are kept', () => {
    const after = {
      contracts: [aContract({ hosts: 3, lines: [], suspended: true })],
      licenses,
      keptHosts: [{ hosts: 3, endedAt: NOW }],
    };
    const { refused } = changesBetween(before, after, NOW, defaults);
    expect(refused).toEqual(['c', 'b', 'a'].map((licenseId) => ({ licenseId, from: NOW })));
  });
});

describe('a change of many hosts', () => {
  it('is told in a second: 5,000 hosts, 200 lines of 20 options, of which one is changed', () => {
    const licenses = licensesNamed(...Array.from({ length: 5_000 }, (_, index) => `l-${index}`));
    const lines = Array.from({ length: 200 }, (_, index) => ({
      option: `option-${index % 20}`,
      quantity: 9_999,
      from: NOW + (index - 100) * DAY,
      until: NOW + index * DAY + DAY,
    }));
    const contractWith = (given: typeof lines) => ({
      contracts: [aContract({ hosts: 5_000, lines: given })],
      licenses,
    });
    const startedAt = performance.now();
    const { shares } = changesBetween(
      contractWith(lines),
      contractWith(lines.map((line, index) => (index === 7 ? { ...line, quantity: 1 } : line))),
      NOW,
      defaults,
    );
    expect(new Set(shares.map(({ option }) => option))).toEqual(new Set(['option-7']));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
