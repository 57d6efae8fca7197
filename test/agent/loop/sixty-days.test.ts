import { describe, expect, it } from 'vitest';
import { DAY, HOUR, type Instant } from '../../../agent/src/clock.ts';
import { arrange, FILE } from './agent-host.ts';
import { NOW, randomOf } from './builders.ts';

/** Outages of up to 20 days with a day or more between them. */
function outagesOf(seed: number): (now: Instant) => boolean {
  const random = randomOf(seed);
  const outages: { from: Instant; until: Instant }[] = [];
  let at = NOW;
  while (at < NOW + 60 * DAY) {
    const from = at + DAY + Math.floor(6 * DAY * random());
    const until = from + Math.floor(20 * DAY * random());
    outages.push({ from, until });
    at = until;
  }
  return (now) => outages.some(({ from, until }) => now >= from && now < until);
}

describe('60 days of watching', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'never leave a host without a license, with random outages (%i)',
    async (seed) => {
      const { clock, service, start } = arrange({ seed, isOut: outagesOf(seed) });
      const agent = start();
      await clock.run(60 * DAY);
      await agent.stop();

      expect(service.lapses).toBe(0);
      expect(service.files.get(FILE)?.claims.exp).toBeGreaterThan(clock.now());
      expect(service.attempts.length).toBeLessThan(1.5 * 60);
    },
  );

  it('survive an outage of 20 days that begins just before a renewal', async () => {
    const { clock, service, start } = arrange({
      isOut: (now) => now > NOW + 10 * DAY && now < NOW + 30 * DAY,
    });
    const agent = start();
    await clock.run(60 * DAY);
    await agent.stop();
    expect(service.lapses).toBe(0);
    // 4 on the first day, then daily.
    expect(service.attempts.filter(({ isOut }) => isOut).length).toBeLessThan(27);
  });

  it.each([true, false])(
    'cost at most 1.25 requests a day while all is well (Renew-After: %s)',
    async (saysRenewAfter) => {
      const { clock, service, start } = arrange({ saysRenewAfter });
      const agent = start();
      await clock.run(60 * DAY);
      await agent.stop();
      expect(service.attempts.length).toBeGreaterThanOrEqual(60);
      expect(service.attempts.length).toBeLessThanOrEqual(1.25 * 60);
    },
  );

  it('cost no more where the agent is restarted every hour', async () => {
    const { clock, service, start } = arrange();
    for (let hour = 0; hour < 60 * 24; hour += 1) {
      const agent = start();
      await clock.run(HOUR);
      await agent.stop();
    }
    expect(service.attempts.length).toBeLessThanOrEqual(1.25 * 60);
    expect(service.lapses).toBe(0);
  });
});
