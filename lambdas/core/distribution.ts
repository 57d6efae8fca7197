import { linesWithGrace } from './entitlement.ts';
import { covers, type Instant } from './instant.ts';
import type { ContractTerms, LicenseEntry, Line, TermDefaults } from './installation.ts';
import type { OptionWindow } from './license-file.ts';

/** A file carries the windows that start earliest; later ones come with a later renewal. */
const MAX_WINDOWS = 64;

/** What the distribution is computed from: nothing else changes a share. */
export interface Distributable {
  readonly contracts: readonly ContractTerms[];
  readonly licenses: readonly LicenseEntry[];
}

/** The even part of a pool: the first licenses in order of declaration carry what does not divide. */
export const evenPart = (total: number, index: number, count: number): number =>
  Math.floor(total / count) + (index < total % count ? 1 : 0);

/**
 * The share of one license as windows over a span. Quantities change where a line starts or ends or a license lapses.
 * Windows of one option never overlap, and adjacent equal ones are one. The first window of an option starts when its
 * quantity began, which may be before the span: a host whose clock is behind still finds it in force. They end at the end of
 * the span at the latest.
 */
export function shareWindows(
  installation: Distributable,
  licenseId: string,
  span: { readonly from: Instant; readonly until: Instant },
  defaults: TermDefaults,
): OptionWindow[] {
  const lines = linesWithGrace(installation.contracts, defaults);
  const starts = changesOf(lines, installation.licenses).filter((instant) => instant < span.until);

  const windows: OptionWindow[] = [];
  const open = new Map<string, OptionWindow>();
  starts.forEach((from, index) => {
    const until = starts[index + 1] ?? span.until;
    for (const [option, quantity] of shareAt(lines, installation.licenses, licenseId, from)) {
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
  return windows
    .filter(({ until }) => until > span.from)
    .sort((a, b) => a.from - b.from || (a.option < b.option ? -1 : 1))
    .slice(0, MAX_WINDOWS);
}

/** Every instant at which a share can change, ascending. */
function changesOf(lines: readonly Line[], licenses: readonly LicenseEntry[]): Instant[] {
  const instants = new Set<Instant>();
  for (const line of lines) {
    instants.add(line.from);
    if (line.until !== null) instants.add(line.until);
  }
  for (const { lapsesAt } of licenses) if (lapsesAt !== undefined) instants.add(lapsesAt);
  return [...instants].sort((a, b) => a - b);
}

/** What one license carries at an instant, by option; options without quantity are left out. */
function shareAt(
  lines: readonly Line[],
  licenses: readonly LicenseEntry[],
  licenseId: string,
  instant: Instant,
): Map<string, number> {
  const sharing = licenses.filter(({ lapsesAt }) => lapsesAt === undefined || instant < lapsesAt);
  const index = sharing.findIndex(({ id }) => id === licenseId);
  const share = new Map<string, number>();
  if (index < 0) return share;
  const add = (option: string, quantity: number) => {
    if (quantity > 0) share.set(option, (share.get(option) ?? 0) + quantity);
  };
  const pools = new Map<string, number>();
  for (const line of lines.filter((candidate) => covers(candidate, instant))) {
    if (line.scope === 'every-host') add(line.option, line.quantity);
    else pools.set(line.option, (pools.get(line.option) ?? 0) + line.quantity);
  }
  for (const [option, total] of pools) add(option, evenPart(total, index, sharing.length));
  return share;
}
