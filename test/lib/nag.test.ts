import { App, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { stackNameOf } from '../../lib/app.ts';
import { STAGE_NAMES } from '../../lib/config.ts';
import { synthesize } from './synthesized.ts';

const { app } = synthesize();

/** What is acknowledged in a stack: `path of the construct, without the stack: rule`, with the reason. */
function acknowledgedIn(stackName: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const construct of app.node.findChild(stackName).node.findAll()) {
    for (const { type, data } of construct.node.metadata) {
      if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue;
      for (const [rule, reason] of Object.entries(data as Record<string, string>)) {
        found.set(
          `${construct.node.path.slice(stackName.length + 1)}: ${rule.replace(/^Annotation::/, '')}`,
          reason,
        );
      }
    }
  }
  return found;
}

describe.each(STAGE_NAMES)('AwsSolutions in stage %s', (stage) => {
  const stackName = stackNameOf(stage);

  it('finds nothing that is not acknowledged', () => {
    const { success, violations } = new AwsSolutionsChecks(app).validateScope(app.node.findChild(stackName));
    expect(violations).toEqual([]);
    expect(success).toBe(true);
  });

  it('is acknowledged where a route is open on purpose, and for what IAM and the check cannot name', () => {
    const acknowledged = acknowledgedIn(stackName);
    const api = /<ApiHttp\w+>/;
    expect([...acknowledged.keys()].map((key) => key.replace(api, '<Api>')).sort()).toEqual(
      [
        ...[
          '$default',
          'GET --.well-known--jwks.json',
          'GET --v1--mute',
          'GET --v1--openapi.json',
          'GET --v1--ping',
          'GET --v1--schemas--contract.json',
          'GET --v1--terms',
          'POST --v1--licenses--renew',
          'POST --v1--mute',
        ].map((route) => `Api/${route}: AwsSolutions-APIG4`),
        'DeadLetters/Queue: AwsSolutions-SQS3',
        ...(stage === 'local' ? [] : ['COG2', 'COG3', 'COG8']).map(
          (rule) => `SignIn/Pool: AwsSolutions-${rule}`,
        ),
        ...['Vendor/Customers/Role', 'Account/Account/Role'].flatMap((role) => [
          `${role}: AwsSolutions-IAM5[Resource::*]`,
          `${role}: AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:eu-west-1:<AWS::AccountId>:schedule/licensing-${stage}-reports/*]`,
        ]),
        ...[
          'DELETE/v1/customers/*/members/*',
          'GET/v1/customers/*',
          'GET/v1/customers/*/contracts',
          'GET/v1/customers/*/contracts/*',
          'GET/v1/customers/*/licenses',
          'GET/v1/customers/*/members',
          'GET/v1/licenses/*',
          'POST/v1/customers/*/licenses',
          'POST/v1/licenses/*/reinstate',
          'POST/v1/licenses/*/revoke',
          'POST/v1/licenses/*/transfer-allowance',
          'PUT/v1/customers/*',
          'PUT/v1/customers/*/contracts/*',
          'PUT/v1/customers/*/members/*',
        ].map(
          (route) =>
            `Api/CallerPolicy: AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:eu-west-1:<AWS::AccountId>:<Api>/$default/${route}]`,
        ),
      ].sort(),
    );
    for (const reason of acknowledged.values()) expect(reason.split(' ').length).toBeGreaterThan(8);
  });
});

it('The check does find something where there is something', () => {
  const faulty = new Stack(new App(), 'faulty');
  new Bucket(faulty, 'Open');
  const { success, violations } = new AwsSolutionsChecks(faulty).validateScope(faulty);
  expect(success).toBe(false);
  expect(violations.map(({ ruleName }) => ruleName)).toContain('AwsSolutions-S1');
});
