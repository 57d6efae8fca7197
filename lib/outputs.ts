import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { keysOperation, pingOperation, renewalOperation } from '../lambdas/core/api/public-operations.ts';
import type { Alerts } from './constructs/alerts.ts';
import type { CustomerAuthorizer } from './constructs/customer-authorizer.ts';
import type { DeadLetters } from './constructs/dead-letters.ts';
import type { LicenseTables } from './constructs/license-tables.ts';
import type { LicensingApi } from './constructs/licensing-api.ts';
import type { LicensingFunction } from './constructs/licensing-function.ts';
import type { Mail } from './constructs/mail.ts';
import type { OrderBus } from './constructs/order-bus.ts';
import type { RenewalRecords } from './constructs/renewal-records.ts';
import type { Reports } from './constructs/reports.ts';
import type { SigningKey } from './constructs/signing-key.ts';

export interface OutputSources {
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
  readonly deadLetters: DeadLetters;
  readonly mail: Mail;
  readonly alerts: Alerts;
  readonly reports: Reports;
  readonly orderBus: OrderBus;
  readonly customers: CustomerAuthorizer;
  readonly functions: Readonly<Record<string, LicensingFunction>>;
}

/** What a platform team needs to connect, watch and audit the service. */
export function addOutputs(
  stack: Stack,
  {
    api,
    signingKey,
    tables,
    renewalRecords,
    deadLetters,
    mail,
    alerts,
    reports,
    orderBus,
    customers,
    functions,
  }: OutputSources,
): void {
  const output = (id: string, value: string, description: string) =>
    new CfnOutput(stack, id, { value, description });

  output('ApiUrl', api.url(), 'Address of the API');
  output(
    'RenewUrl',
    api.url(renewalOperation.path),
    'Where hosts send their license files; written into every file',
  );
  output('JwksUrl', api.url(keysOperation.path), 'Public keys that verify license files');
  output('PingUrl', api.url(pingOperation.path), 'Answers the same to everybody: for firewall teams');
  output(
    'VendorApiPolicyArn',
    api.callerPolicy.managedPolicyArn,
    'To attach to the role of the ERP: call the vendor routes',
  );
  output('OrderBusName', orderBus.bus.eventBusName, 'Event bus on which the ERP may send orders');
  output('OrderBusArn', orderBus.bus.eventBusArn, 'The same, for policies');
  output(
    'OrderSenderPolicyArn',
    orderBus.senderPolicy.managedPolicyArn,
    'To attach to the role of the ERP: send orders as events',
  );
  output('PortalIssuer', customers.issuer, 'Issuer of the tokens with which customers call the API');
  output('PortalClientId', customers.clientId, 'Client, or audience, with which the portal signs in');
  if (customers.signInUrl !== undefined) {
    output('PortalSignInUrl', customers.signInUrl, 'Page on which customers sign in');
  }
  output('SigningKeyArn', signingKey.arn, 'Key that signs license files');
  output(
    'AuditorRoleArn',
    renewalRecords.auditorRole.roleArn,
    'Role that alone reads address and host of renewals',
  );

  output('CustomersTableName', tables.customers.table.tableName, 'Customers and their contacts');
  output('ContractsTableName', tables.contracts.table.tableName, 'Contracts as received');
  output(
    'InstallationsTableName',
    tables.installations.table.tableName,
    'United contracts and licenses per installation',
  );
  output('LicensesTableName', tables.licenses.table.tableName, 'Licenses and their hosts');
  output('MembersTableName', tables.members.table.tableName, 'Who may sign in for a customer');
  output(
    'TransfersTableName',
    tables.transfers.table.tableName,
    'Transfers and the terms that were accepted',
  );
  output('EpisodesTableName', tables.episodes.table.tableName, 'Alert conditions');
  output('RecipientsTableName', tables.recipients.table.tableName, 'Addresses that got e-mail');
  output('ScansTableName', tables.scans.table.tableName, 'How far each scan is');
  output(
    'RenewalsTableName',
    renewalRecords.records.table.tableName,
    'Records of renewals; hold personal data',
  );

  output('DeadLetterQueueUrl', deadLetters.queue.queueUrl, 'Runs and events that failed to the last');
  output(
    'AlertScheduleGroupName',
    alerts.scheduleGroup.scheduleGroupName,
    'Schedules of the scans, each named as its function',
  );
  output(
    'ReportScheduleGroupName',
    reports.scheduleGroup.scheduleGroupName,
    'Schedules of the reports that contacts want',
  );
  for (const { id, name, type, value } of mail.missingRecords) {
    output(`DnsRecord${id}`, `${name} ${type} ${value}`, 'Record to create for the domain of the sender');
  }

  output('AccessLogGroupName', api.accessLogs.logGroupName, 'One line per request to the API');
  for (const [name, { logGroup }] of Object.entries(functions)) {
    const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LogGroupName`;
    output(id, logGroup.logGroupName, `Logs of the function ${name}`);
  }
}
