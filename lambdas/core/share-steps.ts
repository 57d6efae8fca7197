import {
  changeInstants,
  contractedAt,
  declarationAt,
  divide,
  type Contracted,
  type Distributable,
} from './distribution.ts';
import { hostsAllowedAt, isSameList, sharingAt } from './hosts-allowed.ts';
import type { Instant } from './instant.ts';
import type { Declaration, LicenseEntry, TermDefaults } from './installation.ts';
import type { OptionWindow } from './license-file.ts';

/**
 * How much one look ahead may compute: quantities, each of one license in one option. An option that stays as it is at a
 * change is not computed again, so 5,000 hosts may have 1,000 changes of an option. Time and memory grow with it;
 * docs/distribution.md has the figures.
 */
const MAX_QUANTITIES = 5_000_000;

export interface ClosedSpan {
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
}

/** The licenses that share. */
interface Members {
  readonly list: readonly LicenseEntry[];
  readonly placeById: ReadonlyMap<string, number>;
}

/** How an option is divided over the licenses, for as long as that stays as it is. */
interface Division extends ClosedSpan {
  readonly option: string;
  readonly members: Members;
  /** In the order of the members. */
  readonly quantities: readonly number[];
}

/** The whole distribution of an installation over a span in which nothing changes. */
export interface ShareStep extends ClosedSpan {
  readonly hostsAllowed: number;
  /** By option. */
  readonly contracted: ReadonlyMap<string, Contracted>;
  /** By option: one object for all steps in a row in which the option is divided alike. */
  readonly divisions: ReadonlyMap<string, Division>;
  /** Those of the divisions that begin with this step. */
  readonly begun: readonly Division[];
}

/**
 * The distribution over a span, step by step: the same rules as `shareWindows`, for all licenses in one go. What one license
 * gets takes looking at all of them anyway. Where there is more to compute than the budget, the steps end before the span does.
 */
export function shareSteps(
  installation: Distributable,
  span: ClosedSpan,
  defaults: TermDefaults,
  budget = MAX_QUANTITIES,
): ShareStep[] {
  const { contracts, licenses, declarations = [] } = installation;
  const inside = changeInstants(installation, defaults).filter(
    (instant) => span.from < instant && instant < span.until,
  );
  const starts = span.from < span.until ? [span.from, ...inside] : [];
  // Every step looks at each license, and at each contract once for every other: who may run depends on how they end.
  const looking = licenses.length + contracts.length ** 2;
  const steps: ShareStep[] = [];
  let members = membersOf([]);
  let current = new Map<string, OpenDivision>();
  let spent = 0;
  for (const [index, from] of starts.entries()) {
    const sharing = sharingAt(installation, from, defaults);
    if (!isSameList(sharing, members.list)) members = membersOf(sharing);
    const contracted = contractedAt(installation, from, defaults);
    const changed = new Map<string, Sources>();
    for (const [option, { pool, everyHost }] of contracted) {
      const declared = declarationAt(declarations, option, from)?.quantities;
      const sources = { members, pool, everyHost, declared };
      if (!isSame(current.get(option)?.sources, sources)) changed.set(option, sources);
    }
    spent += looking + changed.size * sharing.length;
    // The first step is there whatever it costs: it says how things are now.
    if (spent > budget && index > 0) break;

    const until = starts[index + 1] ?? span.until;
    const begun = [...changed].map(([option, sources]): OpenDivision => ({
      option,
      members,
      sources,
      quantities: quantitiesOf(sources, sharing, sources.declared),
      from,
      until,
    }));
    const going = [...current.values()].filter(
      ({ option }) => contracted.has(option) && !changed.has(option),
    );
    for (const division of going) division.until = until;
    current = new Map([...going, ...begun].map((division) => [division.option, division]));
    const hostsAllowed = hostsAllowedAt(installation, from, defaults);
    steps.push({ from, until, hostsAllowed, contracted, divisions: current, begun });
  }
  return steps;
}

/** What each license gets of an option, in their order. */
export const quantitiesOf = (
  { pool, everyHost }: Contracted,
  sharing: readonly LicenseEntry[],
  declared: Declaration['quantities'] | undefined,
): number[] => divide(pool, sharing, declared).map((part) => everyHost + part);

/** The same steps as far as an instant. */
export const stepsUntil = (steps: readonly ShareStep[], end: Instant): ShareStep[] =>
  steps
    .filter(({ from }) => from < end)
    .map((step) => ({ ...endingBy(end)(step), begun: step.begun.map(endingBy(end)) }));

const endingBy =
  (end: Instant) =>
  <Span extends ClosedSpan>(span: Span): Span => ({ ...span, until: Math.min(span.until, end) });

/** What a license carries of an option in a step. */
export function shareIn(step: ShareStep | undefined, option: string, licenseId: string): number {
  const division = step?.divisions.get(option);
  return division ? quantityIn(division, licenseId) : 0;
}

/** All that is contracted of an option in a step. Lines without a host that may run give nothing. */
export function totalIn({ contracted, hostsAllowed }: ShareStep, option: string): number {
  const { pool, everyHost } = contracted.get(option) ?? { pool: 0, everyHost: 0 };
  return hostsAllowed === 0 ? 0 : pool + everyHost * hostsAllowed;
}

/** The share of a license as windows, clipped to the steps; adjacent equal ones are one. */
export function windowsIn(steps: readonly Pick<ShareStep, 'begun'>[], licenseId: string): OptionWindow[] {
  const windows: OptionWindow[] = [];
  const open = new Map<string, OptionWindow>();
  for (const division of steps.flatMap(({ begun }) => begun)) {
    const { option, from, until } = division;
    const quantity = quantityIn(division, licenseId);
    if (quantity === 0) continue;
    const previous = open.get(option);
    if (previous?.until === from && previous.quantity === quantity) {
      previous.until = until;
    } else {
      const window = { option, quantity, from, until };
      open.set(option, window);
      windows.push(window);
    }
  }
  return windows;
}

/** A division while further steps may prolong it, with what it was computed from. */
interface OpenDivision extends Division {
  until: Instant;
  readonly sources: Sources;
}

interface Sources extends Contracted {
  readonly members: Members;
  readonly declared: Declaration['quantities'] | undefined;
}

const isSame = (a: Sources | undefined, b: Sources): boolean =>
  a?.members === b.members && a.pool === b.pool && a.everyHost === b.everyHost && a.declared === b.declared;

const membersOf = (list: readonly LicenseEntry[]): Members => ({
  list,
  placeById: new Map(list.map(({ id }, place) => [id, place])),
});

const quantityIn = ({ members, quantities }: Division, licenseId: string): number =>
  quantities[members.placeById.get(licenseId) ?? -1] ?? 0;
