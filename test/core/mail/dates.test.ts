import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../lambdas/core/alerts/kinds.ts';
import { endOfDay, startOfDay } from '../../../lambdas/core/calendar.ts';
import { DAY, HOUR } from '../../../lambdas/core/instant.ts';
import { datesFor, spanBetween } from '../../../lambdas/core/mail/dates.ts';

const at = (iso: string): number => Date.parse(iso) / 1000;
const berlin = datesFor('en', 'Europe/Berlin');

describe('a moment', () => {
  it.each([
    ['en', 'Europe/Berlin', '24 Nov 2026, 11:30 (10:30 UTC)'],
    ['de', 'Europe/Berlin', '24. Nov. 2026, 11:30 (10:30 UTC)'],
    ['fr', 'Europe/Berlin', '24 nov. 2026, 11:30 (10:30 UTC)'],
    ['en', 'America/New_York', '24 Nov 2026, 05:30 (10:30 UTC)'],
    ['en', 'Asia/Tokyo', '24 Nov 2026, 19:30 (10:30 UTC)'],
    ['en', 'Asia/Kolkata', '24 Nov 2026, 16:00 (10:30 UTC)'],
    ['en', 'UTC', '24 Nov 2026, 10:30 UTC'],
  ] as const)('reads in %s and %s as %s', (language, zone, expected) => {
    expect(datesFor(language, zone).moment(at('2026-11-24T10:30:00Z'))).toBe(expected);
  });

  it('names the day of UTC too where it is another one', () => {
    expect(datesFor('en', 'Asia/Tokyo').moment(at('2026-11-24T20:30:00Z'))).toBe(
      '25 Nov 2026, 05:30 (24 Nov 2026, 20:30 UTC)',
    );
  });

  it('is told apart on the night when the clock shows an hour twice', () => {
    expect(berlin.moment(at('2026-10-25T00:30:00Z'))).toBe('25 Oct 2026, 02:30 (00:30 UTC)');
    expect(berlin.moment(at('2026-10-25T01:30:00Z'))).toBe('25 Oct 2026, 02:30 (01:30 UTC)');
  });

  it('is 00:00 at midnight, not 24:00', () => {
    expect(berlin.moment(at('2026-11-23T23:00:00Z'))).toBe('24 Nov 2026, 00:00 (23 Nov 2026, 23:00 UTC)');
  });
});

describe('an exclusive end', () => {
  it.each([
    ['en', '31 Dec 2027'],
    ['de', '31. Dez. 2027'],
    ['fr', '31 déc. 2027'],
  ] as const)('at midnight is named by the day before in %s: %s', (language, expected) => {
    expect(datesFor(language, 'Europe/Berlin').end(endOfDay('2027-12-31', 'Europe/Berlin'))).toBe(expected);
  });

  it.each([
    ['Europe/Berlin', '2026-03-28'],
    ['Europe/Berlin', '2026-03-29'],
    ['Europe/Berlin', '2026-10-25'],
    ['America/New_York', '2026-03-08'],
    ['America/New_York', '2026-11-01'],
    ['Asia/Tokyo', '2026-12-31'],
    // Clocks go from 24:00 to 01:00: this day ends, and the next begins at one.
    ['Africa/Cairo', '2026-04-23'],
    ['America/Havana', '2026-03-07'],
    ['America/Santiago', '2026-09-05'],
  ])('of a day in %s, %s, is that day, whatever the clocks do', (zone, day) => {
    const expected = datesFor('en', 'UTC').start(at(`${day}T00:00:00Z`));
    expect(datesFor('en', zone).end(endOfDay(day, zone))).toBe(expected);
  });

  it('in another zone is the moment; ordered by days of that zone it is the day, with the zone', () => {
    const end = endOfDay('2027-12-31', 'UTC');
    expect(berlin.end(end)).toBe('1 Jan 2028, 01:00 (00:00 UTC)');
    expect(berlin.end(end, 'UTC')).toBe('31 Dec 2027 (UTC)');
    expect(berlin.start(end, 'UTC')).toBe('1 Jan 2028 (UTC)');
    expect(berlin.end(end, 'Europe/Paris')).toBe('1 Jan 2028, 01:00 (00:00 UTC)');
    expect(berlin.end(end + 1, 'UTC')).toBe('1 Jan 2028, 01:00 (00:00 UTC)');
    expect(berlin.end(endOfDay('2027-12-31', 'Europe/Paris'), 'Europe/Paris')).toBe('31 Dec 2027');
  });

  it('one second off midnight is a moment', () => {
    expect(berlin.end(endOfDay('2027-12-31', 'Europe/Berlin') - 1)).toBe('31 Dec 2027, 23:59 (22:59 UTC)');
    expect(berlin.end(endOfDay('2027-12-31', 'Europe/Berlin') + 1)).toBe(
      '1 Jan 2028, 00:00 (31 Dec 2027, 23:00 UTC)',
    );
  });

  it('never names the midnight after a day, in any zone on any day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.constantFrom(...LANGUAGES),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2031-01-01'), noInvalidDate: true }),
        (zone, language, date) => {
          const day = date.toISOString().slice(0, 10);
          const dates = datesFor(language, zone);
          expect(dates.end(endOfDay(day, zone))).toBe(
            datesFor(language, 'UTC').start(at(`${day}T00:00:00Z`)),
          );
          expect(dates.start(startOfDay(day, zone))).toBe(dates.end(endOfDay(day, zone)));
        },
      ),
    );
  });
});

describe('a beginning', () => {
  it('at midnight is that day', () => {
    expect(berlin.start(startOfDay('2028-01-01', 'Europe/Berlin'))).toBe('1 Jan 2028');
  });

  it('on the first of a month is written "1er" in French', () => {
    expect(datesFor('fr', 'Europe/Paris').start(startOfDay('2028-01-01', 'Europe/Paris'))).toBe(
      '1er janv. 2028',
    );
    expect(datesFor('fr', 'Europe/Paris').start(startOfDay('2028-01-21', 'Europe/Paris'))).toBe(
      '21 janv. 2028',
    );
  });
});

describe('days until an end', () => {
  const end = endOfDay('2026-12-31', 'Europe/Berlin');

  it('are counted to the day that is named, as people count', () => {
    expect(berlin.daysUntilEnd(end, end - 1)).toBe(0);
    expect(berlin.daysUntilEnd(end, end - 20 * HOUR)).toBe(0);
    expect(berlin.daysUntilEnd(end, end - 25 * HOUR)).toBe(1);
    expect(berlin.daysUntilEnd(at('2026-12-01T10:30:00Z'), at('2026-11-24T10:30:00Z'))).toBe(7);
  });

  it('are counted to the last day of the order where that has another zone', () => {
    const utcEnd = endOfDay('2026-12-31', 'UTC');
    expect(berlin.daysUntilEnd(utcEnd, at('2026-12-30T10:00:00Z'), 'UTC')).toBe(1);
    expect(berlin.daysUntilEnd(utcEnd, at('2026-12-30T10:00:00Z'))).toBe(2);
  });

  it('are not put off by a day of 23 or 25 hours', () => {
    expect(berlin.daysUntilEnd(at('2026-03-30T10:00:00Z'), at('2026-03-28T23:30:00Z'))).toBe(1);
    expect(berlin.daysUntilEnd(at('2026-10-26T22:30:00Z'), at('2026-10-24T22:30:00Z'))).toBe(1);
  });
});

describe('a span', () => {
  it('is in whole days, below one in whole hours, below one not worth a word', () => {
    expect(spanBetween(0, 5 * DAY)).toEqual({ unit: 'day', count: 5 });
    expect(spanBetween(0, 2 * DAY - 1)).toEqual({ unit: 'day', count: 1 });
    expect(spanBetween(0, DAY - 1)).toEqual({ unit: 'hour', count: 23 });
    expect(spanBetween(0, HOUR - 1)).toBeUndefined();
  });
});
