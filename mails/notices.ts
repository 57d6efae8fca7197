import type { Language } from '../lambdas/core/alerts/kinds.ts';
import { DAY, HOUR } from '../lambdas/core/instant.ts';
import type { Host } from '../lambdas/core/license.ts';
import { composeInvitation, type Invitation } from '../lambdas/core/mail/invitation.ts';
import type { MailContent } from '../lambdas/core/mail/mail.ts';
import { composeOrderChange } from '../lambdas/core/mail/order-change.ts';
import { composeTransferReceipt, type TransferReceipt } from '../lambdas/core/mail/transfer-receipt.ts';
import type { ShrinkNotice } from '../lambdas/core/order-changes.ts';
import { NOW, offlineSubject, times } from './subjects.ts';

const CUSTOMER = { customerId: 'acme', name: 'Acme Print' };
const PORTAL = 'https://licenses.example.com';
const TIME_ZONE = 'Europe/Berlin';

export const anInvitation = (given: Partial<Invitation> = {}): Invitation => ({
  customer: CUSTOMER,
  role: 'manager',
  email: 'kim@acme.example',
  invitedBy: 'jo@acme.example',
  ...given,
});

export const aReceipt = (given: Partial<TransferReceipt> = {}): TransferReceipt => ({
  customerId: 'acme',
  customerName: 'Acme Print',
  product: 'ES',
  installation: 'main',
  licenseId: 'lic_5k2qv0c9t7m4n1d8rj3h6g0p2s',
  from: { id: 'H-17', name: 'rip-01.print.acme.example' },
  to: { id: 'H-42', name: 'rip-07' },
  byStarterFile: false,
  terms: { version: '2026-11' },
  acceptedBy: 'jo@acme.example',
  declaredAt: NOW - HOUR,
  oldFileExpiresAt: NOW + 34 * DAY,
  ...given,
});

const licenseOf = (index: number): string => offlineSubject('silent', index).licenseId;

/** Fewer render engines on some hosts for five weeks from next week on. */
export const fewerOptions = (count: number, given: Partial<ShrinkNotice> = {}): ShrinkNotice => ({
  ...{
    customerId: 'acme',
    product: 'ES',
    installation: 'main',
    contractId: 'c-1001',
    revision: 2,
    version: 4,
  },
  reference: 'PO 4711',
  timeZone: TIME_ZONE,
  receivedAt: NOW - HOUR,
  notedAt: NOW - HOUR,
  refused: [],
  refusedCount: 0,
  endsAll: false,
  hosts: [],
  shares: times(count, (index) => ({
    licenseId: licenseOf(index),
    option: 'render-engine',
    from: Date.UTC(2026, 10, 30, 23) / 1000,
    until: index % 2 === 0 ? Date.UTC(2027, 0, 4, 23) / 1000 : null,
    before: 8,
    after: 4,
  })),
  shareCount: count,
  ...given,
});

/** Fewer hosts than are licensed: the ones declared last go on for two weeks. */
export const fewerHosts = (count: number, given: Partial<ShrinkNotice> = {}): ShrinkNotice =>
  fewerOptions(0, {
    refused: times(count, (index) => ({
      licenseId: licenseOf(count - 1 - index),
      from: NOW + 14 * DAY - HOUR,
    })),
    refusedCount: count,
    hosts: [
      {
        from: NOW - HOUR,
        until: Date.UTC(2027, 11, 31, 23) / 1000,
        before: count + 2,
        after: 2,
        licensed: count + 2,
      },
    ],
    ...given,
  });

export const hostsOf = (count: number, hostile = false): ReadonlyMap<string, Host> =>
  new Map(
    times(count, (index) => {
      const { licenseId, host } = offlineSubject('silent', index, hostile);
      return host ? [[licenseId, host] as const] : [];
    }).flat(),
  );

const change =
  (notices: readonly ShrinkNotice[], given: { hostile?: boolean; vendor?: boolean } = {}) =>
  (language: Language): MailContent =>
    composeOrderChange(
      { customer: CUSTOMER, notices, hosts: hostsOf(250, given.hostile) },
      { language, timeZone: TIME_ZONE },
      { now: NOW, portalUrl: PORTAL, vendorIsReader: given.vendor ?? false },
    );

const invitation =
  (given: Partial<Invitation>, portalUrl = PORTAL) =>
  (language: Language): MailContent =>
    composeInvitation(anInvitation(given), { language }, portalUrl === '' ? {} : { portalUrl });

const receipt =
  (given: Partial<TransferReceipt>, portalUrl = PORTAL) =>
  (language: Language): MailContent =>
    composeTransferReceipt(
      aReceipt(given),
      { language, timeZone: TIME_ZONE },
      { now: NOW, ...(portalUrl === '' ? {} : { portalUrl }) },
    );

const { invitedBy: _member, ...byVendor } = anInvitation();

/** Notices that are not about trouble of hosts. */
export const otherSamples: readonly {
  readonly name: string;
  readonly compose: (language: Language) => MailContent;
}[] = [
  { name: 'invitation-manager', compose: invitation({}) },
  { name: 'invitation-viewer', compose: invitation({ role: 'viewer' }) },
  {
    name: 'invitation-by-vendor',
    compose: (language) => composeInvitation(byVendor, { language }, { portalUrl: PORTAL }),
  },
  { name: 'invitation-no-portal', compose: invitation({}, '') },
  { name: 'transfer-by-host-id', compose: receipt({}) },
  { name: 'transfer-by-starter', compose: receipt({ to: { name: 'rip-07' }, byStarterFile: true }) },
  { name: 'transfer-no-portal', compose: receipt({ to: { id: 'H-42' } }, '') },
  {
    name: 'transfer-hostile',
    compose: receipt({ to: { id: 'http://evil.example/login', name: '<script>alert(1)</script>' } }),
  },
  { name: 'change-options', compose: change([fewerOptions(3)]) },
  { name: 'change-hosts', compose: change([fewerHosts(1)]) },
  { name: 'change-hosts-and-options', compose: change([{ ...fewerOptions(3), ...refusedOf(2) }]) },
  { name: 'change-ends-all', compose: change([fewerHosts(3, { endsAll: true })]) },
  {
    name: 'change-two-installations',
    compose: change([fewerHosts(2), fewerOptions(2, { installation: 'proof', version: 9 })]),
  },
  { name: 'change-250', compose: change([{ ...fewerOptions(250), ...refusedOf(100) }]) },
  { name: 'change-hostile', compose: change([{ ...fewerOptions(6), ...refusedOf(6) }], { hostile: true }) },
  { name: 'change-vendor', compose: change([fewerHosts(2)], { vendor: true }) },
];

function refusedOf(count: number): Pick<ShrinkNotice, 'refused' | 'refusedCount' | 'hosts'> {
  const { refused, refusedCount, hosts } = fewerHosts(count);
  return { refused, refusedCount, hosts };
}
