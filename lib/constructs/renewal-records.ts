import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  AccountRootPrincipal,
  ArnPrincipal,
  CompositePrincipal,
  PolicyDocument,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import {
  FILE_ATTRIBUTES,
  READABLE_ATTRIBUTES,
  REPORT_ATTRIBUTES,
  TIMELINE_ATTRIBUTES,
} from '../../lambdas/adapters/dynamodb/readable-attributes.ts';
import type { StageConfig } from '../config.ts';
import { administeredByAccount } from './key-administration.ts';
import type { LicensingFunction } from './licensing-function.ts';
import { keyRemovalOf } from './removal.ts';
import { StoredTable } from './stored-table.ts';

/** What DynamoDB does with the key of a table in the name of whoever reads it, and of whoever writes. */
const READ_WITH_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_WITH_KEY = [
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** A write that answers with the item would be a way to read it. */
const WRITE_WITHOUT_READING = { StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' } };

/**
 * Reading of these attributes alone. `ForAllValues` holds for an empty list too: without `Null`, a request that names no
 * attribute would get all.
 */
const readingOnly = (attributes: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
  StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
  Null: { 'dynamodb:Attributes': 'false' },
});

type RecordsAddress = Record<'RENEWALS_TABLE', string>;

export interface RenewalRecordsProps {
  readonly config: StageConfig;
}

/**
 * The records of all renewals and refusals. They hold personal data, address and name of the host, kept for the one purpose of
 * looking back. Three locks: a key that only the named roles may use, functions that may read only what they need, and a role
 * for auditors, who alone may read the rest.
 */
export class RenewalRecords extends Construct {
  readonly auditorRole: Role;
  readonly records: StoredTable<'RENEWALS_TABLE'>;
  private readonly key: Key;

  constructor(scope: Construct, id: string, { config }: RenewalRecordsProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Encrypts the records of renewals, which hold personal data',
      enableKeyRotation: true,
      policy: new PolicyDocument({ statements: [administeredByAccount(), this.tableCreation()] }),
      ...keyRemovalOf(config),
    });
    this.records = new StoredTable(this, 'Records', {
      config,
      variable: 'RENEWALS_TABLE',
      table: {
        partitionKey: { name: 'licenseId', type: AttributeType.STRING },
        sortKey: { name: 'record', type: AttributeType.STRING },
        timeToLiveAttribute: 'expiresOn',
        encryption: TableEncryptionV2.customerManagedKey(this.key),
      },
    });
    this.auditorRole = this.createAuditorRole(config);
  }

  /** Lets a function record what it issues, and read files back without who asked for them. */
  grantIssue(grantee: LicensingFunction): RecordsAddress {
    this.openKeyTo(grantee.node.id, grantee.role, [...READ_WITH_KEY, ...WRITE_WITH_KEY]);
    return this.records.grant(
      grantee,
      { sid: 'RecordIssues', actions: ['PutItem'], conditions: WRITE_WITHOUT_READING },
      {
        sid: 'ReadIssues',
        actions: ['GetItem', 'Query'],
        conditions: readingOnly(READABLE_ATTRIBUTES),
      },
    );
  }

  /** Lets a function that issues count what it refuses, too. */
  grantRefuse(grantee: LicensingFunction): RecordsAddress {
    return this.records.grant(grantee, {
      sid: 'CountRefusals',
      actions: ['UpdateItem'],
      conditions: WRITE_WITHOUT_READING,
    });
  }

  /** Lets a function count the renewals and refusals of a period, without who asked for them. */
  grantReport(grantee: LicensingFunction): RecordsAddress {
    this.openKeyTo(grantee.node.id, grantee.role, READ_WITH_KEY);
    return this.records.grant(grantee, {
      sid: 'ReportRecords',
      actions: ['Query'],
      conditions: readingOnly(REPORT_ATTRIBUTES),
    });
  }

  /** Lets a function read what files in the field say, many at once, without who asked for them. */
  grantReadFiles(grantee: LicensingFunction): RecordsAddress {
    this.openKeyTo(grantee.node.id, grantee.role, READ_WITH_KEY);
    return this.records.grant(grantee, {
      sid: 'ReadFiles',
      actions: ['BatchGetItem'],
      conditions: readingOnly(FILE_ATTRIBUTES),
    });
  }

  /** Lets a function show a customer what its licenses did, without who asked and from where. */
  grantTimeline(grantee: LicensingFunction): RecordsAddress {
    this.openKeyTo(grantee.node.id, grantee.role, READ_WITH_KEY);
    return this.records.grant(grantee, {
      sid: 'ViewRecords',
      actions: ['Query'],
      conditions: readingOnly(TIMELINE_ATTRIBUTES),
    });
  }

  private createAuditorRole({ auditors }: StageConfig): Role {
    const role = new Role(this, 'Auditor', {
      description: 'Reads address and host of renewals, for retrospective analysis',
      assumedBy: auditors
        ? new CompositePrincipal(...auditors.map((arn) => new ArnPrincipal(arn)))
        : new AccountRootPrincipal().withConditions({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      maxSessionDuration: Duration.hours(1),
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'ReadWholeRecords',
        actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'],
        resources: [this.records.table.tableArn],
      }),
    );
    this.openKeyTo('Auditor', role, READ_WITH_KEY);
    return role;
  }

  /**
   * Both sides have to agree, the policy of the key and the one of the role; the role is compared by its ARN, because a
   * principal would be kept by its id and go stale when the role is made anew.
   */
  private openKeyTo(user: string, role: Role, actions: string[]): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: `UsedBy${user}`,
        principals: [new AccountRootPrincipal()],
        actions,
        resources: ['*'],
        conditions: { ...this.throughDynamoDB(), ArnEquals: { 'aws:PrincipalArn': role.roleArn } },
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'UseKeyOfRenewalRecords',
        actions,
        resources: [this.key.keyArn],
        conditions: this.throughDynamoDB(),
      }),
    );
  }

  /** CloudFormation creates the table with the key, in the role that bootstrapping made for it. */
  private tableCreation(): PolicyStatement {
    const stack = Stack.of(this);
    const deployer = stack.formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: `cdk-*-cfn-exec-role-${stack.account}-${stack.region}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return new PolicyStatement({
      sid: 'CreationOfTheTable',
      principals: [new AccountRootPrincipal()],
      actions: [...READ_WITH_KEY, ...WRITE_WITH_KEY, 'kms:CreateGrant'],
      resources: ['*'],
      conditions: { ...this.throughDynamoDB(), ArnLike: { 'aws:PrincipalArn': deployer } },
    });
  }

  private throughDynamoDB() {
    const { region, urlSuffix } = Stack.of(this);
    return { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } };
  }
}
