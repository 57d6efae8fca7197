import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { environmentOf, synthesize, targetOf, type Resource } from './synthesized.ts';

const configs = loadStages();
const { stacks } = synthesize();

/** Every resource that keeps something: it must not go with the stack where the stage retains. */
const KEEPERS = ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key', 'AWS::Logs::LogGroup'];

/** Everything the stack consists of. A new type has to be added here, and to the rules below where they concern it. */
const TYPES = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Events::Archive',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SES::EmailIdentity',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
];

/** What there is in addition where a user pool of our own signs people in. */
const SIGN_IN_TYPES = [
  'AWS::Cognito::ManagedLoginBranding',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
];

/** Functions that nobody waits for: schedules and events start them. */
const STARTED = [
  'mail-events',
  'order-events',
  'scan-ending-contracts',
  'scan-expiring-licenses',
  'scan-failed-renewals',
  'scan-offline-hosts',
  'send-report',
];

/** The folder under `lambdas/` of a function. */
const folderOf = (resource: Resource): string => String(environmentOf(resource)['POWERTOOLS_SERVICE_NAME']);

describe.each(STAGE_NAMES)('stage %s', (stage) => {
  const stack = stacks[stage];
  const config = configs[stage];
  const hasUserPool = config.portal.identity.kind === 'cognito';

  it('consists of the known types of resources, none of them custom', () => {
    const types = hasUserPool ? [...TYPES, ...SIGN_IN_TYPES].sort() : TYPES;
    expect([...new Set(stack.resources.map(({ Type }) => Type))].sort()).toEqual(types);
  });

  it('keeps every log for the time of the stage', () => {
    const logGroups = stack.ofType('AWS::Logs::LogGroup');
    expect(logGroups.length).toBeGreaterThan(0);
    for (const { Properties } of logGroups)
      expect(Properties['RetentionInDays']).toBe(config.logRetentionDays);
  });

  it('runs every function on Node 24 and arm64, with memory, timeout, description, JSON logs and its own log group', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    const logGroups = new Set<unknown>();
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: expect.any(Number) as number,
        Timeout: expect.any(Number) as number,
        Description: expect.stringMatching(/\w/) as string,
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: config.logLevel, SystemLogLevel: 'WARN' },
      });
      expect(Properties['TracingConfig']).toBeUndefined();
      const logGroup = targetOf((Properties['LoggingConfig'] as { LogGroup: unknown }).LogGroup);
      expect(stack.ofType('AWS::Logs::LogGroup').map(({ logicalId }) => logicalId)).toContain(logGroup);
      logGroups.add(logGroup);
    }
    expect(logGroups.size).toBe(functions.length);
  });

  it('gives every function a role of its own, which only Lambda may assume and no managed policy widens', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    const roles = functions.map(({ Properties }) => targetOf(Properties['Role']));
    expect(new Set(roles).size).toBe(functions.length);
    for (const role of stack.ofType('AWS::IAM::Role').filter(({ logicalId }) => roles.includes(logicalId))) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(role.Properties).not.toHaveProperty('Policies');
      expect(role.Properties['AssumeRolePolicyDocument']).toEqual({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      });
    }
  });

  it('ends functions before the gateway gives up on them, and those that nobody waits for when Lambda has to', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    for (const resource of functions) {
      const timeout = Number(resource.Properties['Timeout']);
      if (STARTED.includes(folderOf(resource))) expect(timeout).toBeLessThanOrEqual(900);
      else expect(timeout, folderOf(resource)).toBeLessThan(30);
    }
    expect(functions.map(folderOf)).toEqual(expect.arrayContaining(STARTED));
  });

  it('puts every function behind the alias live, and nobody calls anything else', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    const aliases = stack.ofType('AWS::Lambda::Alias');
    expect(aliases.map(({ Properties }) => Properties['Name'])).toEqual(functions.map(() => 'live'));
    expect(aliases.map(({ Properties }) => targetOf(Properties['FunctionName'])).sort()).toEqual(
      idsOf(functions),
    );

    const aliasIds = idsOf(aliases);
    const called = [
      ...stack.ofType('AWS::ApiGatewayV2::Integration').map(({ Properties }) => Properties['IntegrationUri']),
      ...stack
        .ofType('AWS::Scheduler::Schedule')
        .map(({ Properties }) => (Properties['Target'] as { Arn: unknown }).Arn),
      ...stack
        .ofType('AWS::Events::Rule')
        .flatMap(({ Properties }) => (Properties['Targets'] as { Arn: unknown }[]).map(({ Arn }) => Arn)),
      environmentOf(stack.functionOf('customers'))['REPORT_TARGET_ARN'],
      ...stack
        .ofType('AWS::Cognito::UserPool')
        .map(
          ({ Properties }) =>
            Properties['LambdaConfig'] as { PreTokenGenerationConfig: { LambdaArn: unknown } },
        )
        .map(({ PreTokenGenerationConfig }) => PreTokenGenerationConfig.LambdaArn),
    ];
    expect(called.map(targetOf).sort()).toEqual(aliasIds);
  });

  it('lets the gateway invoke what it serves, rules what takes events, the user pool its triggers, and Scheduler what roles say', () => {
    const folders = new Map(
      stack.ofType('AWS::Lambda::Alias').map(({ logicalId, Properties }) => {
        const target = targetOf(Properties['FunctionName']);
        return [logicalId, folderOf(stack.resources.find((one) => one.logicalId === target)!)];
      }),
    );
    const invokers = stack.ofType('AWS::Lambda::Permission').map(({ Properties }) => {
      expect(Properties['Action']).toBe('lambda:InvokeFunction');
      const source = JSON.stringify(Properties['SourceArn']);
      const type = {
        'apigateway.amazonaws.com': 'AWS::ApiGatewayV2::Api',
        'events.amazonaws.com': 'AWS::Events::Rule',
        'cognito-idp.amazonaws.com': 'AWS::Cognito::UserPool',
      }[String(Properties['Principal'])];
      const ids = stack.ofType(type ?? 'nobody else').map(({ logicalId }) => logicalId);
      expect(ids.some((id) => source.includes(id))).toBe(true);
      return `${String(Properties['Principal'])} ${folders.get(targetOf(Properties['FunctionName']) ?? '') ?? ''}`;
    });
    const served = [...folders.values()].filter((folder) => ![...STARTED, 'identity'].includes(folder));
    expect([...new Set(invokers)].sort()).toEqual(
      [
        ...served.map((folder) => `apigateway.amazonaws.com ${folder}`),
        'events.amazonaws.com mail-events',
        'events.amazonaws.com order-events',
        ...(hasUserPool ? ['cognito-idp.amazonaws.com identity'] : []),
      ].sort(),
    );

    const started = stack
      .ofType('AWS::IAM::Role')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('scheduler.amazonaws.com'))
      .flatMap((role) => stack.statementsOf(role))
      .filter(({ Action }) => Action === 'lambda:InvokeFunction')
      .map(({ Resource }) => folders.get(targetOf(Resource) ?? ''));
    expect([...started, 'mail-events', 'order-events'].sort()).toEqual(STARTED);
  });

  it('makes every table restorable to any second, paid by request, in one Region and without a name of its own', () => {
    const tables = stack.ofType('AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(10);
    for (const { Properties } of tables) {
      expect(Properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
      expect(Properties).not.toHaveProperty('TableName');
      expect(Properties['Replicas']).toEqual([
        expect.objectContaining({
          Region: config.region,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: config.deletionProtection,
        }),
      ]);
    }
  });

  it('keeps what it is told to keep', () => {
    const policy = config.removal === 'retain' ? 'Retain' : 'Delete';
    const types = hasUserPool ? [...KEEPERS, 'AWS::Cognito::UserPool'] : KEEPERS;
    const keepers = stack.resources.filter(({ Type }) => types.includes(Type));
    expect(new Set(keepers.map(({ Type }) => Type)).size).toBe(types.length);
    for (const { logicalId, DeletionPolicy, UpdateReplacePolicy } of keepers) {
      expect([logicalId, DeletionPolicy, UpdateReplacePolicy]).toEqual([logicalId, policy, policy]);
    }
  });

  it('has no circle of dependencies, which only CloudFormation would notice', () => {
    const ids = new Set(stack.resources.map(({ logicalId }) => logicalId));
    const needs = new Map(
      stack.resources.map(({ logicalId, Properties, DependsOn }) => {
        const named = [...JSON.stringify([Properties, DependsOn]).matchAll(/"(\w+)"/g)].map(
          ([, id = '']) => id,
        );
        return [logicalId, named.filter((id) => id !== logicalId && ids.has(id))];
      }),
    );
    // Takes away whatever needs nothing that is left, as CloudFormation does when it creates a stack.
    for (let left = needs.size + 1; left > needs.size;) {
      left = needs.size;
      for (const [id, others] of needs) if (!others.some((other) => needs.has(other))) needs.delete(id);
    }
    expect([...needs.keys()]).toEqual([]);
  });

  it('tells a platform team its addresses, names and roles, each in words', () => {
    const { Outputs } = stack.template.toJSON() as { Outputs: Record<string, { Description?: string }> };
    expect(Object.keys(Outputs).sort()).toEqual([
      'AccessLogGroupName',
      'AlertScheduleGroupName',
      'ApiUrl',
      'AuditorRoleArn',
      'ContractsLogGroupName',
      'ContractsTableName',
      'CustomerAccountLogGroupName',
      'CustomerDistributionLogGroupName',
      'CustomerHostsLogGroupName',
      'CustomerOverviewLogGroupName',
      'CustomerRenewalsLogGroupName',
      'CustomersLogGroupName',
      'CustomersTableName',
      'DeadLetterQueueUrl',
      'DnsRecordDkim1',
      'DnsRecordDkim2',
      'DnsRecordDkim3',
      'DnsRecordDmarc',
      'DnsRecordMailFrom',
      'DnsRecordSpf',
      'EpisodesTableName',
      ...(hasUserPool ? ['IdentityLogGroupName'] : []),
      'InstallationsTableName',
      'JwksUrl',
      'KeysLogGroupName',
      'LicensesLogGroupName',
      'LicensesTableName',
      'MailEventsLogGroupName',
      'MembersTableName',
      'MuteLogGroupName',
      'NotFoundLogGroupName',
      'OrderBusArn',
      'OrderBusName',
      'OrderEventsLogGroupName',
      'OrderSenderPolicyArn',
      'PingLogGroupName',
      'PingUrl',
      'PortalClientId',
      'PortalIssuer',
      ...(hasUserPool ? ['PortalSignInUrl'] : []),
      'PublishedLogGroupName',
      'RecipientsTableName',
      'RenewLogGroupName',
      'RenewUrl',
      'RenewalsTableName',
      'ReportScheduleGroupName',
      'ScanEndingContractsLogGroupName',
      'ScanExpiringLicensesLogGroupName',
      'ScanFailedRenewalsLogGroupName',
      'ScanOfflineHostsLogGroupName',
      'ScansTableName',
      'SendReportLogGroupName',
      'SigningKeyArn',
      'TransfersTableName',
      'VendorApiPolicyArn',
    ]);
    for (const { Description } of Object.values(Outputs)) expect(Description).toMatch(/\w+ \w+/);
  });
});

describe('prod', () => {
  it('cannot be deleted by mistake, and its tables neither', () => {
    expect(configs.prod).toMatchObject({ removal: 'retain', deletionProtection: true });
    expect(stacks.prod.terminationProtection).toBe(true);
    expect(stacks.local.terminationProtection).toBe(false);
  });
});

it('Renewals have executions set aside where the stage says so, and only they', () => {
  for (const stage of STAGE_NAMES) {
    for (const resource of stacks[stage].ofType('AWS::Lambda::Function')) {
      const isRenew = resource === stacks[stage].functionOf('renew');
      const expected = isRenew ? configs[stage].renewConcurrency : undefined;
      expect(resource.Properties['ReservedConcurrentExecutions']).toBe(expected);
    }
  }
  expect(stacks.local.functionOf('renew').Properties['ReservedConcurrentExecutions']).toBe(8);
});

describe('the tables', () => {
  const keysOf = (prefix: string) => {
    const { Properties } = stacks.prod.one('AWS::DynamoDB::GlobalTable', prefix);
    const { KeySchema, AttributeDefinitions } = Properties as {
      KeySchema: { AttributeName: string }[];
      AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    };
    const types = new Map(AttributeDefinitions.map((one) => [one.AttributeName, one.AttributeType]));
    return KeySchema.map(({ AttributeName }) => `${AttributeName}:${types.get(AttributeName) ?? '?'}`);
  };

  it.each([
    ['TablesCustomers', ['customerId:S']],
    ['TablesContracts', ['customerId:S', 'contractId:S']],
    ['TablesInstallations', ['customerId:S', 'installation:S']],
    ['TablesLicenses', ['licenseId:S']],
    ['TablesEpisodes', ['customerId:S', 'episode:S']],
    ['TablesRecipients', ['address:S']],
    ['TablesScans', ['scan:S']],
    ['RenewalsRecords', ['licenseId:S', 'record:S']],
  ])('%s has the keys %o', (prefix, keys) => {
    expect(keysOf(prefix)).toEqual(keys);
  });

  it('have one index, the sparse one of failing licenses, which holds keys only', () => {
    const indexes = stacks.prod
      .ofType('AWS::DynamoDB::GlobalTable')
      .flatMap(({ logicalId, Properties }) =>
        ((Properties['GlobalSecondaryIndexes'] ?? []) as object[]).map((index) => ({ logicalId, index })),
      );
    expect(indexes).toEqual([
      {
        logicalId: expect.stringMatching(/^TablesLicenses/) as string,
        index: {
          IndexName: 'failing',
          KeySchema: [
            { AttributeName: 'customerId', KeyType: 'HASH' },
            { AttributeName: 'failingSince', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      },
    ]);
  });

  it('let only the records of renewals expire, at the instant in expiresOn', () => {
    for (const { logicalId, Properties } of stacks.prod.ofType('AWS::DynamoDB::GlobalTable')) {
      expect(Properties['TimeToLiveSpecification']).toEqual(
        logicalId.startsWith('RenewalsRecords') ? { AttributeName: 'expiresOn', Enabled: true } : undefined,
      );
    }
  });
});

const idsOf = (resources: readonly Resource[]): string[] =>
  resources.map(({ logicalId }) => logicalId).sort();
