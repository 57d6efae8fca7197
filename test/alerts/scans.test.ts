import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { at } from '../builders/instants.ts';
import { aContact, Fleet, KINDS, STEP, VENDOR, type SentMail } from './fleet.ts';

const START = at('2026-03-02T12:00:00Z');

/** Kinds and notices of mails, in order; the notice is the first word of the subject's tag. */
const kindsOf = (mails: readonly SentMail[]) => mails.map(({ kind }) => kind);

/** Lets the time pass with a scan every quarter of a day; answers the mails with the day on which they came. */
async function pass(fleet: Fleet, days: number, eachDay: (day: number) => void = () => undefined) {
  const before = fleet.mails.length;
  const from = fleet.now;
  for (let step = 1; step <= days * 4; step += 1) {
    fleet.now = from + step * STEP;
    if (step % 4 === 0) eachDay(step / 4);
    await fleet.scanAll();
  }
  return fleet.mails
    .slice(before)
    .map((mail) => ({ kind: mail.kind, day: (mail.at - from) / DAY, to: mail.to }));
}

const aYearFrom = (startsOn: string, endsOn: string) =>
  anOrderedContract('c-1', { startsOn, endsOn, timeZone: 'UTC', reference: 'PO 4711' });

describe('a host that falls silent', () => {
  it('makes one mail after 4 days, one after 10, then those of the expiring file, and one when it is back', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme');
    expect(await pass(fleet, 5)).toEqual([{ kind: 'offline', day: 4, to: 'ops@acme.example' }]);
    expect((await pass(fleet, 16)).map(({ kind, day }) => [kind, day + 5])).toEqual([
      ['offline', 10],
      ['expiring', 20],
    ]);
    expect(await fleet.scanAll()).toEqual([]);

    fleet.renew(license);
    expect(kindsOf(await fleet.scanAll())).toEqual(['expiring']);
    expect(await pass(fleet, 3)).toEqual([]);
  });

  it('makes a mail 7, 3, 1 and 0 days before the expiry, asks a week later to retire it, and is then left alone', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    const mails = await pass(fleet, 200);
    expect(mails.map(({ kind, day }) => [kind, day])).toEqual([
      ['offline', 4],
      ['offline', 10],
      ['expiring', 20],
      ['expiring', 28],
      ['expiring', 32],
      ['expiring', 34],
      ['expiring', 35],
      ['offline', 42],
    ]);
  });
});

describe('a refused host', () => {
  it('makes one mail at once if it takes a human, one a week, and one when it is served again', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme');
    fleet.change(license, { state: 'revoked' });
    fleet.renew(license);
    expect(kindsOf(await fleet.scanAll())).toEqual(['failed']);
    expect(fleet.mails[0]?.text).toMatch(/revoked/i);
    expect((await pass(fleet, 60, () => fleet.renew(license))).map(({ day }) => day)).toEqual([
      7, 14, 21, 28,
    ]);
    fleet.change(license, { state: 'active' });
    fleet.renew(license);
    expect(kindsOf(await fleet.scanAll())).toEqual(['failed']);
    expect(await pass(fleet, 3, () => fleet.renew(license))).toEqual([]);
  });

  it('makes none for two refusals that heal', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme');
    fleet.refuse(license, 'license-unknown');
    fleet.refuse(license, 'license-unknown');
    expect(await fleet.scanAll()).toEqual([]);
    fleet.renew(license);
    expect(await pass(fleet, 3, () => fleet.renew(license))).toEqual([]);
    expect(fleet.episodes.items.size).toBe(0);
  });

  it('that was offline before is spoken of as refused, and the offline episode ends without a word', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme');
    await pass(fleet, 5);
    fleet.change(license, { state: 'revoked' });
    fleet.renew(license);
    expect(kindsOf(await fleet.scanAll())).toEqual(['failed']);
    expect([...fleet.episodes.items.values()].map(({ kind }) => kind)).toEqual(['failed']);
  });
});

describe('a healthy fleet', () => {
  it('renewing daily for 400 days on a contract of a year makes contract mails only, on the listed days', async () => {
    const fleet = new Fleet(at('2026-01-01T00:00:00Z'));
    fleet.install('acme', 3, aYearFrom('2026-01-01', '2026-12-31'));
    const mails = await pass(fleet, 400, () => fleet.renewAll());
    expect(mails.map(({ kind, day }) => [kind, day])).toEqual(
      [305, 335, 350, 358, 364, 365, 372, 378].map((day) => ['ending', day]),
    );
  });

  it('whose contract is extended at day 352 makes one mail of it, and nothing more', async () => {
    const fleet = new Fleet(at('2026-01-01T00:00:00Z'));
    fleet.install('acme', 3, aYearFrom('2026-01-01', '2026-12-31'));
    const before = await pass(fleet, 352, () => fleet.renewAll());
    expect(before.map(({ day }) => day)).toEqual([305, 335, 350]);
    fleet.order('acme', aYearFrom('2026-01-01', '2027-12-31'));
    const after = await pass(fleet, 48, () => fleet.renewAll());
    expect(after.map(({ kind, day }) => [kind, day])).toEqual([['ending', 0.25]]);
  });

  it('that is off every weekend for a year makes none', async () => {
    // A Monday, before work.
    const fleet = new Fleet(at('2026-03-02T06:00:00Z'));
    fleet.install('acme', 4, aYearFrom('2026-01-01', '2029-12-31'));
    for (let day = 0; day < 365; day += 1) {
      for (let quarter = 0; quarter < 4; quarter += 1) {
        // From Friday evening to Monday morning nothing runs.
        if (day % 7 < 5 && quarter === 1) fleet.renewAll();
        await fleet.scanAll();
        fleet.now += STEP;
      }
    }
    expect(fleet.mails).toEqual([]);
  });
});

describe('many', () => {
  it('hosts of one customer that fall silent make one mail', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme', 5_000);
    fleet.now += 5 * DAY;
    expect(kindsOf(await fleet.scanAll())).toEqual(['offline']);
    expect(fleet.mails[0]?.subject).toContain('5,000');
    expect(await fleet.scanAll()).toEqual([]);
  });

  it('customers that fall silent together make none until one is heard of that speaks against it', async () => {
    const fleet = new Fleet(START);
    for (let index = 0; index < 12; index += 1) fleet.install(`customer-${index}`, 2);
    const lastHeardOf = fleet.now;
    for (fleet.now += 3 * DAY; fleet.now < lastHeardOf + 30 * DAY; fleet.now += 6 * HOUR) {
      for (const kind of KINDS) {
        const { outcome, mails } = await fleet.scan(kind);
        expect(mails).toBe(0);
        if (kind === 'offline') expect(outcome).toBe('held-back');
      }
    }
    fleet.renewAll();
    expect(await pass(fleet, 3, () => fleet.renewAll())).toEqual([]);
    expect(fleet.episodes.items.size).toBe(0);
  });

  it('customers of which half are heard of are told', async () => {
    const fleet = new Fleet(START);
    const licenses = Array.from({ length: 20 }, (_, index) => fleet.install(`customer-${index}`)).flat();
    fleet.now += 5 * DAY;
    for (const license of licenses.slice(0, 10)) fleet.renew(license);
    expect(await fleet.scanAll()).toHaveLength(10);
  });
});

describe('whom it is said to', () => {
  it('all technical contacts, each in its language; contracts to the commercial ones', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme', 1, aYearFrom('2026-01-01', '2026-04-01'));
    fleet.customer('acme', {
      contacts: [
        aContact({ email: 'ops@acme.example', roles: ['technical'] }),
        aContact({ email: 'Betrieb@acme.example', roles: ['technical'], language: 'de' }),
        aContact({ email: 'buying@acme.example', roles: ['commercial'] }),
      ],
    });
    fleet.now += 5 * DAY;
    await fleet.scanAll();
    expect(fleet.mails.map(({ kind, to }) => `${kind} ${to}`).sort()).toEqual([
      'ending buying@acme.example',
      'offline Betrieb@acme.example',
      'offline ops@acme.example',
    ]);
    const subjects = fleet.mails.filter(({ kind }) => kind === 'offline').map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(2);
  });

  it('the next contact when the address is dead, and in the end the vendor, without saying anything twice', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    fleet.customer('acme', {
      contacts: [
        aContact({ email: 'gone@acme.example', roles: ['technical'] }),
        aContact({ email: 'buying@acme.example', roles: ['commercial'] }),
      ],
    });
    fleet.now += 5 * DAY;
    await fleet.scanAll();
    fleet.recipients.disabled.add('gone@acme.example');
    await fleet.scanAll();
    await fleet.scanAll();
    fleet.recipients.disabled.add('buying@acme.example');
    await fleet.scanAll();
    await fleet.scanAll();
    fleet.recipients.disabled.add(VENDOR);
    await fleet.scanAll();
    expect(fleet.mails.map(({ to }) => to)).toEqual(['gone@acme.example', 'buying@acme.example', VENDOR]);
  });

  it('nobody who has muted it, until somebody wants it', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    const { customer } = fleet.customers.items.get('acme')!;
    fleet.customers.items.set('acme', { customer, mutes: new Set(['offline ops@acme.example']) });
    expect(await pass(fleet, 6)).toEqual([]);
    fleet.customers.items.set('acme', { customer, mutes: new Set() });
    expect(kindsOf(await fleet.scanAll())).toEqual(['offline']);
  });

  it('those who have had enough for today the day after, and everything', async () => {
    const fleet = new Fleet(at('2026-03-02T12:00:00Z'));
    fleet.dailyLimit = 1;
    const [offline = '', refused = ''] = fleet.install('acme', 2);
    fleet.now += 5 * DAY;
    fleet.change(refused, { state: 'revoked' });
    fleet.renew(refused);
    expect(kindsOf(await fleet.scanAll())).toEqual(['failed']);
    expect(await fleet.scanAll()).toEqual([]);
    fleet.now += DAY;
    expect(kindsOf(await fleet.scanAll())).toEqual(['offline']);
    expect(fleet.mails.at(-1)?.text).toContain(offline);
  });
});

describe('an imported customer', () => {
  it('is not told of its past, and of its future it is', async () => {
    const fleet = new Fleet(START);
    const [dead = '', alive = ''] = fleet.install('acme', 2);
    fleet.now += 90 * DAY;
    fleet.renew(alive);
    fleet.customer('acme', { alertsFrom: new Date(fleet.now * 1000).toISOString().slice(0, 10) });
    expect((await pass(fleet, 3)).length).toBe(0);
    const mails = await pass(fleet, 3);
    expect(mails.map(({ kind }) => kind)).toEqual(['offline']);
    expect(fleet.mails.at(-1)?.text).toContain(alive);
    expect(fleet.mails.at(-1)?.text).not.toContain(dead);
  });
});

describe('a run', () => {
  it('that has no time left stops, and the next ones go on until all are done', async () => {
    const fleet = new Fleet(START);
    for (let index = 0; index < 5; index += 1) fleet.install(`customer-${index}`, 12);
    fleet.now += 5 * DAY;
    const outcomes: string[] = [];
    let read = 0;
    do {
      const report = await fleet.scan('offline', { pages: 3 });
      outcomes.push(report.outcome);
      read += report.read;
    } while (outcomes.at(-1) === 'paused' && outcomes.length < 20);
    expect(outcomes.length).toBeGreaterThan(2);
    expect(outcomes.at(-1)).toBe('completed');
    expect(read).toBe(60);
    expect(fleet.mails).toHaveLength(5);
  });

  it('does nothing while another one is under way', async () => {
    const fleet = new Fleet(START);
    fleet.install('acme');
    fleet.now += 5 * DAY;
    await fleet.scans.take('scan-offline-hosts', 'another', fleet.now, fleet.now + 900);
    expect((await fleet.scan('offline')).outcome).toBe('busy');
    fleet.now += 900;
    expect(await fleet.scan('offline')).toMatchObject({ outcome: 'completed', mails: 1 });
  });

  it('is not stopped by a damaged item, and says at its end that there was one', async () => {
    const fleet = new Fleet(START);
    const licenses = fleet.install('acme', 20);
    fleet.damaged.add(licenses[7] ?? '');
    fleet.now += 5 * DAY;
    expect(await fleet.scan('offline')).toMatchObject({
      outcome: 'completed',
      opened: 19,
      mails: 1,
      faults: 1,
    });
    expect(fleet.mails[0]?.subject).toContain('19');
    // An episode whose subject cannot be judged stays as it is.
    fleet.damaged.add(licenses[8] ?? '');
    expect(await fleet.scan('offline')).toMatchObject({ mails: 0, closed: 0 });
    expect(fleet.episodes.items.size).toBe(19);
  });

  it('that is dry answers what would be sent, and leaves nothing', async () => {
    const fleet = new Fleet(START);
    const [license = ''] = fleet.install('acme', 2);
    fleet.now += 5 * DAY;
    const report = await fleet.scan('offline', { dryRun: true });
    expect(report.wouldSend).toMatchObject([
      { customerId: 'acme', to: ['ops@acme.example'], notices: [{ notice: 'open', step: 'silent' }, {}] },
    ]);
    expect([fleet.mails.length, fleet.episodes.items.size, fleet.claims.items.size]).toEqual([0, 0, 0]);
    await fleet.scanAll();
    fleet.renew(license);
    const after = await fleet.scan('offline', { dryRun: true });
    expect(after.wouldSend).toMatchObject([{ notices: [{ notice: 'recover', subjectId: license }] }]);
    expect(fleet.mails).toHaveLength(1);
  });
});

test('nothing is left in the table when nothing is wrong', async () => {
  const fleet = new Fleet(START);
  const [license = ''] = fleet.install('acme');
  await pass(fleet, 5);
  fleet.renew(license);
  await fleet.scanAll();
  expect([fleet.episodes.items.size, fleet.claims.items.size]).toEqual([0, 0]);
});
