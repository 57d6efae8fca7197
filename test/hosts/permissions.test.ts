import { beforeAll, expect, inject, test } from 'vitest';
import { expectNoLeaks } from '../integration/expectations.ts';
import { walkHosts } from '../integration/walk-hosts.ts';
import { useWorld } from '../integration/world.ts';
import { callsOf, type AwsCall } from '../support/aws-proxy.ts';
import { Permissions } from '../support/iam.ts';

const FUNCTION = 'customer-hosts';
const world = useWorld();
let permissions: Permissions;

beforeAll(async () => {
  permissions = new Permissions(inject('assembly'), world.service.functions);
  await walkHosts(world);
}, 120_000);

const calls = () => world.proxy.calls.filter(callsOf(FUNCTION));

const isAllowed = async (call: AwsCall): Promise<boolean> =>
  (await permissions.judge(call)).every(({ allowed }) => allowed);

test('the function of the hosts makes no call that its role forbids', async () => {
  expect(calls().length).toBeGreaterThan(50);
  for (const call of calls())
    expect({ call, allowed: await isAllowed(call) }).toEqual({ call, allowed: true });
});

test('every permission of its role is needed by a call', async () => {
  const needed = new Set<string>();
  for (const call of calls())
    for (const verdict of await permissions.judge(call))
      verdict.permissions.forEach((one) => needed.add(one));
  // What DynamoDB and Lambda do in the name of the role.
  const byAws = /^(?:UseKeyOfRenewalRecords|WriteLogs) /;
  const unneeded = permissions.permissionsOf(FUNCTION).filter((one) => !needed.has(one) && !byAws.test(one));
  expect(unneeded).toEqual([]);
});

test('it can neither delete nor scan, nor reach contracts', async () => {
  for (const table of ['transfers', 'licenses', 'installations', 'renewals', 'contracts', 'customers']) {
    const input = { TableName: world.stored.tableName(table) };
    for (const action of ['DeleteItem', 'Scan', 'BatchWriteItem'])
      expect(await isAllowed({ functionName: FUNCTION, service: 'dynamodb', action, input })).toBe(false);
  }
  const input = { TableName: world.stored.tableName('contracts'), Key: { customerId: { S: 'x' } } };
  expect(await isAllowed({ functionName: FUNCTION, service: 'dynamodb', action: 'GetItem', input })).toBe(
    false,
  );
});

test('no log has a host, a file or an address', () => {
  world.confidential.add('ops@acme.example');
  expectNoLeaks(world);
});
