import { endOfDay, startOfDay } from './calendar.ts';
import { supersededBy, type Contract } from './contract.ts';
import { DAY, endOf, type Instant, type Span } from './instant.ts';
import type { ContractTerms, Line } from './installation.ts';

/** Longer than any grace: what ended before that cannot matter any more. */
export const FORGOTTEN_AFTER = 100 * DAY;

/**
 * The contracts of ONE installation as they count: days become instants, a successor ends its predecessors, a cancellation
 * ends its contract. The order of `contracts` does not matter.
 */
export function unite(contracts: readonly Contract[], now: Instant): ContractTerms[] {
  const predecessors = predecessorsOf(contracts);
  return contracts
    .map((contract) => termsOf(contract, endBySuccession(contract, contracts, predecessors)))
    .filter((terms) => endOf(terms) > Math.max(terms.from, now - FORGOTTEN_AFTER))
    .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
}

/** The span that the document orders, before anything cuts it. */
function orderedSpanOf({ document }: Contract): Span {
  const { startsOn, endsOn, timeZone } = document;
  return {
    from: startOfDay(startsOn, timeZone),
    until: endsOn === undefined ? null : endOfDay(endsOn, timeZone),
  };
}

/** Ids of all contracts that each contract replaces, directly or through others. */
function predecessorsOf(contracts: readonly Contract[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(contracts.map(({ contractId, document }) => [contractId, supersededBy(document)]));
  return new Map(
    contracts.map(({ contractId }) => {
      const found = new Set<string>();
      const open = [...(direct.get(contractId) ?? [])];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        // Every id is visited once, so that contracts which name each other cannot loop.
        if (found.has(id) || id === contractId) continue;
        found.add(id);
        open.push(...(direct.get(id) ?? []));
      }
      return [contractId, found];
    }),
  );
}

/** The earliest start of a successor that takes effect. Where contracts name each other, only the later one succeeds. */
function endBySuccession(
  contract: Contract,
  contracts: readonly Contract[],
  predecessors: ReadonlyMap<string, ReadonlySet<string>>,
): Instant {
  const { contractId } = contract;
  const { from } = orderedSpanOf(contract);
  const starts = contracts
    .filter((successor) => predecessors.get(successor.contractId)?.has(contractId))
    .filter(takesEffect)
    .map((successor) => ({ id: successor.contractId, from: orderedSpanOf(successor).from }))
    .filter((successor) => {
      const mutual = predecessors.get(contractId)?.has(successor.id) ?? false;
      return !mutual || successor.from > from || (successor.from === from && successor.id > contractId);
    });
  return Math.min(...starts.map((successor) => successor.from));
}

/** A suspended successor, or one that was cancelled before it began, replaces nothing. */
function takesEffect(successor: Contract): boolean {
  const { document, cancelledAt = Number.POSITIVE_INFINITY } = successor;
  return document.status !== 'suspended' && cancelledAt > orderedSpanOf(successor).from;
}

function termsOf(contract: Contract, supersededAt: Instant): ContractTerms {
  const { contractId, document, cancelledAt = Number.POSITIVE_INFINITY } = contract;
  const { reference, kind, status, hosts, validityDays, renewEverySeconds, timeZone } = document;
  const ordered = orderedSpanOf(contract);
  const span = spanOf(ordered.from, Math.min(endOf(ordered), supersededAt, cancelledAt));
  const graceDays = kind === 'trial' ? 0 : document.graceDays;
  return {
    id: contractId,
    ...(reference === undefined ? {} : { reference }),
    kind,
    suspended: status === 'suspended',
    ...span,
    hosts,
    connection: document.connection ?? 'online',
    timeZone,
    ...(graceDays === undefined ? {} : { graceDays }),
    ...(validityDays === undefined ? {} : { validityDays }),
    ...(renewEverySeconds === undefined ? {} : { renewEverySeconds }),
    lines: linesOf(contract, span),
  };
}

/** The lines clipped to the contract; one that is left with nothing is left out. */
function linesOf({ document }: Contract, contract: Span): Line[] {
  const { timeZone, lines } = document;
  return lines
    .map(({ option, scope, quantity, startsOn, endsOn }) => ({
      option,
      scope,
      quantity,
      ...spanOf(
        startsOn === undefined ? contract.from : Math.max(contract.from, startOfDay(startsOn, timeZone)),
        endsOn === undefined ? endOf(contract) : Math.min(endOf(contract), endOfDay(endsOn, timeZone)),
      ),
    }))
    .filter((line) => line.from < endOf(line));
}

const spanOf = (from: Instant, until: Instant): Span => ({
  from,
  until: until === Number.POSITIVE_INFINITY ? null : until,
});
