import { allMails, runAllScans } from './alerting.ts';
import type { World } from './world.ts';

/** Every kind of alert said and taken back, a report, a mute and a bounce, so that each call of theirs is made at least once. */
export async function walkAlerts(world: World): Promise<void> {
  const address = 'walk@acme.example';
  const contact = {
    email: address,
    language: 'en',
    timeZone: 'Europe/Berlin',
    roles: ['technical', 'commercial'],
  };
  const put = (customerId: string, given: object = {}) =>
    world.accepted('PUT', `/v1/customers/${customerId}`, {
      name: 'Acme Print',
      contacts: [{ ...contact, ...given }],
    });

  const { customerId, hostId, ...issued } = await world.licensedHost({ endsOn: world.day(30) });
  await put(customerId, { report: { every: 'week', on: 'monday', hour: 8 } });
  const failing = await world.licensedHost();
  await put(failing.customerId, { email: 'walk-2@acme.example' });
  let file = await world.renewed(issued.file, { hostId });
  const refused = await world.renewed(failing.file, { hostId: failing.hostId });
  await world.revoke(failing.licenseId);
  await world.renew(refused, { hostId: failing.hostId });

  // Offline, expiring once more than three weeks have passed, ending; and all of it well again.
  await world.advanceDays(5);
  await runAllScans(world);
  await world.advanceDays(16);
  await world.order(customerId, 'c-1', { revision: 2, endsOn: world.day(100) });
  await runAllScans(world);
  await world.reinstate(failing.licenseId);
  await world.renewed(refused, { hostId: failing.hostId });
  file = await world.renewed(file, { hostId });
  await runAllScans(world);
  // Silent for a while again, and heard of: the one kind of recovery that did not come yet.
  await world.advanceDays(5);
  await runAllScans(world);
  await world.renewed(file, { hostId });
  await runAllScans(world);

  await world.service.advance('8d');
  // Scheduler may start a report twice.
  const { text } = await world.send('GET', '/_local/schedules', '');
  const schedules = JSON.parse(text) as { name: string; functionName: string }[];
  for (const { name } of schedules.filter(({ functionName }) => functionName === 'send-report')) {
    await world.send('POST', `/_local/run/${encodeURIComponent(name)}`, '');
  }
  await put(customerId, { report: { every: 'month', on: 1, hour: 8 } });
  await put(customerId);

  const mails = (await allMails(world)).reverse();
  const link = mails
    .map(({ headers }) => /<(.*)>/.exec(headers['List-Unsubscribe'] ?? '')?.[1])
    .find(Boolean);
  const { pathname, search } = new URL(link ?? '');
  await world.send('GET', pathname + search, '');
  await world.send('POST', pathname + search, '');
  await world.send('POST', '/_local/bounces', JSON.stringify({ address: 'walk-2@acme.example' }));
  await world.revoke(failing.licenseId);
  await world.renew(refused, { hostId: failing.hostId });
  await runAllScans(world);
}
