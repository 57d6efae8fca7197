import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  type CreateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import { inPieces } from '../core/alerts/in-pieces.ts';
import { DAY } from '../core/instant.ts';
import { Problem } from '../core/problem.ts';
import type { ReportPlan, ReportSchedules } from '../core/report/report-plans.ts';
import { CLIENT_SETTINGS, lean } from './aws-client.ts';
import { text } from './environment.ts';

/** The environment of every function that keeps the schedules of reports. */
export const reportScheduleVariables = {
  REPORT_SCHEDULE_GROUP: text,
  REPORT_TARGET_ARN: text,
  REPORT_ROLE_ARN: text,
  REPORT_DEAD_LETTER_ARN: text,
};

type ReportScheduleEnv = z.output<z.ZodMiniObject<typeof reportScheduleVariables>>;

/** Calls that are under way at a time; Scheduler takes 50 a second. */
const CALLS_AT_ONCE = 8;

/** Nobody needs a report to the minute, and starts that are spread meet no limit. */
const WINDOW_MINUTES = 15;

export const createSchedulerClient = (): SchedulerClient => lean(new SchedulerClient(CLIENT_SETTINGS));

/**
 * Schedules of EventBridge Scheduler, one per contact with a report. The name of a schedule ends in a fingerprint of all that it
 * does, and a schedule never changes: a wish that changes gets a new one, and the old one goes. So the list of names alone, one
 * call in the usual case, tells what is to be done.
 */
export class SchedulerReportSchedules implements ReportSchedules {
  private readonly client: SchedulerClient;
  private readonly env: ReportScheduleEnv;

  constructor(client: SchedulerClient, env: ReportScheduleEnv) {
    this.client = client;
    this.env = env;
  }

  async add(customerId: string, plans: readonly ReportPlan[]): Promise<void> {
    const { missing } = await this.compare(customerId, plans);
    await inPieces(missing, CALLS_AT_ONCE, ([name, schedule]) => this.create(name, schedule));
  }

  /** New ones come before old ones go: a crash in between leaves one too many, of which the report itself sends one e-mail. */
  async keep(customerId: string, plans: readonly ReportPlan[]): Promise<void> {
    const { missing, unwanted } = await this.compare(customerId, plans);
    await inPieces(missing, CALLS_AT_ONCE, ([name, schedule]) => this.create(name, schedule));
    await inPieces(unwanted, CALLS_AT_ONCE, (name) => this.remove(name));
  }

  private async compare(customerId: string, plans: readonly ReportPlan[]) {
    const prefix = `report-${shortHash(customerId, 16)}-`;
    const wanted = new Map(
      plans.map((plan) => {
        const schedule = this.scheduleOf(customerId, plan);
        const name = `${prefix}${shortHash(plan.email.toLowerCase(), 16)}-${shortHash(JSON.stringify(schedule), 8)}`;
        return [name, schedule];
      }),
    );
    const existing = new Set(await this.names(prefix));
    return {
      missing: [...wanted].filter(([name]) => !existing.has(name)),
      unwanted: [...existing].filter((name) => !wanted.has(name)),
    };
  }

  private scheduleOf(customerId: string, { email, cron, timeZone }: ReportPlan) {
    return {
      ScheduleExpression: cron,
      ScheduleExpressionTimezone: timeZone,
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: WINDOW_MINUTES },
      Target: {
        Arn: this.env.REPORT_TARGET_ARN,
        RoleArn: this.env.REPORT_ROLE_ARN,
        DeadLetterConfig: { Arn: this.env.REPORT_DEAD_LETTER_ARN },
        RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: DAY / 4 },
        Input: JSON.stringify({ customerId, email }),
      },
    } satisfies Partial<CreateScheduleCommandInput>;
  }

  private async names(prefix: string): Promise<string[]> {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await this.client.send(
        new ListSchedulesCommand({
          GroupName: this.env.REPORT_SCHEDULE_GROUP,
          NamePrefix: prefix,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      names.push(...(page.Schedules ?? []).flatMap(({ Name }) => Name ?? []));
      next = page.NextToken;
    } while (next !== undefined);
    return names;
  }

  private async create(name: string, schedule: ReturnType<typeof this.scheduleOf>): Promise<void> {
    try {
      await this.client.send(
        new CreateScheduleCommand({ Name: name, GroupName: this.env.REPORT_SCHEDULE_GROUP, ...schedule }),
      );
    } catch (error) {
      // The same name is the same schedule: a retry, or somebody who was faster.
      if (isNamed(error, 'ConflictException')) return;
      if (!isAboutTimeZone(error)) throw error;
      const zone = schedule.ScheduleExpressionTimezone;
      throw new Problem('body-invalid', {
        faults: [{ path: 'contacts', message: `has a report in a time zone without schedules: ${zone}` }],
        cause: error,
      });
    }
  }

  private async remove(name: string): Promise<void> {
    try {
      await this.client.send(
        new DeleteScheduleCommand({ Name: name, GroupName: this.env.REPORT_SCHEDULE_GROUP }),
      );
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    }
  }
}

/** Scheduler says in the same words that it may not take the role, which is no fault of the caller. */
const isAboutTimeZone = (error: unknown): boolean =>
  isNamed(error, 'ValidationException') && /time ?zone/i.test(error instanceof Error ? error.message : '');

const shortHash = (value: string, length: number): string =>
  createHash('sha256').update(value).digest('hex').slice(0, length);

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
