import type { Resource } from './assembly.ts';

export interface NamingContext {
  readonly region: string;
  readonly account: string;
  readonly stackName: string;
  /** The word of the function that a function, version or alias belongs to. */
  readonly functionNameOf: (resource: Resource) => string;
  readonly resolve: (value: unknown) => unknown;
}

/**
 * What a reference to a resource would give, though the resource itself is not made on one machine: functions are handed
 * names of queues, roles and configuration sets. Undefined for types that are not known here.
 */
export function nameInAws(
  resource: Resource,
  attribute: string | undefined,
  { region, account, stackName, functionNameOf, resolve }: NamingContext,
): string | undefined {
  const { type, logicalId, properties } = resource;
  const physical = (property: string): string => {
    const given = resolve(properties[property]);
    return typeof given === 'string' ? given : `${stackName}-${logicalId}`;
  };
  const arn = (service: string, id: string): string => `arn:aws:${service}:${region}:${account}:${id}`;
  const userPoolId = (): string => `${region}_${logicalId}`;
  const functionArn = (qualifier: string): string =>
    arn('lambda', `function:${functionNameOf(resource)}${qualifier}`);

  switch (`${type} ${attribute ?? 'Ref'}`) {
    case 'AWS::Lambda::Function Ref':
      return functionNameOf(resource);
    case 'AWS::Lambda::Function Arn':
      return functionArn('');
    case 'AWS::Lambda::Alias Ref':
    case 'AWS::Lambda::Alias AliasArn':
      return functionArn(`:${physical('Name')}`);
    case 'AWS::Lambda::Version Ref':
    case 'AWS::Lambda::Version FunctionArn':
      return functionArn(':1');
    case 'AWS::Lambda::Version Version':
      return '1';
    case 'AWS::SES::ConfigurationSet Ref':
      return physical('Name');
    case 'AWS::SES::EmailIdentity Ref':
      return physical('EmailIdentity');
    case 'AWS::Scheduler::ScheduleGroup Ref':
      return physical('Name');
    case 'AWS::Scheduler::ScheduleGroup Arn':
      return arn('scheduler', `schedule-group/${physical('Name')}`);
    case 'AWS::Scheduler::Schedule Ref':
      return physical('Name');
    case 'AWS::Scheduler::Schedule Arn':
      return arn('scheduler', `schedule/default/${physical('Name')}`);
    case 'AWS::SQS::Queue Ref':
      return `https://sqs.${region}.amazonaws.com/${account}/${physical('QueueName')}`;
    case 'AWS::SQS::Queue QueueName':
      return physical('QueueName');
    case 'AWS::SQS::Queue Arn':
      return arn('sqs', physical('QueueName'));
    case 'AWS::SNS::Topic Ref':
    case 'AWS::SNS::Topic TopicArn':
      return arn('sns', physical('TopicName'));
    case 'AWS::Events::EventBus Ref':
    case 'AWS::Events::EventBus Name':
      return physical('Name');
    case 'AWS::Events::EventBus Arn':
      return arn('events', `event-bus/${physical('Name')}`);
    case 'AWS::Events::Rule Ref':
      return physical('Name');
    case 'AWS::Events::Rule Arn':
      return arn('events', `rule/${physical('Name')}`);
    case 'AWS::Logs::LogGroup Ref':
      return physical('LogGroupName');
    case 'AWS::Logs::LogGroup Arn':
      return arn('logs', `log-group:${physical('LogGroupName')}:*`);
    case 'AWS::Cognito::UserPool Ref':
      return userPoolId();
    case 'AWS::Cognito::UserPool Arn':
      return arn('cognito-idp', `userpool/${userPoolId()}`);
    case 'AWS::Cognito::UserPool ProviderName':
      return `cognito-idp.${region}.amazonaws.com/${userPoolId()}`;
    case 'AWS::Cognito::UserPool ProviderURL':
      return `https://cognito-idp.${region}.amazonaws.com/${userPoolId()}`;
    case 'AWS::Cognito::UserPoolClient Ref':
      return logicalId;
    case 'AWS::IAM::Role Ref':
      return physical('RoleName');
    case 'AWS::IAM::Role Arn':
      return `arn:aws:iam::${account}:role/${physical('RoleName')}`;
    default:
      return undefined;
  }
}
