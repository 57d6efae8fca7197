import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { distributionOperations } from '../../lambdas/core/api/distribution-operations.ts';
import type { CustomerDistributionEnv } from '../../lambdas/customer-distribution/env.ts';
import type { StageConfig } from '../config.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction } from './licensing-function.ts';
import type { RenewalRecords } from './renewal-records.ts';

export interface DistributionEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
}

/** How customers spread their options over their hosts. */
export class DistributionEndpoints extends Construct {
  readonly functions: Readonly<Record<'customerDistribution', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: DistributionEndpointsProps) {
    super(scope, id);
    this.functions = { customerDistribution: this.distribution(props) };
  }

  private distribution({
    config,
    api,
    tables,
    renewalRecords,
  }: DistributionEndpointsProps): LicensingFunction {
    const distribution = new LicensingFunction(this, 'Distribution', {
      config,
      folder: 'customer-distribution',
      description: 'Shows and declares how options are spread over hosts',
      // An installation of thousands of hosts is computed whole.
      memoryMiB: 1024,
      timeout: Duration.seconds(29),
    });
    distribution.setEnvironment({
      ...tables.installations.grantDeclare(distribution),
      ...tables.licenses.grantRead(distribution),
      ...renewalRecords.grantReadFiles(distribution),
      VALIDITY_DAYS: String(config.validityDays),
      GRACE_DAYS: String(config.graceDays),
      RENEW_EVERY_SECONDS: String(config.renewEverySeconds),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof CustomerDistributionEnv, string>);
    api.addCustomerRoutes(distribution, distributionOperations, config.throttles.customer);
    return distribution;
  }
}
