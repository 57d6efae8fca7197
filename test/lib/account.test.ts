import { describe, expect, it } from 'vitest';
import { accountOperations, memberOperations } from '../../lambdas/core/api/account-operations.ts';
import { allow } from './statements.ts';
import { readable, synthesize } from './synthesized.ts';

const { stacks } = synthesize();

describe('The function that Cognito asks', () => {
  it('is there where the user pool is ours, and nowhere else', () => {
    const has = (stage: keyof typeof stacks) =>
      stacks[stage]
        .ofType('AWS::Lambda::Function')
        .some(({ logicalId }) => logicalId.startsWith('AccountIdentity'));
    expect([has('local'), has('dev'), has('prod')]).toEqual([false, true, true]);
  });

  it.each(['dev', 'prod'] as const)('decides on tokens of the second version in %s', (stage) => {
    const pool = stacks[stage].one('AWS::Cognito::UserPool');
    expect(readable(pool.Properties['LambdaConfig'])).toEqual({
      PreTokenGenerationConfig: {
        LambdaArn: '<AccountIdentityFunctionAliaslive>',
        LambdaVersion: 'V2_0',
      },
    });
    const callers = stacks[stage]
      .ofType('AWS::Lambda::Permission')
      .filter(({ Properties }) => Properties['Principal'] === 'cognito-idp.amazonaws.com');
    expect(callers).toHaveLength(1);
    for (const { Properties } of callers) {
      expect(readable(Properties['FunctionName'])).toBe('<AccountIdentityFunctionAliaslive>');
      expect(readable(Properties['SourceArn'])).toBe('<SignInPool.Arn>');
    }
  });

  it('answers within the seconds that Cognito waits, and may read members alone', () => {
    const stack = stacks.prod;
    expect(stack.functionOf('identity').Properties['Timeout']).toBe(5);
    expect(readable(stack.statementsOf(stack.roleOf('identity')))).toEqual([
      allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], '<AccountIdentityLogs.Arn>'),
      allow('LookUpMembers', 'dynamodb:GetItem', '<TablesMembersTable.Arn>'),
    ]);
  });
});

describe('The function of members and contacts', () => {
  it('writes of a customer what the customer says, and nothing of the vendor’s document', () => {
    const stack = stacks.prod;
    const statements = readable(stack.statementsOf(stack.roleOf('customer-account'))) as {
      Sid: string;
      Resource: string;
    }[];
    expect(statements.filter(({ Resource }) => Resource === '<TablesCustomersTable.Arn>')).toEqual([
      allow('ReadCustomers', 'dynamodb:GetItem', '<TablesCustomersTable.Arn>'),
      allow('ChangeContacts', 'dynamodb:UpdateItem', '<TablesCustomersTable.Arn>', {
        'ForAllValues:StringEquals': {
          'dynamodb:Attributes': [
            'customerId',
            'contactChanges',
            'contactsVersion',
            'ownOfflineAfterHours',
            'mutes',
          ],
        },
        Null: { 'dynamodb:Attributes': 'false' },
      }),
    ]);
    expect(statements.map(({ Sid }) => Sid).sort()).toEqual([
      'ChangeContacts',
      'KeepAccounts',
      'KeepMembers',
      'KeepReportSchedules',
      'ListSchedules',
      'PassReportRole',
      'ReadAddresses',
      'ReadCustomers',
      'SendMail',
      'SendWithConfigurationSet',
      'WriteLogs',
    ]);
  });

  it('has a route for every operation', () => {
    const routes = stacks.prod.ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);
    for (const { method, path, audience } of [...accountOperations, ...memberOperations]) {
      const route = routes.find(({ RouteKey }) => RouteKey === `${method} ${path}`);
      expect(route?.['AuthorizationType'], path).toBe(audience === 'customer' ? 'JWT' : 'AWS_IAM');
    }
  });
});
