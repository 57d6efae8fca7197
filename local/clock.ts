import { LocalRunError } from './local-run-error.ts';
import type { State } from './data-folder.ts';

const KEY = 'clock/offset-ms';
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };
const MAX_ADVANCE_MS = 36_525 * UNIT_MS.d;
const SHAPE = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** The service's clock: the real one, moved forward by people and tests. */
export interface ServiceClock {
  readonly offsetMs: number;
  now(): Date;
  /** Moves the clock forward; the move outlives this run. */
  advance(milliseconds: number): Promise<void>;
  /** Moves the clock to this instant, in epoch milliseconds; it never goes back. */
  moveTo(instant: number): Promise<void>;
}

export async function openClock(state: State): Promise<ServiceClock> {
  const stored = (await state.get(KEY)) ?? 0;
  if (typeof stored !== 'number' || stored < 0)
    throw new LocalRunError('the stored clock is damaged: move the data folder away');
  let offsetMs = stored;
  const now = (): Date => new Date(Date.now() + offsetMs);
  const move = async (milliseconds: number): Promise<void> => {
    offsetMs += milliseconds;
    await state.put(KEY, offsetMs);
  };
  return {
    get offsetMs() {
      return offsetMs;
    },
    now,
    advance: move,
    async moveTo(instant) {
      const ahead = instant - now().getTime();
      if (ahead > 0) await move(ahead);
    },
  };
}

/** A clock that cannot be moved. */
export function realClock(): ServiceClock {
  const refuse = (): Promise<void> => Promise.reject(new Error('this clock cannot be moved'));
  return { offsetMs: 0, now: () => new Date(), advance: refuse, moveTo: refuse };
}

/** A duration such as `16d` or `1d12h` in milliseconds; undefined where it is none, is zero or is above a century. */
export function parseDuration(text: string): number | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [, days, hours, minutes, seconds] = match.map((part) => Number(part || 0));
  const milliseconds =
    (days ?? 0) * UNIT_MS.d +
    (hours ?? 0) * UNIT_MS.h +
    (minutes ?? 0) * UNIT_MS.m +
    (seconds ?? 0) * UNIT_MS.s;
  return milliseconds > 0 && milliseconds <= MAX_ADVANCE_MS ? milliseconds : undefined;
}
