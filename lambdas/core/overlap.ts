import type { Distributable } from './distribution.ts';
import type { Instant } from './instant.ts';
import type { TermDefaults } from './installation.ts';
import type { OptionWindow } from './license-file.ts';
import { shareIn, shareSteps, totalIn, type ClosedSpan, type ShareStep } from './share-steps.ts';

/** A license file that a host holds: valid there until it expires, whatever was decided since. */
export interface HeldFile {
  readonly licenseId: string;
  readonly hostId: string;
  readonly hostName?: string;
  readonly windows: readonly OptionWindow[];
  readonly expiresAt: Instant;
  /** `left-behind` at a former host of the license, and `retired` with its host, carry no share any more. */
  readonly kind: 'current' | 'left-behind' | 'retired';
}

/** Who holds more of an option than its share. */
interface Holder {
  readonly file: HeldFile;
  /** The most that it holds above its share. */
  readonly tooMuch: number;
  /** From the first to the last instant of the overlap at which it does. */
  readonly from: Instant;
  readonly until: Instant;
}

/** A span in which the files in the field together say more of an option than is contracted. */
export interface Overlap {
  readonly option: string;
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
  /** The most above what is contracted. */
  readonly tooMuch: number;
  /** Those that hold most above their share come first. */
  readonly holders: readonly Holder[];
}

/** Where files that hosts hold exceed what is contracted, if none of them is renewed any more. By option, then earliest first. */
export const overlapsOf = (
  held: readonly HeldFile[],
  installation: Distributable,
  from: Instant,
  until: Instant,
  defaults: TermDefaults,
): Overlap[] => overlapsIn(held, shareSteps(installation, { from, until }, defaults));

/** The same where the steps are known. */
export function overlapsIn(held: readonly HeldFile[], steps: readonly ShareStep[]): Overlap[] {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return [];
  const span = { from: first.from, until: last.until };
  const byOption = new Map<string, Piece[]>();
  for (const piece of held.flatMap((file) => piecesOf(file, span))) {
    const pieces = byOption.get(piece.option) ?? [];
    byOption.set(piece.option, pieces);
    pieces.push(piece);
  }
  return [...byOption]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([option, pieces]) =>
      exceeding(option, pieces, steps).map((overlap) => ({
        ...overlap,
        holders: holdersOf(overlap, pieces, steps),
      })),
    );
}

/** A quantity that one file says over a span. */
interface Piece extends OptionWindow {
  readonly file: HeldFile;
}

const piecesOf = (file: HeldFile, span: ClosedSpan): Piece[] =>
  file.windows
    .map((window) => ({
      ...window,
      file,
      from: Math.max(window.from, span.from),
      until: Math.min(window.until, file.expiresAt, span.until),
    }))
    .filter(({ from, until }) => from < until);

function exceeding(
  option: string,
  pieces: readonly Piece[],
  steps: readonly ShareStep[],
): Omit<Overlap, 'holders'>[] {
  const changes = new Map<Instant, number>();
  const change = (instant: Instant, by: number) => changes.set(instant, (changes.get(instant) ?? 0) + by);
  for (const { quantity, from, until } of pieces) {
    change(from, quantity);
    change(until, -quantity);
  }
  const instants = [...new Set([...changes.keys(), ...steps.map(({ from }) => from)])].sort((a, b) => a - b);
  const found: { option: string; from: Instant; until: Instant; tooMuch: number }[] = [];
  let sum = 0;
  let place = 0;
  instants.forEach((from, index) => {
    while ((steps[place]?.until ?? Number.POSITIVE_INFINITY) <= from) place += 1;
    const step = steps[place];
    sum += changes.get(from) ?? 0;
    // The last change may be the end of the last step.
    if (!step) return;
    const tooMuch = sum - totalIn(step, option);
    if (tooMuch <= 0) return;
    const until = instants[index + 1] ?? step.until;
    const previous = found.at(-1);
    if (previous?.until === from) {
      previous.until = until;
      previous.tooMuch = Math.max(previous.tooMuch, tooMuch);
    } else {
      found.push({ option, from, until, tooMuch });
    }
  });
  return found;
}

function holdersOf(
  { option, ...overlap }: Omit<Overlap, 'holders'>,
  pieces: readonly Piece[],
  steps: readonly ShareStep[],
): Holder[] {
  const holders = new Map<HeldFile, { tooMuch: number; from: Instant; until: Instant }>();
  const within = steps.filter(({ from, until }) => from < overlap.until && overlap.from < until);
  for (const { file, quantity, ...piece } of pieces) {
    for (const step of within) {
      const from = Math.max(piece.from, step.from, overlap.from);
      const until = Math.min(piece.until, step.until, overlap.until);
      const share = file.kind === 'current' ? shareIn(step, option, file.licenseId) : 0;
      if (from >= until || quantity <= share) continue;
      const holder = holders.get(file) ?? { tooMuch: 0, from, until };
      holders.set(file, {
        tooMuch: Math.max(holder.tooMuch, quantity - share),
        from: Math.min(holder.from, from),
        until: Math.max(holder.until, until),
      });
    }
  }
  return [...holders].map(([file, holder]) => ({ file, ...holder })).sort((a, b) => b.tooMuch - a.tooMuch);
}
