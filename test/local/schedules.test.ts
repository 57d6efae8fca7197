import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { afterEach, describe, expect, it } from 'vitest';
import type { LocalServiceOptions } from '../../local/service.ts';
import type { FixtureSchedule } from './fixture-assembly.ts';
import { jsonOf, startFixture, type FixtureService } from './fixture-service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Run {
  readonly at: string;
  readonly event: Record<string, unknown>;
}

const running: FixtureService[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The fixture with a schedule of its function `tally`, which remembers its events. */
async function start(
  tally: FixtureSchedule | undefined,
  options: Partial<LocalServiceOptions> = {},
): Promise<FixtureService> {
  const service = await startFixture({ schedules: tally === undefined ? {} : { tally }, ...options });
  running.push(service);
  return service;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'licensing-schedules-'));
  folders.push(folder);
  return folder;
}

const runsOf = ({ url }: FixtureService): Promise<Run[]> => jsonOf<Run[]>(fetch(`${url}/tally`));

const post = (service: FixtureService, path: string, body?: string): Promise<Response> =>
  fetch(`${service.url}/_local${path}`, { method: 'POST', ...(body === undefined ? {} : { body }) });

const advance = (service: FixtureService, duration: string): Promise<{ now: string; ran: number }> =>
  jsonOf(post(service, '/clock', JSON.stringify({ advance: duration })));

/** Instants are met to within the time that a run takes. */
function expectNear(iso: string | undefined, instant: number): void {
  const late = Date.parse(iso ?? '') - instant;
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(5000);
}

async function inScheduler<Result>(
  service: FixtureService,
  work: (client: SchedulerClient) => Promise<Result>,
): Promise<Result> {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SchedulerClient({
    endpoint: service.endpoints.scheduler,
    region: 'eu-west-1',
    credentials,
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

const TARGET = {
  Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:tally:live',
  RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
  Input: '{"customerId":"acme","due":"<aws.scheduler.scheduled-time>"}',
};

const report = (given: Partial<CreateScheduleCommandInput> = {}) => ({
  Name: 'acme-weekly',
  GroupName: 'fixture-reports',
  ScheduleExpression: 'rate(7 days)',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: TARGET,
  ...given,
});

describe('a move of the clock', () => {
  it('stops at every instant at which a schedule is due and runs it there', async () => {
    const service = await start({ expression: 'rate(12 hours)' });
    const before = service.clock.now().getTime();

    const { now, ran } = await advance(service, '2d1h');
    expect(ran).toBe(4);
    expectNear(now, before + 49 * HOUR);
    const runs = await runsOf(service);
    runs.forEach(({ at }, index) => {
      expect(Math.abs(Date.parse(at) - before - (index + 1) * 12 * HOUR)).toBeLessThan(5000);
    });
    expect(runs).toHaveLength(4);
  });

  it('meets a cron expression in its zone exactly', async () => {
    const service = await start({ expression: 'cron(30 6 * * ? *)', timeZone: 'Asia/Kolkata' });

    await advance(service, '3d');
    const runs = await runsOf(service);
    expect(runs).toHaveLength(3);
    for (const { at } of runs) expect(at).toMatch(/T01:00:0\d/);
  });

  it('runs nothing that is switched off, and nothing before it is due', async () => {
    const service = await start({ expression: 'rate(1 hour)', state: 'DISABLED' });

    expect((await advance(service, '10d')).ran).toBe(0);
    expect(service.schedules.list()).toMatchObject([{ name: 'tally', isEnabled: false }]);
    expect(await runsOf(service)).toEqual([]);
  });

  it('waits for an earlier one', async () => {
    const service = await start({ expression: 'rate(1 hour)' });
    const before = service.clock.now().getTime();

    const [first, second] = await Promise.all([advance(service, '5h'), advance(service, '3h')]);
    expect([first.ran, second.ran]).toEqual([5, 3]);
    expect(Date.parse(second.now) - Date.parse(first.now)).toBeGreaterThanOrEqual(3 * HOUR);
    expectNear(second.now, before + 8 * HOUR);
  });

  it('goes on when a run fails, which the page and the log show', async () => {
    const service = await start({ expression: 'rate(1 day)', input: { fail: true } });

    expect((await advance(service, '3d')).ran).toBe(3);
    const [schedule] = service.schedules.list();
    expect(schedule?.lastRun).toMatchObject({ outcome: 'failed', startedBy: 'schedule' });
    expect(schedule?.lastRun?.error).toContain('failed on purpose');
    const page = await (await fetch(`${service.url}/_local/`)).text();
    expect(page).toContain('<span class="failed">failed</span>');
    expect(page).toContain('failed on purpose');
    const log = readFileSync(join(service.dataDir, 'logs', 'schedules.log'), 'utf8');
    expect(log.match(/tally failed: .*failed on purpose/g)).toHaveLength(3);
  });

  it('that passes schedules by leaves one run for each to make up for', async () => {
    const service = await start({ expression: 'rate(1 hour)' });

    await service.clock.advance(10 * HOUR + 30 * MINUTE);
    expect(await runsOf(service)).toEqual([]);
    expect((await advance(service, '1h')).ran).toBe(2);
  });
});

describe('schedules', () => {
  it('go on after a restart, from where they were', async () => {
    const dataDir = newFolder();
    const before = await start({ expression: 'rate(1 day)' }, { dataDir });
    await advance(before, '36h');
    const [listed] = before.schedules.list();
    await before.stop();

    const after = await start({ expression: 'rate(1 day)' }, { dataDir });
    expect(after.schedules.list()).toEqual([listed]);
    expect((await advance(after, '11h')).ran).toBe(0);
    expect((await advance(after, '2h')).ran).toBe(1);
  });

  it('count from now on when their expression changes', async () => {
    const dataDir = newFolder();
    const before = await start({ expression: 'rate(30 days)' }, { dataDir });
    await advance(before, '10d');
    await before.stop();

    const after = await start({ expression: 'rate(1 day)' }, { dataDir });
    expect((await advance(after, '12h')).ran).toBe(0);
    expect((await advance(after, '13h')).ran).toBe(1);
  });

  it('run as time goes by where they are told to', async () => {
    const service = await start({ expression: 'rate(1 minute)' }, { schedulesByThemselves: true });
    const still = await start({ expression: 'rate(1 minute)' });
    await service.clock.advance(5 * MINUTE);
    await still.clock.advance(5 * MINUTE);

    while ((await runsOf(service)).length === 0) await sleep(50);
    await sleep(1500);
    expect(await runsOf(service)).toHaveLength(1);
    expect(await runsOf(still)).toEqual([]);
  });

  it('that nobody knows stop the start with one line', async () => {
    await expect(start({ expression: 'rate(1 fortnight)' })).rejects.toThrow(/tally .*rate\(1 fortnight\)/);
  });

  it('are listed with when they are due and what their last run came to', async () => {
    const service = await start({ expression: 'cron(0 6 * * ? *)', timeZone: 'Europe/Berlin' });
    await advance(service, '1d');

    const listed = await jsonOf<Record<string, unknown>[]>(fetch(`${service.url}/_local/schedules`));
    expect(listed).toEqual([
      {
        name: 'tally',
        functionName: 'tally',
        expression: 'cron(0 6 * * ? *)',
        timeZone: 'Europe/Berlin',
        isEnabled: true,
        nextDueAt: expect.stringMatching(/T0[45]:00:00\.000Z$/) as string,
        lastRun: {
          at: expect.stringMatching(/T0[45]:00:0/) as string,
          outcome: 'succeeded',
          startedBy: 'schedule',
        },
      },
    ]);
  });
});

describe('the event of a schedule', () => {
  it('is its input', async () => {
    const service = await start({ expression: 'rate(1 day)', input: { segments: 4 } });
    await advance(service, '1d');

    expect((await runsOf(service))[0]?.event).toEqual({ segments: 4 });
  });

  it('is what EventBridge Scheduler sends where it has none', async () => {
    const service = await start({ expression: 'cron(0 6 * * ? *)' });
    await advance(service, '1d');

    expect((await runsOf(service))[0]?.event).toMatchObject({
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time: expect.stringMatching(/T06:00:00Z$/) as string,
      region: 'eu-west-1',
      resources: ['arn:aws:scheduler:eu-west-1:000000000000:schedule/default/tally'],
      detail: '{}',
    });
  });
});

describe('a schedule that a function made', () => {
  it('starts its function with its input, as often as it is due', async () => {
    const service = await start(undefined);
    await inScheduler(service, (client) => client.send(new CreateScheduleCommand(report())));

    expect((await advance(service, '22d')).ran).toBe(3);
    const runs = await runsOf(service);
    expect(runs.map(({ event }) => event['customerId'])).toEqual(['acme', 'acme', 'acme']);
    expect(runs[0]?.event['due']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(service.schedules.list()).toMatchObject([{ name: 'fixture-reports/acme-weekly' }]);
  });

  it('changes and ends at once', async () => {
    const service = await start(undefined);
    await inScheduler(service, async (client) => {
      await client.send(new CreateScheduleCommand(report()));
      await client.send(new UpdateScheduleCommand(report({ ScheduleExpression: 'rate(1 day)' })));
    });
    expect((await advance(service, '3d')).ran).toBe(3);

    await inScheduler(service, (client) =>
      client.send(new DeleteScheduleCommand({ Name: 'acme-weekly', GroupName: 'fixture-reports' })),
    );
    expect((await advance(service, '30d')).ran).toBe(0);
  });

  it('does not make up for the time in which it was switched off', async () => {
    const service = await start(undefined);
    const update = (State: 'ENABLED' | 'DISABLED') =>
      inScheduler(service, (client) => client.send(new UpdateScheduleCommand(report({ State }))));
    await inScheduler(service, (client) => client.send(new CreateScheduleCommand(report())));
    await update('DISABLED');
    expect((await advance(service, '15d')).ran).toBe(0);
    await update('ENABLED');
    expect((await advance(service, '6d')).ran).toBe(0);
    expect((await advance(service, '2d')).ran).toBe(1);
  });

  it('runs between its start and its end, and at one instant once', async () => {
    const service = await start(undefined);
    const day = (days: number): Date =>
      new Date(Math.ceil(service.clock.now().getTime() / 1000) * 1000 + days * DAY);
    await inScheduler(service, async (client) => {
      await client.send(
        new CreateScheduleCommand(
          report({ ScheduleExpression: 'rate(1 day)', StartDate: day(10), EndDate: day(12.5) }),
        ),
      );
      const at = day(20).toISOString().slice(0, 19);
      const once = {
        Name: 'once',
        ScheduleExpression: `at(${at})`,
        ActionAfterCompletion: 'DELETE' as const,
      };
      await client.send(new CreateScheduleCommand(report(once)));
    });

    expect((await advance(service, '19d')).ran).toBe(3);
    expect((await advance(service, '19d')).ran).toBe(1);
    expect(service.schedules.list().map(({ name }) => name)).toEqual(['fixture-reports/acme-weekly']);
    expect(service.schedules.list()[0]).not.toHaveProperty('nextDueAt');
  });

  it('fails, and only that, where it starts a function that is not there', async () => {
    const service = await start({ expression: 'rate(7 days)' });
    const Target = { ...TARGET, Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:nobody:live' };
    await inScheduler(service, (client) => client.send(new CreateScheduleCommand(report({ Target }))));

    expect((await advance(service, '8d')).ran).toBe(2);
    expect(service.schedules.list().map(({ lastRun }) => lastRun?.outcome)).toEqual(['succeeded', 'failed']);
  });
});

describe('a run by hand', () => {
  it('answers what the function returns, with the event that is given', async () => {
    const service = await start({ expression: 'rate(1 day)', input: { segments: 4 } });

    const own = await post(service, '/run/tally');
    expect(own.status).toBe(200);
    expect(await own.json()).toEqual({ runs: 1, event: { segments: 4 } });
    const dry = await post(service, '/run/tally', '{"dryRun": true}');
    expect(await dry.json()).toEqual({ runs: 2, event: { dryRun: true } });
    expect(service.schedules.list()[0]?.lastRun).toMatchObject({ startedBy: 'hand', outcome: 'succeeded' });
  });

  it('leaves alone when the schedule is due', async () => {
    const service = await start({ expression: 'rate(1 day)' });
    const due = () => service.schedules.list()[0]?.nextDueAt;
    const before = due();

    await post(service, '/run/tally');
    expect(due()).toBe(before);
    expect((await advance(service, '1d')).ran).toBe(1);
  });

  it('finds a schedule that a function made by its name, and with its group', async () => {
    const service = await start(undefined);
    await inScheduler(service, (client) => client.send(new CreateScheduleCommand(report())));

    expect((await post(service, '/run/acme-weekly')).status).toBe(200);
    expect((await post(service, '/run/fixture-reports%2Facme-weekly')).status).toBe(200);
  });

  it('is refused for a name that is not there, and tells those that are', async () => {
    const service = await start({ expression: 'rate(1 day)' });
    const answer = await post(service, '/run/scan-nothing');

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('tally') as string });
    expect((await post(await start(undefined), '/run/tally')).status).toBe(404);
  });

  it('is a problem where the function fails or the event is no JSON', async () => {
    const service = await start({ expression: 'rate(1 day)' });

    const failed = await post(service, '/run/tally', '{"fail": true}');
    expect(failed.status).toBe(500);
    expect(await failed.json()).toMatchObject({
      detail: expect.stringContaining('failed on purpose') as string,
    });
    expect((await post(service, '/run/tally', '{')).status).toBe(400);
    expect((await fetch(`${service.url}/_local/run/tally`)).status).toBe(404);
  });
});
