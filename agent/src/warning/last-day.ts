import { HOUR, MINUTE, isoOf, type Instant } from '../clock.ts';

/**
 * The last day, `2027-12-31`, of what ends at an instant (exclusive). Contracts end at midnight in a time zone that the file
 * does not name: 10.5 hours before any midnight between Hawaii and Auckland it is, in UTC, that last day. An end at another
 * time, such as that of a cancellation, is taken as it is in UTC.
 */
export function lastDayBefore(end: Instant): string {
  const isMidnightSomewhere = end % (15 * MINUTE) === 0;
  return dayOf(isMidnightSomewhere ? end - 10.5 * HOUR : end - 1);
}

/** The UTC day, `2026-11-24`. */
export const dayOf = (instant: Instant): string => isoOf(instant).slice(0, 10);

/** `2026-11-24 10:30 UTC`. */
export const minuteOf = (instant: Instant): string => {
  const iso = isoOf(instant);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
};
