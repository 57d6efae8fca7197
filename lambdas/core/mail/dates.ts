import type { Language } from '../alerts/kinds.ts';
import { isTimeZone } from '../calendar.ts';
import { DAY, HOUR, type Instant } from '../instant.ts';

/** A length of time as people count it. */
export interface TimeSpan {
  readonly unit: 'day' | 'hour';
  readonly count: number;
}

/** Instants as a reader names them, in the reader's zone. */
export interface Dates {
  /** A moment: `24 Nov 2026, 11:30 (10:30 UTC)`. */
  moment(instant: Instant): string;
  /** A beginning: the day where it is the first moment of one, else the moment. `orderedIn` as for `end`. */
  start(instant: Instant, orderedIn?: string): string;
  /**
   * An exclusive end: the last day where that day is covered to its end, else the moment. What was ordered by days of another
   * zone ends with one of those: `31 Dec 2027 (America/New_York)`.
   */
  end(instant: Instant, orderedIn?: string): string;
  /** Days from today to the day that `end` names; 0 today, negative when it is over. */
  daysUntilEnd(end: Instant, now: Instant, orderedIn?: string): number;
}

/** English dates are written the European way: nobody has to guess which of two numbers is the month. */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR' };

export function datesFor(language: Language, timeZone: string): Dates {
  const here = calendarOf(language, timeZone);
  const utc = calendarOf(language, 'UTC');

  const isFirstOfDay = (instant: Instant) => here.day(instant) !== here.day(instant - 1);
  /** The zone whose day begins at an instant; the reader's own before the one of the order. */
  const calendarAt = (instant: Instant, orderedIn: string | undefined): Calendar | undefined => {
    if (isFirstOfDay(instant)) return here;
    if (orderedIn === undefined || !isTimeZone(orderedIn)) return undefined;
    const there = calendarOf(language, orderedIn);
    return there.day(instant) === there.day(instant - 1) ? undefined : there;
  };
  const dayIn = (calendar: Calendar, instant: Instant) =>
    calendar === here ? here.day(instant) : `${calendar.day(instant)} (${calendar.timeZone})`;
  const moment = (instant: Instant) => {
    const day = here.day(instant);
    const time = here.time(instant);
    const utcTime = utc.time(instant);
    if (utc.day(instant) !== day) return `${day}, ${time} (${utc.day(instant)}, ${utcTime} UTC)`;
    return time === utcTime ? `${day}, ${time} UTC` : `${day}, ${time} (${utcTime} UTC)`;
  };
  return {
    moment,
    start: (instant, orderedIn) => {
      const calendar = calendarAt(instant, orderedIn);
      return calendar ? dayIn(calendar, instant) : moment(instant);
    },
    end: (instant, orderedIn) => {
      const calendar = calendarAt(instant, orderedIn);
      return calendar ? dayIn(calendar, instant - 1) : moment(instant);
    },
    daysUntilEnd: (end, now, orderedIn) =>
      (calendarAt(end, orderedIn) ?? here).dayNumber(end - 1) - here.dayNumber(now),
  };
}

/** How long something has lasted: whole days, hours below one. */
export function spanBetween(from: Instant, now: Instant): TimeSpan | undefined {
  const seconds = now - from;
  if (seconds >= DAY) return { unit: 'day', count: Math.floor(seconds / DAY) };
  return seconds >= HOUR ? { unit: 'hour', count: Math.floor(seconds / HOUR) } : undefined;
}

interface Calendar {
  readonly timeZone: string;
  day(instant: Instant): string;
  time(instant: Instant): string;
  /** Days since some day of the past. */
  dayNumber(instant: Instant): number;
}

function calendarOf(language: Language, timeZone: string): Calendar {
  const locale = LOCALES[language];
  const days = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const times = new Intl.DateTimeFormat(locale, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const numbers = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return {
    timeZone,
    day: (instant) => {
      const day = days.format(instant * 1000);
      return language === 'fr' ? day.replace(/^1 /, '1er ') : day;
    },
    time: (instant) => times.format(instant * 1000),
    dayNumber: (instant) => {
      const parts = Object.fromEntries(
        numbers.formatToParts(instant * 1000).map(({ type, value }) => [type, Number(value)]),
      );
      return Date.UTC(parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'] ?? 1) / (DAY * 1000);
    },
  };
}
