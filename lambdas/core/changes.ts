import { isDeepStrictEqual } from 'node:util';
import {
  changeInstants,
  contractedAt,
  declarationAt,
  type Contracted,
  type Distributable,
} from './distribution.ts';
import { entitlementAt, hostsAt } from './entitlement.ts';
import { leavesAt, sharingAt } from './hosts-allowed.ts';
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
  /** By time, then in the order of the licenses; in the largest installations not those that lie furthest ahead. */
  readonly shares: readonly ShareChange[];
  readonly hosts: readonly HostsChange[];
  /** The earliest first, and of those of one instant the one declared last. */
  readonly refused: readonly Refused[];
  /** Whether some license gets less of an option, or renews no more. */
  readonly shrinks: boolean;
}

/**
 * Changes of shares that are looked for, span by span from now on. An order with 200 temporary lines makes a million of them on
 * 5,000 hosts, which takes half a minute, and nobody is told of more than 300. Of what comes later only the sums are compared.
 */
const MAX_SHARE_CHANGES = 100_000;

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
  const shares = new Map<string, ShareChange[]>();
  const hosts: HostsChange[] = [];
  const refused = new Map<string, Instant>();
  let found = 0;
  let lessLater = false;

  starts.forEach((from, index) => {
    const span: Span = { from, until: starts[index + 1] ?? null };
    const was = stateAt(before, from, defaults);
    const is = stateAt(after, from, defaults);
    if (found < maxShareChanges) {
      for (const change of differingShares(was, is)) {
        append(entryOf(shares, `${change.licenseId} ${change.option}`), { ...change, ...span });
        found += 1;
      }
    } else lessLater ||= isLess(was, is);
    if (was.hosts !== is.hosts) {
      append(hosts, { before: was.hosts, after: is.hosts, licensed: is.licensed, ...span });
    }
    const renewing = new Set(is.renewing.map(({ id }) => id));
    for (const { id } of was.renewing) if (!renewing.has(id) && !refused.has(id)) refused.set(id, from);
  });

  const places = new Map([...before.licenses, ...after.licenses].map(({ id }, place) => [id, place]));
  const placeOf = ({ licenseId }: { readonly licenseId: string }) => places.get(licenseId) ?? 0;
  const changed = [...shares.values()].flat();
  return {
    shares: changed.sort(
      (a, b) => a.from - b.from || placeOf(a) - placeOf(b) || (a.option < b.option ? -1 : 1),
    ),
    hosts,
    refused: [...refused]
      .map(([licenseId, from]) => ({ licenseId, from }))
      .sort((a, b) => a.from - b.from || placeOf(b) - placeOf(a)),
    shrinks: refused.size > 0 || lessLater || changed.some((change) => change.after < change.before),
  };
}

/** An installation over a span in which nothing of it changes. */
interface State {
  readonly sharing: readonly LicenseEntry[];
  /** Of the sharing licenses in their list, by id. */
  readonly places: ReadonlyMap<string, number>;
  readonly contracted: ReadonlyMap<string, Contracted>;
  readonly declared: (option: string) => Declaration['quantities'] | undefined;
  readonly hosts: number;
  readonly licensed: number;
  /** Those of the sharing licenses that renew: all, where something entitles. */
  readonly renewing: readonly LicenseEntry[];
}

function stateAt(installation: Distributable, instant: Instant, defaults: TermDefaults): State {
  const { contracts, licenses, declarations = [] } = installation;
  const sharing = sharingAt(installation, instant, defaults);
  return {
    sharing,
    places: new Map(sharing.map(({ id }, place) => [id, place])),
    contracted: contractedAt(installation, instant, defaults),
    declared: (option) => declarationAt(declarations, option, instant)?.quantities,
    hosts: hostsAt(contracts, instant),
    licensed: licenses.filter((license) => instant < leavesAt(license)).length,
    renewing: entitlementAt(contracts, instant, defaults).kind === 'entitled' ? sharing : [],
  };
}

/** Whether less is contracted of an option, or the same for more hosts. */
const isLess = (was: State, is: State): boolean =>
  [...was.contracted].some(([option, { pool, everyHost }]) => {
    const after = is.contracted.get(option) ?? { pool: 0, everyHost: 0 };
    return after.pool < pool || after.everyHost < everyHost || is.sharing.length > was.sharing.length;
  });

type Difference = Omit<ShareChange, keyof Span>;

function differingShares(was: State, is: State): Difference[] {
  const isSharedAlike =
    was.sharing.length === is.sharing.length &&
    was.sharing.every(({ id }, place) => id === is.sharing[place]?.id);
  const licenseIds = [...new Set([...was.places.keys(), ...is.places.keys()])];
  return [...new Set([...was.contracted.keys(), ...is.contracted.keys()])].flatMap((option) => {
    // Most options of a large installation are left alone by most orders, and need not be divided.
    const isAlike =
      isSharedAlike &&
      isDeepStrictEqual(was.contracted.get(option), is.contracted.get(option)) &&
      isDeepStrictEqual(was.declared(option), is.declared(option));
    if (isAlike) return [];
    const before = sharesOf(was, option);
    const after = sharesOf(is, option);
    return licenseIds
      .map((licenseId) => ({
        licenseId,
        option,
        before: before[was.places.get(licenseId) ?? -1] ?? 0,
        after: after[is.places.get(licenseId) ?? -1] ?? 0,
      }))
      .filter((difference) => difference.before !== difference.after);
  });
}

/** In the order of the sharing licenses. */
const sharesOf = ({ sharing, contracted, declared }: State, option: string): number[] =>
  quantitiesOf(contracted.get(option) ?? { pool: 0, everyHost: 0 }, sharing, declared(option));

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
