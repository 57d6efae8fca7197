import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
  ValidationException,
  type CreateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture, type FixtureService } from './fixture-service.ts';

const clientOf = ({ endpoints }: FixtureService): SchedulerClient =>
  new SchedulerClient({
    endpoint: endpoints.scheduler,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

const GROUP = 'fixture-reports';
const TARGET = {
  Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:tally:live',
  RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
  Input: '{"customerId":"acme"}',
  RetryPolicy: { MaximumRetryAttempts: 2 },
};
const schedule = (Name: string, given: Partial<CreateScheduleCommandInput> = {}) => ({
  Name,
  GroupName: GROUP,
  ScheduleExpression: 'cron(0 7 ? * MON *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  FlexibleTimeWindow: { Mode: 'FLEXIBLE' as const, MaximumWindowInMinutes: 15 },
  Target: TARGET,
  ...given,
});

let service: FixtureService;
let scheduler: SchedulerClient;
beforeAll(async () => {
  service = await startFixture({ schedules: {} });
  scheduler = clientOf(service);
});
afterAll(async () => {
  scheduler.destroy();
  await service.stop();
});

const create = (...given: Parameters<typeof schedule>) =>
  scheduler.send(new CreateScheduleCommand(schedule(...given)));
const get = (Name: string) => scheduler.send(new GetScheduleCommand({ Name, GroupName: GROUP }));

describe('EventBridge Scheduler on this machine', () => {
  it('keeps a schedule as it was created', async () => {
    const { ScheduleArn } = await create('kept', { Description: 'weekly' });

    expect(ScheduleArn).toBe(`arn:aws:scheduler:eu-west-1:000000000000:schedule/${GROUP}/kept`);
    const found = await get('kept');
    expect(found).toMatchObject({
      ...schedule('kept'),
      Arn: ScheduleArn,
      Description: 'weekly',
      State: 'ENABLED',
    });
    expect(Math.abs((found.CreationDate?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('takes an update as the whole schedule', async () => {
    await create('changed', { Description: 'weekly' });
    await scheduler.send(
      new UpdateScheduleCommand(
        schedule('changed', { ScheduleExpression: 'rate(2 days)', State: 'DISABLED' }),
      ),
    );

    const found = await get('changed');
    expect(found).toMatchObject({ ScheduleExpression: 'rate(2 days)', State: 'DISABLED' });
    expect(found.Description).toBeUndefined();
  });

  it('creates a schedule once: another call conflicts, a repetition of the same call does not', async () => {
    await create('once', { ClientToken: 'token-1' });

    await create('once', { ClientToken: 'token-1' });
    await expect(create('once', { ClientToken: 'token-2' })).rejects.toBeInstanceOf(ConflictException);
  });

  it('knows no schedule that was deleted, nor groups that the template does not have', async () => {
    await create('gone');
    await scheduler.send(new DeleteScheduleCommand({ Name: 'gone', GroupName: GROUP }));

    await expect(get('gone')).rejects.toBeInstanceOf(ResourceNotFoundException);
    const again = scheduler.send(new DeleteScheduleCommand({ Name: 'gone', GroupName: GROUP }));
    await expect(again).rejects.toBeInstanceOf(ResourceNotFoundException);
    const update = scheduler.send(new UpdateScheduleCommand(schedule('gone')));
    await expect(update).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(create('new', { GroupName: 'other' })).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(scheduler.send(new GetScheduleCommand({ Name: 'kept' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule kept does not exist.',
    });
  });

  it.each<[string, Partial<CreateScheduleCommandInput>]>([
    ['a name with a slash', { Name: 'a/b' }],
    ['a name of 65 characters', { Name: 'a'.repeat(65) }],
    ['an expression that is none', { ScheduleExpression: 'rate(1 week)' }],
    ['a zone that is none', { ScheduleExpressionTimezone: 'Europe/Berlim' }],
    ['input that is no JSON', { Target: { ...TARGET, Input: '{' } }],
    ['a role that is none', { Target: { ...TARGET, RoleArn: 'scheduler' } }],
    ['a flexible window without length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }],
    ['an end before its start', { StartDate: new Date(2e12), EndDate: new Date(1e12) }],
  ])('refuses %s', async (_what, given) => {
    await expect(create('refused', given)).rejects.toBeInstanceOf(ValidationException);
    await expect(get('refused')).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  it('lists by group and prefix, in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name);
    await create('page-d', { GroupName: 'default' });
    const list = async (NextToken?: string) =>
      scheduler.send(
        new ListSchedulesCommand({
          GroupName: GROUP,
          NamePrefix: 'page-',
          MaxResults: 2,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      );

    const first = await list();
    const second = await list(first.NextToken);
    expect(first.Schedules?.map(({ Name }) => Name)).toEqual(['page-a', 'page-b']);
    expect(second.Schedules?.map(({ Name }) => Name)).toEqual(['page-c']);
    expect(second.NextToken).toBeUndefined();
    expect(first.Schedules?.[0]).toMatchObject({ State: 'ENABLED', GroupName: GROUP });
  });

  it('says that it is not all of EventBridge Scheduler', async () => {
    await expect(scheduler.send(new ListScheduleGroupsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});

it('keeps schedules over a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'licensing-scheduler-'));
  const before = await startFixture({ dataDir, schedules: {} });
  await clientOf(before).send(new CreateScheduleCommand(schedule('lasting')));
  const listed = before.schedules.list();
  await before.stop();

  const after = await startFixture({ dataDir, schedules: {} });
  try {
    expect(listed).toHaveLength(1);
    expect(after.schedules.list()).toEqual(listed);
    const found = await clientOf(after).send(new GetScheduleCommand({ Name: 'lasting', GroupName: GROUP }));
    expect(found).toMatchObject(schedule('lasting'));
  } finally {
    await after.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
