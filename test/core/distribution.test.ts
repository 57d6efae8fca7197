import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide, shareWindows, type Distributable } from '../../lambdas/core/distribution.ts';
import { entitlementAt } from '../../lambdas/core/entitlement.ts';
import { DAY, HOUR, type Instant } from '../../lambdas/core/instant.ts';
import type { ContractTerms, Declaration, LicenseEntry } from '../../lambdas/core/installation.ts';
import type { OptionWindow } from '../../lambdas/core/license-file.ts';
import {
  arbitraryContracts,
  arbitraryContractsOfOneGrace,
  arbitraryDeclarations,
  arbitraryLicenses,
  sampledInstants,
} from '../builders/arbitrary-contracts.ts';
import { aContract as aContractOfOneHost, DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { NaiveEntitlement } from '../builders/naive-entitlement.ts';

const defaults = { ...DEFAULTS, graceDays: 2 };

/** Hosts enough for every license here, unless given otherwise. */
const aContract = (given: Parameters<typeof aContractOfOneHost>[0] = {}): ContractTerms =>
  aContractOfOneHost({ hosts: 9, ...given });
const SPAN = { from: NOW, until: NOW + 35 * DAY };

/** The windows of each license, by its id. */
const windowsOf = (installation: Distributable, span = SPAN): Map<string, OptionWindow[]> =>
  new Map(installation.licenses.map(({ id }) => [id, shareWindows(installation, id, span, defaults)]));

const quantityAt = (windows: readonly OptionWindow[], option: string, instant: Instant): number =>
  windows
    .filter((window) => window.option === option && window.from <= instant && instant < window.until)
    .reduce((sum, { quantity }) => sum + quantity, 0);

/** What each license carries of an option at an instant, in order of declaration. */
const sharesAt = (installation: Distributable, instant: Instant, option = 'render-engine'): number[] =>
  [...windowsOf(installation).values()].map((windows) => quantityAt(windows, option, instant));

describe('a pool', () => {
  const among = (...ids: string[]) => ({ contracts: [aContract()], licenses: licensesNamed(...ids) });

  it('goes whole to the only license', () => {
    expect(sharesAt(among('a'), NOW)).toEqual([8]);
  });

  it('is spread evenly, and the first licenses in order of declaration get the remainder', () => {
    expect(sharesAt(among('z', 'y', 'x'), NOW)).toEqual([3, 3, 2]);
    expect(sharesAt(among('a', 'b', 'c', 'd', 'e'), NOW)).toEqual([2, 2, 2, 1, 1]);
  });

  it('gives nothing, and no window, to licenses for which none is left', () => {
    const contracts = [aContract({ lines: [{ quantity: 2 }] })];
    const windows = windowsOf({ contracts, licenses: licensesNamed('a', 'b', 'c') });
    expect(windows.get('c')).toEqual([]);
  });

  it('is summed over lines and contracts before it is divided', () => {
    const contracts = [
      aContract({ lines: [{ quantity: 1 }, { quantity: 1 }] }),
      aContract({ hosts: 0, lines: [{ quantity: 1 }] }),
    ];
    expect(sharesAt({ contracts, licenses: licensesNamed('a', 'b') }, NOW)).toEqual([2, 1]);
  });

  it('is spread per option', () => {
    const contracts = [aContract({ lines: [{ quantity: 3 }, { option: 'hardworker', quantity: 5 }] })];
    const installation = { contracts, licenses: licensesNamed('a', 'b') };
    expect(sharesAt(installation, NOW)).toEqual([2, 1]);
    expect(sharesAt(installation, NOW, 'hardworker')).toEqual([3, 2]);
  });

  it('is divided without loss, in parts that differ by one at most, the larger ones first', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.integer({ min: 1, max: 200 }), (total, count) => {
        const parts = divide(
          total,
          licensesNamed(...Array.from({ length: count }, (_, index) => `l-${index}`)),
        );
        expect(parts.reduce((sum, part) => sum + part)).toBe(total);
        expect((parts[0] ?? 0) - (parts.at(-1) ?? 0)).toBeLessThanOrEqual(1);
        expect(parts).toEqual(parts.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe('an every-host line', () => {
  it('is given to each license in full, on top of its part of the pool', () => {
    const contracts = [aContract({ lines: [{ quantity: 3 }, { scope: 'every-host', quantity: 10 }] })];
    expect(sharesAt({ contracts, licenses: licensesNamed('a', 'b') }, NOW)).toEqual([12, 11]);
  });
});

describe('a license', () => {
  const lapsing: LicenseEntry[] = [{ id: 'starter', lapsesAt: NOW + 5 * DAY }, { id: 'bound' }];

  it('carries its share until it lapses, and the others carry it from that instant on', () => {
    const installation = { contracts: [aContract()], licenses: lapsing };
    expect(sharesAt(installation, NOW + 5 * DAY - 1)).toEqual([4, 4]);
    expect(sharesAt(installation, NOW + 5 * DAY)).toEqual([0, 8]);
  });

  it('that is not in the list carries nothing', () => {
    const installation = { contracts: [aContract()], licenses: licensesNamed('a') };
    expect(shareWindows(installation, 'unknown', SPAN, defaults)).toEqual([]);
  });
});

describe('a declaration', () => {
  const AT = NOW + 5 * DAY;
  const cluster = (pool: number, ...declarations: Declaration[]): Distributable => ({
    contracts: [aContract({ lines: [{ quantity: pool }] })],
    licenses: licensesNamed('a', 'b', 'c'),
    declarations,
  });
  const of = (quantities: Declaration['quantities'], effectiveAt = NOW): Declaration => ({
    option: 'render-engine',
    effectiveAt,
    quantities,
  });

  it('is honoured where it fits', () => {
    expect(sharesAt(cluster(8, of({ a: 5, b: 2, c: 1 })), NOW)).toEqual([5, 2, 1]);
  });

  it('takes effect at its instant on all hosts together', () => {
    const declared = cluster(8, of({ a: 5, b: 2, c: 1 }), of({ a: 2, b: 5, c: 1 }, AT));
    expect(sharesAt(declared, AT - 1)).toEqual([5, 2, 1]);
    expect(sharesAt(declared, AT)).toEqual([2, 5, 1]);
    expect(
      windowsOf(declared)
        .get('a')
        ?.map(({ until }) => until),
    ).toEqual([AT, SPAN.until]);
  });

  it('leaves the rest to the hosts that it does not name', () => {
    expect(sharesAt(cluster(8, of({ a: 5 })), NOW)).toEqual([5, 2, 1]);
    expect(sharesAt(cluster(8, of({ a: 8 })), NOW)).toEqual([8, 0, 0]);
  });

  it('leaves the rest to the hosts that want some where it names all', () => {
    expect(sharesAt(cluster(12, of({ a: 5, b: 2, c: 1 })), NOW)).toEqual([7, 3, 2]);
    expect(sharesAt(cluster(12, of({ a: 5, b: 2, c: 0 })), NOW)).toEqual([8, 4, 0]);
  });

  it('hands out everything even where it wants nothing', () => {
    expect(sharesAt(cluster(8, of({ a: 0, b: 0, c: 0 })), NOW)).toEqual([3, 3, 2]);
  });

  it('shrinks in proportion where it does not fit, the largest remainders first', () => {
    expect(sharesAt(cluster(6, of({ a: 5, b: 2, c: 1 })), NOW)).toEqual([4, 1, 1]);
    expect(sharesAt(cluster(1, of({ a: 1, b: 1, c: 1 })), NOW)).toEqual([1, 0, 0]);
    expect(sharesAt(cluster(0, of({ a: 5, b: 2, c: 1 })), NOW)).toEqual([0, 0, 0]);
  });

  it('shrinks exactly where numbers are large', () => {
    const big = 900_000_007;
    expect(divide(big, licensesNamed('a', 'b'), { a: big, b: 1 })).toEqual([big - 1, 1]);
  });

  it('of one option leaves the others alone', () => {
    const installation = {
      ...cluster(8, { ...of({ a: 8 }), option: 'hardworker' }),
      contracts: [aContract({ lines: [{}, { option: 'hardworker' }] })],
    };
    expect(sharesAt(installation, NOW)).toEqual([3, 3, 2]);
    expect(sharesAt(installation, NOW, 'hardworker')).toEqual([8, 0, 0]);
  });

  it('does not touch what every host gets', () => {
    const lines = [{ quantity: 3 }, { scope: 'every-host' as const, quantity: 10 }];
    const installation = { ...cluster(3, of({ c: 3 })), contracts: [aContract({ lines })] };
    expect(sharesAt(installation, NOW)).toEqual([10, 10, 13]);
  });

  it('spreads what a retired host had over those that want some, from that instant on', () => {
    const [a, b, c] = licensesNamed('a', 'b', 'c');
    const installation = {
      ...cluster(8, of({ a: 5, b: 2, c: 1 })),
      licenses: [{ ...a!, retiresAt: AT }, b!, c!],
    };
    expect(sharesAt(installation, AT - 1)).toEqual([5, 2, 1]);
    expect(sharesAt(installation, AT)).toEqual([0, 5, 3]);
  });

  it('gives nothing to names that objects have', () => {
    expect(divide(4, licensesNamed('constructor', 'b'), { b: 1 })).toEqual([3, 1]);
  });
});

describe('hosts', () => {
  const END = NOW + 10 * DAY;
  const three = licensesNamed('a', 'b', 'c');

  it('beyond those that are ordered carry nothing: the ones that were declared last', () => {
    expect(sharesAt({ contracts: [aContract({ hosts: 2 })], licenses: three }, NOW)).toEqual([4, 4, 0]);
  });

  it('keep their share through the grace of a contract that ordered more of them', () => {
    const contracts = [
      aContract({ hosts: 3, until: END, graceDays: 3 }),
      aContract({ hosts: 2, from: END, until: END + 90 * DAY }),
    ];
    expect(sharesAt({ contracts, licenses: three }, END + 3 * DAY - 1)).toEqual([3, 3, 2]);
    expect(sharesAt({ contracts, licenses: three }, END + 3 * DAY)).toEqual([4, 4, 0]);
  });

  it('keep their share through the grace after an order that lowered them', () => {
    const contracts = [aContract({ hosts: 1, graceDays: 3 })];
    const installation = { contracts, licenses: three, keptHosts: [{ hosts: 2, endedAt: NOW - DAY }] };
    expect(sharesAt(installation, NOW + 2 * DAY - 1)).toEqual([4, 4, 0]);
    expect(sharesAt(installation, NOW + 2 * DAY)).toEqual([8, 0, 0]);
  });

  it('of an add-on without grace are there for its time alone', () => {
    const temporary = aContract({ hosts: 1, from: NOW, until: END, graceDays: 0, lines: [] });
    const contracts = [aContract({ hosts: 2 }), temporary];
    expect(sharesAt({ contracts, licenses: three }, END - 1)).toEqual([3, 3, 2]);
    expect(sharesAt({ contracts, licenses: three }, END)).toEqual([4, 4, 0]);
  });

  it('take the place of a retired one', () => {
    const licenses = [{ ...three[0]!, retiresAt: NOW + DAY }, ...three.slice(1)];
    const contracts = [aContract({ hosts: 2 })];
    expect(sharesAt({ contracts, licenses }, NOW)).toEqual([4, 4, 0]);
    expect(sharesAt({ contracts, licenses }, NOW + DAY)).toEqual([0, 4, 4]);
  });
});

describe('a line', () => {
  const only = (contracts: Distributable['contracts']) => ({ contracts, licenses: licensesNamed('a') });
  const base = { from: NOW - 300 * DAY, until: NOW + 300 * DAY };

  it('of a temporary option starts and ends inside the file', () => {
    const temporary = { quantity: 4, from: NOW + 3 * DAY, until: NOW + 6 * DAY };
    const installation = only([aContract({ lines: [{ quantity: 8 }, temporary] })]);
    expect(windowsOf(installation).get('a')).toEqual([
      { option: 'render-engine', quantity: 8, from: base.from, until: NOW + 3 * DAY },
      { option: 'render-engine', quantity: 12, from: NOW + 3 * DAY, until: NOW + 6 * DAY },
      { option: 'render-engine', quantity: 8, from: NOW + 6 * DAY, until: SPAN.until },
    ]);
  });

  it('ends at the expiry of the file where it runs longer, or has no end', () => {
    for (const until of [base.until, null]) {
      const [window] = windowsOf(only([aContract({ until })])).get('a') ?? [];
      expect(window).toMatchObject({ until: SPAN.until });
    }
  });

  it('of a suspended contract gives nothing', () => {
    const contracts = [aContract(), aContract({ suspended: true, lines: [{ quantity: 100 }] })];
    expect(sharesAt(only(contracts), NOW)).toEqual([8]);
  });

  it('keeps its start where that was before now, so that a clock behind ours finds it in force', () => {
    expect(windowsOf(only([aContract()])).get('a')).toMatchObject([{ from: base.from }]);
  });

  it('keeps its start where another option began a minute ago', () => {
    const another = { option: 'hardworker', quantity: 1, from: NOW - 60 };
    const [first] = windowsOf(only([aContract({ lines: [{}, another] })])).get('a') ?? [];
    expect(first).toEqual({ option: 'render-engine', quantity: 8, from: base.from, until: SPAN.until });
  });

  it('keeps its start where a successor took it over in the same quantity a minute ago', () => {
    const contracts = [aContract({ until: NOW - 60 }), aContract({ from: NOW - 60 })];
    expect(windowsOf(only(contracts)).get('a')).toMatchObject([{ quantity: 8, from: base.from }]);
  });

  it('goes over into that of a successor without a second window', () => {
    const contracts = [aContract({ until: NOW + 5 * DAY }), aContract({ from: NOW + 5 * DAY })];
    expect(windowsOf(only(contracts)).get('a')).toHaveLength(1);
  });
});

describe('in grace', () => {
  const END = NOW + 10 * DAY;
  const alone = (contracts: Distributable['contracts']) => ({ contracts, licenses: licensesNamed('a') });
  const share = (contracts: Distributable['contracts'], instant: Instant) =>
    sharesAt(alone(contracts), instant)[0];

  it('a line that ends where the entitlement ends runs on, to the end of the grace', () => {
    const contracts = [aContract({ until: END, graceDays: 3 })];
    expect(share(contracts, END)).toBe(8);
    expect(share(contracts, END + 3 * DAY - 1)).toBe(8);
    expect(share(contracts, END + 3 * DAY)).toBe(0);
  });

  it('a line that ended earlier does not come back', () => {
    const contracts = [aContract({ until: END, lines: [{ quantity: 5 }, { quantity: 2, until: END - 1 }] })];
    expect(share(contracts, END - 2)).toBe(7);
    expect(share(contracts, END)).toBe(5);
  });

  it('a line of an add-on that ends at the same instant runs on too', () => {
    const addOn = aContract({ hosts: 0, until: END, lines: [{ quantity: 2 }] });
    expect(share([aContract({ until: END }), addOn], END + DAY)).toBe(10);
  });

  it('a line does not run on where its contract ends and another goes on', () => {
    const contracts = [aContract({ until: END, graceDays: 90 }), aContract({ until: END + 9 * DAY })];
    expect(share(contracts, END - 1)).toBe(16);
    expect(share(contracts, END)).toBe(8);
  });

  it('a line does not run on after a trial', () => {
    expect(share([aContract({ kind: 'trial', until: END, graceDays: 0 })], END)).toBe(0);
  });

  it('a line stops where the next contract starts, and adds nothing to it', () => {
    const next = aContract({ from: END + DAY, lines: [{ quantity: 3 }] });
    const contracts = [aContract({ until: END, graceDays: 10 }), next];
    expect(share(contracts, END + DAY - 1)).toBe(8);
    expect(share(contracts, END + DAY)).toBe(3);
  });

  it('a line runs on after a short trial inside the grace, as long as that grace entitles', () => {
    const trial = aContract({
      kind: 'trial',
      graceDays: 0,
      from: END + DAY,
      until: END + 2 * DAY,
      lines: [{ quantity: 3 }],
    });
    const contracts = [aContract({ until: END, graceDays: 10 }), trial];
    expect(share(contracts, END + DAY)).toBe(3);
    const after = END + 5 * DAY;
    const isEntitled = entitlementAt(contracts, after, defaults).kind === 'entitled';
    expect(share(contracts, after)).toBe(isEntitled ? 8 : 0);
  });
});

describe('the windows of a file', () => {
  it('are the 64 that start earliest', () => {
    const lines = Array.from({ length: 100 }, (_, index) => ({
      option: `option-${index}`,
      from: NOW + (100 - index) * HOUR,
    }));
    const contracts = [aContract({ lines })];
    const windows = shareWindows({ contracts, licenses: licensesNamed('a') }, 'a', SPAN, defaults);
    expect(windows.map(({ from }) => from)).toEqual(
      Array.from({ length: 64 }, (_, index) => NOW + (index + 1) * HOUR),
    );
  });

  it('are all that are in force, however many, and nothing that starts later then', () => {
    const lines = Array.from({ length: 100 }, (_, index) => ({
      option: `option-${index}`,
      from: index < 90 ? NOW - DAY : NOW + HOUR,
    }));
    const contracts = [aContract({ lines })];
    const windows = shareWindows({ contracts, licenses: licensesNamed('a') }, 'a', SPAN, defaults);
    expect(windows.map(({ option }) => option).sort()).toEqual(
      Array.from({ length: 90 }, (_, index) => `option-${index}`).sort(),
    );
  });

  it('are the same whatever the order of contracts and lines', () => {
    const lines = ['b', 'a', 'c'].map((option) => ({ option, quantity: 2 }));
    const contracts = [aContract({ lines }), aContract({ lines: lines.toReversed(), until: NOW + DAY })];
    const licenses = licensesNamed('a', 'b');
    const mirrored = contracts
      .toReversed()
      .map((contract) => ({ ...contract, lines: contract.lines.toReversed() }));
    expect(windowsOf({ contracts: mirrored, licenses })).toEqual(windowsOf({ contracts, licenses }));
  });

  it('may be of options with names that objects have', () => {
    const lines = ['constructor', '__proto__', 'hasOwnProperty'].map((option) => ({ option, quantity: 2 }));
    const windows = windowsOf({ contracts: [aContract({ lines })], licenses: licensesNamed('a') }).get('a');
    expect(windows?.map(({ option, quantity }) => [option, quantity])).toEqual([
      ['__proto__', 2],
      ['constructor', 2],
      ['hasOwnProperty', 2],
    ]);
  });
});

describe('at every instant of the file, over random installations', () => {
  const instants = sampledInstants.filter((instant) => SPAN.from <= instant && instant < SPAN.until);
  const OPTIONS = ['render-engine', 'hardworker'];
  const anInstallation = fc.record({
    contracts: arbitraryContracts,
    licenses: arbitraryLicenses,
    declarations: arbitraryDeclarations,
  });

  it('declarations are honoured where they fit, the rest is even, and shrinking is in proportion', () => {
    fc.assert(
      fc.property(anInstallation, (installation) => {
        const naive = new NaiveEntitlement(installation.contracts, defaults.graceDays);
        const windows = windowsOf(installation);
        for (const instant of instants) {
          const sharing = naive.sharingAt(installation.licenses, instant);
          for (const option of OPTIONS) {
            const sum = (scope: string) =>
              naive
                .linesAt(instant)
                .filter((line) => line.option === option && line.scope === scope)
                .reduce((total, { quantity }) => total + quantity, 0);
            const pool = sum('pool');
            const inForce = installation.declarations
              .filter((one) => one.option === option && one.effectiveAt <= instant)
              .toSorted((x, y) => x.effectiveAt - y.effectiveAt)
              .at(-1);
            const parts = sharing.map(({ id }) => ({
              wanted: inForce?.quantities[id],
              part: quantityAt(windows.get(id) ?? [], option, instant) - sum('every-host'),
            }));
            const wanted = parts.reduce((total, one) => total + (one.wanted ?? 0), 0);
            const given = parts.reduce((total, one) => total + one.part, 0);
            if (parts.length > 0) expect(given).toBe(pool);
            if (wanted > pool) {
              for (const one of parts) {
                expect(Math.abs(one.part - ((one.wanted ?? 0) * pool) / wanted)).toBeLessThan(1);
              }
            } else {
              const extra = parts.map((one) => one.part - (one.wanted ?? 0));
              expect(Math.min(0, ...extra)).toBe(0);
              const unnamed = parts.filter((one) => one.wanted === undefined);
              if (unnamed.length > 0) {
                expect(parts.every((one) => one.wanted === undefined || one.part === one.wanted)).toBe(true);
                const sizes = unnamed.map(({ part }) => part);
                expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
              }
            }
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('shares do not depend on the order of declarations', () => {
    fc.assert(
      fc.property(anInstallation, (installation) => {
        const mirrored = { ...installation, declarations: installation.declarations.toReversed() };
        expect(windowsOf(mirrored)).toEqual(windowsOf(installation));
      }),
      { numRuns: 50 },
    );
  });

  /** Compares all shares with the lines that a naive reading finds in force. */
  function compareWithNaive({ contracts, licenses }: Distributable): void {
    const naive = new NaiveEntitlement(contracts, defaults.graceDays);
    const windows = windowsOf({ contracts, licenses });
    for (const instant of instants) {
      const lines = naive.linesAt(instant);
      const sharing = naive.sharingAt(licenses, instant);
      for (const option of OPTIONS) {
        const sum = (scope: string) =>
          lines
            .filter((line) => line.option === option && line.scope === scope)
            .reduce((total, { quantity }) => total + quantity, 0);
        const pool = sum('pool');
        let handedOut = 0;
        for (const { id } of licenses) {
          const index = sharing.findIndex((license) => license.id === id);
          const share = quantityAt(windows.get(id) ?? [], option, instant);
          const part = index < 0 ? 0 : share - sum('every-host');
          const first = index >= 0 && index < pool % sharing.length;
          const expected =
            index < 0 ? 0 : sum('every-host') + Math.floor(pool / sharing.length) + Number(first);
          if (share !== expected)
            expect.fail(`${id} has ${share} of ${option}, not ${expected}, at +${instant - NOW}`);
          handedOut += part;
        }
        if (sharing.length > 0 && handedOut !== pool)
          expect.fail(`${handedOut} of ${pool} handed out at +${instant - NOW}`);
      }
    }
  }

  it('the shares of a pool add up to what the lines give then, and every-host goes to each', () => {
    fc.assert(
      fc.property(arbitraryContractsOfOneGrace, arbitraryLicenses, (contracts, licenses) => {
        compareWithNaive({ contracts, licenses });
      }),
      { numRuns: 150 },
    );
  });

  it('they do so where every contract has a grace of its own', () => {
    fc.assert(
      fc.property(arbitraryContracts, arbitraryLicenses, (contracts, licenses) => {
        compareWithNaive({ contracts, licenses });
      }),
      { numRuns: 300 },
    );
  });

  it('windows of an option never overlap, equal ones are not split, and none is useless', () => {
    fc.assert(
      fc.property(arbitraryContracts, arbitraryLicenses, (contracts, licenses) => {
        for (const windows of windowsOf({ contracts, licenses }).values()) {
          expect(windows.length).toBeLessThanOrEqual(64);
          expect(windows).toEqual(
            windows.toSorted((a, b) => a.from - b.from || (a.option < b.option ? -1 : 1)),
          );
          for (const { quantity, from, until } of windows) {
            expect(Number.isSafeInteger(quantity) && quantity > 0).toBe(true);
            expect(from).toBeLessThan(until);
            expect(until).toBeGreaterThan(SPAN.from);
            expect(until).toBeLessThanOrEqual(SPAN.until);
          }
          for (const option of OPTIONS) {
            const own = windows.filter((window) => window.option === option);
            own.slice(1).forEach((window, index) => {
              const before = own[index]!;
              expect(window.from).toBeGreaterThanOrEqual(before.until);
              if (window.from === before.until) expect(window.quantity).not.toBe(before.quantity);
            });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('two files of different days say the same of every instant that both cover', () => {
    fc.assert(
      fc.property(
        arbitraryContracts,
        arbitraryLicenses,
        fc.integer({ min: 1, max: 100 }),
        (contracts, licenses, hours) => {
          const installation = { contracts, licenses };
          const later = { from: SPAN.from + hours * HOUR, until: SPAN.until + hours * HOUR };
          const [today, tomorrow] = [windowsOf(installation), windowsOf(installation, later)];
          for (const { id } of licenses) {
            for (const instant of instants.filter((candidate) => candidate >= later.from)) {
              for (const option of OPTIONS) {
                const [first, second] = [today, tomorrow].map((windows) =>
                  quantityAt(windows.get(id) ?? [], option, instant),
                );
                if (first !== second) expect.fail(`${id}: ${first} and ${second} at +${instant - NOW}`);
              }
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
