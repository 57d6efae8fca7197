import type { ContractName } from '../alerts/subjects.ts';
import { periodsOf } from '../entitlement.ts';
import { covers, type Instant } from '../instant.ts';
import type { ContractTerms, Installation, TermDefaults } from '../installation.ts';

interface InInstallation {
  readonly at: Instant;
  readonly product: string;
  readonly installation: string;
  readonly contract: ContractName;
}

/** A contract that starts, or ends with something that follows it or not. */
interface ComingContract extends InInstallation {
  readonly kind: 'contract-starts' | 'contract-ends';
  /** Whether hosts are entitled from then on: true for a start. */
  readonly continues: boolean;
}

/** A line with a shorter time than its contract. */
interface ComingOption extends InInstallation {
  readonly kind: 'option-starts' | 'option-ends';
  readonly option: string;
  readonly scope: 'pool' | 'every-host';
  readonly quantity: number;
}

/** Something that changes by contract. */
export type Coming = ComingContract | ComingOption;

/**
 * What changes in an installation from one start of a period to the next; suspended contracts change nothing. An end at the
 * last instant is that of the day before, so it belongs to this period.
 */
export function comingOf(
  { product, installation, contracts }: Installation,
  from: Instant,
  until: Instant,
  defaults: TermDefaults,
): Coming[] {
  const periods = periodsOf(contracts, defaults);
  const isAhead = (instant: Instant | null): instant is Instant =>
    instant !== null && from < instant && instant <= until;
  return contracts
    .filter(({ suspended }) => !suspended)
    .flatMap((contract): Coming[] => {
      const about = { product, installation, contract: nameOf(contract) };
      const { from: start, until: end } = contract;
      return [
        ...(isAhead(start)
          ? [{ kind: 'contract-starts' as const, ...about, at: start, continues: true }]
          : []),
        ...(isAhead(end)
          ? [
              {
                kind: 'contract-ends' as const,
                ...about,
                at: end,
                continues: periods.some((period) => covers(period, end)),
              },
            ]
          : []),
        ...contract.lines.flatMap((line): Coming[] => {
          const { option, scope, quantity } = line;
          const ofLine = { ...about, option, scope, quantity };
          return [
            ...(isAhead(line.from) && line.from !== start
              ? [{ kind: 'option-starts' as const, ...ofLine, at: line.from }]
              : []),
            ...(isAhead(line.until) && line.until !== end
              ? [{ kind: 'option-ends' as const, ...ofLine, at: line.until }]
              : []),
          ];
        }),
      ];
    });
}

const nameOf = ({ id, reference }: ContractTerms): ContractName =>
  reference === undefined ? { id } : { id, reference };
