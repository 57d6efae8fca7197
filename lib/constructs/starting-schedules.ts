import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DeadLetters } from './dead-letters.ts';
import type { LicensingFunction } from './licensing-function.ts';

export interface StartingSchedulesProps {
  /** Name of the group. */
  readonly name: string;
  /** What the schedules start, for the console: `scans for alerts`. */
  readonly starts: string;
  readonly deadLetters: DeadLetters;
}

/** A group of schedules, and the role in which EventBridge Scheduler starts their functions and nothing else. */
export class StartingSchedules extends Construct {
  readonly group: ScheduleGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, { name, starts, deadLetters }: StartingSchedulesProps) {
    super(scope, id);
    this.group = new ScheduleGroup(this, 'Group', {
      scheduleGroupName: name,
      // In every stage: schedules must not go on starting what is gone. Those of contacts follow from the customers again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      description: `Starts ${starts} by their schedules`,
      // For schedules of this group alone: Scheduler lends no role to those of others.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': this.group.scheduleGroupArn,
          },
        },
      }),
    });
    this.allow('SendDeadLetters', 'sqs:SendMessage', deadLetters.queue.queueArn);
  }

  /** Lets the schedules start what serves of a function. */
  allowStart(target: LicensingFunction): void {
    this.allow(`Start${target.node.id}`, 'lambda:InvokeFunction', target.live.functionArn);
  }

  private allow(sid: string, action: string, resource: string): void {
    this.role.addToPrincipalPolicy(new PolicyStatement({ sid, actions: [action], resources: [resource] }));
  }
}
