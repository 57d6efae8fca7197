import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, isoOf } from '../../../lambdas/core/instant.ts';
import { refusalDaysOf } from '../../../lambdas/core/report/health-facts.ts';
import { reportPeriod } from '../../../lambdas/core/report/report-period.ts';
import { at } from '../../builders/instants.ts';

const weekly = { every: 'week', on: 'monday', hour: 8 } as const;
const monthly = { every: 'month', on: 15, hour: 6 } as const;

const shown = (...given: Parameters<typeof reportPeriod>) => {
  const { dueOn, from, until, nextUntil } = reportPeriod(...given);
  return [dueOn, isoOf(from), isoOf(until), isoOf(nextUntil)];
};

describe('The period of a report', () => {
  it('is the week before the day of the report, in days of the zone of the contact', () => {
    expect(shown(weekly, 'Europe/Berlin', at('2026-11-23T07:00:00Z'))).toEqual([
      '2026-11-23',
      '2026-11-15T23:00:00Z',
      '2026-11-22T23:00:00Z',
      '2026-11-29T23:00:00Z',
    ]);
  });

  it('is as long as its days are, where the clocks change in between', () => {
    const { from, until } = reportPeriod(weekly, 'Europe/Berlin', at('2026-10-26T07:00:00Z'));
    expect(until - from).toBe(7 * DAY + HOUR);
  });

  it('is the month before the day of the report', () => {
    expect(shown(monthly, 'UTC', at('2026-03-15T06:00:00Z'))).toEqual([
      '2026-03-15',
      '2026-02-15T00:00:00Z',
      '2026-03-15T00:00:00Z',
      '2026-04-15T00:00:00Z',
    ]);
    expect(shown(monthly, 'UTC', at('2027-01-03T06:00:00Z'))[0]).toBe('2026-12-15');
  });

  it('stays the same until the next report is due, so that one that is late is about it too', () => {
    const onTime = reportPeriod(weekly, 'America/New_York', at('2026-11-23T13:00:00Z'));
    expect(reportPeriod(weekly, 'America/New_York', at('2026-11-30T04:00:00Z'))).toEqual(onTime);
    expect(reportPeriod(weekly, 'America/New_York', at('2026-11-30T13:00:00Z')).dueOn).toBe('2026-11-30');
  });

  it('is not missed where the clock of the function is seconds behind the schedule of midnight', () => {
    expect(reportPeriod({ ...weekly, hour: 0 }, 'UTC', at('2026-11-22T23:59:58Z')).dueOn).toBe('2026-11-23');
  });

  it('joins the one before and the one after, in every zone, and so do its days of refusals', () => {
    const zones = ['Pacific/Kiritimati', 'Pacific/Auckland', 'UTC', 'America/New_York', 'Pacific/Pago_Pago'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(weekly, monthly),
        fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        (zone, times, now) => {
          const period = reportPeriod(times, zone, now);
          const next = reportPeriod(times, zone, period.nextUntil + 12 * HOUR);
          expect(next.from).toBe(period.until);
          expect(next.until).toBe(period.nextUntil);
          expect(period.from).toBeLessThan(period.until);
          const dayAfter = Date.parse(`${refusalDaysOf(period).lastDay}T00:00:00Z`) / 1000 + DAY;
          expect(refusalDaysOf(next).firstDay).toBe(isoOf(dayAfter).slice(0, 10));
        },
      ),
    );
  });
});
