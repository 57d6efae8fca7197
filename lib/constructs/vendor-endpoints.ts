import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ContractsEnv } from '../../lambdas/contracts/env.ts';
import type { CustomersEnv } from '../../lambdas/customers/env.ts';
import type { LicensesEnv } from '../../lambdas/licenses/env.ts';
import type { StageConfig } from '../config.ts';
import { issuingEnvironment } from './issuing-environment.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi, RouteName } from './licensing-api.ts';
import { LicensingFunction } from './licensing-function.ts';
import type { RenewalRecords } from './renewal-records.ts';
import type { Reports } from './reports.ts';
import type { SigningKey } from './signing-key.ts';

export interface VendorEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
  readonly reports: Reports;
}

const CUSTOMER_ROUTES: readonly RouteName[] = [
  { method: 'PUT', path: '/v1/customers/{customerId}' },
  { method: 'GET', path: '/v1/customers/{customerId}' },
];

const CONTRACT_ROUTES: readonly RouteName[] = [
  { method: 'GET', path: '/v1/customers/{customerId}/contracts' },
  { method: 'PUT', path: '/v1/customers/{customerId}/contracts/{contractId}' },
  { method: 'GET', path: '/v1/customers/{customerId}/contracts/{contractId}' },
];

const LICENSE_ROUTES: readonly RouteName[] = [
  { method: 'POST', path: '/v1/customers/{customerId}/licenses' },
  { method: 'GET', path: '/v1/customers/{customerId}/licenses' },
  { method: 'GET', path: '/v1/licenses/{licenseId}' },
  { method: 'POST', path: '/v1/licenses/{licenseId}/revoke' },
  { method: 'POST', path: '/v1/licenses/{licenseId}/reinstate' },
];

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
    this.route(customers, CUSTOMER_ROUTES, config, api);
    return customers;
  }

  private contracts({ config, api, tables }: VendorEndpointsProps): LicensingFunction {
    const contracts = new LicensingFunction(this, 'Contracts', {
      config,
      folder: 'contracts',
      description: 'Takes orders and rebuilds the installations they belong to',
      memoryMiB: 256,
      timeout: Duration.seconds(29),
    });
    contracts.setEnvironment({
      ...tables.customers.grantRead(contracts),
      ...tables.contracts.grantOrder(contracts),
      ...tables.installations.grantRewrite(contracts),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof ContractsEnv, string>);
    this.route(contracts, CONTRACT_ROUTES, config, api);
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
    this.route(licenses, LICENSE_ROUTES, config, api);
    return licenses;
  }

  private route(
    target: LicensingFunction,
    routes: readonly RouteName[],
    { throttles }: StageConfig,
    api: LicensingApi,
  ): void {
    for (const route of routes) api.addVendorRoute(target, { ...route, limit: throttles.vendor });
  }
}
