import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface FixtureFunction {
  readonly routes: readonly string[];
  /** Source of its bundle, an ES module. */
  readonly source: string;
  readonly authorization?: 'AWS_IAM' | 'JWT';
  readonly timeout?: number;
  readonly reservedConcurrency?: number;
  readonly environment?: Readonly<Record<string, unknown>>;
}

/** A schedule of the template, as the construct of the CDK writes it. */
export interface FixtureSchedule {
  readonly expression: string;
  /** @default Etc/UTC */
  readonly timeZone?: string;
  /** JSON of the event. */
  readonly input?: unknown;
  readonly state?: 'ENABLED' | 'DISABLED';
}

export interface FixtureOptions {
  /** By the function that they start. @default - `tally` every day */
  readonly schedules?: Readonly<Record<string, FixtureSchedule>>;
}

const DAILY = { tally: { expression: 'rate(1 day)' } };

const json = (expression: string): string => `({ statusCode: 200, body: JSON.stringify(${expression}) })`;

/** Functions that show what the local run does to any function. */
const FUNCTIONS: Readonly<Record<string, FixtureFunction>> = {
  echo: {
    routes: [
      'POST /echo',
      'GET /echo',
      'ANY /items/{id}',
      'GET /items/fixed',
      'GET /files/{path+}',
      '$default',
    ],
    source: `export const handler = async (event) => ${json('event')};`,
  },
  'signed-echo': {
    routes: ['GET /signed/{id}', 'PUT /signed/{id}'],
    authorization: 'AWS_IAM',
    source: `export const handler = async (event) => ${json('event')};`,
  },
  'member-echo': {
    routes: ['GET /members/{id}', 'DELETE /members/{id}'],
    authorization: 'JWT',
    source: `export const handler = async (event) => ${json('event')};`,
  },
  answers: {
    routes: ['POST /answers'],
    source: `export const handler = async (event) => JSON.parse(event.body);`,
  },
  environment: {
    routes: ['GET /environment'],
    source: `export const handler = async () => ${json('process.env')};`,
    environment: {
      PLAIN: 'text',
      API: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, '/renew']] },
      TABLE_ARN: { 'Fn::GetAtt': ['Things', 'Arn'] },
      THINGS_TABLE: { Ref: 'Things' },
      KEY: { Ref: 'Key' },
      STACK: { 'Fn::Sub': '${AWS::StackName} in ${AWS::Region}' },
      MAC_KEY_ID: { Ref: 'MacKey' },
      MAIL_CONFIGURATION_SET: { Ref: 'MailEvents' },
      MAIL_IDENTITY: { Ref: 'Identity' },
      SCHEDULE_GROUP: { Ref: 'Reports' },
      TARGET_ARN: { Ref: 'tallyLive' },
      QUEUE_ARN: { 'Fn::GetAtt': ['Undelivered', 'Arn'] },
      ROLE_ARN: { 'Fn::GetAtt': ['NotMadeHere', 'Arn'] },
    },
  },
  clock: {
    routes: ['GET /clock'],
    source: `
      const loadedAt = Date.now();
      export const handler = async () => {
        const now = Date.now();
        class Moment extends Date {}
        return ${json(`{
          pid: process.pid, loadedAt, now, constructed: new Date().getTime(), called: Date.parse(Date()),
          subclass: new Moment().getTime(), given: new Date(1000).getTime(), parts: new Date(2026, 0, 2).getDate(),
          isDate: new Date() instanceof Date, name: Date.name, utc: Date.UTC(2026, 0),
        }`)};
      };`,
  },
  crash: {
    routes: ['POST /crash'],
    source: `export const handler = async (event) => {
      if (event.body === 'throw') throw new Error('thrown on purpose');
      if (event.body === 'exit') process.exit(3);
      if (event.body === 'reject') { Promise.reject(new Error('left alone')); await new Promise((r) => setTimeout(r, 500)); }
      return ${json('{ pid: process.pid }')};
    };`,
  },
  tally: {
    // Remembers its events for as long as its process lives.
    routes: ['GET /tally'],
    reservedConcurrency: 1,
    source: `
      const runs = [];
      export const handler = async (event) => {
        if (event.routeKey !== undefined) return ${json('runs')};
        if (event.fail === true) throw new Error('failed on purpose');
        runs.push({ at: new Date().toISOString(), event });
        return { runs: runs.length, event };
      };`,
  },
  reported: {
    routes: ['GET /reported'],
    reservedConcurrency: 1,
    source: `
      const events = [];
      export const handler = async (event) => {
        if (event.routeKey !== undefined) return ${json('events')};
        events.push(event);
      };`,
  },
  broken: {
    routes: ['GET /broken'],
    source: `throw new Error('cannot be loaded');`,
  },
  slow: {
    routes: ['POST /slow'],
    timeout: 1,
    source: `export const handler = async (event) => {
      if (event.body === 'spin') for (;;);
      await new Promise((resolve) => setTimeout(resolve, Number(event.body)));
      return ${json('{ pid: process.pid }')};
    };`,
  },
  pair: {
    routes: ['POST /pair'],
    reservedConcurrency: 2,
    source: `export const handler = async (event) => {
      const startedAt = Date.now();
      await new Promise((resolve) => setTimeout(resolve, Number(event.body)));
      return ${json('{ pid: process.pid, startedAt, endedAt: Date.now() }')};
    };`,
  },
};

/** Whose tokens the routes of members take. */
export const FIXTURE_ISSUER = 'https://oidc.fixture.example';

/** Writes a synthesized app with these functions, a table, keys, e-mail events and schedules, as the CDK would. */
export function writeFixtureAssembly({ schedules = DAILY }: FixtureOptions = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'licensing-fixture-'));
  const resources: Record<string, object> = {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Members: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: FIXTURE_ISSUER, Audience: ['fixture-portal', 'another-portal'] },
      },
    },
    Key: { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_NIST_P256' } },
    RsaKey: { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'SIGN_VERIFY', KeySpec: 'RSA_2048' } },
    TableKey: { Type: 'AWS::KMS::Key', Properties: {} },
    MacKey: { Type: 'AWS::KMS::Key', Properties: { KeyUsage: 'GENERATE_VERIFY_MAC', KeySpec: 'HMAC_256' } },
    NotMadeHere: { Type: 'AWS::IAM::Role', Properties: {} },
    Undelivered: { Type: 'AWS::SQS::Queue' },
    Identity: { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'vendor.example' } },
    MailEvents: { Type: 'AWS::SES::ConfigurationSet' },
    ...MAIL_EVENTS,
    Reports: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'fixture-reports' } },
    OtherTarget: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'rate(1 hour)',
        Target: { Arn: { 'Fn::GetAtt': ['Undelivered', 'Arn'] } },
      },
    },
    KeyName: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/signing', TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
    Things: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [{ Region: 'eu-west-1' }],
      },
    },
  };
  const files: Record<string, object> = {};
  for (const [name, fixture] of Object.entries(FUNCTIONS)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.mjs'), fixture.source);
    files[name] = { source: { path: `asset.${name}` }, destinations: { here: { objectKey: `${name}.zip` } } };
    Object.assign(resources, resourcesOf(name, fixture));
  }
  for (const [name, schedule] of Object.entries(schedules)) {
    resources[`${name}Schedule`] = scheduleOf(name, schedule);
  }
  const manifest = {
    artifacts: {
      fixture: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/eu-west-1',
        properties: { templateFile: 'fixture.template.json' },
      },
    },
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'fixture.template.json'), JSON.stringify({ Resources: resources }));
  writeFileSync(join(folder, 'fixture.assets.json'), JSON.stringify({ files }));
  return folder;
}

/** Bounces and complaints go to the event bus, and from there to the function `reported`; other events do not. */
const MAIL_EVENTS: Readonly<Record<string, object>> = {
  MailEventsToBus: {
    Type: 'AWS::SES::ConfigurationSetEventDestination',
    Properties: {
      ConfigurationSetName: { Ref: 'MailEvents' },
      EventDestination: {
        Enabled: true,
        EventBridgeDestination: {
          EventBusArn: {
            'Fn::Join': ['', ['arn:aws:events:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }]],
          },
        },
        MatchingEventTypes: ['bounce', 'complaint'],
      },
    },
  },
  MailRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.ses'],
        'detail-type': ['Email Bounced', 'Email Complaint Received'],
        detail: { mail: { tags: { 'ses:configuration-set': [{ Ref: 'MailEvents' }] } } },
      },
      State: 'ENABLED',
      Targets: [{ Arn: { Ref: 'reportedLive' }, Id: 'Target0' }],
    },
  },
  OtherRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.ses'], 'detail-type': ['Email Delivered'] },
      Targets: [{ Arn: { Ref: 'reportedLive' }, Id: 'Target0' }],
    },
  },
};

const scheduleOf = (name: string, { expression, timeZone, input, state }: FixtureSchedule): object => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    FlexibleTimeWindow: { Mode: 'OFF' },
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timeZone ?? 'Etc/UTC',
    State: state ?? 'ENABLED',
    Target: {
      Arn: { Ref: `${name.replaceAll('-', '')}Live` },
      RoleArn: { 'Fn::GetAtt': ['NotMadeHere', 'Arn'] },
      ...(input === undefined ? {} : { Input: JSON.stringify(input) }),
    },
  },
});

function resourcesOf(name: string, fixture: FixtureFunction): Record<string, object> {
  const id = name.replaceAll('-', '');
  const routes = fixture.routes.map((RouteKey, index) => [
    `${id}Route${index}`,
    {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        RouteKey,
        ...(fixture.authorization && { AuthorizationType: fixture.authorization }),
        ...(fixture.authorization === 'JWT' && { AuthorizerId: { Ref: 'Members' } }),
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] },
      },
    },
  ]);
  return {
    ...(Object.fromEntries(routes) as Record<string, object>),
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { IntegrationUri: { Ref: `${id}Live` }, PayloadFormatVersion: '2.0' },
    },
    [`${id}Live`]: {
      Type: 'AWS::Lambda::Alias',
      Properties: { Name: 'live', FunctionName: { Ref: `${id}Function` }, FunctionVersion: '1' },
    },
    [`${id}Function`]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['NotMadeHere', 'Arn'] },
        Timeout: fixture.timeout ?? 10,
        MemorySize: 128,
        ...(fixture.reservedConcurrency && { ReservedConcurrentExecutions: fixture.reservedConcurrency }),
        Environment: { Variables: { POWERTOOLS_SERVICE_NAME: name, ...fixture.environment } },
      },
    },
  };
}
