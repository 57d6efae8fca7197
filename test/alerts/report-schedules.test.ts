import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { beforeEach, describe, expect, it } from 'vitest';
import { SchedulerReportSchedules } from '../../lambdas/adapters/report-schedules.ts';
import type { Contact } from '../../lambdas/core/customer.ts';
import { reportPlansOf } from '../../lambdas/core/report/report-plans.ts';

const ENV = {
  REPORT_SCHEDULE_GROUP: 'reports',
  REPORT_TARGET_ARN: 'arn:aws:lambda:eu-west-1:1:function:send-report:live',
  REPORT_ROLE_ARN: 'arn:aws:iam::1:role/start',
  REPORT_DEAD_LETTER_ARN: 'arn:aws:sqs:eu-west-1:1:dead',
};

const weekly = { every: 'week', on: 'wednesday', hour: 7 } as const;
const monthly = { every: 'month', on: 28, hour: 0 } as const;

const contact = (email: string, report?: Contact['report'], timeZone = 'Europe/Berlin'): Contact => ({
  email,
  language: 'en',
  timeZone,
  roles: ['technical'],
  ...(report ? { report } : {}),
});

interface Input {
  readonly Name?: string;
  readonly NamePrefix?: string;
  readonly NextToken?: string;
  readonly ScheduleExpression?: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly Target?: { readonly Input?: string; readonly RoleArn?: string };
}

const named = (name: string, message = name) => Object.assign(new Error(message), { name });

/** EventBridge Scheduler as far as it is used: names are unique, lists come in pages of two. */
class FakeScheduler {
  readonly schedules = new Map<string, Input>();
  readonly calls: string[] = [];
  failAt: string | undefined;

  send({ constructor, input }: { constructor: { name: string }; input: Input }): Promise<unknown> {
    const call = constructor.name.replace('Command', '');
    this.calls.push(call);
    if (call === this.failAt) return Promise.reject(named('InternalServerException'));
    const { Name = '' } = input;
    switch (call) {
      case 'ListSchedules': {
        const names = [...this.schedules.keys()].filter((name) => name.startsWith(input.NamePrefix!)).sort();
        const start = Number(input.NextToken ?? 0);
        const page = names.slice(start, start + 2).map((name) => ({ Name: name }));
        return Promise.resolve({
          Schedules: page,
          ...(start + 2 < names.length ? { NextToken: String(start + 2) } : {}),
        });
      }
      case 'CreateSchedule':
        if (this.schedules.has(Name)) return Promise.reject(named('ConflictException'));
        if (input.ScheduleExpressionTimezone === 'EST5EDT')
          return Promise.reject(named('ValidationException', 'Provided timezone EST5EDT is not valid.'));
        if (input.Target?.RoleArn === 'arn:other-role')
          return Promise.reject(named('ValidationException', 'The role must allow Scheduler to assume it.'));
        this.schedules.set(Name, input);
        return Promise.resolve({});
      case 'DeleteSchedule':
        if (!this.schedules.delete(Name)) return Promise.reject(named('ResourceNotFoundException'));
        return Promise.resolve({});
      default:
        return Promise.reject(new Error(`Not known here: ${call}`));
    }
  }
}

let scheduler: FakeScheduler;
let calls: string[];

beforeEach(() => {
  scheduler = new FakeScheduler();
  ({ calls } = scheduler);
});

const keep = (contacts: readonly Contact[], customerId = 'acme', env = ENV) =>
  // The fake has the one method of the client that is used.
  new SchedulerReportSchedules(scheduler as unknown as SchedulerClient, env).keep(
    customerId,
    reportPlansOf(contacts),
  );

const shown = () =>
  [...scheduler.schedules.values()]
    .map(({ ScheduleExpression, ScheduleExpressionTimezone, Target }) =>
      [ScheduleExpression, ScheduleExpressionTimezone, Target?.Input].join(' '),
    )
    .sort();

describe('Schedules of reports', () => {
  it('are one per contact with a report, in its zone', async () => {
    await keep([
      contact('ops@acme.example', weekly),
      contact('buy@acme.example', monthly, 'Asia/Tokyo'),
      contact('none@acme.example'),
    ]);
    expect(shown()).toEqual([
      'cron(0 0,1 28 * ? *) Asia/Tokyo {"customerId":"acme","email":"buy@acme.example"}',
      'cron(0 7 ? * WED *) Europe/Berlin {"customerId":"acme","email":"ops@acme.example"}',
    ]);
    for (const name of scheduler.schedules.keys()) {
      expect(name).toMatch(/^report-[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{8}$/);
    }
  });

  it('cost one call where nothing changes, and where nobody wants a report', async () => {
    await keep([]);
    await keep([contact('ops@acme.example', weekly)]);
    calls.length = 0;
    await keep([contact('ops@acme.example', weekly), contact('OPS@acme.example', monthly)]);
    expect(calls).toEqual(['ListSchedules']);
  });

  it('follow what a contact wants, and end with it', async () => {
    await keep([contact('ops@acme.example', weekly)]);
    await keep([contact('ops@acme.example', monthly, 'Asia/Tokyo')]);
    expect(shown()).toEqual([
      'cron(0 0,1 28 * ? *) Asia/Tokyo {"customerId":"acme","email":"ops@acme.example"}',
    ]);
    await keep([contact('ops@acme.example')]);
    expect(shown()).toEqual([]);
  });

  it('of other customers are left alone', async () => {
    await keep([contact('ops@acme.example', weekly)], 'beta');
    await keep([]);
    expect(scheduler.schedules.size).toBe(1);
  });

  it('are found again page by page', async () => {
    const contacts = Array.from({ length: 9 }, (_, index) => contact(`c${index}@acme.example`, weekly));
    await keep(contacts);
    expect(scheduler.schedules.size).toBe(9);
    await keep(contacts.slice(0, 1));
    expect(scheduler.schedules.size).toBe(1);
  });

  it('are made new where what they start has moved', async () => {
    await keep([contact('ops@acme.example', weekly)]);
    await keep([contact('ops@acme.example', weekly)], 'acme', { ...ENV, REPORT_ROLE_ARN: 'arn:other' });
    expect(scheduler.schedules.size).toBe(1);
    expect(JSON.stringify([...scheduler.schedules.values()])).toContain('arn:other');
  });

  it.each(['CreateSchedule', 'DeleteSchedule'])(
    'are brought in order by a retry after %s failed',
    async (call) => {
      await keep([contact('ops@acme.example', weekly)]);
      scheduler.failAt = call;
      await expect(keep([contact('ops@acme.example', monthly)])).rejects.toThrow('InternalServerException');
      expect(scheduler.schedules.size).toBeGreaterThan(0);
      scheduler.failAt = undefined;
      await keep([contact('ops@acme.example', monthly)]);
      expect(shown()).toEqual([expect.stringContaining('cron(0 0,1 28 * ? *)')]);
    },
  );

  it('start a second time where a change of clocks can leave the hour out, and then only', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    const twice = hours.filter((hour) =>
      reportPlansOf([contact('ops@acme.example', { ...weekly, hour })])[0]?.cron.includes(
        `${hour},${hour + 1} `,
      ),
    );
    expect(twice).toEqual([0, 1, 2, 3]);
  });

  it('are refused for a zone that Scheduler does not know, with the name of the zone', async () => {
    await expect(keep([contact('ops@acme.example', weekly, 'EST5EDT')])).rejects.toMatchObject({
      code: 'body-invalid',
      faults: [{ path: 'contacts', message: expect.stringContaining('EST5EDT') as string }],
    });
  });

  it('do not blame the caller for a fault of the deployment', async () => {
    const env = { ...ENV, REPORT_ROLE_ARN: 'arn:other-role' };
    await expect(keep([contact('ops@acme.example', weekly)], 'acme', env)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
