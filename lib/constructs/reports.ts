import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { SendReportEnv } from '../../lambdas/send-report/env.ts';
import type { StageConfig, StageName } from '../config.ts';
import { alertEnvironment } from './alert-environment.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { LicenseTables } from './license-tables.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import type { RenewalRecords } from './renewal-records.ts';
import { StartingSchedules } from './starting-schedules.ts';

export interface ReportsProps {
  readonly stage: StageName;
  readonly config: StageConfig;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
  readonly mail: Mail;
  readonly deadLetters: DeadLetters;
}

type ReportSchedulesAddress = Record<
  'REPORT_SCHEDULE_GROUP' | 'REPORT_TARGET_ARN' | 'REPORT_ROLE_ARN' | 'REPORT_DEAD_LETTER_ARN',
  string
>;

/** Reports that contacts get when they want them: the schedules are theirs, and come and go with what the vendor says of them. */
export class Reports extends Construct {
  readonly functions: Readonly<Record<'sendReport', LicensingFunction>>;
  readonly scheduleGroup: ScheduleGroup;
  private readonly groupName: string;
  private readonly schedules: StartingSchedules;
  private readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: ReportsProps) {
    super(scope, id);
    this.deadLetters = props.deadLetters;
    this.groupName = `licensing-${props.stage}-reports`;
    this.schedules = new StartingSchedules(this, 'Schedules', {
      name: this.groupName,
      starts: 'the reports to contacts',
      deadLetters: props.deadLetters,
    });
    this.scheduleGroup = this.schedules.group;
    this.functions = { sendReport: this.sendReport(props) };
    this.schedules.allowStart(this.functions.sendReport);
  }

  /** Lets a function keep the schedules of contacts; all that they can start is the report. */
  grantSchedule(grantee: LicensingFunction): ReportSchedulesAddress {
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.groupName}/*`,
    });
    grantee.allow({
      sid: 'KeepReportSchedules',
      actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
      resources: [schedules],
    });
    grantee.allow({ sid: 'ListSchedules', actions: ['scheduler:ListSchedules'], resources: ['*'] });
    grantee.allow({
      sid: 'PassReportRole',
      actions: ['iam:PassRole'],
      resources: [this.schedules.role.roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    });
    this.acknowledge(grantee);
    return {
      REPORT_SCHEDULE_GROUP: this.scheduleGroup.scheduleGroupName,
      REPORT_TARGET_ARN: this.functions.sendReport.live.functionArn,
      REPORT_ROLE_ARN: this.schedules.role.roleArn,
      REPORT_DEAD_LETTER_ARN: this.deadLetters.queue.queueArn,
    };
  }

  private sendReport({ config, tables, renewalRecords, mail, deadLetters }: ReportsProps): LicensingFunction {
    const sendReport = new LicensingFunction(this, 'SendReport', {
      config,
      folder: 'send-report',
      description: 'Sends a contact the report on the health of its licenses',
      memoryMiB: 512,
      // Customers may have thousands of hosts, each with records of its own.
      timeout: Duration.minutes(5),
      // No later run makes up for a report, so Lambda tries as often as it can.
      events: { retries: 2, maxAge: Duration.hours(6), deadLetters },
    });
    sendReport.setEnvironment({
      ...tables.customers.grantRead(sendReport),
      ...tables.installations.grantList(sendReport),
      ...tables.licenses.grantRead(sendReport),
      ...renewalRecords.grantReport(sendReport),
      ...tables.episodes.grantReport(sendReport),
      ...tables.recipients.grantRead(sendReport),
      ...mail.grantSend(sendReport),
      ...alertEnvironment(config),
    } satisfies Given<SendReportEnv>);
    return sendReport;
  }

  private acknowledge(grantee: LicensingFunction): void {
    const { region } = Stack.of(this);
    Validations.of(grantee.role).acknowledge(
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:${region}:<AWS::AccountId>:schedule/${this.groupName}/*]`,
        reason:
          'The schedules of contacts get their names later; the group is theirs alone, and its role can start nothing but the report.',
      },
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'IAM knows no resource for ListSchedules; it answers names and states, not what they start.',
      },
    );
  }
}
