import { DAY, type Instant } from '../instant.ts';
import type { License } from '../license.ts';

/** Transfers and repairs count for so long. */
export const COUNTED_DAYS = 365;

type Moves = Pick<License, 'movedAt' | 'repairedAt'>;

/** The instants that still count. */
export const counted = (instants: readonly Instant[] = [], now: Instant): readonly Instant[] =>
  instants.filter((instant) => instant > now - COUNTED_DAYS * DAY);

/** What is noted of a license once another host, or the same one under another id, has taken it over. */
export const movesAfter = ({ movedAt, repairedAt }: Moves, isRepair: boolean, now: Instant): Moves =>
  isRepair
    ? { repairedAt: [...counted(repairedAt, now), now] }
    : { movedAt: [...counted(movedAt, now), now] };

/** How often a license may be moved within the days that count, and how often it was. */
export function transfersOf(
  { movedAt, extraTransfers = 0 }: Pick<License, 'movedAt' | 'extraTransfers'>,
  now: Instant,
  limit: number,
): { readonly used: number; readonly allowed: number } {
  return { used: counted(movedAt, now).length, allowed: limit + extraTransfers };
}
