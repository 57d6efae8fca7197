import { isDeepStrictEqual } from 'node:util';
import {
  changeInstants,
  contractedAt,
  declarationAt,
  type Contracted,
  type Distributable,
} from './distribution.ts';
import { entitlementAt, hostsAt } from './entitlement.ts';
import { isSameList, leavesAt, sharingAt } from './hosts-allowed.ts';
import type { Instant, Span } from './instant.ts';
import type { Declaration, LicenseEntry, TermDefaults } from './installation.ts';
import { quantitiesOf } from './share-steps.ts';

/** A license carries another quantity of an option over a span. */
export interface ShareChange extends Span {
  readonly licenseId: string;
  readonly option: string;
  readonly before: number;
  readonly after: number;
}

/** Another number of hosts is ordered over a span. */
export interface HostsChange extends Span {
  readonly before: number;
  readonly after: number;
  /** Licenses that want one of the places when the span begins. */
  readonly licensed: number;
}

/** A license that would have renewed at an instant, and will not any more. */
export interface Refused {
  readonly licenseId: string;
  readonly from: Instant;
}

/** What differs from now on between two states of an installation. */
export interface Changes {
  /** By time, then in the order of the licenses; in the largest installations not of all options. */
  readonly shares: readonly ShareChange[];
  readonly hosts: readonly HostsChange[];
  /** The earliest first, and of those of one instant the one declared last. */
  readonly refused: readonly Refused[];
  /** Whether some license gets less of an option, or renews no more. */
  readonly shrinks: boolean;
}

/**
 * Changes of shares that are looked for, one option after the other, those first that change first. An order of 200 temporary
 * options makes a million of them on 5,000 hosts, and nobody is told of more than 300. Of the options that are left, one that
 * is less is looked for as long as none was found.
 */
const MAX_SHARE_CHANGES = 200_000;

/** What there was before the first order. */
const NOTHING: Distributable = { contracts: [], licenses: [] };

/**
 * What a change of an installation does to its hosts from now on: looked at at every instant at which one of the two states
 * changes, so that what lies ahead is told, too.
 * @param before undefined: there was none
 */
export function changesBetween(
  before: Distributable = NOTHING,
  after: Distributable,
  now: Instant,
  defaults: TermDefaults,
  maxShareChanges = MAX_SHARE_CHANGES,
): Changes {
  const instants = [...changeInstants(before, defaults), ...changeInstants(after, defaults)];
  const starts = [...new Set([now, ...instants.filter((instant) => instant > now)])].sort((a, b) => a - b);
  const runs = new Map<string, Run[]>();
  const hosts: HostsChange[] = [];
  const refused = new Map<string, Instant>();
  let was: State | undefined;
  let is: State | undefined;

  for (const [index, from] of starts.entries()) {
    const span: Span = { from, until: starts[index + 1] ?? null };
    was = stateAt(before, from, defaults, [was]);
    is = stateAt(after, from, defaults, [was, is]);
    for (const option of new Set([...was.contracted.keys(), ...is.contracted.keys()])) {
      const run = { option, ...span, was: sideOf(was, option), is: sideOf(is, option) };
      // Most options of a large installation are left alone by most orders, and need not be divided.
      if (!isAlike(run.was, run.is)) prolong(entryOf(runs, option), run);
    }
    if (was.hosts !== is.hosts) {
      append(hosts, { before: was.hosts, after: is.hosts, licensed: is.licensed, ...span });
    }
    const renewing = new Set(is.renewing.map(({ id }) => id));
    for (const { id } of was.renewing) if (!renewing.has(id) && !refused.has(id)) refused.set(id, from);
  }

  const places = new Map([...before.licenses, ...after.licenses].map(({ id }, place) => [id, place]));
  const placeOf = ({ licenseId }: { readonly licenseId: string }) => places.get(licenseId) ?? 0;
  const shares = shareChanges([...runs.values()], maxShareChanges);
  return {
    shares: shares.sort(
      (a, b) => a.from - b.from || placeOf(a) - placeOf(b) || (a.option < b.option ? -1 : 1),
    ),
    hosts,
    refused: [...refused]
      .map(([licenseId, from]) => ({ licenseId, from }))
      .sort((a, b) => a.from - b.from || placeOf(b) - placeOf(a)),
    shrinks: refused.size > 0 || shares.some((change) => change.after < change.before),
  };
}

/** An installation over a span in which nothing of it changes. */
interface State {
  /** One list as long as the same licenses share, in both states. */
  readonly sharing: readonly LicenseEntry[];
  readonly contracted: ReadonlyMap<string, Contracted>;
  readonly declared: (option: string) => Declaration['quantities'] | undefined;
  readonly hosts: number;
  readonly licensed: number;
  /** Those of the sharing licenses that renew: all, where something entitles. */
  readonly renewing: readonly LicenseEntry[];
}

function stateAt(
  installation: Distributable,
  instant: Instant,
  defaults: TermDefaults,
  known: readonly (State | undefined)[],
): State {
  const { contracts, licenses, declarations = [] } = installation;
  const found = sharingAt(installation, instant, defaults);
  const sharing = known.find((state) => state && isSameList(state.sharing, found))?.sharing ?? found;
  return {
    sharing,
    contracted: contractedAt(installation, instant, defaults),
    declared: (option) => declarationAt(declarations, option, instant)?.quantities,
    hosts: hostsAt(contracts, instant),
    licensed: licenses.filter((license) => instant < leavesAt(license)).length,
    renewing: entitlementAt(contracts, instant, defaults).kind === 'entitled' ? sharing : [],
  };
}

/** What an option is divided from. */
interface Side extends Contracted {
  readonly sharing: readonly LicenseEntry[];
  readonly declared: Declaration['quantities'] | undefined;
}

function sideOf({ sharing, contracted, declared }: State, option: string): Side {
  const { pool, everyHost } = contracted.get(option) ?? { pool: 0, everyHost: 0 };
  return { pool, everyHost, sharing, declared: declared(option) };
}

const isAlike = (a: Side, b: Side): boolean =>
  a.pool === b.pool &&
  a.everyHost === b.everyHost &&
  a.sharing === b.sharing &&
  isDeepStrictEqual(a.declared, b.declared);

/** An option over a span in which both states divide it alike, each in its way. */
interface Run extends Span {
  readonly option: string;
  readonly was: Side;
  readonly is: Side;
}

function prolong(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last?.until === run.from && isAlike(last.was, run.was) && isAlike(last.is, run.is)) {
    runs[runs.length - 1] = { ...last, until: run.until };
  } else {
    runs.push(run);
  }
}

/** Whether less is contracted of an option, or its pool has to do for more hosts. */
const isLess = ({ was, is }: Run): boolean =>
  is.pool < was.pool ||
  is.everyHost < was.everyHost ||
  (was.pool > 0 && is.sharing.length > was.sharing.length);

function shareChanges(options: readonly (readonly Run[])[], limit: number): ShareChange[] {
  const found: ShareChange[] = [];
  let hasLess = false;
  const earliestFirst = options.toSorted(([a], [b]) => (a?.from ?? 0) - (b?.from ?? 0));
  for (const runs of earliestFirst) {
    if (found.length >= limit && (hasLess || !runs.some(isLess))) continue;
    for (const change of changesOfOption(runs)) {
      hasLess ||= change.after < change.before;
      found.push(change);
    }
  }
  return found;
}

function changesOfOption(runs: readonly Run[]): ShareChange[] {
  const byLicense = new Map<string, ShareChange[]>();
  for (const { option, from, until, was, is } of runs) {
    const before = quantitiesOf(was, was.sharing, was.declared);
    const after = quantitiesOf(is, is.sharing, is.declared);
    const placesAfter = new Map(is.sharing.map(({ id }, place) => [id, place]));
    const note = (licenseId: string, had = 0, has = 0): void => {
      if (had === has) return;
      append(entryOf(byLicense, licenseId), { licenseId, option, before: had, after: has, from, until });
    };
    for (const [place, { id }] of was.sharing.entries()) {
      note(id, before[place], after[placesAfter.get(id) ?? -1]);
      placesAfter.delete(id);
    }
    for (const [id, place] of placesAfter) note(id, 0, after[place]);
  }
  return [...byLicense.values()].flat();
}

function entryOf<Entry>(map: Map<string, Entry[]>, key: string): Entry[] {
  const entry = map.get(key) ?? [];
  map.set(key, entry);
  return entry;
}

/** Adds a span, or prolongs the last one, where that ends at its beginning and says the same. */
function append<Change extends Span & { readonly before: number; readonly after: number }>(
  changes: Change[],
  change: Change,
): void {
  const last = changes.at(-1);
  if (last && last.until === change.from && last.before === change.before && last.after === change.after) {
    changes[changes.length - 1] = { ...last, until: change.until };
  } else {
    changes.push(change);
  }
}
