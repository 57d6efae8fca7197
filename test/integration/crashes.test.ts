import { describe, expect, test } from 'vitest';
import { fileOf } from '../../lambdas/core/issuing.ts';
import type { IssueRecord } from '../../lambdas/core/renewal-record.ts';
import {
  actionsOf,
  callsOf,
  crashAfter,
  crashBefore,
  replyLost,
  type AwsCall,
  type Intervention,
} from '../support/aws-proxy.ts';
import { expectCurrent, expectNoLeaks } from './expectations.ts';
import { aHostId, claimsIn, useWorld, type Answer } from './world.ts';

const world = useWorld();

const moments = [
  ['before', crashBefore],
  ['after', crashAfter],
] as const;

interface Attempt {
  /** What is crashed. */
  readonly act: () => Promise<{ status: number }>;
  /** Makes good whatever the crash left, and checks that it is good. */
  readonly heal: () => Promise<void>;
}

/**
 * Does the same thing again and again, each time on new data, and crashes the function one call later.
 * @returns the calls that were crashed at
 */
async function crashAtEachCall(
  functionName: string,
  crash: (kill: () => void) => Intervention,
  prepare: () => Promise<Attempt>,
): Promise<string[]> {
  await (await prepare()).act();
  const { act } = await prepare();
  const { calls } = await world.proxy.during(act);
  const actions = actionsOf(calls.filter(callsOf(functionName)));
  for (let nth = 1; nth <= actions.length; nth += 1) {
    const attempt = await prepare();
    let seen = 0;
    const isNth = (call: AwsCall): boolean => callsOf(functionName)(call) && ++seen === nth;
    world.proxy.intervene(
      isNth,
      crash(() => void world.service.killFunction(functionName)),
    );
    expect({ nth, status: (await attempt.act()).status }).toEqual({ nth, status: 500 });
    world.proxy.pass();
    await attempt.heal();
  }
  return actions;
}

describe.each(moments)('a crash %s each call to AWS', { timeout: 180_000 }, (_moment, crash) => {
  test('of a renewal is healed by the next try', async () => {
    const actions = await crashAtEachCall('renew', crash, async () => {
      const { file } = await world.licensedHost();
      return {
        act: () => world.renew(file),
        heal: async () => {
          const next = await world.renewed(file);
          expect(claimsIn(next).seq).toBeLessThanOrEqual(3);
          await expectCurrent(world, next);
          await expectCurrent(world, await world.renewed(next));
        },
      };
    });
    expect(actions).toEqual(['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem']);
  });

  test('of a binding is healed by the next try, the list of licenses by the next renewal', async () => {
    const actions = await crashAtEachCall('renew', crash, async () => {
      const { file, licenseId, customerId } = await world.starter();
      const hostId = aHostId();
      return {
        act: () => world.renew(file, { hostId }),
        heal: async () => {
          const bound = await world.renewed(file, { hostId });
          await expectCurrent(world, bound);
          await expectCurrent(world, await world.renewed(bound));
          expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
            { id: licenseId, hostId },
          ]);
        },
      };
    });
    // Whether the host has a license already is looked up strongly, and the list again before it is written.
    expect(actions).toEqual([
      ...['BatchGetItem', 'GetItem', 'Sign', 'PutItem', 'UpdateItem'],
      ...['GetItem', 'UpdateItem'],
    ]);
  });

  test('of issuing is healed by the same order again: one license, one host', async () => {
    const actions = await crashAtEachCall('licenses', crash, async () => {
      const customerId = await world.customer();
      await world.order(customerId, 'c-1');
      const host = { id: aHostId() };
      return {
        act: () => world.vendor('POST', `/v1/customers/${customerId}/licenses`, { product: 'ES', host }),
        heal: async () => {
          const { file, licenseId } = await world.issue(customerId, host);
          await expectCurrent(world, file);
          expect(await world.issue(customerId, host)).toEqual({ licenseId, file });
          expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
            { id: licenseId, hostId: host.id },
          ]);
        },
      };
    });
    expect(actions).toHaveLength(7);
    expect(actions.at(-3)).toBe('Sign');
  });

  test('of an order is healed by the same order again', async () => {
    const actions = await crashAtEachCall('contracts', crash, async () => {
      const customerId = await world.customer();
      await world.order(customerId, 'c-1');
      const path = `/v1/customers/${customerId}/contracts/c-1`;
      const changed = world.contract({ revision: 2, hosts: 4 });
      return {
        act: () => world.vendor('PUT', path, changed),
        heal: async () => {
          await world.accepted('PUT', path, changed);
          const contracts = (await world.stored.installationItem(customerId))?.['contracts'];
          expect(contracts).toEqual([expect.objectContaining({ id: 'c-1', hosts: 4 })]);
        },
      };
    });
    expect(actions.filter((action) => action === 'PutItem' || action === 'UpdateItem')).toHaveLength(2);
  });
});

describe('crashes again and again', { timeout: 180_000 }, () => {
  test('while many renew deliver nothing that is not stored, and no number twice', async () => {
    const { file, licenseId } = await world.licensedHost();
    let calls = 0;
    let crashes = 0;
    const isUnlucky = (call: AwsCall): boolean => callsOf('renew')(call) && ++calls % 13 === 0;
    const kill = () => void world.service.killFunction('renew');
    const crash: Intervention = (call, forward) =>
      (++crashes % 2 === 0 ? crashBefore : crashAfter)(kill)(call, forward);
    world.proxy.intervene(isUnlucky, crash, 4);
    const delivered = new Set<string>();
    let presented = file;
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => world.renew(presented)));
      for (const { status, text } of answers) {
        if (status === 200) delivered.add(text);
        else expect(status).toBe(500);
      }
      presented = [...delivered].at(-1) ?? presented;
    }
    world.proxy.pass();
    expect(crashes).toBeGreaterThan(1);

    const stored = (await world.stored.records(licenseId)).map((record) =>
      fileOf(record as unknown as IssueRecord),
    );
    expect([...delivered].filter((text) => !stored.includes(text))).toEqual([]);
    expect(new Set([...delivered].map((text) => claimsIn(text).seq)).size).toBe(delivered.size);
    const last = await world.renewed(await world.stored.currentFile(licenseId));
    await expectCurrent(world, last);
    expect(Math.max(...[...delivered].map((text) => claimsIn(text).seq))).toBeLessThan(claimsIn(last).seq);
  });
});

describe('a lost reply', () => {
  const renewWithLost = async (
    action: string,
  ): Promise<{ result: Answer; actions: string[]; licenseId: string }> => {
    const { file, licenseId } = await world.licensedHost();
    const warm = await world.renewed(file);
    world.proxy.intervene(callsOf('renew', action), replyLost);
    const { result, calls } = await world.proxy.during(() => world.renew(warm));
    expect(result.status).toBe(200);
    await expectCurrent(world, result.text);
    expect(claimsIn(result.text).seq).toBe(3);
    return { result, actions: actionsOf(calls), licenseId };
  };

  test.each([
    ['BatchGetItem', ['BatchGetItem', 'BatchGetItem', 'Sign', 'PutItem', 'UpdateItem']],
    ['Sign', ['BatchGetItem', 'Sign', 'Sign', 'PutItem', 'UpdateItem']],
    // The put that is tried again finds the record of its own first try.
    ['PutItem', ['BatchGetItem', 'Sign', 'PutItem', 'PutItem', 'Query', 'UpdateItem']],
    // The commit that is tried again finds the license pointing to its own file.
    ['UpdateItem', ['BatchGetItem', 'Sign', 'PutItem', 'UpdateItem', 'UpdateItem', 'GetItem']],
  ])('of %s costs a retry and nothing else', async (action, expected) => {
    const { actions, licenseId } = await renewWithLost(action);
    expect(actions).toEqual(expected);
    expect(await world.stored.licenseItem(licenseId)).toMatchObject({ serialsOn: { count: 3 } });
    expect((await world.stored.records(licenseId)).map(({ record }) => record)).toHaveLength(3);
  });

  test('of the last write of a binding leaves one list entry', async () => {
    const { file, licenseId, customerId } = await world.starter();
    const hostId = aHostId();
    const isListWrite = (call: AwsCall) =>
      callsOf('renew', 'UpdateItem')(call) &&
      call.input['TableName'] === world.stored.tableName('installations');
    world.proxy.intervene(isListWrite, replyLost);
    await expectCurrent(world, await world.renewed(file, { hostId }));
    expect((await world.stored.installationItem(customerId))?.['licenses']).toEqual([
      { id: licenseId, hostId },
    ]);
  });
});

test('the logs of the functions hold nothing about hosts, addresses or files', () => expectNoLeaks(world));
