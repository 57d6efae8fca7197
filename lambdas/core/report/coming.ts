import type { ContractName } from '../alerts/subjects.ts';
import { periodsOf, type Period } from '../entitlement.ts';
import { covers, type Instant } from '../instant.ts';
import type { ContractTerms, Installation, TermDefaults } from '../installation.ts';

interface InInstallation {
  readonly at: Instant;
  readonly product: string;
  readonly installation: string;
  readonly contract: ContractName;
  /** Zone whose days the contract was ordered in, to name its last one. */
  readonly timeZone?: string;
}

/** A contract that starts or ends, or the end of the grace that it leaves behind. */
interface ComingContract extends InInstallation {
  readonly kind: 'contract-starts' | 'contract-ends' | 'grace-ends';
  readonly hosts: number;
  /** Whether hosts are entitled from then on, without a grace: true for a start. */
  readonly continues: boolean;
  /** Where a contract ends, nothing continues, and hosts go on for a while: until when. */
  readonly graceUntil?: Instant;
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
      const { from: start, until: end, hosts, timeZone } = contract;
      const about = {
        product,
        installation,
        contract: nameOf(contract),
        ...(timeZone === undefined ? {} : { timeZone }),
      };
      const graceUntil = graceBehind(contract, periods);
      return [
        ...(isAhead(start)
          ? [{ kind: 'contract-starts' as const, ...about, at: start, hosts, continues: true }]
          : []),
        ...(isAhead(end)
          ? [
              {
                kind: 'contract-ends' as const,
                ...about,
                at: end,
                hosts,
                continues: isEntitled(periods, end),
                ...(graceUntil === undefined ? {} : { graceUntil }),
              },
            ]
          : []),
        ...(graceUntil !== undefined && isAhead(graceUntil)
          ? [
              {
                kind: 'grace-ends' as const,
                ...about,
                at: graceUntil,
                hosts,
                continues: isEntitled(periods, graceUntil),
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

const isEntitled = (periods: readonly Period[], instant: Instant): boolean =>
  periods.some((period) => covers(period, instant));

/** Until when hosts go on by the grace of a contract that is the last one of its period; undefined where they do not. */
function graceBehind({ until, hosts }: ContractTerms, periods: readonly Period[]): Instant | undefined {
  const graceUntil = periods.find((period) => period.until === until)?.graceUntil;
  if (hosts === 0 || until === null || graceUntil == null || graceUntil === until) return undefined;
  return graceUntil;
}

const nameOf = ({ id, reference }: ContractTerms): ContractName =>
  reference === undefined ? { id } : { id, reference };
