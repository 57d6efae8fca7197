import type { Instant } from '../instant.ts';
import type { OptionWindow } from '../license-file.ts';
import type { ClosedSpan } from '../share-steps.ts';

/** The parts of windows that lie in a span. */
export const clipped = (windows: readonly OptionWindow[], span: ClosedSpan): OptionWindow[] =>
  windows
    .map((window) => ({
      ...window,
      from: Math.max(window.from, span.from),
      until: Math.min(window.until, span.until),
    }))
    .filter(({ from, until }) => from < until);

/** Windows as one text, whatever their order. */
export const textOf = (windows: readonly OptionWindow[]): string =>
  windows
    .map(({ option, quantity, from, until }) => `${option} ${quantity} ${from} ${until}`)
    .sort()
    .join('\n');

export const windowsOf = (windows: readonly OptionWindow[], option: string): OptionWindow[] =>
  windows.filter((window) => window.option === option);

export const quantityAt = (windows: readonly OptionWindow[], option: string, instant: Instant): number =>
  windows.find((window) => window.option === option && window.from <= instant && instant < window.until)
    ?.quantity ?? 0;
