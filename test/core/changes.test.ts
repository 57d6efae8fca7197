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

  it('are looked for only as far as there are not too many, but a later reduction is seen', () => {
    const temporary = (quantity: number) => ({
      contracts: [
        aContract({
          hosts: 10,
          lines: Array.from({ length: 50 }, (_, index) => ({
            quantity: index === 49 ? quantity : 1000 + 10 * index,
            from: NOW + index * DAY,
            until: NOW + (index + 1) * DAY,
          })),
        }),
      ],
      licenses: licensesNamed(...Array.from({ length: 10 }, (_, index) => `l-${index}`)),
    });
    const after = temporary(40);
    const all = changesBetween(
      { ...after, contracts: [aContract({ hosts: 10, lines: [] })] },
      after,
      NOW,
      defaults,
    );
    const few = changesBetween(
      { ...after, contracts: [aContract({ hosts: 10, lines: [] })] },
      after,
      NOW,
      defaults,
      50,
    );
    expect(all.shares).toHaveLength(500);
    expect(few.shares).toEqual(all.shares.slice(0, 50));
    expect(few.shrinks).toBe(false);
    // Ten changes on the first day use up what is looked for; the last day has less.
    const more = {
      ...temporary(30),
      contracts: [...temporary(30).contracts, aContract({ id: 'c-2', hosts: 0, until: NOW + DAY })],
    };
    expect(changesBetween(after, more, NOW, defaults, 5).shrinks).toBe(true);
    const same = {
      ...temporary(40),
      contracts: [...temporary(40).contracts, aContract({ id: 'c-2', hosts: 0, until: NOW + DAY })],
    };
    expect(changesBetween(after, same, NOW, defaults, 5).shrinks).toBe(false);
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
