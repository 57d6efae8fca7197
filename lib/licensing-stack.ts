import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfig, StageName } from './config.ts';
import { AccountEndpoints } from './constructs/account-endpoints.ts';
import { Alerts } from './constructs/alerts.ts';
import { CustomerAuthorizer } from './constructs/customer-authorizer.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { DistributionEndpoints } from './constructs/distribution-endpoints.ts';
import { HostEndpoints } from './constructs/host-endpoints.ts';
import { LicenseTables } from './constructs/license-tables.ts';
import { LicensingApi } from './constructs/licensing-api.ts';
import { Mail } from './constructs/mail.ts';
import { MuteKey } from './constructs/mute-key.ts';
import { OrderBus } from './constructs/order-bus.ts';
import { PublishedEndpoints } from './constructs/published-endpoints.ts';
import { OverviewEndpoints } from './constructs/overview-endpoints.ts';
import { PublicEndpoints } from './constructs/public-endpoints.ts';
import { RenewalRecords } from './constructs/renewal-records.ts';
import { Reports } from './constructs/reports.ts';
import { SigningKey } from './constructs/signing-key.ts';
import { VendorEndpoints } from './constructs/vendor-endpoints.ts';
import { addOutputs } from './outputs.ts';

export interface LicensingStackProps {
  readonly stage: StageName;
  readonly config: StageConfig;
}

/** The licensing service of one stage. */
export class LicensingStack extends Stack {
  constructor(scope: Construct, id: string, { stage, config }: LicensingStackProps) {
    super(scope, id, {
      description: `Automated licensing, stage ${stage}`,
      terminationProtection: config.deletionProtection,
      // No account: the app is synthesized without credentials.
      env: { region: config.region },
    });

    const signingKey = new SigningKey(this, 'SigningKey', { stage, config });
    const muteKey = new MuteKey(this, 'MuteKey', { stage, config });
    const tables = new LicenseTables(this, 'Tables', { config });
    const renewalRecords = new RenewalRecords(this, 'Renewals', { config });
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const mail = new Mail(this, 'Mail', { config, tables, deadLetters });
    const customers = new CustomerAuthorizer(this, 'SignIn', { stage, config, mail });
    const api = new LicensingApi(this, 'Api', { stage, config, customers });

    const service = { stage, config, api, signingKey, muteKey, tables, renewalRecords, deadLetters, mail };
    const alerts = new Alerts(this, 'Alerts', service);
    const reports = new Reports(this, 'Reports', service);
    const open = new PublicEndpoints(this, 'Public', service);
    const vendor = new VendorEndpoints(this, 'Vendor', { ...service, customers, reports });

    const hosts = new HostEndpoints(this, 'Hosts', service);
    const account = new AccountEndpoints(this, 'Account', { ...service, customers, reports });
    const distribution = new DistributionEndpoints(this, 'Distribution', service);
    const overview = new OverviewEndpoints(this, 'Overview', service);
    const orderBus = new OrderBus(this, 'Orders', { ...service, customers });

    const published = new PublishedEndpoints(this, 'Published', service);

    const functions = {
      ...open.functions,
      ...published.functions,
      ...vendor.functions,
      ...hosts.functions,
      ...account.functions,
      ...distribution.functions,
      ...overview.functions,
      ...orderBus.functions,
      ...alerts.functions,
      ...reports.functions,
      ...mail.functions,
    };
    addOutputs(this, { ...service, alerts, reports, orderBus, customers, functions });
  }
}
