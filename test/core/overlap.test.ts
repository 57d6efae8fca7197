import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareWindows, type Distributable } from '../../lambdas/core/distribution.ts';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { overlapsOf, type HeldFile } from '../../lambdas/core/overlap.ts';
import { shareSteps, windowsIn } from '../../lambdas/core/share-steps.ts';
import {
  arbitraryContracts,
  arbitraryDeclarations,
  arbitraryLicenses,
} from '../builders/arbitrary-contracts.ts';
import { aContract, DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';

const UNTIL = NOW + 100 * DAY;
const EXP = NOW + 35 * DAY;

const cluster: Distributable = { contracts: [aContract({ hosts: 2 })], licenses: licensesNamed('a', 'b') };

/** A file that says so many render engines for as long as it is valid. */
const aFile = (licenseId: string, quantity: number, given: Partial<HeldFile> = {}): HeldFile => ({
  licenseId,
  hostId: `host-of-${licenseId}`,
  expiresAt: EXP,
  kind: 'current',
  windows: [{ option: 'render-engine', quantity, from: NOW - DAY, until: EXP }],
  ...given,
});

const reported = (held: readonly HeldFile[], installation = cluster) =>
  overlapsOf(held, installation, NOW, UNTIL, DEFAULTS).map(({ holders, ...overlap }) => ({
    ...overlap,
    holders: holders.map(({ file, ...holder }) => [file.hostId, holder.tooMuch, holder.from, holder.until]),
  }));

describe('an overlap', () => {
  it('is none where the files say what is contracted, or less', () => {
    expect(reported([aFile('a', 4), aFile('b', 4)])).toEqual([]);
    expect(reported([aFile('a', 8)])).toEqual([]);
    expect(reported([])).toEqual([]);
  });

  it('is one until the file expires that says too much, and names its host', () => {
    const files = [aFile('a', 6, { expiresAt: NOW + 3 * DAY }), aFile('b', 4)];
    expect(reported(files)).toEqual([
      {
        option: 'render-engine',
        from: NOW,
        until: NOW + 3 * DAY,
        tooMuch: 2,
        holders: [['host-of-a', 2, NOW, NOW + 3 * DAY]],
      },
    ]);
  });

  it('ends at the expiry of a file, whatever its windows say', () => {
    const windows = [{ option: 'render-engine', quantity: 6, from: NOW, until: UNTIL }];
    const [overlap] = reported([aFile('a', 0, { windows, expiresAt: NOW + HOUR }), aFile('b', 4)]);
    expect(overlap).toMatchObject({ from: NOW, until: NOW + HOUR });
  });

  it('names the file that was left behind at a former host, and not the host that took over', () => {
    const left = aFile('a', 4, { hostId: 'old', kind: 'left-behind', expiresAt: NOW + 20 * DAY });
    expect(reported([aFile('a', 4), aFile('b', 4), left])).toMatchObject([
      { until: NOW + 20 * DAY, tooMuch: 4, holders: [['old', 4, NOW, NOW + 20 * DAY]] },
    ]);
  });

  it('names the host of a retired license once another carries its share', () => {
    const licenses = [{ id: 'a', retiresAt: NOW - HOUR }, { id: 'b' }];
    const installation = { ...cluster, licenses };
    expect(reported([aFile('a', 4, { kind: 'retired' }), aFile('b', 4)], installation)).toEqual([]);
    expect(reported([aFile('a', 4, { kind: 'retired' }), aFile('b', 8)], installation)).toMatchObject([
      { tooMuch: 4, holders: [['host-of-a', 4, NOW, EXP]] },
    ]);
  });

  it('begins where a declaration takes effect that one of two hosts does not have yet', () => {
    const effectiveAt = NOW + 25 * HOUR;
    const declarations = [{ option: 'render-engine', effectiveAt, quantities: { a: 1, b: 7 } }];
    const installation = { ...cluster, declarations };
    const windows = shareWindows(installation, 'b', { from: NOW, until: EXP }, DEFAULTS);
    expect(reported([aFile('a', 4), aFile('b', 0, { windows })], installation)).toMatchObject([
      { from: effectiveAt, until: EXP, tooMuch: 3, holders: [['host-of-a', 3, effectiveAt, EXP]] },
    ]);
  });

  it('is not one where hosts are free that an every-host line orders for, and is where they are not', () => {
    const everyHost = (hosts: number) => ({
      ...cluster,
      contracts: [aContract({ hosts, lines: [{ scope: 'every-host', quantity: 2 }] })],
    });
    const left = aFile('a', 2, { hostId: 'old', kind: 'left-behind' });
    const files = [aFile('a', 2), aFile('b', 2), left];
    expect(reported(files, everyHost(3))).toEqual([]);
    expect(reported(files, everyHost(2))).toMatchObject([{ tooMuch: 2, holders: [['old', 2, NOW, EXP]] }]);
  });

  it('is all that is held where nobody may run any more', () => {
    const contracts = [aContract({ hosts: 2, until: NOW - 20 * DAY })];
    expect(reported([aFile('a', 4)], { ...cluster, contracts })).toMatchObject([{ tooMuch: 4, until: EXP }]);
  });

  it('says the most of what changes inside of it, and is one span', () => {
    const windows = [
      { option: 'render-engine', quantity: 5, from: NOW, until: NOW + DAY },
      { option: 'render-engine', quantity: 9, from: NOW + DAY, until: NOW + 2 * DAY },
    ];
    const files = [aFile('a', 0, { windows }), aFile('b', 4)];
    expect(reported(files)).toMatchObject([{ from: NOW, until: NOW + 2 * DAY, tooMuch: 5 }]);
  });

  it('is reported by option, and those that hold most come first', () => {
    const contracts = [
      aContract({ hosts: 2, lines: [{ quantity: 2 }, { option: 'constructor', quantity: 1 }] }),
    ];
    const also = { option: 'constructor', quantity: 1, from: NOW, until: EXP };
    const files = ['a', 'b'].map((id, index) =>
      aFile(id, 0, { windows: [{ ...also, option: 'render-engine', quantity: 2 + index }, also] }),
    );
    const overlaps = overlapsOf(files, { ...cluster, contracts }, NOW, UNTIL, DEFAULTS);
    expect(
      overlaps.map(({ option, holders }) => [option, holders.map(({ file }) => file.licenseId)]),
    ).toEqual([
      ['constructor', ['b']],
      ['render-engine', ['b', 'a']],
    ]);
  });
});

it('steps say of every license what its windows say, clipped to their span', () => {
  fc.assert(
    fc.property(
      arbitraryContracts,
      arbitraryLicenses,
      arbitraryDeclarations,
      (contracts, licenses, declarations) => {
        const installation = { contracts, licenses, declarations };
        const span = { from: NOW, until: NOW + 12 * DAY };
        const steps = shareSteps(installation, span, DEFAULTS);
        const sorted = (windows: ReturnType<typeof windowsIn>) =>
          windows.toSorted((a, b) => a.from - b.from || (a.option < b.option ? -1 : 1));
        for (const { id } of licenses) {
          const windows = shareWindows(installation, id, span, DEFAULTS, Number.POSITIVE_INFINITY);
          const clipped = windows.map((window) => ({ ...window, from: Math.max(window.from, NOW) }));
          expect(sorted(windowsIn(steps, id))).toEqual(sorted(clipped));
        }
      },
    ),
    { numRuns: 150 },
  );
});
