import { Cron } from 'croner';
import { DateTime, IANAZone } from 'luxon';

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE = /^rate\(([1-9]\d{0,8}) (minute|hour|day)s?\)$/;
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;
const CRON = /^cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)$/;
/** Last values of minute, hour, day of month, month, day of week and year. */
const LAST = [59, 23, 31, 12, 7, 2199];

/** When a schedule is due. All instants are epoch milliseconds. */
export interface Timetable {
  /**
   * The first due instant after `after`; undefined where there is none. A rate counts from `anchor`, at which it is due only
   * where `anchor` is still to come.
   */
  next(after: number, anchor: number): number | undefined;
}

export const isTimeZone = (zone: string): boolean => IANAZone.isValidZone(zone);

/** Reads an expression of EventBridge Scheduler: `rate(…)`, `cron(…)` or `at(…)`; undefined where it is none. */
export function parseScheduleExpression(expression: string, zone: string): Timetable | undefined {
  if (!isTimeZone(zone)) return undefined;
  const [, count, unit] = RATE.exec(expression) ?? [];
  if (count !== undefined) return every(Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]); // by RATE
  const [, at] = AT.exec(expression) ?? [];
  if (at !== undefined) return once(DateTime.fromISO(at, { zone }));
  const [, fields] = CRON.exec(expression) ?? [];
  return fields === undefined ? undefined : recurring(fields.split(' '), zone);
}

const every = (milliseconds: number): Timetable => ({
  next: (after, anchor) =>
    after < anchor ? anchor : anchor + (Math.floor((after - anchor) / milliseconds) + 1) * milliseconds,
});

const once = (instant: DateTime): Timetable | undefined =>
  instant.isValid
    ? { next: (after) => (instant.toMillis() > after ? instant.toMillis() : undefined) }
    : undefined;

function recurring(fields: readonly string[], zone: string): Timetable | undefined {
  // Of day of month and day of week, one has to be left open.
  if ((fields[2] === '?') === (fields[4] === '?')) return undefined;
  const cron = cronOf(fields, zone);
  return cron && { next: (after) => nextOf(cron, zone, after) };
}

function cronOf(fields: readonly string[], timezone: string): Cron | undefined {
  // EventBridge writes "from 5 on, every 15" as 5/15.
  const ranges = fields.map((field, index) => field.replace(/^(\d+)\//, `$1-${LAST[index]}/`));
  try {
    return new Cron(['0', ...ranges].join(' '), {
      mode: '7-part',
      alternativeWeekdays: true,
      paused: true,
      timezone,
    });
  } catch {
    return undefined;
  }
}

/** Times that the change to summer time leaves out are skipped; those that come twice in autumn count once. */
function nextOf(cron: Cron, zone: string, after: number): number | undefined {
  for (let next = cron.nextRun(new Date(after)); next !== null; next = cron.nextRun(next)) {
    const instant = next.getTime();
    const isRepeated = DateTime.fromMillis(instant, { zone })
      .getPossibleOffsets()
      .some((possible) => possible.toMillis() < instant);
    if (!isRepeated && cron.match(next)) return instant;
  }
  return undefined;
}
