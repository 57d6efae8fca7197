import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../lib/config.ts';
import { readable, statementsIn, synthesize } from './synthesized.ts';

const { stacks } = synthesize();

describe.each(STAGE_NAMES)('the bus of orders in %s', (stage) => {
  const stack = stacks[stage];
  const rule = stack.one('AWS::Events::Rule', 'Orders');

  it('has the name of the stage, and no policy: nobody outside of the account gets in', () => {
    expect(stack.one('AWS::Events::EventBus').Properties).toMatchObject({
      Name: `licensing-${stage}-orders`,
    });
    expect(stack.ofType('AWS::Events::EventBusPolicy')).toEqual([]);
  });

  it('brings contracts to what serves, tries for a day and loses none', () => {
    expect(readable(rule.Properties)).toEqual({
      Description: expect.stringMatching(/\w/) as string,
      EventBusName: '<OrdersBus>',
      EventPattern: { 'detail-type': ['ContractChanged'] },
      State: 'ENABLED',
      Targets: [
        {
          Id: expect.any(String) as string,
          Arn: '<OrdersOrderEventsFunctionAliaslive>',
          DeadLetterConfig: { Arn: '<DeadLettersQueue.Arn>' },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ],
    });
  });

  it('has a function that is tried twice more, and whose events then are dead letters', () => {
    const [config] = stack
      .ofType('AWS::Lambda::EventInvokeConfig')
      .filter(({ logicalId }) => logicalId.startsWith('OrdersOrderEvents'));
    expect(readable(config?.Properties)).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: '<DeadLettersQueue.Arn>' } },
    });
  });

  it('keeps its contracts for 90 days, to bring them again', () => {
    expect(readable(stack.one('AWS::Events::Archive').Properties)).toMatchObject({
      ArchiveName: `licensing-${stage}-orders`,
      SourceArn: '<OrdersBus.Arn>',
      EventPattern: { 'detail-type': ['ContractChanged'] },
      RetentionDays: 90,
    });
  });

  it('has a policy for the ERP, which may put orders on it and nothing else', () => {
    const { Properties } = stack.one('AWS::IAM::ManagedPolicy', 'OrdersSenderPolicy');
    expect(Properties).not.toHaveProperty('Roles');
    expect(readable(statementsIn(Properties['PolicyDocument']))).toEqual([
      {
        Sid: 'PutOrders',
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: '<OrdersBus.Arn>',
        Condition: { StringEquals: { 'events:detail-type': 'ContractChanged' } },
      },
    ]);
  });
});
