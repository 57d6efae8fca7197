import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  distributionOf,
  previewOf,
  whatIfOf,
  type Situation,
} from '../../lambdas/core/customer-distribution/view.ts';
import { installationIf } from '../../lambdas/core/customer-distribution/what-if.ts';
import { shareWindows } from '../../lambdas/core/distribution.ts';
import { DAY, HOUR, isoOf } from '../../lambdas/core/instant.ts';
import type { Installation, LicenseEntry } from '../../lambdas/core/installation.ts';
import { shareSteps, stepsUntil, windowsIn } from '../../lambdas/core/share-steps.ts';
import {
  arbitraryContracts,
  arbitraryDeclarations,
  arbitraryLicenses,
} from '../builders/arbitrary-contracts.ts';
import { aContract, anInstallation, DEFAULTS } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { aCurrentFile, aLicense } from '../builders/license.ts';

const MANY = 5_000;
const LINES = 50;
const PAGE = { limit: 200 };
const YEAR_AHEAD = isoOf(NOW + 400 * DAY);

const dayOf = (days: number): string => isoOf(NOW + days * DAY).slice(0, 10);

/** As many hosts and lines as one order can have without more words, each line of an option and with an end of its own. */
function largest(entryOf: (index: number) => Partial<LicenseEntry> = () => ({}), hosts = MANY): Installation {
  const lines = Array.from({ length: LINES }, (_, index) => ({
    option: `option-${index}`,
    quantity: 7_777 + index,
    until: NOW + (10 + index) * DAY,
  }));
  const licenses = Array.from({ length: hosts }, (_, index) => ({ id: `l${index}`, ...entryOf(index) }));
  return anInstallation({ contracts: [aContract({ hosts, until: NOW + 500 * DAY, lines })], licenses });
}

/** All hosts hold a file that says more of every option than there is. */
function situationOf(installation: Installation): Situation {
  const expiresAt = NOW + 34 * DAY;
  const current = aCurrentFile({ issuedAt: NOW - HOUR, expiresAt });
  const windows = Array.from({ length: LINES }, (_, index) => ({
    option: `option-${index}`,
    quantity: 9,
    from: NOW - DAY,
    until: expiresAt,
  }));
  const licenses = installation.licenses.map(({ id }) =>
    aLicense({ licenseId: id, host: { id: `host-of-${id}` }, current }),
  );
  return {
    installation,
    held: {
      licenses: new Map(licenses.map((license) => [license.licenseId, license])),
      files: licenses.map(({ licenseId }) => ({
        licenseId,
        hostId: `host-of-${licenseId}`,
        windows,
        expiresAt,
        kind: 'current',
      })),
    },
    now: NOW,
    defaults: DEFAULTS,
  };
}

/** One starter after another that nobody has installed: each lapse divides everything anew. */
const lapsing = (): Installation => largest((index) => ({ lapsesAt: NOW + 10 * DAY + index }));

describe('an installation of 5,000 hosts and 50 options', () => {
  it('is shown, previewed and asked about with 50 more lines, 400 days ahead', () => {
    const installation = largest();
    const situation = situationOf(installation);
    const lines = Array.from({ length: 50 }, (_, index) => ({
      option: `more-${index}`,
      scope: 'pool' as const,
      quantity: 9_999,
      startsOn: dayOf(20 + index),
      endsOn: dayOf(120 + 2 * index),
    }));
    const asked = whatIfOf(situation, installationIf(installation, { lines }, NOW, DEFAULTS), PAGE);
    expect(asked.until).toBe(YEAR_AHEAD);
    expect(asked.hosts.map(({ options }) => options.length)).toEqual(Array.from({ length: 200 }, () => 50));

    const shown = distributionOf(situation, PAGE);
    expect(shown).toMatchObject({ until: YEAR_AHEAD, notRenewedInAll: MANY });
    expect(shown.overlap).toHaveLength(LINES);

    const declarations = [{ option: 'option-7', effectiveAt: NOW + 25 * HOUR, quantities: { l0: 5_000 } }];
    const preview = previewOf(situation, { effectiveAt: NOW + 25 * HOUR, declarations }, PAGE);
    expect(preview.until).toBe(YEAR_AHEAD);
    expect(preview.overlap).toHaveLength(LINES);
  }, 60_000);

  it('is computed as far ahead as the budget goes where all of it changes every second', () => {
    const installation = lapsing();
    const nothingHeld = { licenses: new Map(), files: [] };
    const situation: Situation = { installation, held: nothingHeld, now: NOW, defaults: DEFAULTS };
    const declarations = [{ option: 'option-7', effectiveAt: NOW + 11 * DAY, quantities: { l0: 5_000 } }];
    const shown = distributionOf({ ...situation, installation: { ...installation, declarations } }, PAGE);
    const until = Date.parse(shown.until) / 1000;
    expect(until).toBeGreaterThan(NOW + 10 * DAY);
    expect(until).toBeLessThan(NOW + 11 * DAY);
    // What comes after that is not known, and nothing is said of it.
    const option = shown.options.find((one) => one.option === 'option-7');
    expect(option?.shares[0]).not.toHaveProperty('shareAfterPending');
    expect(shown.pending).toHaveLength(1);
    expect(option?.windows).toEqual([{ pool: 7_784, everyHost: 0, from: isoOf(NOW), until: shown.until }]);

    // Files are compared as far as that, and are not outdated for what comes later.
    const issuedAt = NOW - HOUR;
    const expiresAt = NOW + 34 * DAY;
    const license = aLicense({ licenseId: 'l0', current: aCurrentFile({ issuedAt, expiresAt }) });
    const windows = shareWindows(installation, 'l0', { from: issuedAt, until: expiresAt }, DEFAULTS);
    const file = { licenseId: 'l0', hostId: 'H-1', windows, expiresAt, kind: 'current' as const };
    const held = { licenses: new Map([['l0', license]]), files: [file] };
    expect(distributionOf({ ...situation, held }, PAGE)).toMatchObject({ notRenewedInAll: 0 });

    const asked = whatIfOf(situation, installationIf(installation, { retire: ['l0'] }, NOW, DEFAULTS), PAGE);
    const ends = asked.hosts.flatMap(({ options }) =>
      options.flatMap(({ before, after }) => [...before, ...after].map((window) => window.until)),
    );
    // Nothing is taken for a change because one of both was computed further.
    expect(ends.every((end) => Date.parse(end) <= Date.parse(asked.until))).toBe(true);
  }, 60_000);
});

describe('steps within a budget', () => {
  it('are the first ones of all, and one at least; what they say of a license is cut where they end', () => {
    const budget = fc.nat({ max: 60 });
    fc.assert(
      fc.property(
        arbitraryContracts,
        arbitraryLicenses,
        arbitraryDeclarations,
        budget,
        (contracts, licenses, declarations, most) => {
          const installation = { contracts, licenses, declarations };
          const span = { from: NOW, until: NOW + 12 * DAY };
          const all = shareSteps(installation, span, DEFAULTS);
          const some = shareSteps(installation, span, DEFAULTS, most);
          const end = some.at(-1)?.until ?? 0;
          expect(some.map(({ from }) => from)).toEqual(all.slice(0, some.length).map(({ from }) => from));
          expect(some.length).toBeGreaterThanOrEqual(1);
          expect(end).toBe(all[some.length - 1]?.until);
          for (const { id } of licenses) {
            expect(windowsIn(some, id)).toEqual(windowsIn(stepsUntil(all, end), id));
          }
        },
      ),
    );
  });

  it('leave an option alone that stays as it is: only what changes is divided anew', () => {
    const steps = shareSteps(largest(), { from: NOW, until: NOW + 400 * DAY }, DEFAULTS);
    // Each line ends once, and so does what the license of the first step says of it.
    expect(steps.map(({ begun }) => begun.length)).toEqual([
      LINES,
      ...Array.from({ length: LINES }, () => 0),
    ]);
  });
});
