import { DateTime } from 'luxon';
import type { ReportTimes } from '../customer.ts';
import { MINUTE, type Instant } from '../instant.ts';
import { startOfDay, type Day } from '../calendar.ts';

/** A schedule may fire a little before the hour by the clock of the function. */
const CLOCK_TOLERANCE = 5 * MINUTE;

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** What a report looks back on and ahead to, in whole days of the contact's zone. */
export interface ReportPeriod {
  /** The day on which the report is due. It tells one period from the next. */
  readonly dueOn: Day;
  readonly from: Instant;
  /** Exclusive: the start of the day on which the report is due. */
  readonly until: Instant;
  /** Until when it looks ahead, exclusive: the end of the period that has begun. */
  readonly nextUntil: Instant;
}

/**
 * The last week or month that is over, counted from the day of the report. A report that is late, or asked for in between, is
 * about the same period.
 */
export function reportPeriod(times: ReportTimes, timeZone: string, now: Instant): ReportPeriod {
  const today = DateTime.fromSeconds(now + CLOCK_TOLERANCE, { zone: timeZone });
  // Days are counted in UTC, where every day has 24 hours, and become instants of the zone at the end.
  const day = DateTime.fromISO(today.toFormat('yyyy-MM-dd'), { zone: 'utc' });
  const due = times.every === 'week' ? lastWeekday(day, times.on) : lastDayOfMonth(day, times.on);
  const length = times.every === 'week' ? { weeks: 1 } : { months: 1 };
  const startOf = (date: DateTime) => startOfDay(date.toFormat('yyyy-MM-dd'), timeZone);
  return {
    dueOn: due.toFormat('yyyy-MM-dd'),
    from: startOf(due.minus(length)),
    until: startOf(due),
    nextUntil: startOf(due.plus(length)),
  };
}

function lastWeekday(day: DateTime, weekday: (typeof WEEKDAYS)[number]): DateTime {
  const wanted = WEEKDAYS.indexOf(weekday) + 1;
  return day.minus({ days: (day.weekday - wanted + 7) % 7 });
}

function lastDayOfMonth(day: DateTime, on: number): DateTime {
  const thisMonth = day.set({ day: on });
  return thisMonth <= day ? thisMonth : thisMonth.minus({ months: 1 });
}
