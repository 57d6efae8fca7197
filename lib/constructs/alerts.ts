import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, TimeWindow, type ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { muteOperations } from '../../lambdas/core/api/public-operations.ts';
import type { ScanEndingContractsEnv } from '../../lambdas/scan-ending-contracts/env.ts';
import type { ScanExpiringLicensesEnv } from '../../lambdas/scan-expiring-licenses/env.ts';
import type { ScanFailedRenewalsEnv } from '../../lambdas/scan-failed-renewals/env.ts';
import type { ScanOfflineHostsEnv } from '../../lambdas/scan-offline-hosts/env.ts';
import type { StageConfig, StageName } from '../config.ts';
import { alertEnvironment } from './alert-environment.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import type { MuteKey } from './mute-key.ts';
import { StartingSchedules } from './starting-schedules.ts';

export interface AlertsProps {
  readonly stage: StageName;
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly tables: LicenseTables;
  readonly mail: Mail;
  readonly muteKey: MuteKey;
  readonly deadLetters: DeadLetters;
}

interface ScanProps {
  readonly folder: string;
  readonly description: string;
  /** Which cadence of the stage it has. */
  readonly cadence: keyof StageConfig['alerts']['cadence'];
}

type Scans = 'scanOfflineHosts' | 'scanFailedRenewals' | 'scanExpiringLicenses' | 'scanEndingContracts';

/** A start that is this late is dropped: the next run finds the same. */
const LATEST_START = Duration.hours(1);

/** Four scans of one shape, each with its schedule; they differ in what they read. */
export class Alerts extends Construct {
  readonly functions: Readonly<Record<Scans, LicensingFunction>>;
  readonly scheduleGroup: ScheduleGroup;
  private readonly props: AlertsProps;
  private readonly schedules: StartingSchedules;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.props = props;
    this.schedules = new StartingSchedules(this, 'Schedules', {
      name: `licensing-${props.stage}-alerts`,
      starts: 'the scans for alerts',
      deadLetters: props.deadLetters,
    });
    this.scheduleGroup = this.schedules.group;
    this.functions = {
      scanOfflineHosts: this.offlineHosts(props),
      scanFailedRenewals: this.failedRenewals(props),
      scanExpiringLicenses: this.expiringLicenses(props),
      scanEndingContracts: this.endingContracts(props),
    };
  }

  private offlineHosts({ tables }: AlertsProps): LicensingFunction {
    const scan = this.scan('ScanOfflineHosts', {
      folder: 'scan-offline-hosts',
      description: 'Looks for hosts that have gone silent, and tells their customers',
      cadence: 'offlineHosts',
    });
    scan.setEnvironment({
      ...tables.licenses.grantScan(scan),
      ...tables.installations.grantJudge(scan),
      ...this.shared(scan),
    } satisfies Given<ScanOfflineHostsEnv>);
    return scan;
  }

  private failedRenewals({ tables }: AlertsProps): LicensingFunction {
    const scan = this.scan('ScanFailedRenewals', {
      folder: 'scan-failed-renewals',
      description: 'Looks for hosts whose renewals are refused, and tells their customers',
      cadence: 'failedRenewals',
    });
    scan.setEnvironment({
      ...tables.licenses.grantScanFailing(scan),
      ...tables.installations.grantJudge(scan),
      ...this.shared(scan),
    } satisfies Given<ScanFailedRenewalsEnv>);
    return scan;
  }

  private expiringLicenses({ tables }: AlertsProps): LicensingFunction {
    const scan = this.scan('ScanExpiringLicenses', {
      folder: 'scan-expiring-licenses',
      description: 'Looks for license files that expire unrenewed, and tells their customers',
      cadence: 'expiringLicenses',
    });
    scan.setEnvironment({
      ...tables.licenses.grantScan(scan),
      ...tables.installations.grantJudge(scan),
      ...this.shared(scan),
      ...tables.scans.grantReadHold(scan),
    } satisfies Given<ScanExpiringLicensesEnv>);
    return scan;
  }

  private endingContracts({ tables }: AlertsProps): LicensingFunction {
    const scan = this.scan('ScanEndingContracts', {
      folder: 'scan-ending-contracts',
      description: 'Looks for entitlements that end with nothing to follow, and tells their customers',
      cadence: 'endingContracts',
    });
    scan.setEnvironment({
      ...tables.installations.grantScan(scan),
      ...this.shared(scan),
    } satisfies Given<ScanEndingContractsEnv>);
    return scan;
  }

  private scan(id: string, { folder, description, cadence }: ScanProps): LicensingFunction {
    const { config, deadLetters } = this.props;
    const scan = new LicensingFunction(this, id, {
      config,
      folder,
      description,
      // Most of a core, as the parallel segments are read by one; a scan runs minutes a day.
      memoryMiB: 1_024,
      // The longest that Lambda knows. A run stops a minute before, and the next goes on there.
      timeout: Duration.minutes(15),
      events: { retries: 1, maxAge: LATEST_START, deadLetters },
    });
    this.schedules.allowStart(scan);
    const { flexibleMinutes, cadence: hours } = config.alerts;
    new Schedule(this, `${id}Schedule`, {
      scheduleName: folder,
      scheduleGroup: this.schedules.group,
      description,
      schedule: ScheduleExpression.rate(Duration.hours(hours[cadence])),
      timeWindow:
        flexibleMinutes === 0 ? TimeWindow.off() : TimeWindow.flexible(Duration.minutes(flexibleMinutes)),
      // The cast: an Alias declares `role` as a possible undefined, which exactOptionalPropertyTypes tells from absent.
      target: new LambdaInvoke(scan.live as IFunction, {
        // Its permissions are those given above: the target would add all versions of the function.
        role: this.schedules.role.withoutPolicyUpdates(),
        deadLetterQueue: deadLetters.queue,
        retryAttempts: 2,
        maxEventAge: LATEST_START,
      }),
    });
    return scan;
  }

  /** What every scan does with what it finds. */
  private shared(scan: LicensingFunction) {
    const { config, api, tables, mail, muteKey } = this.props;
    return {
      ...tables.customers.grantRead(scan),
      ...tables.episodes.grantKeep(scan),
      ...tables.recipients.grantCount(scan),
      ...tables.scans.grantRun(scan),
      ...muteKey.grantMake(scan),
      ...mail.grantSend(scan),
      ...alertEnvironment(config),
      MUTE_URL: api.url(muteOperations[0].path),
    };
  }
}
