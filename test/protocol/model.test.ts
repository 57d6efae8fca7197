import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../lambdas/core/instant.ts';
import { World, type Action, type Holder, type SimpleDeed } from './world.ts';

const holder = fc.constantFrom<Holder>('H-1', 'H-1', 'H-1', 'H-2', 'clone', 'stranger');

const renew: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('renew' as const),
  holder,
  // Mostly the newest file; sometimes one that a lost reply or a backup left behind.
  nth: fc.constantFrom(0, 0, 0, 0, 1, 2, 9),
  withHeader: fc.boolean(),
});

const step = (fates: readonly Extract<Action, { do: 'step' }>['fate'][]): fc.Arbitrary<Action> =>
  fc.record({ do: fc.constant('step' as const), pick: fc.nat(11), fate: fc.constantFrom(...fates) });

const wait: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('wait' as const),
  seconds: fc.constantFrom(1, 5 * MINUTE, 11 * MINUTE, HOUR, DAY),
});

const transfer: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('transfer' as const),
  to: fc.constantFrom('H-1' as const, 'H-2' as const, 'none' as const),
});

const deed = (...names: SimpleDeed[]) =>
  fc.constantFrom<Action>(...names.map((name): Action => ({ do: name })));

/** Everything that can happen; calls that are under way go on most of the time, so that requests really interleave. */
const history = (withRestores: boolean): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: renew },
      { weight: 16, arbitrary: step(['plain']) },
      { weight: 3, arbitrary: step(['crash-before', 'crash-after', 'retried']) },
      { weight: 1, arbitrary: wait },
      { weight: 1, arbitrary: transfer },
      { weight: 2, arbitrary: deed('order', 'revoke', 'reinstate', 'reinstate', 'copy-machine') },
      ...(withRestores
        ? [{ weight: 1, arbitrary: deed('snapshot', 'snapshot', 'restore', 'lose-license') }]
        : []),
    ),
    { minLength: 20, maxLength: 90, size: 'max' },
  );

async function play(
  actions: readonly Action[],
  startsBound: boolean,
  seen: Record<string, number>,
): Promise<void> {
  const world = new World(startsBound);
  for (const action of actions) await world.perform(action);
  await world.boundHostRenews();
  for (const [name, count] of Object.entries(world.seen)) seen[name] = (seen[name] ?? 0) + count;
  expect(world.violations).toEqual([]);
}

describe('the renewal protocol under random interleavings', () => {
  it.each([
    {
      name: 'races, crashes, retries, orders, revocations and take-overs',
      withRestores: false,
      runs: 14_000,
    },
    { name: 'the same, and databases restored to an older state', withRestores: true, runs: 8_000 },
  ])(
    'never delivers what it must not: $name',
    async ({ withRestores, runs }) => {
      const seen: Record<string, number> = {};
      await fc.assert(
        fc.asyncProperty(history(withRestores), fc.boolean(), (actions, startsBound) =>
          play(actions, startsBound, seen),
        ),
        { numRuns: runs },
      );
      // The property is only worth something if the rare ways were walked.
      expect(seen.delivered).toBeGreaterThan(runs);
      expect(seen.redelivered).toBeGreaterThan(100);
      expect(seen.refused).toBeGreaterThan(100);
      expect(seen.takenOver).toBeGreaterThan(100);
      expect(seen.adopted).toBeGreaterThan(100);
      if (withRestores) expect(seen.restored).toBeGreaterThan(1_000);
    },
    240_000,
  );

  it('gives no more than 24 new serials a day to a license that nothing happens to', async () => {
    const busyDay = fc.array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc.constant<Action>({ do: 'renew', holder: 'H-1', nth: 0, withHeader: true }),
        },
        {
          weight: 1,
          arbitrary: fc.constant<Action>({ do: 'renew', holder: 'H-1', nth: 1, withHeader: false }),
        },
        { weight: 1, arbitrary: fc.constant<Action>({ do: 'wait', seconds: 11 * MINUTE }) },
      ),
      { minLength: 60, maxLength: 100, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(busyDay, async (actions) => {
        const world = new World(true);
        for (const action of actions) {
          await world.perform(action);
          await world.drain();
        }
        expect(world.violations).toEqual([]);
        expect(world.seen.redelivered).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it('sees no fork in a single host that retries its newest file through every crash', async () => {
    const single = fc.array(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc.constant<Action>({ do: 'renew', holder: 'H-1', nth: 0, withHeader: true }),
        },
        { weight: 8, arbitrary: step(['plain', 'plain', 'plain', 'crash-before', 'crash-after', 'retried']) },
        { weight: 1, arbitrary: wait },
      ),
      { minLength: 10, maxLength: 60, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(single, async (actions) => {
        const world = new World(true);
        for (const action of actions) {
          // One host has one request under way at a time.
          if (action.do === 'renew') await world.drain();
          await world.perform(action);
        }
        await world.drain();
        expect(world.violations).toEqual([]);
        expect(world.forkSeenAt).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  }, 120_000);
});
