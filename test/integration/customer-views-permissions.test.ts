import { beforeAll, expect, inject, test } from 'vitest';
import { callsOf, type AwsCall } from '../support/aws-proxy.ts';
import { Permissions } from '../support/iam.ts';
import { expectNoLeaks } from './expectations.ts';
import { walkCustomerViews } from './walk-customer-views.ts';
import { useWorld } from './world.ts';

const world = useWorld();
let permissions: Permissions;

beforeAll(async () => {
  permissions = new Permissions(inject('assembly'), world.service.functions);
  await walkCustomerViews(world);
}, 120_000);

const isAllowed = async (call: AwsCall): Promise<boolean> =>
  (await permissions.judge(call)).every(({ allowed }) => allowed);

function recorded(functionName: string, action: string, table: string): AwsCall {
  const TableName = world.stored.tableName(table);
  const call = world.proxy.calls.find(
    (candidate) => callsOf(functionName, action)(candidate) && candidate.input['TableName'] === TableName,
  );
  if (!call) throw new Error(`${functionName} made no ${action} of ${table}`);
  return call;
}

test.each(['customer-overview', 'customer-renewals'])(
  '%s makes no call that its role forbids',
  async (name) => {
    const calls = world.proxy.calls.filter(callsOf(name));
    expect(calls.length).toBeGreaterThan(10);
    for (const call of calls)
      expect({ call, allowed: await isAllowed(call) }).toEqual({ call, allowed: true });
  },
);

test('every permission on tables and on the signing key is needed by a call', async () => {
  for (const name of ['customer-overview', 'customer-renewals']) {
    const needed = new Set<string>();
    for (const call of world.proxy.calls.filter(callsOf(name))) {
      for (const verdict of await permissions.judge(call))
        verdict.permissions.forEach((one) => needed.add(one));
    }
    // What DynamoDB and Lambda do in the name of the role.
    const byAws = /^(?:UseKeyOfRenewalRecords|WriteLogs) /;
    const unneeded = permissions.permissionsOf(name).filter((one) => !needed.has(one) && !byAws.test(one));
    expect({ name, unneeded }).toEqual({ name, unneeded: [] });
  }
});

test.each(['sourceIp', 'hostId', 'hostName', 'serial', 'lastAt', 'signature', 'header'])(
  'the time line cannot read %s of a record',
  async (attribute) => {
    const query = recorded('customer-overview', 'Query', 'renewals');
    const { ProjectionExpression, ExpressionAttributeNames } = query.input;
    const changed = (input: Record<string, unknown>) => ({ ...query, input: { ...query.input, ...input } });
    expect(await isAllowed(query)).toBe(true);
    const projection = `${String(ProjectionExpression)}, ${attribute}`;
    expect(await isAllowed(changed({ ProjectionExpression: projection }))).toBe(false);
    const alias = { ...(ExpressionAttributeNames as object), '#count': attribute };
    expect(await isAllowed(changed({ ExpressionAttributeNames: alias }))).toBe(false);
    const whole = { ProjectionExpression: undefined, Select: 'ALL_ATTRIBUTES' };
    expect(await isAllowed(changed(whole))).toBe(false);
  },
);

test('who only shows cannot write, and reads no contract or member', async () => {
  for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'Scan']) {
    for (const table of ['customers', 'installations', 'licenses', 'renewals']) {
      const input = { TableName: world.stored.tableName(table) };
      const call = { functionName: 'customer-overview', service: 'dynamodb', action, input } as const;
      expect({ action, table, allowed: await isAllowed(call) }).toEqual({ action, table, allowed: false });
    }
  }
  const get = recorded('customer-overview', 'GetItem', 'licenses');
  for (const table of ['contracts', 'members']) {
    const input = { ...get.input, TableName: world.stored.tableName(table) };
    expect(await isAllowed({ ...get, input })).toBe(false);
  }
});

test('the logs hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
