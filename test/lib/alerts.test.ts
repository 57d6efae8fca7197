import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { loadStages, STAGE_NAMES } from '../../lib/config.ts';
import { environmentOf, readable, statementsIn, synthesize, targetOf, type Resource } from './synthesized.ts';

const configs = loadStages();
const { stacks } = synthesize();

const DEAD_LETTERS = { Arn: '<DeadLettersQueue.Arn>' };

/** The schedules of the stack: name, how often by the configuration, and the function. */
const SCHEDULES = [
  ['scan-offline-hosts', 'offlineHosts', 'AlertsScanOfflineHosts'],
  ['scan-failed-renewals', 'failedRenewals', 'AlertsScanFailedRenewals'],
  ['scan-expiring-licenses', 'expiringLicenses', 'AlertsScanExpiringLicenses'],
  ['scan-ending-contracts', 'endingContracts', 'AlertsScanEndingContracts'],
] as const;

const every = (hours: number) => `rate(${hours} hour${hours === 1 ? '' : 's'})`;

describe.each(STAGE_NAMES)('the schedules of stage %s', (stage) => {
  const stack = stacks[stage];
  const { alerts } = configs[stage];
  const schedules = stack.ofType('AWS::Scheduler::Schedule');

  it('are four, in one group, each named as the function it starts', () => {
    expect(schedules.map(({ Properties }) => Properties['Name']).sort()).toEqual(
      SCHEDULES.map(([name]) => name).sort(),
    );
    for (const { Properties } of schedules) {
      expect(Properties).toMatchObject({ GroupName: `licensing-${stage}-alerts`, State: 'ENABLED' });
    }
  });

  it.each(SCHEDULES)(
    '%s starts what serves as often as configured, within a window, tried three times in an hour',
    (name, cadence, construct) => {
      const { Properties } = schedules.find((one) => one.Properties['Name'] === name)!;
      expect(readable(Properties)).toMatchObject({
        ScheduleExpression: every(alerts.cadence[cadence]),
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: alerts.flexibleMinutes },
        Target: {
          Arn: `<${construct}FunctionAliaslive>`,
          RoleArn: '<AlertsSchedulesRole.Arn>',
          RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3_600 },
          DeadLetterConfig: DEAD_LETTERS,
        },
      });
      const alias = targetOf((Properties['Target'] as { Arn: unknown }).Arn);
      const { Properties: live } = stack.ofType('AWS::Lambda::Alias').find((one) => one.logicalId === alias)!;
      expect(targetOf(live['FunctionName'])).toBe(stack.functionOf(name).logicalId);
    },
  );

  it('are gone with the stack, those of contacts too: they would go on starting what is not there', () => {
    const groups = stack.ofType('AWS::Scheduler::ScheduleGroup');
    expect(groups.map(({ Properties }) => Properties['Name']).sort()).toEqual([
      `licensing-${stage}-alerts`,
      `licensing-${stage}-reports`,
    ]);
    for (const { DeletionPolicy } of groups) expect(DeletionPolicy).toBe('Delete');
  });

  it.each([
    ['mail-events', 2, 21_600],
    ['scan-ending-contracts', 1, 3_600],
    ['scan-expiring-licenses', 1, 3_600],
    ['scan-failed-renewals', 1, 3_600],
    ['scan-offline-hosts', 1, 3_600],
    ['send-report', 2, 21_600],
  ])('%s is started again %i times at most; what fails to the last is kept', (folder, retries, age) => {
    const { logicalId } = stack.functionOf(folder);
    const handling = stack
      .ofType('AWS::Lambda::EventInvokeConfig')
      .filter(({ Properties }) => targetOf(Properties['FunctionName']) === logicalId);
    expect(handling.map(({ Properties }) => readable(Properties))).toEqual([
      expect.objectContaining({
        MaximumRetryAttempts: retries,
        MaximumEventAgeInSeconds: age,
        DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS.Arn } },
      }),
    ]);
    // Of the alias that everybody calls: settings of the function alone would not count.
    expect(JSON.stringify(handling[0]?.Properties['Qualifier'])).toContain('Aliaslive');
  });

  it('leave the executions of scans to what the account has', () => {
    for (const [folder] of SCHEDULES) {
      expect(stack.functionOf(folder).Properties).toMatchObject({ MemorySize: 1_024, Timeout: 900 });
      expect(stack.functionOf(folder).Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });
});

describe('The dead letters', () => {
  it('are encrypted, kept for 14 days, and travel by TLS only', () => {
    expect(stacks.prod.one('AWS::SQS::Queue').Properties).toEqual({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
    const policy = stacks.prod.one('AWS::SQS::QueuePolicy').Properties['PolicyDocument'];
    expect(readable(statementsIn(policy))).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      ...['<MailReturned.Arn>', '<OrdersContractChanged.Arn>'].map((rule): unknown =>
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': rule } },
        }),
      ),
    ]);
  });
});

/** Stage dev with something of its mail and alerts changed. */
function changed({ mail = {}, alerts = {} }: { mail?: object; alerts?: object }) {
  const dev = {
    ...configs.dev,
    mail: { ...configs.dev.mail, ...mail },
    alerts: { ...configs.dev.alerts, ...alerts },
  };
  return synthesize({ stages: ['dev'], configs: { ...configs, dev } }).stacks.dev;
}

it('Schedules start on time where the stage gives them no window', () => {
  const schedules = changed({ alerts: { flexibleMinutes: 0 } }).ofType('AWS::Scheduler::Schedule');
  expect(schedules).toHaveLength(4);
  for (const { Properties } of schedules) expect(Properties['FlexibleTimeWindow']).toEqual({ Mode: 'OFF' });
});

describe('The sender', () => {
  const stack = stacks.prod;

  it('is the domain of its address, signed with DKIM of 2,048 bits, with a MAIL FROM domain of its own', () => {
    expect(stack.one('AWS::SES::EmailIdentity').Properties).toEqual({
      EmailIdentity: 'vendor.example',
      DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
      MailFromAttributes: { MailFromDomain: 'bounce.vendor.example' },
      FeedbackAttributes: { EmailForwardingEnabled: false },
    });
  });

  it('sends by TLS only, counts its reputation, and no more to addresses that mail came back from', () => {
    expect(stack.one('AWS::SES::ConfigurationSet').Properties).toEqual({
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
  });

  it('hears of bounces and complaints about its own mail, by the default bus', () => {
    expect(readable(stack.one('AWS::SES::ConfigurationSetEventDestination').Properties)).toEqual({
      ConfigurationSetName: '<MailConfigurationSet>',
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['bounce', 'complaint'],
        EventBridgeDestination: {
          EventBusArn: 'arn:<AWS::Partition>:events:eu-west-1:<AWS::AccountId>:event-bus/default',
        },
      },
    });
    expect(readable(stack.one('AWS::Events::Rule', 'Mail').Properties)).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.ses'],
        'detail-type': ['Email Bounced', 'Email Complaint Received'],
        detail: { mail: { tags: { 'ses:configuration-set': ['<MailConfigurationSet>'] } } },
      },
      Targets: [
        {
          Arn: '<MailMailEventsFunctionAliaslive>',
          RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 21_600 },
          DeadLetterConfig: DEAD_LETTERS,
        },
      ],
    });
    expect(stack.one('AWS::Events::Rule', 'Mail').Properties).not.toHaveProperty('EventBusName');
  });

  it('may be one that the vendor chooses, and then functions send as that one alone', () => {
    const other = changed({ mail: { from: 'alerts@mail.other.example' } });
    expect(other.one('AWS::SES::EmailIdentity').Properties).toMatchObject({
      EmailIdentity: 'mail.other.example',
      MailFromAttributes: { MailFromDomain: 'bounce.mail.other.example' },
    });
    for (const folder of [...SCHEDULES.map(([name]) => name), 'send-report']) {
      const sending = other
        .statementsOf(other.roleOf(folder))
        .filter(({ Action }) => Action === 'ses:SendRawEmail');
      expect(sending).toHaveLength(2);
      for (const { Condition } of sending) {
        expect(Condition).toEqual({ StringEquals: { 'ses:FromAddress': 'alerts@mail.other.example' } });
      }
      expect(environmentOf(other.functionOf(folder))).toMatchObject({
        MAIL_FROM: 'alerts@mail.other.example',
      });
    }
  });
});

/** Each record as `name type value`; the values that SES chooses are names of attributes. */
const dkim = ['1', '2', '3'].map(
  (n) => `<MailIdentity.DkimDNSTokenName${n}> CNAME <MailIdentity.DkimDNSTokenValue${n}>`,
);
const recordsOf = (domain: string, policy: string) => [
  ...dkim,
  `_dmarc.${domain} TXT v=DMARC1; p=${policy}`,
  `bounce.${domain} MX 10 feedback-smtp.eu-west-1.amazonses.com`,
  `bounce.${domain} TXT v=spf1 include:amazonses.com ~all`,
];

function recordsInOutputs(template: Template): string[] {
  const { Outputs } = template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
  return Object.entries(Outputs)
    .filter(([id]) => id.startsWith('DnsRecord'))
    .map(([, { Value }]) => String(readable(Value)))
    .sort();
}

describe('The records of the sender’s domain', () => {
  it('are outputs, with name, type and value, where the vendor keeps its domain elsewhere', () => {
    for (const stage of STAGE_NAMES) {
      expect(recordsInOutputs(stacks[stage].template)).toEqual(recordsOf('vendor.example', 'quarantine'));
      expect(stacks[stage].ofType('AWS::Route53::RecordSet')).toEqual([]);
    }
  });

  it.each([
    ['licensing@vendor.example', 'vendor.example', 'reject'],
    ['licensing@Mail.Vendor.Example', 'mail.vendor.example', 'none'],
  ] as const)('are written into the hosted zone where there is one: %s', (from, domain, dmarcPolicy) => {
    const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'vendor.example' };
    const stack = changed({ mail: { from, dmarcPolicy, hostedZone } });
    expect(recordsInOutputs(stack.template)).toEqual([]);
    const written = stack.ofType('AWS::Route53::RecordSet').map(asText);
    expect(written.sort()).toEqual(recordsOf(domain, dmarcPolicy).sort());
  });
});

/** A record set of Route 53 as text: names are whole, and texts quoted. */
function asText({ Properties }: Resource): string {
  const { HostedZoneId, Name, Type, TTL, ResourceRecords } = readable(Properties) as Record<string, unknown>;
  expect([HostedZoneId, TTL]).toEqual(['Z0123456789ABCDEFGHIJ', '3600']);
  expect(Name).toMatch(/[^.]\.$/);
  const [value] = ResourceRecords as string[];
  const plain = Type === 'TXT' ? (JSON.parse(value ?? '') as string) : value;
  return `${String(Name).slice(0, -1)} ${String(Type)} ${plain ?? ''}`;
}
