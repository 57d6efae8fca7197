import fc from 'fast-check';
import { HOUR } from '../../lambdas/core/instant.ts';
import type { ContractTerms, Declaration, LicenseEntry, Line } from '../../lambdas/core/installation.ts';
import { NOW } from './instants.ts';

/** Everything random happens on whole hours within this many of the present, so that an oracle can look at each of them. */
export const HORIZON_HOURS = 200;

const hour = fc.integer({ min: -HORIZON_HOURS, max: HORIZON_HOURS }).map((hours) => NOW + hours * HOUR);
const length = fc.integer({ min: 1, max: HORIZON_HOURS / 2 }).map((hours) => hours * HOUR);

function arbitraryLine(from: number, until: number | null): fc.Arbitrary<Line> {
  const hours = until === null ? HORIZON_HOURS : (until - from) / HOUR;
  return fc
    .record({
      option: fc.constantFrom('render-engine', 'hardworker'),
      scope: fc.constantFrom('pool' as const, 'pool' as const, 'every-host' as const),
      quantity: fc.integer({ min: 1, max: 7 }),
      whole: fc.boolean(),
      start: fc.nat({ max: hours - 1 }),
      rest: fc.nat({ max: hours }),
    })
    .map(({ whole, start, rest, ...line }) =>
      whole
        ? { ...line, from, until }
        : { ...line, from: from + start * HOUR, until: from + Math.min(hours, start + 1 + rest) * HOUR },
    );
}

const arbitraryContract = (graceDays: fc.Arbitrary<number | undefined>): fc.Arbitrary<ContractTerms> =>
  fc
    .record({
      from: hour,
      length,
      endless: fc.integer({ min: 1, max: 12 }).map((drawn) => drawn === 1),
      suspended: fc.integer({ min: 1, max: 6 }).map((drawn) => drawn === 1),
      hosts: fc.integer({ min: 0, max: 3 }),
      graceDays,
      validityDays: fc.integer({ min: 1, max: 20 }),
      renewEverySeconds: fc.integer({ min: 900, max: 604_800 }),
    })
    .chain(({ from, length, endless, graceDays, ...terms }) => {
      const until = endless ? null : from + length;
      return fc.array(arbitraryLine(from, until), { maxLength: 3 }).map((lines) => ({
        ...terms,
        ...(graceDays === undefined ? {} : { graceDays }),
        kind: endless ? ('perpetual' as const) : ('subscription' as const),
        connection: 'online' as const,
        from,
        until,
        lines,
        id: '',
      }));
    });

const listOf = (contract: fc.Arbitrary<ContractTerms>): fc.Arbitrary<ContractTerms[]> =>
  fc
    .array(contract, { maxLength: 5 })
    .map((contracts) => contracts.map((terms, index) => ({ ...terms, id: `c-${index}` })));

/** Contracts of an installation: overlapping, adjacent, with gaps, suspended, endless, add-ons, each with a grace of its own. */
export const arbitraryContracts = listOf(
  arbitraryContract(fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined })),
);

/** The same where every contract gives the same grace. */
export const arbitraryContractsOfOneGrace = fc
  .integer({ min: 0, max: 4 })
  .chain((graceDays) => listOf(arbitraryContract(fc.constant(graceDays))));

/** Licenses in order of declaration, some of them lapsing or retired. */
export const arbitraryLicenses: fc.Arbitrary<LicenseEntry[]> = fc
  .array(fc.option(hour, { nil: undefined, freq: 2 }), { minLength: 1, maxLength: 4 })
  .map((lapses) =>
    lapses.map((lapsesAt, index) => ({
      id: `license-${index}`,
      ...(lapsesAt === undefined ? {} : index % 2 === 0 ? { lapsesAt } : { retiresAt: lapsesAt }),
    })),
  );

/** Declarations of some of these licenses, at different instants, as two of one instant replace each other. */
export const arbitraryDeclarations: fc.Arbitrary<Declaration[]> = fc.uniqueArray(
  fc.record({
    option: fc.constantFrom('render-engine', 'hardworker'),
    effectiveAt: hour,
    quantities: fc.dictionary(
      fc.constantFrom('license-0', 'license-1', 'license-2', 'license-3', 'gone'),
      fc.nat({ max: 9 }),
    ),
  }),
  { maxLength: 5, selector: ({ option, effectiveAt }) => `${option} ${effectiveAt}` },
);

/** Every hour of the horizon and as long after it as grace can run, and the last second before each. */
export const sampledInstants: readonly number[] = Array.from(
  { length: 2 * HORIZON_HOURS + 120 },
  (_, index) => NOW + (index - HORIZON_HOURS) * HOUR,
).flatMap((instant) => [instant - 1, instant]);
