import { describe, expect, it, test } from 'vitest';
import {
  anAddress,
  contactAt,
  installed as installHost,
  mailsTo as allMailsTo,
  runAllScans,
  runScan,
  subjectsTo as allSubjectsTo,
  type ScanName,
} from './alerting.ts';
import { expectNoLeaks } from './expectations.ts';
import { aHostId, useWorld } from './world.ts';

const world = useWorld();

const installed = (given?: Parameters<typeof installHost>[1]) => installHost(world, given);
const mailsTo = (address: string) => allMailsTo(world, address);
const subjectsTo = (address: string) => allSubjectsTo(world, address);
const run = (scan: ScanName, event?: object) => runScan(world, scan, event);
const runAll = () => runAllScans(world);

describe('one host', () => {
  it('that falls silent makes one mail, then those of its ladder, and one when it is back; every scan again makes none', async () => {
    const { address, file, hostId } = await installed();
    await world.service.advance('5d');
    expect(await subjectsTo(address)).toEqual([expect.stringMatching(/offline/i) as string]);
    await runAll();
    expect(await subjectsTo(address)).toHaveLength(1);

    await world.service.advance('16d');
    const subjects = await subjectsTo(address);
    expect(subjects.slice(1)).toEqual([
      expect.stringMatching(/offline/i) as string,
      expect.stringMatching(/expire/i) as string,
    ]);
    await runAll();
    expect(await subjectsTo(address)).toHaveLength(3);

    await world.renewed(file, { hostId });
    await runAll();
    await runAll();
    expect(await subjectsTo(address)).toHaveLength(4);
    const [, , , recovered] = await mailsTo(address);
    expect(recovered?.text).toMatch(/renew/i);
  });

  it('that is refused makes one mail with the reason; a stranger with its file makes none', async () => {
    const { address, licenseId, file, hostId } = await installed();
    expect((await world.renew(file, { hostId: aHostId() })).status).toBe(403);
    await runAll();
    expect(await mailsTo(address)).toEqual([]);

    await world.revoke(licenseId);
    expect((await world.renew(file, { hostId })).status).toBe(403);
    await runAll();
    await runAll();
    const [mail, ...others] = await mailsTo(address);
    expect(others).toEqual([]);
    expect(mail?.text).toMatch(/revoked/i);
    expect(mail?.text).toContain('PO 4711');
    expect(mail?.html).toContain('PO 4711');

    await world.reinstate(licenseId);
    await world.renewed(file, { hostId });
    await runAll();
    expect(await subjectsTo(address)).toHaveLength(2);
  });
});

test('A contract that ends makes its mails on exactly the listed days, and one when it is extended', async () => {
  const { address, customerId, hostId, ...host } = await installed({
    contract: { startsOn: world.day(-300), endsOn: world.day(31) },
  });
  let { file } = host;
  const from = world.now().getTime();
  for (let day = 0; day < 42; day += 3) {
    await world.service.advance('3d');
    file = await world.renewed(file, { hostId });
  }
  const mails = await mailsTo(address);
  // Until the end of the last day there are 31.5 days, as it was noon.
  const days = mails.map(({ sentAt }) => Math.floor((Date.parse(sentAt) - from) / 86_400_000 - 31.5));
  // What was due 60 days before is said at once, with what is known now.
  expect(days.slice(1)).toEqual([-30, -15, -7, -1, 0, 7]);
  expect(mails.every(({ subject }) => subject.includes('PO 4711'))).toBe(true);
  // People name the last day, never the midnight after it.
  const lastDay = new Date(from + 31 * 86_400_000);
  const named = `${lastDay.getUTCDate()} ${lastDay.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' })}`;
  expect(mails[0]?.text).toContain(named);

  await world.order(customerId, 'c-1', {
    revision: 2,
    reference: 'PO 4711',
    startsOn: world.day(-380),
    endsOn: world.day(800),
  });
  await world.service.advance('2d');
  expect(await subjectsTo(address)).toHaveLength(8);
}, 120_000);

describe('whom it reaches', () => {
  it('nobody who has stopped it by the button behind the link; opening the link stops nothing', async () => {
    const { address, customerId, file, hostId } = await installed();
    await world.service.advance('5d');
    const [mail] = await mailsTo(address);
    const link = new URL(/<(.*)>/.exec(mail?.headers['List-Unsubscribe'] ?? '')?.[1] ?? '');
    expect(mail?.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    const path = link.pathname + link.search;

    expect((await world.send('GET', path, '')).text).toContain('<form method="post">');
    await world.renewed(file, { hostId });
    await run('scan-offline-hosts');
    expect(await subjectsTo(address)).toHaveLength(2);

    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await world.send('POST', path, 'List-Unsubscribe=One-Click', form)).status).toBe(200);
    await world.service.advance('6d');
    expect(await subjectsTo(address)).toHaveLength(2);
    expect((await world.stored.get('customers', { customerId }))?.['mutes']).toEqual(
      new Set([`offline ${address}`]),
    );

    expect((await world.send('POST', path, 'undo=1', form)).status).toBe(200);
    await run('scan-offline-hosts');
    expect(await subjectsTo(address)).toHaveLength(3);
  });

  it('the last commercial contact, whatever it wants; a forged link does nothing', async () => {
    const { address } = await installed({ contract: { endsOn: world.day(20) } });
    await run('scan-ending-contracts');
    const [mail] = await mailsTo(address);
    const link = new URL(/<(.*)>/.exec(mail?.headers['List-Unsubscribe'] ?? '')?.[1] ?? '');
    expect((await world.send('POST', link.pathname + link.search, '')).status).toBe(409);
    const token = link.searchParams.get('token') ?? '';
    const [payload = '', mac = ''] = token.split('.');
    const other = Buffer.from(JSON.stringify({ customerId: 'acme', email: address, kind: 'offline' }));
    for (const forged of ['', 'x', `${other.toString('base64url')}.${mac}`, `${payload}.${'A'.repeat(43)}`]) {
      expect((await world.send('POST', `/v1/mute?token=${forged}`, '')).status).toBe(400);
    }
  });

  it('the next contact once an address has bounced, and in the end the vendor', async () => {
    const [dead, alive] = [anAddress(), anAddress()];
    const { customerId } = await installed();
    await world.accepted('PUT', `/v1/customers/${customerId}`, {
      name: 'Acme Print',
      contacts: [contactAt(dead, { roles: ['technical'] }), contactAt(alive, { roles: ['commercial'] })],
    });
    const bounces = (address: string) => world.send('POST', '/_local/bounces', JSON.stringify({ address }));
    await bounces(dead);
    await world.service.advance('5d');
    expect(await subjectsTo(dead)).toHaveLength(1);
    expect(await subjectsTo(alive)).toHaveLength(1);
    await runAll();
    expect([await subjectsTo(dead), await subjectsTo(alive)].map(({ length }) => length)).toEqual([1, 1]);
  });
});

test('Host names of attackers reach no header, no markup and no line of a log', async () => {
  const evil = '"><script>alert(1)</script>\u202Egnp.exe\u200B<img src=x onerror=alert(2)>';
  const { address, file, hostId } = await installed({ hostName: evil });
  // What a header can carry of it, over and over.
  const inHeader = '<script>alert(3)</script>'.repeat(160);
  await world.renewed(file, { hostId, hostName: inHeader });
  await world.service.advance('5d');
  const [mail] = await mailsTo(address);
  expect(mail?.subject).not.toMatch(/script|alert|\n|\r/);
  expect(mail?.html).not.toMatch(/<script|<img|\u202E|\u200B/);
  expect(mail?.html).toContain('&lt;script&gt;');
  expect(mail?.text.length).toBeLessThan(4_000);
  expectNoLeaks(world);
});

test('A dry run answers what would be sent, and sends nothing', async () => {
  const { address, customerId } = await installed();
  await world.advanceDays(5);
  const report = await run('scan-offline-hosts', { dryRun: true });
  expect(report['wouldSend']).toEqual(
    expect.arrayContaining([expect.objectContaining({ customerId, to: [address] })]),
  );
  expect(await mailsTo(address)).toEqual([]);
  await run('scan-offline-hosts');
  expect(await mailsTo(address)).toHaveLength(1);
});
