import { DateTime } from 'luxon';
import type { Instant } from './instant.ts';

/** A calendar day, `2026-11-24`. */
export type Day = string;

/** Four digits: ERPs write `9999-12-31` for "no end". */
const DAY_PATTERN = /^(?:19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/;

/** Node also takes offsets such as `+02:00` for zones; an order needs a zone that knows its clock changes. */
const ZONE_PATTERN = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** Whether this is a day that exists in the calendar; `2026-02-30` does not survive the way there and back. */
export function isDay(text: string): boolean {
  if (!DAY_PATTERN.test(text)) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** Whether this is a zone of the IANA time zone database, as far as this machine knows it. */
export function isTimeZone(text: string): boolean {
  if (!ZONE_PATTERN.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a day in a zone. Where clocks change at midnight, that is 01:00, or the earlier of two midnights. */
export function startOfDay(day: Day, timeZone: string): Instant {
  const midnight = DateTime.fromISO(day, { zone: timeZone }).startOf('day');
  return Math.min(...midnight.getPossibleOffsets().map((possible) => possible.toSeconds()));
}

/** The end of a day in a zone, exclusive: the first instant of the next day. */
export function endOfDay(day: Day, timeZone: string): Instant {
  const next = DateTime.fromISO(day, { zone: 'utc' }).plus({ days: 1 });
  return startOfDay(next.toISODate() ?? day, timeZone);
}
