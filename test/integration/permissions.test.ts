import { beforeAll, describe, expect, inject, test } from 'vitest';
import { callsOf, type AwsCall } from '../support/aws-proxy.ts';
import { Permissions } from '../support/iam.ts';
import { expectNoLeaks } from './expectations.ts';
import { walkEveryPath } from './walk.ts';
import { useWorld } from './world.ts';

const world = useWorld();
let permissions: Permissions;

beforeAll(async () => {
  permissions = new Permissions(inject('assembly'), world.service.functions);
  await walkEveryPath(world);
}, 120_000);

const functionNames = () => world.service.functions.map(({ name }) => name);

/** What AWS itself does in the name of a role, and no recorded call can show. */
const LOGS = ['WriteLogs logs:CreateLogStream', 'WriteLogs logs:PutLogEvents'];
const KEY_OF_RENEWALS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
].map((action) => `UseKeyOfRenewalRecords ${action}`);

const READ_KEY_OF_RENEWALS = ['kms:Decrypt', 'kms:DescribeKey'].map(
  (action) => `UseKeyOfRenewalRecords ${action}`,
);
/** Lambda puts events there that a function could not deal with. */
const DEAD_LETTERS = 'SendDeadLetters sqs:SendMessage';

function doneByAws(functionName: string): string[] {
  if (['renew', 'licenses', 'customer-hosts', 'customer-renewals'].includes(functionName)) {
    return [...LOGS, ...KEY_OF_RENEWALS];
  }
  if (['customer-overview', 'customer-distribution'].includes(functionName))
    return [...LOGS, ...READ_KEY_OF_RENEWALS];
  if (functionName === 'send-report') return [...LOGS, DEAD_LETTERS, ...READ_KEY_OF_RENEWALS];
  return functionName.startsWith('scan-') || ['mail-events', 'order-events'].includes(functionName)
    ? [...LOGS, DEAD_LETTERS]
    : LOGS;
}

test('every call that the functions made is allowed by the role of the function that made it', async () => {
  expect(world.proxy.calls.length).toBeGreaterThan(100);
  const denied: string[] = [];
  for (const call of world.proxy.calls) {
    const verdicts = await permissions.judge(call);
    if (verdicts.some(({ allowed }) => !allowed)) denied.push(describeCall(call));
  }
  expect(denied).toEqual([]);
});

test('every permission of every role was needed by a call, but for what AWS does in the name of the role', async () => {
  for (const functionName of functionNames()) {
    const needed = new Set<string>();
    for (const call of world.proxy.calls.filter(callsOf(functionName))) {
      for (const verdict of await permissions.judge(call))
        verdict.permissions.forEach((name) => needed.add(name));
    }
    const unneeded = permissions.permissionsOf(functionName).filter((name) => !needed.has(name));
    expect.soft({ functionName, unneeded: unneeded.sort() }).toEqual({
      functionName,
      unneeded: doneByAws(functionName).sort(),
    });
    expect(permissions.managedPoliciesOf(functionName)).toEqual([]);
  }
});

describe.each(['renew', 'licenses'])('the role of %s may not', (functionName) => {
  const recorded = (action: string, table?: string): AwsCall => {
    const found = world.proxy.calls.find(
      (call) =>
        callsOf(functionName, action)(call) &&
        (table === undefined || call.input['TableName'] === world.stored.tableName(table)),
    );
    if (found === undefined) throw new Error(`${functionName} made no ${action}`);
    return found;
  };
  const isAllowed = async (call: AwsCall): Promise<boolean> =>
    (await permissions.judge(call)).every(({ allowed }) => allowed);
  const changed = (call: AwsCall, input: Record<string, unknown>, action = call.action): AwsCall => ({
    ...call,
    action,
    input: { ...call.input, ...input },
  });

  test.each(['GetItem', 'Query'])('read who asked from where by %s', async (action) => {
    const call = recorded(action, 'renewals');
    expect(await isAllowed(call)).toBe(true);
    for (const attribute of ['sourceIp', 'hostId', 'hostName', 'serial']) {
      const projection = `${String(call.input['ProjectionExpression'])}, ${attribute}`;
      expect(await isAllowed(changed(call, { ProjectionExpression: projection }))).toBe(false);
      const alias = { ...(call.input['ExpressionAttributeNames'] as object), '#seq': attribute };
      expect(await isAllowed(changed(call, { ExpressionAttributeNames: alias }))).toBe(false);
    }
  });

  test('read whole records', async () => {
    const query = recorded('Query', 'renewals');
    const whole = { ProjectionExpression: undefined };
    expect(await isAllowed(changed(query, { ...whole, Select: 'ALL_ATTRIBUTES' }))).toBe(false);
    expect(await isAllowed(changed(query, { Select: 'ALL_ATTRIBUTES' }))).toBe(false);
    expect(await isAllowed(changed(query, { ...whole, Select: undefined }))).toBe(false);
    expect(await isAllowed(changed(recorded('GetItem', 'renewals'), whole))).toBe(false);
  });

  test('read a record by writing it', async () => {
    const put = recorded('PutItem', 'renewals');
    expect(await isAllowed(changed(put, { ReturnValues: 'NONE' }))).toBe(true);
    expect(await isAllowed(changed(put, { ReturnValues: 'ALL_OLD' }))).toBe(false);
    const update = changed(
      put,
      { Key: { licenseId: { S: 'x' }, record: { S: 'y' } }, Item: undefined },
      'UpdateItem',
    );
    expect(await isAllowed(changed(update, { ReturnValues: 'ALL_NEW' }))).toBe(false);
  });

  test('sign with another algorithm', async () => {
    const sign = recorded('Sign');
    expect(await isAllowed(sign)).toBe(true);
    expect(await isAllowed(changed(sign, { SigningAlgorithm: 'ECDSA_SHA_384' }))).toBe(false);
    expect(await isAllowed(changed(sign, { SigningAlgorithm: undefined }))).toBe(false);
  });

  test('delete or scan anything, or reach contracts and customers', async () => {
    for (const table of ['licenses', 'installations', 'renewals', 'contracts', 'customers']) {
      const TableName = world.stored.tableName(table);
      for (const action of ['DeleteItem', 'Scan', 'BatchWriteItem']) {
        const call = { functionName, service: 'dynamodb', action, input: { TableName } } as const;
        expect({ table, action, allowed: await isAllowed(call) }).toEqual({ table, action, allowed: false });
      }
    }
    const TableName = world.stored.tableName('contracts');
    expect(await isAllowed(changed(recorded('GetItem'), { TableName }))).toBe(false);
  });
});

test.each(['customers', 'contracts', 'keys', 'ping', 'not-found'])(
  'the role of %s may not sign',
  async (functionName) => {
    const sign = world.proxy.calls.find(callsOf('renew', 'Sign'))!;
    const verdicts = await permissions.judge({ ...sign, functionName });
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([false]);
  },
);

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));

const describeCall = ({ functionName, action, input }: AwsCall): string =>
  `${functionName} ${action} ${JSON.stringify(input).slice(0, 300)}`;
