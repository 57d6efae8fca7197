import type { AwsCall } from './aws-proxy.ts';

/** A request as IAM sees it. */
export interface AwsRequest {
  /** `dynamodb:GetItem`. */
  readonly action: string;
  /** What it is about, as the request names it. */
  readonly resource: RequestedResource;
  /** Condition keys of the request; one without values is absent. */
  readonly context: Record<string, string | string[]>;
}

export type RequestedResource =
  /** A table or one of its indexes, a key, a role, a user pool. */
  | { readonly name: string; readonly index?: string | undefined }
  /** The only resource of its type. */
  | { readonly type: 'AWS::SES::EmailIdentity' | 'AWS::SES::ConfigurationSet' }
  /** A schedule of a group; no group: all of them. */
  | { readonly schedule: string; readonly group: string | undefined };

type Values = Readonly<Record<string, unknown>>;

/** Words of DynamoDB's expressions that are no attributes. */
const EXPRESSION_WORDS = new Set(
  'SET REMOVE ADD DELETE AND OR NOT BETWEEN IN if_not_exists list_append attribute_exists attribute_not_exists attribute_type begins_with contains size'.split(
    ' ',
  ),
);

/**
 * The requests that IAM evaluates for a call, with the condition keys that AWS derives from it. A batch counts once for each
 * table.
 * @param keyAttributesOf names of a table's partition key and, if it has one, sort key
 */
export function contextOf(call: AwsCall, keyAttributesOf: (tableName: string) => string[]): AwsRequest[] {
  const action = `${call.service}:${call.action}`;
  const { input } = call;
  if (call.service === 'kms') {
    const { SigningAlgorithm, MessageType, MacAlgorithm } = input;
    const context = present({
      'kms:SigningAlgorithm': SigningAlgorithm,
      'kms:MessageType': MessageType,
      'kms:MacAlgorithm': MacAlgorithm,
    });
    return [{ action, resource: { name: String(input['KeyId']) }, context }];
  }
  if (call.service === 'ses') {
    const context = present({ 'ses:FromAddress': input['Source'] });
    const types = ['AWS::SES::EmailIdentity', 'AWS::SES::ConfigurationSet'] as const;
    return types.map((type) => ({ action, resource: { type }, context }));
  }
  if (call.service === 'scheduler') return schedulerRequests(action, input);
  if (call.service === 'cognito-idp')
    return [{ action, resource: { name: String(input['UserPoolId']) }, context: {} }];
  const tables =
    call.action === 'BatchGetItem'
      ? Object.entries(input['RequestItems'] as Record<string, Values>)
      : [[String(input['TableName']), input] as const];
  return tables.map(([name, request]) => ({
    action,
    resource: { name, index: request['IndexName'] as string | undefined },
    context: tableContext(call.action, request, keyAttributesOf(name)),
  }));
}

/** Whoever makes a schedule also passes the role by which it starts its target. */
function schedulerRequests(action: string, input: Values): AwsRequest[] {
  const url = new URL(String(input['url']), 'http://scheduler');
  const [, , schedule] = url.pathname.split('/');
  const group = (input['GroupName'] as string | undefined) ?? url.searchParams.get('groupName') ?? undefined;
  const request = {
    action,
    resource: { schedule: schedule ?? '*', group: schedule === undefined ? undefined : group },
    context: {},
  };
  const target = input['Target'] as { RoleArn: string } | undefined;
  if (!target) return [request];
  const passing = {
    action: 'iam:PassRole',
    resource: { name: target.RoleArn },
    context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  };
  return [request, passing];
}

function tableContext(action: string, request: Values, keys: string[]): AwsRequest['context'] {
  const reads = ['GetItem', 'BatchGetItem', 'Query', 'Scan'].includes(action);
  const projection = request['ProjectionExpression'];
  return present({
    'dynamodb:LeadingKeys': leadingKeysOf(request, keys),
    'dynamodb:Attributes': reads && projection === undefined ? [] : attributesOf(request, keys),
    'dynamodb:ReturnValues': request['ReturnValues'],
    // What is not asked for in particular is asked for as a whole.
    'dynamodb:Select':
      request['Select'] ?? (reads && projection === undefined ? 'ALL_ATTRIBUTES' : undefined),
    'dynamodb:ReturnConsumedCapacity': request['ReturnConsumedCapacity'],
  });
}

/** Values of the partition key. */
function leadingKeysOf(request: Values, [partitionKey = '']: string[]): string[] {
  const items = [request['Key'], request['Item'], ...((request['Keys'] ?? []) as unknown[])];
  const given = items.flatMap((item) => textOf((item as Values | undefined)?.[partitionKey]));
  const condition = request['KeyConditionExpression'];
  if (typeof condition !== 'string') return given;
  const names = (request['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  const values = request['ExpressionAttributeValues'] as Values;
  for (const [, name = '', value = ''] of condition.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)) {
    if ((names[name] ?? name) === partitionKey) given.push(...textOf(values[value]));
  }
  return given;
}

const textOf = (attribute: unknown): string[] => {
  const text = (attribute as { S?: string } | undefined)?.S;
  return text === undefined ? [] : [text];
};

/** Every top-level attribute that a request names, and the keys, which every request touches. */
function attributesOf(request: Values, keys: string[]): string[] {
  const names = (request['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  const found = new Set([...keys, ...Object.keys(request['Item'] ?? {})]);
  for (const [member, expression] of Object.entries(request)) {
    if (!member.endsWith('Expression') || typeof expression !== 'string') continue;
    for (const [word] of expression.matchAll(/[#:.]?\w+/g)) {
      if (word.startsWith(':') || word.startsWith('.') || EXPRESSION_WORDS.has(word) || /^\d/.test(word))
        continue;
      found.add(names[word] ?? word);
    }
  }
  return [...found];
}

const present = (values: Readonly<Record<string, unknown>>): AwsRequest['context'] =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== undefined && (value as string | string[]).length > 0,
    ),
  ) as AwsRequest['context'];
