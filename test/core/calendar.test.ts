import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfDay, isDay, isTimeZone, startOfDay } from '../../lambdas/core/calendar.ts';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { at } from '../builders/instants.ts';

const zones = [
  ...Intl.supportedValuesOf('timeZone'),
  'UTC',
  // Clocks that once changed at or just after midnight, and days that never were.
  'America/Sao_Paulo',
  'America/St_Johns',
  'Atlantic/Azores',
  'Pacific/Apia',
  'Africa/Cairo',
  'Asia/Beirut',
];

const anyZone = fc.constantFrom(...zones);
const anyDay = fc
  .integer({ min: Date.UTC(1975, 0, 1) / 1000 / DAY, max: Date.UTC(2060, 0, 1) / 1000 / DAY })
  .map((days) => new Date(days * DAY * 1000).toISOString().slice(0, 10));

/** The local day of an instant, by the machine's own calendar: an oracle that shares no code with what it judges. */
function localDay(instant: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(instant * 1000);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

describe('days to instants', () => {
  it.each([
    ['2026-11-24', 'UTC', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z'],
    ['2026-07-01', 'Europe/Berlin', '2026-06-30T22:00:00Z', '2026-07-01T22:00:00Z'],
    ['2027-12-31', 'Europe/Berlin', '2027-12-30T23:00:00Z', '2027-12-31T23:00:00Z'],
    ['2026-12-31', 'Pacific/Kiritimati', '2026-12-30T10:00:00Z', '2026-12-31T10:00:00Z'],
  ])('takes %s in %s as inclusive', (day, zone, start, end) => {
    expect(startOfDay(day, zone)).toBe(at(start));
    expect(endOfDay(day, zone)).toBe(at(end));
  });

  it('makes the days of the clock changes 23 and 25 hours long', () => {
    const lengthOf = (day: string) => endOfDay(day, 'Europe/Berlin') - startOfDay(day, 'Europe/Berlin');
    expect(lengthOf('2026-03-29')).toBe(23 * HOUR);
    expect(lengthOf('2026-10-25')).toBe(25 * HOUR);
  });

  it('starts a day at 01:00 where midnight is skipped', () => {
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe(at('2018-11-04T03:00:00Z'));
  });

  it('starts a day at the earlier midnight where there are two', () => {
    expect(startOfDay('2026-10-25', 'Atlantic/Azores')).toBe(at('2026-10-25T00:00:00Z'));
  });

  it('gives nothing for a day that a zone skipped', () => {
    expect(endOfDay('2011-12-30', 'Pacific/Apia')).toBe(startOfDay('2011-12-30', 'Pacific/Apia'));
  });

  it('knows "no end" as ERPs write it', () => {
    expect(endOfDay('9999-12-31', 'UTC')).toBe(253_402_300_800);
  });

  it('starts a day at the first instant of that local day, in every zone', () => {
    fc.assert(
      fc.property(anyDay, anyZone, (day, zone) => {
        const start = startOfDay(day, zone);
        const isSkipped = endOfDay(day, zone) === start;
        expect(localDay(start - 1, zone) < day).toBe(true);
        expect(isSkipped ? localDay(start, zone) > day : localDay(start, zone) === day).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('leaves neither gap nor overlap between a day and the next', () => {
    fc.assert(
      fc.property(anyDay, anyZone, (day, zone) => {
        const next = new Date(Date.parse(day) + DAY * 1000).toISOString().slice(0, 10);
        expect(endOfDay(day, zone)).toBe(startOfDay(next, zone));
      }),
    );
  });
});

describe('what counts as a day', () => {
  it.each(['2026-01-01', '2024-02-29', '1970-01-01', '9999-12-31'])('takes %s', (day) => {
    expect(isDay(day)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '20260101',
    '1969-12-31',
    '0001-01-01',
  ])('refuses %s', (day) => {
    expect(isDay(day)).toBe(false);
  });

  it.each(['', '2026-01-01T00:00:00Z', ' 2026-01-01', '2026-01-01\n', '+12026-01-01'])(
    'refuses %j',
    (day) => {
      expect(isDay(day)).toBe(false);
    },
  );
});

describe('what counts as a time zone', () => {
  it.each(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('takes %s', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(['', 'Mars/Olympus', '+02:00', 'local', 'UTC+2', 'Europe/Berlin ', '../etc', 'A'.repeat(100)])(
    'refuses %j',
    (zone) => {
      expect(isTimeZone(zone)).toBe(false);
    },
  );
});
