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

/** The names of the calls that one run makes, in order, and its mails. */
async function undisturbed(): Promise<{ names: readonly string[]; mails: string[] }> {
  const fleet = await prepared();
  fleet.crash.disarm();
  await fleet.scan('offline');
  return { names: [...fleet.crash.names], mails: sentOf(fleet.mails) };
}

describe('a run that ends at any of its calls', async () => {
  const { names, mails } = await undisturbed();
  const calls = names.length;

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

it('Whoever was sent to, and noted, is not sent to again after a crash before the next recipient', async () => {
  const silent = () => {
    const fleet = new Fleet(START);
    fleet.install('acme', 3);
    fleet.customer('acme', {
      contacts: ['a', 'b', 'c'].map((name) => aContact({ email: `${name}@acme.example` })),
    });
    fleet.now += 5 * DAY;
    return fleet;
  };
  const clean = silent();
  await clean.scan('offline');
  const sends = clean.crash.names.flatMap((name, index) => (name === 'send' ? [index + 1] : []));
  expect(sends).toHaveLength(3);
  for (const send of sends) {
    const fleet = silent();
    await fleet.scanCrashing('offline', send, 'before');
    fleet.now += HOUR;
    await fleet.scan('offline');
    expect(sentOf(fleet.mails)).toEqual(sentOf(clean.mails));
  }
});

it('Of two runs at a time, which the lease of a run prevents until it is lost, one tells a customer', async () => {
  const fleet = await prepared();
  const take = fleet.claims.take.bind(fleet.claims);
  fleet.claims.take = async (...input) => {
    fleet.claims.take = take;
    fleet.scans.items.clear();
    await fleet.scan('offline');
    return take(...input);
  };
  await fleet.scan('offline');
  expect(fleet.mails).toHaveLength(4);
});
