import { DateTime } from 'luxon';
import { beforeEach, describe, expect, it, test } from 'vitest';
import type { Mail } from '../../local/mailbox.ts';
import type { ScheduleView } from '../../local/schedules.ts';
import { actionsOf, callsOf, throttled } from '../support/aws-proxy.ts';
import { anAddress, contactAt, installed, mailsTo } from './alerting.ts';
import { expectNoLeaks } from './expectations.ts';
import { aHostId, useWorld } from './world.ts';

const world = useWorld();

const HOUR_MS = 3_600_000;
const BERLIN = 'Europe/Berlin';
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Noon UTC, so that nothing depends on when other tests end. */
beforeEach(async () => {
  const now = DateTime.fromJSDate(world.now(), { zone: 'utc' });
  const noon = now.startOf('day').plus({ days: 1, hours: 12 });
  await world.advance(noon.toMillis() - now.toMillis());
});

/** Weekly, at the full hour that is this many hours away, in a zone. */
function weeklyIn(zone: string, hours = 1): object {
  const due = DateTime.fromJSDate(world.now(), { zone }).plus({ hours });
  return { every: 'week', on: WEEKDAYS[due.weekday - 1], hour: due.hour };
}

const put = (customerId: string, ...contacts: readonly object[]) =>
  world.accepted('PUT', `/v1/customers/${customerId}`, { name: 'Acme Print', contacts });

/** Schedules of reports, as the local run lists them. */
async function reportSchedules(): Promise<ScheduleView[]> {
  const { text } = await world.send('GET', '/_local/schedules', '');
  return (JSON.parse(text) as ScheduleView[]).filter(({ functionName }) => functionName === 'send-report');
}

/** The schedules that came with `work`. */
async function schedulesMadeBy(work: () => Promise<unknown>): Promise<ScheduleView[]> {
  const before = new Set((await reportSchedules()).map(({ name }) => name));
  await work();
  return (await reportSchedules()).filter(({ name }) => !before.has(name));
}

const timesOf = (schedules: readonly ScheduleView[]) =>
  schedules.map(({ expression, timeZone }) => `${expression} ${timeZone}`).sort();

const reportsTo = async (address: string): Promise<Mail[]> =>
  (await mailsTo(world, address)).filter(({ tags }) => tags['kind'] === 'report');

/** Runs a schedule now, with its own event or this one. */
const runNow = async (schedule: ScheduleView | undefined, event?: object) => {
  const body = event === undefined ? '' : JSON.stringify(event);
  const { status, text } = await world.send('POST', `/_local/run/${schedule?.name}`, body);
  return [status, status === 200 ? (JSON.parse(text) as { outcome: string }).outcome : text];
};

/** To an instant, by leaps and a walk through its last two hours: schedules run by themselves in these alone. */
async function walkTo(instant: DateTime): Promise<void> {
  const ahead = instant.toMillis() - world.now().getTime();
  if (ahead > 2 * HOUR_MS) await world.advance(ahead - 2 * HOUR_MS);
  const left = Math.ceil((instant.toMillis() - world.now().getTime()) / 1000);
  await world.service.advance(`${left}s`);
}

/** The last midnight before the clocks of a zone change next. */
function dayOfNextChange(zone: string): DateTime {
  let day = DateTime.fromJSDate(world.now(), { zone }).startOf('day').plus({ days: 9 });
  while (day.plus({ days: 1 }).offset === day.offset) day = day.plus({ days: 1 });
  return day;
}

describe('a report', () => {
  it.each(['the next change of clocks', 'the one after that'])(
    'comes on the day and the hour of the contact, in its zone, across %s',
    async () => {
      const change = dayOfNextChange(BERLIN);
      await world.advance(change.minus({ days: 3 }).toMillis() - world.now().getTime());
      const [weekly, nightly, far] = [anAddress(), anAddress(), anAddress()];
      await put(
        await world.customer(),
        contactAt(weekly, { report: { every: 'week', on: 'saturday', hour: 8 } }),
        // An hour that the change leaves out in spring and brings twice in autumn.
        contactAt(nightly, { report: { every: 'week', on: WEEKDAYS[change.weekday - 1], hour: 2 } }),
        contactAt(far, { timeZone: 'Asia/Tokyo', report: { every: 'week', on: 'monday', hour: 0 } }),
      );
      const saturday = change.set({ weekday: 6 });
      for (const week of [0, 1]) {
        await walkTo(saturday.plus({ weeks: week }).set({ hour: 9 }));
        await walkTo(change.plus({ weeks: week }).set({ hour: 4 }));
        await walkTo(change.plus({ weeks: week }).set({ hour: 18 }));
      }
      const at = async (address: string, zone: string) =>
        (await reportsTo(address)).map(({ sentAt }) =>
          DateTime.fromISO(sentAt, { zone }).toFormat('cccc HH:mm'),
        );
      expect(await at(weekly, BERLIN)).toEqual(['Saturday 08:00', 'Saturday 08:00']);
      const [before, after] = await reportsTo(weekly);
      const apart = Date.parse(after?.sentAt ?? '') - Date.parse(before?.sentAt ?? '');
      expect(Math.round(Math.abs(apart - 7 * 24 * HOUR_MS) / HOUR_MS)).toBe(1);

      const skips = change.set({ hour: 2 }).hour !== 2;
      expect(await at(nightly, BERLIN)).toEqual([
        change.set({ hour: skips ? 3 : 2 }).toFormat('cccc HH:mm'),
        change.set({ hour: 2, minute: 0 }).plus({ weeks: 1 }).toFormat("cccc '02:00'"),
      ]);
      expect(await at(far, 'Asia/Tokyo')).toEqual(['Monday 00:00', 'Monday 00:00']);
    },
  );

  it('is about the week that is over in the zone of the contact, in its language', async () => {
    const address = anAddress();
    const zone = 'Pacific/Kiritimati';
    const report = weeklyIn(zone, 3);
    const customerId = await world.customer();
    await put(customerId, contactAt(address, { language: 'de', timeZone: zone, report }));
    await world.service.advance('4h');
    const [mail, ...others] = await reportsTo(address);
    expect(others).toEqual([]);
    const today = DateTime.fromISO(mail?.sentAt ?? '', { zone, locale: 'de-DE' });
    const day = (days: number) => `${today.plus({ days }).day}. `;
    expect(mail?.subject).toBe('Lizenzbericht: Kein Host ist in Betrieb - Acme Print');
    expect(mail?.text).toMatch(new RegExp(`Ihre Lizenzen vom ${day(-7)}.*bis ${day(-1)}`));
  });

  it('comes once, however often it is run; what could not be sent comes with the next run', async () => {
    const address = anAddress();
    const customerId = await world.customer();
    const [schedule] = await schedulesMadeBy(() =>
      put(customerId, contactAt(address, { report: weeklyIn(BERLIN, 1) })),
    );
    world.proxy.intervene(callsOf('send-report', 'SendRawEmail'), throttled);
    await world.service.advance('2h');
    expect(await reportsTo(address)).toEqual([]);

    const together = await Promise.all([runNow(schedule), runNow(schedule), runNow(schedule)]);
    expect(together.filter(([, outcome]) => outcome === 'sent')).toHaveLength(1);
    expect(await runNow(schedule)).toEqual([200, 'sent-before']);
    await world.advance(3 * HOUR_MS);
    expect(await runNow(schedule)).toEqual([200, 'sent-before']);
    expect(await reportsTo(address)).toHaveLength(1);
  });

  it('goes to no address that has bounced', async () => {
    const address = anAddress();
    const customerId = await world.customer();
    const [schedule] = await schedulesMadeBy(() =>
      put(customerId, contactAt(address, { report: weeklyIn(BERLIN) })),
    );
    await world.send('POST', '/_local/bounces', JSON.stringify({ address }));
    expect(await runNow(schedule)).toEqual([200, 'sent']);
    expect(await runNow(schedule)).toEqual([200, 'disabled']);
    expect(await reportsTo(address)).toHaveLength(1);
  });
});

describe('the schedules of reports', () => {
  it('come, change and go with the contacts of the customer document', async () => {
    const [first, second] = [anAddress(), anAddress()];
    const customerId = await world.customer();
    const monthly = { every: 'month', on: 28, hour: 7 };
    const made = await schedulesMadeBy(() =>
      put(
        customerId,
        contactAt(first, { report: { every: 'week', on: 'monday', hour: 8 } }),
        contactAt(second, { timeZone: 'America/New_York', report: monthly }),
        contactAt(anAddress()),
      ),
    );
    expect(timesOf(made)).toEqual([
      'cron(0 7 28 * ? *) America/New_York',
      'cron(0 8 ? * MON *) Europe/Berlin',
    ]);
    for (const { nextDueAt = '', timeZone } of made) {
      const due = DateTime.fromISO(nextDueAt, { zone: timeZone });
      expect(timeZone === BERLIN ? [due.weekday, due.hour] : [due.day, due.hour]).toEqual(
        timeZone === BERLIN ? [1, 8] : [28, 7],
      );
    }

    const changed = await schedulesMadeBy(() =>
      put(
        customerId,
        contactAt(first, { report: { every: 'week', on: 'friday', hour: 8 } }),
        contactAt(second, { timeZone: 'Europe/Paris', report: monthly }),
      ),
    );
    expect(timesOf(changed)).toEqual([
      'cron(0 7 28 * ? *) Europe/Paris',
      'cron(0 8 ? * FRI *) Europe/Berlin',
    ]);
    const names = async () => new Set((await reportSchedules()).map(({ name }) => name));
    for (const { name } of made) expect(await names()).not.toContain(name);

    await put(customerId, contactAt(first));
    for (const { name } of changed) expect(await names()).not.toContain(name);
  });

  it('stay untouched when the same document is sent again, whatever else in it changes', async () => {
    const address = anAddress();
    const report = weeklyIn(BERLIN);
    const customerId = await world.customer();
    await put(customerId, contactAt(address, { report }));
    const before = await reportSchedules();
    const { calls } = await world.proxy.during(async () => {
      await put(customerId, contactAt(address, { report }));
      await put(customerId, contactAt(address, { report, language: 'fr', roles: ['technical'] }));
    });
    const ofScheduler = calls.filter(({ service }) => service === 'scheduler');
    expect(new Set(actionsOf(ofScheduler))).toEqual(new Set(['ListSchedules']));
    expect(await reportSchedules()).toEqual(before);
  });

  it('bring the report at the new time alone once they have changed, and none once they are gone', async () => {
    const [moved, gone] = [anAddress(), anAddress()];
    const customerId = await world.customer();
    const at = (hours: number) => weeklyIn(BERLIN, hours);
    await put(customerId, contactAt(moved, { report: at(2) }), contactAt(gone, { report: at(2) }));
    const due = DateTime.fromJSDate(world.now()).plus({ hours: 5 }).startOf('hour');
    await put(customerId, contactAt(moved, { report: at(5) }), contactAt(gone));
    await world.service.advance('4h');
    expect(await reportsTo(moved)).toEqual([]);
    await world.service.advance('3h');
    const [mail, ...others] = await reportsTo(moved);
    expect(others).toEqual([]);
    expect(
      DateTime.fromISO(mail?.sentAt ?? '')
        .startOf('hour')
        .toMillis(),
    ).toBe(due.toMillis());
    // Nor would a start that was under way when it went.
    const [any] = await reportSchedules();
    expect(await runNow(any, { customerId, email: gone })).toEqual([200, 'not-wanted']);
    expect(await runNow(any, { customerId: 'nobody', email: gone })).toEqual([200, 'not-wanted']);
    expect(await reportsTo(gone)).toEqual([]);
  });
});

test('The numbers of a report are right after a refused renewal, a silent host and an ending contract', async () => {
  const noon = DateTime.fromJSDate(world.now(), { zone: 'utc' }).startOf('hour');
  // A moment ago: the first one is due in a week.
  const report = weeklyIn('UTC', 0);
  const host = await installed(world, {
    contract: { endsOn: world.day(10) },
    contact: { timeZone: 'UTC', report },
  });
  const { customerId, address, hostId } = host;
  const [refusedId, silentId] = [aHostId(), aHostId()];
  const refused = await world.issue(customerId, { id: refusedId, name: 'rip-02' });
  const silent = await world.issue(customerId, { id: silentId, name: 'rip-03' });
  await world.renewed(silent.file, { hostId: silentId });
  const revoked = await world.renewed(refused.file, { hostId: refusedId });
  await world.revoke(refused.licenseId);

  // The first host renews every day; the second tries on two days, a stranger with its file on one.
  let file = host.file;
  for (let day = 0; day < 7; day += 1) {
    file = await world.renewed(file, { hostId });
    if (day < 2) expect((await world.renew(revoked, { hostId: refusedId })).status).toBe(403);
    if (day === 3) expect((await world.renew(file, { hostId: aHostId() })).status).toBe(403);
    await world.advanceDays(1);
  }
  await world.service.advance('1m');

  const [mail, ...others] = await reportsTo(address);
  expect(others).toEqual([]);
  expect(mail?.subject).toBe('License report: 2 of 3 hosts need attention; 1 contract ends - Acme Print');
  const text = (mail?.text ?? '').replace(/\s+/g, ' ');
  const days = (count: number) => noon.plus({ days: count }).toFormat('d MMM yyyy').replace('Sep ', 'Sept ');
  expect(text).toContain(`from ${days(0)} to ${days(6)}`);
  expect(text).toContain(
    '* Healthy Hosts: 1 * Renewal refused Hosts: 1 * Offline Hosts: 1 Need attention (2)',
  );
  expect(text).toMatch(/\* rip-02 .*? State: Renewal refused Reason: license revoked Last seen: /);
  expect(text).toMatch(/\* rip-03 .*? State: Offline Last seen: /);
  // One of each host on the first day before the loop, and seven of the first in it.
  expect(text).toContain('10 renewals. 3 attempts were refused:');
  expect(text).toContain('* License revoked Code: license-revoked Refused: 2 times');
  expect(text).toContain('* License of another host Code: host-mismatch Refused: 1 time');
  expect(text).toContain('ES · Contract PO 4711 (c-1) · 3 of 3 hosts licensed');
  expect(text).toContain('* render-engine Contracted: 8 Delivered: 8');
  expect(text).toContain(
    `* Contract PO 4711 (c-1) Product: ES Ends: ${days(10)} Grace until: ${days(24)} Hosts: 3 State: Nothing follows so far`,
  );
  expectNoLeaks(world);
});
