import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { synthesize, targetOf, type Resource } from './synthesized.ts';

const configs = loadStages();
const { stacks } = synthesize();

/** Every resource that keeps something: it must not go with the stack where the stage retains. */
const KEEPERS = ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key', 'AWS::Logs::LogGroup'];

/** Everything the stack consists of. A new type has to be added here, and to the rules below where they concern it. */
const TYPES = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
];

describe.each(STAGE_NAMES)('stage %s', (stage) => {
  const stack = stacks[stage];
  const config = configs[stage];

  it('consists of the known types of resources, none of them custom', () => {
    expect([...new Set(stack.resources.map(({ Type }) => Type))].sort()).toEqual(TYPES);
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
      expect(Properties['Timeout']).toBeLessThan(30);
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

  it('puts every function behind the alias live, and the API calls nothing else', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    const aliases = stack.ofType('AWS::Lambda::Alias');
    expect(aliases.map(({ Properties }) => Properties['Name'])).toEqual(functions.map(() => 'live'));
    expect(aliases.map(({ Properties }) => targetOf(Properties['FunctionName'])).sort()).toEqual(
      idsOf(functions),
    );

    const aliasIds = idsOf(aliases);
    const uris = stack
      .ofType('AWS::ApiGatewayV2::Integration')
      .map(({ Properties }) => targetOf(Properties['IntegrationUri']));
    expect(uris.sort()).toEqual(aliasIds);
    for (const { Properties } of stack.ofType('AWS::Lambda::Permission')) {
      expect(aliasIds).toContain(targetOf(Properties['FunctionName']));
      expect(Properties).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      });
      expect(JSON.stringify(Properties['SourceArn'])).toContain(
        stack.one('AWS::ApiGatewayV2::Api').logicalId,
      );
    }
  });

  it('makes every table restorable to any second, paid by request, in one Region and without a name of its own', () => {
    const tables = stack.ofType('AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(6);
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
    const keepers = stack.resources.filter(({ Type }) => KEEPERS.includes(Type));
    expect(new Set(keepers.map(({ Type }) => Type)).size).toBe(KEEPERS.length);
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
      'ApiUrl',
      'AuditorRoleArn',
      'ContractsLogGroupName',
      'ContractsTableName',
      'CustomersLogGroupName',
      'CustomersTableName',
      'EpisodesTableName',
      'InstallationsTableName',
      'JwksUrl',
      'KeysLogGroupName',
      'LicensesLogGroupName',
      'LicensesTableName',
      'NotFoundLogGroupName',
      'PingLogGroupName',
      'PingUrl',
      'RenewLogGroupName',
      'RenewUrl',
      'RenewalsTableName',
      'SigningKeyArn',
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
