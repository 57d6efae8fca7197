import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { at } from '../builders/instants.ts';
import { aContact, Fleet, VENDOR } from './fleet.ts';

const START = at('2026-03-02T12:00:00Z');

const manyCustomers = (count: number, hosts = 1): { fleet: Fleet; licenses: string[] } => {
  const fleet = new Fleet(START);
  const licenses = Array.from({ length: count }, (_, index) =>
    fleet.install(`customer-${index}`, hosts),
  ).flat();
  return { fleet, licenses };
};

const told = (fleet: Fleet) => fleet.mails.map(({ to }) => to);

describe('customers that fall silent together', () => {
  it('are held back by a run that goes on where another one stopped', async () => {
    const { fleet } = manyCustomers(30);
    fleet.now += 5 * DAY;
    expect((await fleet.scan('offline', { pages: 4 })).outcome).toBe('paused');
    expect(await fleet.scan('offline')).toMatchObject({ outcome: 'held-back', mails: 0 });
  });

  it('stay held back while a later run has stopped half way', async () => {
    const { fleet } = manyCustomers(30);
    fleet.now += 20 * DAY;
    expect((await fleet.scan('offline')).outcome).toBe('held-back');
    fleet.now += 6 * HOUR;
    expect((await fleet.scan('offline', { pages: 1 })).outcome).toBe('paused');
    expect(await fleet.scan('expiring')).toMatchObject({ outcome: 'held-back', mails: 0 });
  });

  it('and are heard of again have one interval in which all of their hosts renew', async () => {
    const { fleet, licenses } = manyCustomers(30, 2);
    fleet.now += 5 * DAY;
    expect((await fleet.scan('offline')).outcome).toBe('held-back');
    // The first host of each customer is back, the others try again within hours.
    for (const license of licenses.filter((_, index) => index % 2 === 0)) fleet.renew(license);
    fleet.now += 6 * HOUR;
    expect((await fleet.scan('offline')).outcome).toBe('held-back');
    for (const license of licenses.slice(0, 58)) fleet.renew(license);
    fleet.now += 12 * HOUR;
    expect((await fleet.scan('offline')).outcome).toBe('held-back');
    fleet.now += 12 * HOUR;
    // Then whoever is still silent is told.
    expect(await fleet.scan('offline')).toMatchObject({ outcome: 'completed', mails: 1 });
  });
});

describe('an address that the mail service refuses', () => {
  it('makes way for the next contact, and is reported', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    fleet.customer('acme', {
      contacts: [
        aContact({ email: 'a..b@acme.example', roles: ['technical'] }),
        aContact({ email: 'buying@acme.example', roles: ['commercial'] }),
      ],
    });
    fleet.refused.add('a..b@acme.example');
    fleet.now += 5 * DAY;
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1, faults: 1 });
    expect(told(fleet)).toEqual(['buying@acme.example']);
    expect(fleet.faults).toEqual([{ customerId: 'acme' }]);
    expect(await fleet.scan('offline')).toMatchObject({ mails: 0, faults: 0 });
  });

  it('makes way for the vendor in the end', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    fleet.refused.add('ops@acme.example');
    fleet.now += 5 * DAY;
    await fleet.scan('offline');
    expect(told(fleet)).toEqual([VENDOR]);
  });

  it('fails every run where all are refused, until one is taken', async () => {
    const fleet = new Fleet(START);
    fleet.dailyLimit = 2;
    fleet.install('acme');
    fleet.refused.add('ops@acme.example').add(VENDOR);
    fleet.now += 5 * DAY;
    for (let run = 0; run < 5; run += 1) {
      expect(await fleet.scan('offline')).toMatchObject({ mails: 0, faults: 2, delayed: 0 });
    }
    fleet.refused.clear();
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1, faults: 0 });
  });
});

describe('nobody is told that it is over', () => {
  it('because patience was raised', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme');
    fleet.now += 5 * DAY;
    await fleet.scan('offline');
    fleet.customer('acme', { offlineAfterHours: 240 });
    expect(await fleet.scan('offline')).toMatchObject({ mails: 0, closed: 1 });
    fleet.now += 6 * DAY;
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1 });
    fleet.renew(license);
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1 });
    expect(fleet.mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('is offline') as string,
      expect.stringContaining('is offline') as string,
      expect.stringContaining('back online') as string,
    ]);
  });

  it('because a contract was shortened', async () => {
    const fleet = new Fleet(START);
    const manual = { connection: 'manual', startsOn: '2026-01-01', timeZone: 'UTC' } as const;
    fleet.install('acme', 1, anOrderedContract('c-1', { ...manual, endsOn: '2027-12-31' }));
    fleet.now += 25 * DAY;
    expect(await fleet.scan('expiring')).toMatchObject({ mails: 1 });
    fleet.order('acme', anOrderedContract('c-1', { ...manual, endsOn: '2026-03-28', graceDays: 1 }));
    expect(await fleet.scan('expiring')).toMatchObject({ mails: 0, closed: 1 });
  });
});

describe('an e-mail of which one recipient cannot get its own now', () => {
  const ofTwo = (): Fleet => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    const contacts = ['reseller@print.example', 'full@acme.example'].map((email) => aContact({ email }));
    fleet.customer('acme', { contacts });
    fleet.now += 5 * DAY;
    return fleet;
  };

  it('goes to the others once, whatever happens to it afterwards', async () => {
    const fleet = ofTwo();
    fleet.dailyLimit = 1;
    fleet.throttled.add('full@acme.example');
    expect(await fleet.scan('offline')).toMatchObject({ faults: 1 });
    fleet.throttled.clear();
    await fleet.recipients.countMail(
      'full@acme.example',
      new Date(fleet.now * 1000).toISOString().slice(0, 10),
    );
    expect(await fleet.scan('offline')).toMatchObject({ mails: 0, delayed: 1, faults: 0 });
    fleet.now += DAY;
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1, delayed: 0 });
    expect(told(fleet)).toEqual(['reseller@print.example', 'full@acme.example']);
  });

  it('uses up nothing of what the others may get', async () => {
    const fleet = ofTwo();
    fleet.dailyLimit = 2;
    const day = new Date(fleet.now * 1000).toISOString().slice(0, 10);
    for (let count = 0; count < 2; count += 1) await fleet.recipients.countMail('full@acme.example', day);
    for (let run = 0; run < 4; run += 1) {
      expect(await fleet.scan('offline')).toMatchObject({ mails: 0, delayed: 1 });
    }
    fleet.now -= 5 * DAY;
    fleet.install('beta');
    fleet.now += 5 * DAY;
    fleet.customer('beta', { contacts: [aContact({ email: 'reseller@print.example' })] });
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1 });
  });

  it('is tried again at once by the next run', async () => {
    const fleet = ofTwo();
    fleet.throttled.add('full@acme.example');
    await fleet.scan('offline');
    fleet.throttled.clear();
    expect(await fleet.scan('offline')).toMatchObject({ mails: 1, delayed: 0 });
  });
});

describe('a run', () => {
  it('looks at the time while it mails, and the next one goes on behind whom was mailed', async () => {
    const { fleet, licenses } = manyCustomers(200);
    fleet.now += 3 * DAY;
    for (const license of licenses.slice(0, 10)) fleet.renew(license);
    fleet.now += 2 * DAY;
    for (const license of licenses.slice(0, 105)) fleet.renew(license);
    const first = await fleet.scan('offline', { mails: 1 });
    expect(first).toMatchObject({ outcome: 'paused' });
    expect(first.mails).toBeLessThan(95);
    expect((await fleet.scan('offline')).outcome).toBe('completed');
    expect(fleet.mails).toHaveLength(95);
  });

  it('is not stopped by a customer that cannot be read', async () => {
    const { fleet } = manyCustomers(3);
    fleet.customers.damaged.add('customer-1');
    fleet.now += 5 * DAY;
    expect(await fleet.scan('offline')).toMatchObject({ outcome: 'completed', mails: 2, faults: 1 });
    expect(fleet.faults).toEqual([{ customerId: 'customer-1' }]);
  });
});
