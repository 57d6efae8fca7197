import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentOf, readable, synthesize, type Statement } from '../lib/synthesized.ts';

const root = new URL('../../', import.meta.url);
const picture = readFileSync(new URL('docs/architecture.svg', root), 'utf8');
const stack = synthesize({ stages: ['prod'] }).stacks.prod;

/** A dot of the picture: which function reaches what, and where the dot is. */
const dots = [
  ...picture.matchAll(/<circle data-reach="(\S+) (changes|reads) ([\w -]+)" cx="([\d.]+)" cy="([\d.]+)"/g),
].map(([, name = '', verb = '', thing = '', x = '', y = '']) => ({ name, verb, thing, x, y }));

/** Names of things in the picture, by what the ARNs in the template begin with. */
const THINGS: readonly (readonly [string, string])[] = [
  ['<RenewalsRecordsTable', 'renewals'],
  ['<SigningKey', 'signing key'],
  ['<MuteKey', 'mute key'],
  ['<DeadLettersQueue', 'dead letters'],
  ['<MailIdentity', 'SES'],
  ['<MailConfigurationSet', 'SES'],
  ['<SignInPool', 'sign-in accounts'],
];
/** What is reached beside the things of the picture: it would say nothing of the function. */
const NOT_DRAWN: readonly RegExp[] = [
  // Every function writes its log.
  /^logs:\w+ <\w+Logs\.Arn>$/,
  // DynamoDB uses the key of the records in the name of whoever reaches the records.
  /^kms:\w+ <RenewalsKey\.Arn>$/,
  // Goes with the schedules, which are drawn.
  /^iam:PassRole <ReportsSchedulesRole\.Arn>$/,
];
const READING =
  /^(?:dynamodb:(?:GetItem|BatchGetItem|Query|Scan)|kms:(?:GetPublicKey|VerifyMac)|scheduler:List\w+)$/;

const actionsOf = ({ Action }: Statement): string[] => [Action].flat();

/**
 * What a statement is about; undefined where that is deliberately not drawn.
 * @throws {Error} where it is neither a thing of the picture nor one of those.
 */
function thingOf({ Resource, ...statement }: Statement): string | undefined {
  const actions = actionsOf(statement);
  if (actions.every((action) => action.startsWith('scheduler:'))) return 'Scheduler';
  const things = [readable(Resource)].flat().map((resource) => {
    const target = String(resource);
    const [, table] = /^<Tables(\w+)Table\.Arn>/.exec(target) ?? [];
    const thing = table?.toLowerCase() ?? THINGS.find(([prefix]) => target.includes(prefix))?.[1];
    if (thing !== undefined) return thing;
    const missing = actions.map((action) => `${action} ${target}`).filter((what) => !isLeftOut(what));
    if (missing.length > 0) throw new Error(`The picture has no place for ${missing.join(', ')}`);
    return undefined;
  });
  if (new Set(things).size > 1) throw new Error(`One statement for several things: ${things.join(', ')}`);
  return things[0];
}

const isLeftOut = (permission: string): boolean => NOT_DRAWN.some((pattern) => pattern.test(permission));

/** What the role of a function permits, as the picture says it. */
function reachOf(folder: string): string[] {
  const verbs = new Map<string, string>();
  for (const statement of stack.statementsOf(stack.roleOf(folder))) {
    const thing = thingOf(statement);
    if (thing === undefined) continue;
    const isReading = actionsOf(statement).every((action) => READING.test(action));
    if (!isReading || !verbs.has(thing)) verbs.set(thing, isReading ? 'reads' : 'changes');
  }
  return [...verbs].map(([thing, verb]) => `${verb} ${thing}`).sort();
}

const folders = stack
  .ofType('AWS::Lambda::Function')
  .map((resource) => String(environmentOf(resource)['POWERTOOLS_SERVICE_NAME']));

describe('docs/architecture.svg', () => {
  it('shows every function, and every table', () => {
    expect(folders.filter((folder) => !picture.includes(`>${folder}</text>`))).toEqual([]);
    const tables = stack.ofType('AWS::DynamoDB::GlobalTable').map((table) => {
      const arn = { 'Fn::GetAtt': [table.logicalId, 'Arn'] };
      return thingOf({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: arn });
    });
    expect(tables.filter((table) => !picture.includes(`>${table ?? ''}</text>`))).toEqual([]);
  });

  it.each(folders)('says what %s reaches, as its role permits', (folder) => {
    const drawn = dots.filter(({ name }) => name === folder).map(({ verb, thing }) => `${verb} ${thing}`);
    expect(drawn.sort()).toEqual(reachOf(folder));
  });

  it('has each dot in the row of its function and the column of its thing', () => {
    const places = (key: 'name' | 'thing', axis: 'x' | 'y') =>
      new Set(dots.map((dot) => `${dot[key]} ${dot[axis]}`)).size;
    const count = (key: 'name' | 'thing') => new Set(dots.map((dot) => dot[key])).size;
    expect([places('name', 'y'), places('thing', 'x')]).toEqual([count('name'), count('thing')]);
  });

  it('shows the bus, its archive, the sign-in and the check of tokens, which the template has', () => {
    for (const [type, words] of [
      ['AWS::Events::EventBus', 'Order bus'],
      ['AWS::Events::Archive', 'archive of 90 days'],
      ['AWS::Cognito::UserPool', 'Cognito user pool'],
      ['AWS::ApiGatewayV2::Authorizer', 'JWT authorizer'],
      ['AWS::SQS::Queue', 'dead letters'],
    ] as const) {
      expect([type, stack.ofType(type).length]).toEqual([type, 1]);
      expect(picture).toContain(words);
    }
  });
});
