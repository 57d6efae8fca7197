import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { RENEWAL_PATH } from './constructs/issuing-environment.ts';
import type { LicenseTables } from './constructs/license-tables.ts';
import type { LicensingApi } from './constructs/licensing-api.ts';
import type { LicensingFunction } from './constructs/licensing-function.ts';
import { JWKS_PATH, PING_PATH } from './constructs/public-endpoints.ts';
import type { RenewalRecords } from './constructs/renewal-records.ts';
import type { SigningKey } from './constructs/signing-key.ts';

export interface OutputSources {
  readonly api: LicensingApi;
  readonly signingKey: SigningKey;
  readonly tables: LicenseTables;
  readonly renewalRecords: RenewalRecords;
  readonly functions: Readonly<Record<string, LicensingFunction>>;
}

/** What a platform team needs to connect, watch and audit the service. */
export function addOutputs(
  stack: Stack,
  { api, signingKey, tables, renewalRecords, functions }: OutputSources,
): void {
  const output = (id: string, value: string, description: string) =>
    new CfnOutput(stack, id, { value, description });

  output('ApiUrl', api.url(), 'Address of the API');
  output('RenewUrl', api.url(RENEWAL_PATH), 'Where hosts send their license files; written into every file');
  output('JwksUrl', api.url(JWKS_PATH), 'Public keys that verify license files');
  output('PingUrl', api.url(PING_PATH), 'Answers the same to everybody: for firewall teams');
  output(
    'VendorApiPolicyArn',
    api.callerPolicy.managedPolicyArn,
    'To attach to the role of the ERP: call the vendor routes',
  );
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
  output('EpisodesTableName', tables.episodes.table.tableName, 'Alert conditions');
  output(
    'RenewalsTableName',
    renewalRecords.records.table.tableName,
    'Records of renewals; hold personal data',
  );

  output('AccessLogGroupName', api.accessLogs.logGroupName, 'One line per request to the API');
  for (const [name, { logGroup }] of Object.entries(functions)) {
    const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LogGroupName`;
    output(id, logGroup.logGroupName, `Logs of the function ${name}`);
  }
}
