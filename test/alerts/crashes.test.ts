import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { at } from '../builders/instants.ts';
import { aContact, Fleet, type SentMail } from './fleet.ts';

const START = at('2026-03-02T12:00:00Z');

/** Two customers with silent hosts, one of which has two contacts; another host is back after it was said to be offline. */
async function prepared(): Promise<Fleet> {
  const fleet = new Fleet(START);
  fleet.install('acme', 3);
  fleet.install('beta', 1);
  fleet.customer('acme', {
    contacts: [aContact({ email: 'a@acme.example' }), aContact({ email: 'b@acme.example', language: 'fr' })],
  });
  const [back = ''] = fleet.install('gamma', 1);
  fleet.now += 4 * DAY;
  await fleet.scan('offline');
  fleet.now += 6 * DAY;
  fleet.renew(back);
  fleet.mails.length = 0;
  return fleet;
}

const sentOf = (mails: readonly SentMail[]) => mails.map(({ to, subject }) => `${to}: ${subject}`).sort();

/** The names of the calls that one run makes. */
async function undisturbed(): Promise<{ calls: number; mails: string[] }> {
  const fleet = await prepared();
  fleet.crash.disarm();
  await fleet.scan('offline');
  return { calls: fleet.crash.calls, mails: sentOf(fleet.mails) };
}

describe('a run that ends at any of its calls', async () => {
  const { calls, mails } = await undisturbed();

  it('has calls to end at, and something to say', () => {
    expect(calls).toBeGreaterThan(30);
    expect(mails).toHaveLength(4);
  });

  for (const when of ['before', 'after'] as const) {
    it.each(Array.from({ length: calls }, (_, index) => index + 1))(
      `loses nothing, ${when} call %i`,
      async (call) => {
        const fleet = await prepared();
        expect(await fleet.scanCrashing('offline', call, when)).toBe(true);
        // The lease of the run and the claim on the customer end by themselves.
        fleet.now += HOUR;
        await fleet.scan('offline');
        await fleet.scan('offline');
        const sent = sentOf(fleet.mails);
        expect([...new Set(sent)]).toEqual(expect.arrayContaining(mails));
        // Twice only what was sent and not yet noted: one e-mail, or those of which the notes were being written.
        const twice = sent.length - mails.length;
        expect(twice).toBeLessThanOrEqual(2);
        fleet.now += HOUR;
        expect(await fleet.scan('offline')).toMatchObject({ mails: 0 });
        // A claim that was left behind holds nobody up.
        for (const { until = 0 } of fleet.claims.items.values()) expect(until).toBeLessThanOrEqual(fleet.now);
      },
    );
  }
});
