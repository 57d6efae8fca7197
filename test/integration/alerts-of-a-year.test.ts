import { expect, test } from 'vitest';
import { installed, mailsTo, type Installed } from './alerting.ts';
import { useWorld } from './world.ts';

const world = useWorld();

const DAY_MS = 86_400_000;

test('A year of renewals and 35 days make e-mails about contracts only, on the listed days', async () => {
  const start = world.now().getTime();
  const aYear = { startsOn: world.day(), endsOn: world.day(364) };
  const ending = await installed(world, { contract: aYear });
  const extended = await installed(world, { contract: aYear });
  const healthy = await installed(world);
  const atWork = await installed(world);
  const files = new Map<Installed, string>();

  const renew = async (host: Installed) => {
    const answer = await world.renew(files.get(host) ?? host.file, { hostId: host.hostId });
    if (answer.status === 200) files.set(host, answer.text);
  };
  for (let day = 1; day <= 400; day += 1) {
    if (day === 353)
      await world.order(extended.customerId, 'c-1', { revision: 2, ...aYear, endsOn: world.day(700) });
    await world.service.advance('1d');
    await Promise.all([ending, extended, healthy].map(renew));
    const isWeekend = [0, 6].includes(world.now().getUTCDay());
    if (!isWeekend) await renew(atWork);
  }

  /** Days after the start on which e-mails came, in whole days from the noon on which the first day began. */
  const daysOf = async ({ address }: Installed) =>
    (await mailsTo(world, address)).map(({ sentAt }) => (Date.parse(sentAt) - start) / DAY_MS);
  // The contracts end at midnight, half a day before a whole day, and the scan comes within 12 hours.
  const listed = [305, 335, 350, 358, 364, 365, 372, 378];
  const days = await daysOf(ending);
  expect(days.map(Math.floor).map((day, index) => [day, Math.ceil(days[index] ?? 0)])).toEqual(
    listed.map((day) => [day - 1, day]),
  );
  const [, , , recovered, ...more] = await mailsTo(world, extended.address);
  expect((await daysOf(extended)).slice(0, 3).map(Math.ceil)).toEqual(listed.slice(0, 3));
  expect(recovered?.subject).toMatch(/continues|extended|goes on/i);
  expect(recovered?.text).toMatch(/Ends: \d+ \w{3} \d{4} \(UTC\)/);
  expect(more).toEqual([]);
  expect(await mailsTo(world, healthy.address)).toEqual([]);
  expect(await mailsTo(world, atWork.address)).toEqual([]);
}, 600_000);
