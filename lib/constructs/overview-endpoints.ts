import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { overviewOperations } from '../../lambdas/core/api/overview-operations.ts';
import { renewalsOperations } from '../../lambdas/core/api/renewals-operations.ts';
import type { CustomerOverviewEnv } from '../../lambdas/customer-overview/env.ts';
import type { CustomerRenewalsEnv } from '../../lambdas/customer-renewals/env.ts';
import type { StageConfig } from '../config.ts';
import { alertEnvironment } from './alert-environment.ts';
import { issuingEnvironment } from './issuing-environment.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction } from './licensing-function.ts';
import type { RenewalRecords } from './renewal-records.ts';
import type { SigningKey } from './signing-key.ts';

export interface OverviewEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
}

/** What the people of a customer read, and the renewal of files that they carry to hosts without network. */
export class OverviewEndpoints extends Construct {
  readonly functions: Readonly<Record<'customerOverview' | 'customerRenewals', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: OverviewEndpointsProps) {
    super(scope, id);
    this.functions = {
      customerOverview: this.customerOverview(props),
      customerRenewals: this.customerRenewals(props),
    };
  }

  private customerOverview({
    config,
    api,
    tables,
    renewalRecords,
  }: OverviewEndpointsProps): LicensingFunction {
    const overview = new LicensingFunction(this, 'CustomerOverview', {
      config,
      folder: 'customer-overview',
      description: 'Shows a customer its licenses, installations and what there is to do',
      // A customer may have thousands of licenses, all of which an overview judges.
      memoryMiB: 512,
      timeout: Duration.seconds(29),
    });
    overview.setEnvironment({
      ...tables.customers.grantRead(overview),
      ...tables.installations.grantView(overview),
      ...tables.licenses.grantView(overview),
      ...renewalRecords.grantTimeline(overview),
      ...alertEnvironment(config),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof CustomerOverviewEnv, string>);
    api.addCustomerRoutes(overview, overviewOperations, config.throttles.customer);
    return overview;
  }

  private customerRenewals({
    config,
    api,
    signingKey,
    tables,
    renewalRecords,
  }: OverviewEndpointsProps): LicensingFunction {
    const renewals = new LicensingFunction(this, 'CustomerRenewals', {
      config,
      folder: 'customer-renewals',
      description: 'Renews license files that people of a customer upload, one or a zip of them',
      // A zip of hundreds of files is verified and packed on one core.
      memoryMiB: 1_024,
      timeout: Duration.seconds(29),
    });
    renewals.setEnvironment({
      ...tables.licenses.grantRenew(renewals),
      ...tables.installations.grantRenew(renewals),
      ...renewalRecords.grantIssue(renewals),
      ...renewalRecords.grantRefuse(renewals),
      ...signingKey.grantSign(renewals),
      ...issuingEnvironment(config, api),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof CustomerRenewalsEnv, string>);
    api.addCustomerRoutes(renewals, renewalsOperations, config.throttles.customer);
    return renewals;
  }
}
