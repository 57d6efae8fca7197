import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ContractsEnv } from '../../lambdas/contracts/env.ts';
import {
  contractsOperations,
  customersOperations,
  licensesOperations,
} from '../../lambdas/core/api/vendor-operations.ts';
import type { CustomersEnv } from '../../lambdas/customers/env.ts';
import type { LicensesEnv } from '../../lambdas/licenses/env.ts';
import type { StageConfig } from '../config.ts';
import { issuingEnvironment } from './issuing-environment.ts';
import type { CustomerAuthorizer } from './customer-authorizer.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import { grantTakeOrders } from './order-taking.ts';
import type { RenewalRecords } from './renewal-records.ts';
import type { Reports } from './reports.ts';
import type { SigningKey } from './signing-key.ts';

export interface VendorEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly customers: CustomerAuthorizer;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly mail: Mail;
  readonly renewalRecords: RenewalRecords;
  readonly reports: Reports;
}

/** What the vendor's own systems call: customers, contracts and licenses. */
export class VendorEndpoints extends Construct {
  readonly functions: Readonly<Record<'customers' | 'contracts' | 'licenses', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: VendorEndpointsProps) {
    super(scope, id);
    this.functions = {
      customers: this.customers(props),
      contracts: this.contracts(props),
      licenses: this.licenses(props),
    };
  }

  private customers({ config, api, tables, reports }: VendorEndpointsProps): LicensingFunction {
    const customers = new LicensingFunction(this, 'Customers', {
      config,
      folder: 'customers',
      description: 'Keeps customers, their contacts and the schedules of their reports',
      memoryMiB: 256,
      timeout: Duration.seconds(29),
    });
    customers.setEnvironment({
      ...tables.customers.grantSave(customers),
      ...tables.installations.grantRewrite(customers),
      ...reports.grantSchedule(customers),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof CustomersEnv, string>);
    api.addVendorRoutes(customers, customersOperations, config.throttles.vendor);
    return customers;
  }

  private contracts({ config, api, ...taking }: VendorEndpointsProps): LicensingFunction {
    const contracts = new LicensingFunction(this, 'Contracts', {
      config,
      folder: 'contracts',
      description: 'Takes orders and rebuilds the installations they belong to',
      memoryMiB: 1024,
      timeout: Duration.seconds(29),
    });
    contracts.setEnvironment({
      ...grantTakeOrders(contracts, config, taking),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Given<ContractsEnv>);
    api.addVendorRoutes(contracts, contractsOperations, config.throttles.vendor);
    return contracts;
  }

  private licenses({ config, api, ...props }: VendorEndpointsProps): LicensingFunction {
    const licenses = new LicensingFunction(this, 'Licenses', {
      config,
      folder: 'licenses',
      description: 'Issues, shows, revokes and reinstates licenses',
      memoryMiB: 256,
      timeout: Duration.seconds(29),
    });
    licenses.setEnvironment({
      ...props.tables.licenses.grantIssue(licenses),
      ...props.tables.installations.grantEnlist(licenses),
      ...props.renewalRecords.grantIssue(licenses),
      ...props.signingKey.grantSign(licenses),
      ...issuingEnvironment(config, api),
      STARTER_LAPSE_DAYS: String(config.starterLapseDays),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof LicensesEnv, string>);
    api.addVendorRoutes(licenses, licensesOperations, config.throttles.vendor);
    return licenses;
  }
}
