import { describe, expect, it } from 'vitest';
import {
  FILE_ATTRIBUTES,
  READABLE_ATTRIBUTES,
  REPORT_ATTRIBUTES,
  TIMELINE_ATTRIBUTES,
} from '../../lambdas/adapters/dynamodb/readable-attributes.ts';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { readable, statementsIn, synthesize, type Statement } from './synthesized.ts';
import { allow, hmac, READ_KEY, readPublicKey, sign, USE_KEY, VIA_DYNAMODB } from './statements.ts';

const { stacks } = synthesize();
const stack = stacks.prod;

const logsOf = (construct: string) =>
  allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], `<${construct}Logs.Arn>`);
const table = (name: string) => `<Tables${name}Table.Arn>`;
const RECORDS = '<RenewalsRecordsTable.Arn>';
const writeOnly = { StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' } };

const useKeyOfRecords = allow('UseKeyOfRenewalRecords', USE_KEY, '<RenewalsKey.Arn>', {
  StringEquals: VIA_DYNAMODB,
});
const readingOnly = (attributes: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
  StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
  Null: { 'dynamodb:Attributes': 'false' },
});
const recordIssues = [
  allow('RecordIssues', 'dynamodb:PutItem', RECORDS, writeOnly),
  allow('ReadIssues', ['dynamodb:GetItem', 'dynamodb:Query'], RECORDS, readingOnly(READABLE_ATTRIBUTES)),
];
const DEAD_LETTERS = '<DeadLettersQueue.Arn>';
const sendDeadLetters = allow('SendDeadLetters', 'sqs:SendMessage', DEAD_LETTERS);
const readCustomers = allow('ReadCustomers', 'dynamodb:GetItem', table('Customers'));
const countMails = allow('CountMails', ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], table('Recipients'));
const readLicenses = allow('ReadLicenses', 'dynamodb:BatchGetItem', table('Licenses'));
const scanLicenses = allow('ScanLicenses', ['dynamodb:Scan', 'dynamodb:BatchGetItem'], table('Licenses'));
const readInstallations = allow('ReadInstallations', 'dynamodb:BatchGetItem', table('Installations'));
const sesArn = (kind: string, name: string) =>
  `arn:<AWS::Partition>:ses:eu-west-1:<AWS::AccountId>:${kind}/${name}`;
const fromUs = { StringEquals: { 'ses:FromAddress': 'licensing@vendor.example' } };
const sendMail = [
  allow('SendMail', 'ses:SendRawEmail', sesArn('identity', '<MailIdentity>'), fromUs),
  allow(
    'SendWithConfigurationSet',
    'ses:SendRawEmail',
    sesArn('configuration-set', '<MailConfigurationSet>'),
    fromUs,
  ),
];

const readKeyOfRecords = allow('UseKeyOfRenewalRecords', READ_KEY, '<RenewalsKey.Arn>', {
  StringEquals: VIA_DYNAMODB,
});
const readAddresses = allow('ReadAddresses', 'dynamodb:BatchGetItem', table('Recipients'));
const countRefusals = allow('CountRefusals', 'dynamodb:UpdateItem', RECORDS, writeOnly);
/** A write of these attributes and no others. */
const writingOnly = (...attributes: string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
  Null: { 'dynamodb:Attributes': 'false' },
});
const renewing = [
  allow(
    'RenewLicenses',
    ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    table('Licenses'),
  ),
  allow(
    'UseInstallations',
    ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    table('Installations'),
  ),
  useKeyOfRecords,
  ...recordIssues,
  countRefusals,
  ...sign('ECDSA_SHA_256'),
];
const keepReportSchedules = [
  allow(
    'KeepReportSchedules',
    ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
    'arn:<AWS::Partition>:scheduler:eu-west-1:<AWS::AccountId>:schedule/licensing-prod-reports/*',
  ),
  allow('ListSchedules', 'scheduler:ListSchedules', '*'),
  allow('PassReportRole', 'iam:PassRole', '<ReportsSchedulesRole.Arn>', {
    StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  }),
];

/** What follows from an order, whichever way it comes. */
const takeOrders = [
  readCustomers,
  allow('OrderContracts', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], table('Contracts')),
  allow('RewriteInstallations', ['dynamodb:Query', 'dynamodb:UpdateItem'], table('Installations')),
  allow('InviteMembers', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], table('Members')),
  allow('CreateAccounts', 'cognito-idp:AdminCreateUser', '<SignInPool.Arn>'),
  readLicenses,
  allow(
    'TellOfOrders',
    ['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
    table('Episodes'),
  ),
  readAddresses,
  ...sendMail,
];

/** What a scan may do: what it looks at, and the same as the others with what it finds. */
const scan = (construct: string, ...looking: object[]) => [
  logsOf(`Alerts${construct}`),
  sendDeadLetters,
  ...looking,
  readCustomers,
  allow(
    'KeepEpisodes',
    [
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:Scan',
    ],
    table('Episodes'),
  ),
  countMails,
  allow('RunScans', 'dynamodb:UpdateItem', table('Scans')),
  allow('MakeMuteLinks', 'kms:GenerateMac', '<MuteKey.Arn>', hmac),
  ...sendMail,
];

/** Everything that each function may do. */
const PERMISSIONS: Record<string, object[]> = {
  renew: [logsOf('PublicRenew'), ...renewing],
  keys: [logsOf('PublicKeys'), readPublicKey],
  ping: [logsOf('PublicPing')],
  mute: [
    logsOf('PublicMute'),
    readCustomers,
    allow('MuteContacts', 'dynamodb:UpdateItem', table('Customers'), writingOnly('customerId', 'mutes')),
    allow('CheckMuteLinks', 'kms:VerifyMac', '<MuteKey.Arn>', hmac),
  ],
  'not-found': [logsOf('PublicNotFound')],
  published: [logsOf('Published')],
  'scan-offline-hosts': scan('ScanOfflineHosts', scanLicenses, readInstallations),
  'scan-failed-renewals': scan(
    'ScanFailedRenewals',
    allow('ScanFailing', 'dynamodb:Scan', `${table('Licenses')}/index/failing`),
    readLicenses,
    readInstallations,
  ),
  'scan-expiring-licenses': [
    ...scan('ScanExpiringLicenses', scanLicenses, readInstallations),
    allow('ReadHold', 'dynamodb:GetItem', table('Scans')),
  ],
  'scan-ending-contracts': scan(
    'ScanEndingContracts',
    allow('ScanInstallations', ['dynamodb:Scan', 'dynamodb:BatchGetItem'], table('Installations')),
  ),
  'send-report': [
    logsOf('ReportsSendReport'),
    sendDeadLetters,
    readCustomers,
    allow('ListInstallations', 'dynamodb:Query', table('Installations')),
    readLicenses,
    readKeyOfRecords,
    allow('ReportRecords', 'dynamodb:Query', RECORDS, readingOnly(REPORT_ATTRIBUTES)),
    allow('NoteReports', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], table('Episodes')),
    readAddresses,
    ...sendMail,
  ],
  'mail-events': [
    logsOf('MailMailEvents'),
    sendDeadLetters,
    allow('DisableAddresses', 'dynamodb:UpdateItem', table('Recipients')),
  ],
  customers: [
    logsOf('VendorCustomers'),
    allow('SaveCustomers', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], table('Customers')),
    allow('RewriteInstallations', ['dynamodb:Query', 'dynamodb:UpdateItem'], table('Installations')),
    ...keepReportSchedules,
  ],
  contracts: [logsOf('VendorContracts'), ...takeOrders],
  'order-events': [logsOf('OrdersOrderEvents'), sendDeadLetters, ...takeOrders],
  licenses: [
    logsOf('VendorLicenses'),
    allow('IssueLicenses', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], table('Licenses')),
    allow(
      'EnlistLicenses',
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      table('Installations'),
    ),
    useKeyOfRecords,
    ...recordIssues,
    ...sign('ECDSA_SHA_256'),
  ],
  identity: [logsOf('AccountIdentity'), allow('LookUpMembers', 'dynamodb:GetItem', table('Members'))],
  'customer-account': [
    logsOf('Account'),
    readCustomers,
    allow(
      'ChangeContacts',
      'dynamodb:UpdateItem',
      table('Customers'),
      writingOnly('customerId', 'contactChanges', 'contactsVersion', 'ownOfflineAfterHours', 'mutes'),
    ),
    allow(
      'KeepMembers',
      ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      table('Members'),
    ),
    allow('KeepAccounts', ['cognito-idp:AdminCreateUser', 'cognito-idp:AdminDeleteUser'], '<SignInPool.Arn>'),
    readAddresses,
    ...keepReportSchedules,
    ...sendMail,
  ],
  'customer-hosts': [
    logsOf('HostsCustomerHosts'),
    allow(
      'MoveLicenses',
      ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:BatchGetItem'],
      table('Licenses'),
    ),
    allow('ChangeHosts', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], table('Installations')),
    allow(
      'RecordTransfers',
      ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
      table('Transfers'),
    ),
    readCustomers,
    readAddresses,
    useKeyOfRecords,
    ...recordIssues,
    ...sign('ECDSA_SHA_256'),
    ...sendMail,
  ],
  'customer-distribution': [
    logsOf('Distribution'),
    allow('ReadInstallation', 'dynamodb:GetItem', table('Installations')),
    allow(
      'DeclareShares',
      'dynamodb:UpdateItem',
      table('Installations'),
      writingOnly('customerId', 'installation', 'licenses', 'declarations', 'version'),
    ),
    readLicenses,
    readKeyOfRecords,
    allow('ReadFiles', 'dynamodb:BatchGetItem', RECORDS, readingOnly(FILE_ATTRIBUTES)),
  ],
  'customer-overview': [
    logsOf('OverviewCustomerOverview'),
    readCustomers,
    allow('ViewInstallations', ['dynamodb:GetItem', 'dynamodb:Query'], table('Installations')),
    allow('ViewLicenses', ['dynamodb:BatchGetItem', 'dynamodb:GetItem'], table('Licenses')),
    readKeyOfRecords,
    allow('ViewRecords', 'dynamodb:Query', RECORDS, readingOnly(TIMELINE_ATTRIBUTES)),
  ],
  'customer-renewals': [logsOf('OverviewCustomerRenewals'), ...renewing],
};

describe('A function may do exactly this:', () => {
  it.each(Object.entries(PERMISSIONS))('%s', (folder, permissions) => {
    expect(readable(stack.statementsOf(stack.roleOf(folder)))).toEqual(permissions);
  });

  it('and there is no other function', () => {
    expect(stack.ofType('AWS::Lambda::Function')).toHaveLength(Object.keys(PERMISSIONS).length);
  });
});

describe('The rules for all permissions:', () => {
  const policies = STAGE_NAMES.flatMap((stage) =>
    ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => stacks[stage].ofType(type)),
  );
  const statements = policies.flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));

  it('every statement has a name and allows named actions', () => {
    for (const { Sid, Effect, Action } of statements) {
      expect(Sid).toMatch(/^[A-Z]\w+$/);
      expect(Effect).toBe('Allow');
      for (const action of [Action].flat()) expect(action).toMatch(/^[a-z-]+:[A-Za-z]+$/);
    }
  });

  it('every statement is about one resource, but for routes and schedules whose names come later, and listing them', () => {
    for (const { Sid, Resource } of statements) {
      if (['CallVendorRoutes', 'KeepReportSchedules', 'ListSchedules'].includes(Sid ?? '')) continue;
      expect(Array.isArray(Resource)).toBe(false);
      expect(JSON.stringify(Resource)).not.toContain('*');
    }
  });

  it('no policy is attached to more than one role, or to users or groups', () => {
    for (const { Type, Properties } of policies) {
      expect(Properties['Users'] ?? Properties['Groups']).toBeUndefined();
      expect(Properties['Roles'] ?? []).toHaveLength(Type === 'AWS::IAM::Policy' ? 1 : 0);
    }
  });

  it('no function reads, and none is told of, the attributes that are for auditors', () => {
    const attributes = statements
      // Whatever reads attributes of the records: other tables have no such condition but that of mutes and lists.
      .filter(({ Resource }) => String(readable(Resource)) === RECORDS)
      .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes('dynamodb:Attributes'))
      .map(
        ({ Condition }) =>
          (Condition as Record<string, Record<string, string[]>>)['ForAllValues:StringEquals'],
      );
    expect(attributes.length).toBe(7 * STAGE_NAMES.length);
    for (const condition of attributes) {
      for (const personal of ['sourceIp', 'hostId', 'hostName', 'caller', 'serial', 'lastAt']) {
        expect(condition?.['dynamodb:Attributes']).not.toContain(personal);
      }
    }
  });

  it('nobody batches writes, and few delete or scan: the scans, the auditor, and whoever keeps schedules, members or notices', () => {
    const stageOnly = stack
      .ofType('AWS::IAM::Policy')
      .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
    const actions = stageOnly.flatMap(({ Sid, Action }) =>
      [Action].flat().map((action) => `${Sid ?? ''} ${action}`),
    );
    const rare = actions.filter((action) => /Delete|dynamodb:Scan|BatchWrite|Transact|PartiQL/.test(action));
    expect([...new Set(rare)].sort()).toEqual([
      'KeepAccounts cognito-idp:AdminDeleteUser',
      'KeepEpisodes dynamodb:DeleteItem',
      'KeepEpisodes dynamodb:Scan',
      'KeepMembers dynamodb:DeleteItem',
      'KeepReportSchedules scheduler:DeleteSchedule',
      'ReadWholeRecords dynamodb:Scan',
      'ScanFailing dynamodb:Scan',
      'ScanInstallations dynamodb:Scan',
      'ScanLicenses dynamodb:Scan',
      'TellOfOrders dynamodb:DeleteItem',
    ]);
  });

  it('every e-mail has the address of the stage as its sender', () => {
    const sending = statements.filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('ses:')),
    );
    // Scans, reports, orders by two ways, hosts and members.
    expect(sending).toHaveLength(9 * 2 * STAGE_NAMES.length);
    for (const { Condition } of sending) expect(Condition).toEqual(fromUs);
  });
});

describe('Scheduler', () => {
  const trust = (group: string) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>', 'aws:SourceArn': `<${group}.Arn>` },
        },
      },
    ],
  });

  it.each([
    ['Alerts', ['ScanOfflineHosts', 'ScanFailedRenewals', 'ScanExpiringLicenses', 'ScanEndingContracts']],
    ['Reports', ['SendReport']],
  ])('starts for the schedules of %s what belongs to them, and nothing else', (construct, targets) => {
    const role = stack.one('AWS::IAM::Role', `${construct}SchedulesRole`);
    expect(readable(role.Properties['AssumeRolePolicyDocument'])).toEqual(
      trust(`${construct}SchedulesGroup`),
    );
    expect(readable(stack.statementsOf(role))).toEqual([
      sendDeadLetters,
      ...targets.map((target) =>
        allow(`Start${target}`, 'lambda:InvokeFunction', `<${construct}${target}FunctionAliaslive>`),
      ),
    ]);
  });
});

describe('The auditor', () => {
  const auditor = stack.one('AWS::IAM::Role', 'RenewalsAuditor');

  it('reads the records of renewals, whole, and uses their key for it', () => {
    expect(readable(stack.statementsOf(auditor))).toEqual([
      allow('ReadWholeRecords', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'], RECORDS),
      allow('UseKeyOfRenewalRecords', READ_KEY, '<RenewalsKey.Arn>', {
        StringEquals: VIA_DYNAMODB,
      }),
    ]);
  });

  it('is whoever the account allows, with a second factor, for an hour', () => {
    expect(auditor.Properties['MaxSessionDuration']).toBe(3_600);
    expect(readable(auditor.Properties['AssumeRolePolicyDocument'])).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' },
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        },
      ],
    });
  });

  it('is only who the stage names, where it names somebody', () => {
    const auditors = ['arn:aws:iam::123456789012:role/privacy-office', 'arn:aws:iam::123456789012:user/jo'];
    const configs = loadStages();
    const named = synthesize({ stages: ['dev'], configs: { ...configs, dev: { ...configs.dev, auditors } } });
    const { Properties } = named.stacks.dev.one('AWS::IAM::Role', 'RenewalsAuditor');
    expect(statementsIn(Properties['AssumeRolePolicyDocument'])).toEqual(
      auditors.map((AWS) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } })),
    );
  });
});

it('Only what the stack makes is named in policies', () => {
  const named = STAGE_NAMES.flatMap((stage) =>
    stacks[stage]
      .ofType('AWS::IAM::Policy')
      .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']))
      .map(({ Resource }: Statement) => String(readable(Resource)))
      .filter((resource) => !resource.endsWith(`:schedule/licensing-${stage}-reports/*`)),
  );
  const made = [
    /^<\w+(Table|Key|Logs|Queue|Role|Pool)\.Arn>$/,
    /^<\w+Table\.Arn>\/index\/failing$/,
    /^<\w+FunctionAliaslive>$/,
    /^arn:<AWS::Partition>:ses:eu-west-1:<AWS::AccountId>:[a-z-]+\/<Mail\w+>$/,
  ];
  const others = named.filter((resource) => !made.some((pattern) => pattern.test(resource)));
  // IAM knows no resource for listing schedules.
  expect(others).toEqual(STAGE_NAMES.flatMap(() => ['*', '*']));
});
