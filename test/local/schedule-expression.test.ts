import { describe, expect, it } from 'vitest';
import { parseScheduleExpression } from '../../local/schedule-expression.ts';

const START = Date.parse('2027-01-15T10:30:20Z'); // a Friday

/** The next instants at which it is due, as ISO text without milliseconds. */
function dues(expression: string, { zone = 'UTC', from = START, count = 3 } = {}): string[] {
  const timetable = parseScheduleExpression(expression, zone);
  const found: string[] = [];
  for (let after: number | undefined = from; after !== undefined && found.length < count;) {
    after = timetable?.next(after, from);
    if (after !== undefined) found.push(new Date(after).toISOString().replace('.000Z', 'Z'));
  }
  return found;
}

describe('a schedule expression', () => {
  it.each([
    ['rate(1 minute)', ['2027-01-15T10:31:20Z', '2027-01-15T10:32:20Z', '2027-01-15T10:33:20Z']],
    ['rate(6 hours)', ['2027-01-15T16:30:20Z', '2027-01-15T22:30:20Z', '2027-01-16T04:30:20Z']],
    ['rate(1 days)', ['2027-01-16T10:30:20Z', '2027-01-17T10:30:20Z', '2027-01-18T10:30:20Z']],
    ['cron(0 6 * * ? *)', ['2027-01-16T06:00:00Z', '2027-01-17T06:00:00Z', '2027-01-18T06:00:00Z']],
    ['cron(0/20 10 ? * * *)', ['2027-01-15T10:40:00Z', '2027-01-16T10:00:00Z', '2027-01-16T10:20:00Z']],
    ['cron(30 8 ? * MON-FRI *)', ['2027-01-18T08:30:00Z', '2027-01-19T08:30:00Z', '2027-01-20T08:30:00Z']],
    // 1 is Sunday.
    ['cron(30 8 ? * 2 *)', ['2027-01-18T08:30:00Z', '2027-01-25T08:30:00Z', '2027-02-01T08:30:00Z']],
    ['cron(0 7 1 * ? *)', ['2027-02-01T07:00:00Z', '2027-03-01T07:00:00Z', '2027-04-01T07:00:00Z']],
    ['cron(0 7 L FEB ? 2028)', ['2028-02-29T07:00:00Z']],
    ['cron(0 7 ? * 3#2 *)', ['2027-02-09T07:00:00Z', '2027-03-09T07:00:00Z', '2027-04-13T07:00:00Z']],
    ['at(2027-03-01T09:00:00)', ['2027-03-01T09:00:00Z']],
    ['at(2026-03-01T09:00:00)', []],
  ])('%s is due when EventBridge Scheduler says', (expression, expected) => {
    expect(dues(expression)).toEqual(expected);
  });

  it('means the local time of its zone, in summer and in winter', () => {
    const from = Date.parse('2027-03-27T12:00:00Z');
    expect(dues('cron(0 8 * * ? *)', { zone: 'Europe/Berlin', from, count: 2 })).toEqual([
      '2027-03-28T06:00:00Z',
      '2027-03-29T06:00:00Z',
    ]);
    expect(dues('at(2027-01-20T08:00:00)', { zone: 'America/New_York' })).toEqual(['2027-01-20T13:00:00Z']);
  });

  it('skips a time that the change to summer time leaves out and takes one that comes twice once', () => {
    const spring = Date.parse('2027-03-27T12:00:00Z');
    expect(dues('cron(30 2 * * ? *)', { zone: 'Europe/Berlin', from: spring, count: 1 })).toEqual([
      '2027-03-29T00:30:00Z',
    ]);
    const autumn = Date.parse('2027-10-30T23:50:00Z');
    expect(dues('cron(30 * * * ? *)', { zone: 'Europe/Berlin', from: autumn })).toEqual([
      '2027-10-31T00:30:00Z',
      '2027-10-31T02:30:00Z',
      '2027-10-31T03:30:00Z',
    ]);
  });

  it('is due at its start where that is still to come', () => {
    const timetable = parseScheduleExpression('rate(1 hour)', 'UTC');
    expect(timetable?.next(START - 1, START)).toBe(START);
  });

  it.each([
    'rate(0 days)',
    'rate(1.5 hours)',
    'rate(1 week)',
    'rate(1 day',
    'cron(0 6 * * *)',
    'cron(0 6 * * * *)',
    'cron(0 6 ? * ? *)',
    'cron(60 6 * * ? *)',
    'cron(0 6 * FOO ? *)',
    'at(2027-02-30T09:00:00)',
    'at(2027-03-01)',
    '0 6 * * *',
    '',
  ])('is not %s', (expression) => {
    expect(parseScheduleExpression(expression, 'UTC')).toBeUndefined();
  });

  it('needs a zone of the IANA database', () => {
    expect(parseScheduleExpression('rate(1 day)', 'Europe/Berlim')).toBeUndefined();
    expect(parseScheduleExpression('rate(1 day)', '')).toBeUndefined();
  });
});
