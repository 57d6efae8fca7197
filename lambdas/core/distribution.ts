import { linesWithGrace } from './entitlement.ts';
import { hostChanges, isSameList, leavesAt, sharingAt } from './hosts-allowed.ts';
import { covers, endOf, type Instant } from './instant.ts';
import type { Declaration, Installation, LicenseEntry, Line, TermDefaults } from './installation.ts';
import type { OptionWindow } from './license-file.ts';

/** A file carries the windows that start earliest; those that start later come with a later renewal. */
const MAX_WINDOWS = 64;

/** What the distribution is computed from: nothing else changes a share. */
export type Distributable = Pick<Installation, 'contracts' | 'licenses' | 'declarations' | 'keptHosts'>;

/** What is contracted of an option at an instant. */
export interface Contracted {
  /** Divided over the hosts. */
  readonly pool: number;
  /** Given to each host. */
  readonly everyHost: number;
}

/**
 * Divides a pool over licenses: no more and no less than the pool, as long as there is a license. Declared quantities are
 * honoured where they fit. What they leave goes evenly to the licenses that are not named, else to those with a declared
 * quantity, else to all. Declared quantities that do not fit shrink in proportion, by the method of the largest remainder.
 * Whatever does not divide goes to the licenses that come first.
 * @param declared by license id
 * @returns quantities in the order of `licenses`
 */
export function divide(
  pool: number,
  licenses: readonly Pick<LicenseEntry, 'id'>[],
  declared: Declaration['quantities'] = {},
): number[] {
  const named = licenses.map(({ id }) => (Object.hasOwn(declared, id) ? declared[id] : undefined));
  const sum = named.reduce<number>((total, quantity) => total + (quantity ?? 0), 0);
  if (sum > pool)
    return inProportion(
      pool,
      named.map((quantity) => quantity ?? 0),
      sum,
    );

  const isTaker = [
    (quantity: number | undefined) => quantity === undefined,
    (quantity: number | undefined) => quantity !== 0,
    () => true,
  ].find((candidate) => named.some(candidate));
  const takers = named.filter((quantity) => isTaker?.(quantity)).length;
  let taken = 0;
  return named.map((quantity) => {
    const rest = isTaker?.(quantity) ? evenPart(pool - sum, taken++, takers) : 0;
    return (quantity ?? 0) + rest;
  });
}

/** The even part of a total: the first ones carry what does not divide. */
const evenPart = (total: number, index: number, count: number): number =>
  Math.floor(total / count) + (index < total % count ? 1 : 0);

function inProportion(pool: number, declared: readonly number[], sum: number): number[] {
  // Products of two large quantities are not exact as numbers.
  const exact = declared.map((quantity) => BigInt(quantity) * BigInt(pool));
  const parts = exact.map((product) => Number(product / BigInt(sum)));
  const left = pool - parts.reduce((total, part) => total + part, 0);
  const largest = exact
    .map((product, index) => ({ index, remainder: product % BigInt(sum) }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
    .slice(0, left);
  for (const { index } of largest) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

/** Every instant at which a share can change, ascending. */
export function changeInstants(installation: Distributable, defaults: TermDefaults): Instant[] {
  return changesOf(installation, linesWithGrace(installation.contracts, defaults), defaults);
}

/** What one license carries at an instant, by option; options without quantity are left out. */
export function shareAt(
  installation: Distributable,
  licenseId: string,
  instant: Instant,
  defaults: TermDefaults,
): Map<string, number> {
  return shareOf(
    installation,
    linesWithGrace(installation.contracts, defaults),
    licenseId,
    instant,
    defaults,
  );
}

/** What is contracted at an instant, by option, grace included. */
export function contractedAt(
  installation: Pick<Installation, 'contracts'>,
  instant: Instant,
  defaults: TermDefaults,
): Map<string, Contracted> {
  return contractedOf(linesWithGrace(installation.contracts, defaults), instant);
}

/** The declaration of an option that is in force at an instant. */
export const declarationAt = (
  declarations: readonly Declaration[],
  option: string,
  instant: Instant,
): Declaration | undefined =>
  declarations
    .filter((declaration) => declaration.option === option && declaration.effectiveAt <= instant)
    .reduce<Declaration | undefined>(
      (latest, next) => (latest && latest.effectiveAt > next.effectiveAt ? latest : next),
      undefined,
    );

/**
 * The share of one license as windows over a span. Quantities change where a line starts or ends, a declaration takes effect,
 * hosts come or go. Windows of one option never overlap, and adjacent equal ones are one. The first window of an option starts
 * when its quantity began, which may be before the span: a host whose clock is behind still finds it in force. They end at the
 * end of the span at the latest.
 * @param limit windows at most, those that start earliest; but never without one that is in force at the start of the span
 */
export function shareWindows(
  installation: Distributable,
  licenseId: string,
  span: { readonly from: Instant; readonly until: Instant },
  defaults: TermDefaults,
  limit = MAX_WINDOWS,
): OptionWindow[] {
  const lines = linesWithGrace(installation.contracts, defaults);
  const starts = changesOf(installation, lines, defaults).filter((instant) => instant < span.until);

  const windows: OptionWindow[] = [];
  const open = new Map<string, OptionWindow>();
  const divided = new Map<string, Divided>();
  starts.forEach((from, index) => {
    const until = starts[index + 1] ?? span.until;
    for (const [option, quantity] of shareOf(installation, lines, licenseId, from, defaults, divided)) {
      const previous = open.get(option);
      if (previous?.until === from && previous.quantity === quantity) {
        previous.until = until;
      } else {
        const window = { option, quantity, from, until };
        open.set(option, window);
        windows.push(window);
      }
    }
  });
  const carried = windows
    .filter(({ until }) => until > span.from)
    .sort((a, b) => a.from - b.from || (a.option < b.option ? -1 : 1));
  const inForce = carried.filter(({ from }) => from <= span.from).length;
  return carried.slice(0, Math.max(limit, inForce));
}

function changesOf(installation: Distributable, lines: readonly Line[], defaults: TermDefaults): Instant[] {
  const { licenses, declarations = [] } = installation;
  const instants = [
    ...lines.flatMap((line) => [line.from, endOf(line)]),
    ...licenses.map(leavesAt),
    ...declarations.map(({ effectiveAt }) => effectiveAt),
    ...hostChanges(installation, defaults),
  ];
  return [...new Set(instants)].filter(Number.isFinite).sort((a, b) => a - b);
}

/** How a pool was divided last: most changes leave most pools alone, and a large cluster has thousands of hosts. */
interface Divided {
  readonly pool: number;
  readonly sharing: readonly LicenseEntry[];
  readonly declared: Declaration['quantities'] | undefined;
  readonly part: number;
}

function shareOf(
  installation: Distributable,
  lines: readonly Line[],
  licenseId: string,
  instant: Instant,
  defaults: TermDefaults,
  divided = new Map<string, Divided>(),
): Map<string, number> {
  const share = new Map<string, number>();
  const sharing = sharingAt(installation, instant, defaults);
  const index = sharing.findIndex(({ id }) => id === licenseId);
  if (index < 0) return share;
  for (const [option, { pool, everyHost }] of contractedOf(lines, instant)) {
    const declared = declarationAt(installation.declarations ?? [], option, instant)?.quantities;
    const last = divided.get(option);
    const part =
      last?.pool === pool && last.declared === declared && isSameList(last.sharing, sharing)
        ? last.part
        : partOf(pool, sharing, declared, index);
    divided.set(option, { pool, sharing, declared, part });
    if (everyHost + part > 0) share.set(option, everyHost + part);
  }
  return share;
}

/** What `divide` gives one of the licenses; without declared quantities that needs no look at the others. */
const partOf = (
  pool: number,
  sharing: readonly LicenseEntry[],
  declared: Declaration['quantities'] | undefined,
  index: number,
): number =>
  declared === undefined
    ? evenPart(pool, index, sharing.length)
    : (divide(pool, sharing, declared)[index] ?? 0);

function contractedOf(lines: readonly Line[], instant: Instant): Map<string, Contracted> {
  const contracted = new Map<string, Contracted>();
  for (const { option, scope, quantity } of lines.filter((line) => covers(line, instant))) {
    const { pool, everyHost } = contracted.get(option) ?? { pool: 0, everyHost: 0 };
    contracted.set(
      option,
      scope === 'pool' ? { pool: pool + quantity, everyHost } : { pool, everyHost: everyHost + quantity },
    );
  }
  return contracted;
}
