import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CustomerAccountEnv } from '../../lambdas/customer-account/env.ts';
import { accountOperations, memberOperations } from '../../lambdas/core/api/account-operations.ts';
import type { IdentityEnv } from '../../lambdas/identity/env.ts';
import type { StageConfig } from '../config.ts';
import type { CustomerAuthorizer } from './customer-authorizer.ts';
import type { LicenseTables } from './license-tables.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import type { Reports } from './reports.ts';

export interface AccountEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
  readonly customers: CustomerAuthorizer;
  readonly tables: LicenseTables;
  readonly mail: Mail;
  readonly reports: Reports;
}

/** Who the people of a customer are and whom its e-mails go to; and who may sign in, where the user pool is ours. */
export class AccountEndpoints extends Construct {
  readonly functions: Readonly<Record<string, LicensingFunction>>;

  constructor(scope: Construct, id: string, props: AccountEndpointsProps) {
    super(scope, id);
    this.functions = {
      customerAccount: this.customerAccount(props),
      // Any other issuer knows by itself whose people it lets in.
      ...(props.config.portal.identity.kind === 'cognito' ? { identity: this.identity(props) } : {}),
    };
  }

  private customerAccount(props: AccountEndpointsProps): LicensingFunction {
    const { config, api, customers, tables, mail, reports } = props;
    const account = new LicensingFunction(this, 'Account', {
      config,
      folder: 'customer-account',
      description: 'Keeps the members of customers, and what customers say of their contacts',
      memoryMiB: 256,
      timeout: Duration.seconds(29),
    });
    account.setEnvironment({
      ...tables.customers.grantChangeContacts(account),
      ...tables.members.grantKeep(account),
      ...customers.grantKeepAccounts(account),
      ...tables.recipients.grantRead(account),
      ...reports.grantSchedule(account),
      ...mail.grantSend(account),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Given<CustomerAccountEnv>);
    api.addCustomerRoutes(account, accountOperations, config.throttles.customer);
    api.addVendorRoutes(account, memberOperations, config.throttles.vendor);
    return account;
  }

  private identity({ config, customers, tables }: AccountEndpointsProps): LicensingFunction {
    const identity = new LicensingFunction(this, 'Identity', {
      config,
      folder: 'identity',
      description: 'Says who may sign in, and for which customer',
      // A start has to fit into the seconds that Cognito waits.
      memoryMiB: 512,
      timeout: Duration.seconds(5),
    });
    identity.setEnvironment({
      ...tables.members.grantLookUp(identity),
    } satisfies Record<keyof IdentityEnv, string>);
    customers.addTriggers(identity);
    return identity;
  }
}
