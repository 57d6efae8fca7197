import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { hostsOperations } from '../../lambdas/core/api/hosts-operations.ts';
import type { CustomerHostsEnv } from '../../lambdas/customer-hosts/env.ts';
import type { StageConfig } from '../config.ts';
import { issuingEnvironment } from './issuing-environment.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import type { RenewalRecords } from './renewal-records.ts';
import type { SigningKey } from './signing-key.ts';

export interface HostEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
  readonly mail: Mail;
}

/** What customers do with their hosts: declare, name, retire and move them. */
export class HostEndpoints extends Construct {
  readonly functions: Readonly<Record<'customerHosts', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: HostEndpointsProps) {
    super(scope, id);
    const { config, api, signingKey, tables, renewalRecords, mail } = props;
    const hosts = new LicensingFunction(this, 'CustomerHosts', {
      config,
      folder: 'customer-hosts',
      description: 'Declares, names, retires and moves the hosts of a customer',
      memoryMiB: 256,
      timeout: Duration.seconds(29),
    });
    hosts.setEnvironment({
      ...tables.licenses.grantMove(hosts),
      ...tables.installations.grantChangeHosts(hosts),
      ...tables.transfers.grantRecord(hosts),
      ...tables.customers.grantRead(hosts),
      ...tables.recipients.grantRead(hosts),
      ...renewalRecords.grantIssue(hosts),
      ...signingKey.grantSign(hosts),
      ...mail.grantSend(hosts),
      ...issuingEnvironment(config, api),
      STARTER_LAPSE_DAYS: String(config.starterLapseDays),
      TRANSFER_LIMIT: String(config.transferLimit),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Given<CustomerHostsEnv>);
    api.addCustomerRoutes(hosts, hostsOperations, config.throttles.customer);
    this.functions = { customerHosts: hosts };
  }
}
