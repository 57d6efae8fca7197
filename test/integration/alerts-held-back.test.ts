import { expect, test } from 'vitest';
import { allMails, installed, mailsTo } from './alerting.ts';
import { expectNoLeaks } from './expectations.ts';
import { useWorld } from './world.ts';

const world = useWorld();

/** Values of the metric that the functions have printed, in the embedded metric format. */
const heldBack = () =>
  world.logs
    .filter((line) => line.includes('AlertsHeldBack'))
    .flatMap((line) => line.split('\n'))
    .map((line) => (/"AlertsHeldBack":\s*\[?(\d+)/.exec(line) ?? [])[1])
    .filter((value) => value !== undefined)
    .map(Number);

test('Customers that all fall silent make no e-mail and raise the metric; one that stays silent later is told', async () => {
  const customers = [];
  for (let index = 0; index < 12; index += 1) customers.push(await installed(world));
  expect(heldBack()).toEqual([]);

  // Until files expire: longer than any hold, and past the day on which they would be said to.
  await world.service.advance('24d');
  expect(await allMails(world)).toEqual([]);
  expect(heldBack().some((value) => value > 0)).toBe(true);

  const [stillSilent, ...back] = customers;
  for (const { file, hostId } of back) await world.renewed(file, { hostId });
  // One interval more is held back, in which the other hosts of each customer would renew.
  await world.service.advance('2d');
  expect((await allMails(world)).length).toBeGreaterThan(0);
  expect(new Set((await allMails(world)).flatMap(({ to }) => to))).toEqual(new Set([stillSilent?.address]));
  expect((await mailsTo(world, stillSilent?.address ?? '')).length).toBe(1);
  expectNoLeaks(world);
}, 180_000);
