import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../lambdas/core/api/paging.ts';
import { overviewSchema } from '../../../lambdas/core/api/overview-operations.ts';
import {
  installationDetail,
  installationItem,
} from '../../../lambdas/core/customer-view/installation-view.ts';
import { licenseDetail } from '../../../lambdas/core/customer-view/license-detail.ts';
import { isWanted, licenseItem, licenseKey } from '../../../lambdas/core/customer-view/license-item.ts';
import { licensesCsv } from '../../../lambdas/core/customer-view/licenses-csv.ts';
import { overviewOf } from '../../../lambdas/core/customer-view/overview.ts';
import { viewInstallation } from '../../../lambdas/core/customer-view/standing.ts';
import { viewCustomer, type CustomerViewStore } from '../../../lambdas/core/customer-view/view-store.ts';
import { DAY, isoOf } from '../../../lambdas/core/instant.ts';
import type { Installation } from '../../../lambdas/core/installation.ts';
import type { License } from '../../../lambdas/core/license.ts';
import { aContract, anInstallation, DEFAULTS, licensesNamed } from '../../builders/installation.ts';
import { at, NOW } from '../../builders/instants.ts';
import { aCurrentFile, aLicense, anUnboundLicense } from '../../builders/license.ts';
import { LIMITS } from '../../builders/limits.ts';

/** A license that renewed an hour ago. */
const seen = (given: Partial<License> = {}): License => aLicense({ lastSeenAt: NOW - 3_600, ...given });

const byId = (...licenses: readonly License[]) =>
  new Map(licenses.map((license) => [license.licenseId, license]));

const viewsOf = (installation: Installation, ...licenses: readonly License[]) =>
  viewInstallation(installation, byId(...licenses), NOW, LIMITS);

const standingOf = (license: License, installation: Installation = anInstallation()) =>
  viewsOf(installation, license)[0]?.standing;

const overview = (installation: Installation, ...licenses: readonly License[]) =>
  overviewOf(
    'acme',
    { installations: [installation], licenses: viewsOf(installation, ...licenses), limits: LIMITS },
    NOW,
  );

describe('how a license stands', () => {
  const entry = { id: 'license-1', hostId: 'H-1' };

  it.each<[string, License, Partial<Installation>]>([
    ['healthy', seen(), {}],
    ['offline', seen({ lastSeenAt: NOW - 5 * DAY }), {}],
    [
      'expiring',
      seen({ lastSeenAt: NOW - 25 * DAY, current: aCurrentFile({ expiresAt: NOW + 10 * DAY }) }),
      {},
    ],
    ['failing', seen({ failingSince: NOW - DAY, lastRefusal: 'license-revoked', refusalsInRow: 1 }), {}],
    ['not-installed', aLicense(), {}],
    ['not-installed', anUnboundLicense(), { licenses: [{ id: 'license-1', lapsesAt: NOW + 30 * DAY }] }],
    ['lapsed', anUnboundLicense({ lapsesAt: NOW }), { licenses: [{ id: 'license-1', lapsesAt: NOW }] }],
    ['revoked', seen({ state: 'revoked' }), {}],
    ['in-grace', seen(), { contracts: [aContract({ until: NOW - DAY })] }],
    ['not-entitled', seen(), { contracts: [aContract({ until: NOW - 20 * DAY })] }],
    ['not-entitled', seen(), { contracts: [] }],
    ['beyond-hosts', seen(), { licenses: [...licensesNamed('first'), entry] }],
    ['retired', seen({ retiresAt: NOW }), {}],
    ['retired', seen(), { licenses: [{ ...entry, retiresAt: NOW - 1 }] }],
    // Told before anything else: it is over.
    ['retired', seen({ state: 'revoked', retiresAt: NOW - DAY }), {}],
  ])('%s', (expected, license, installation) => {
    expect(standingOf(license, anInstallation(installation))).toBe(expected);
  });

  it('is not changed by a retirement or a move to come', () => {
    expect(standingOf(seen({ retiresAt: NOW + DAY }))).toBe('healthy');
    expect(standingOf(seen({ transfer: { hostId: 'H-2' } }))).toBe('healthy');
  });

  it('is told of licenses that are stored and belong to the customer only', () => {
    const installation = anInstallation({ licenses: licensesNamed('license-1', 'gone', 'theirs') });
    const theirs = seen({ licenseId: 'theirs', customerId: 'other' });
    expect(viewsOf(installation, seen(), theirs).map(({ license }) => license.licenseId)).toEqual([
      'license-1',
    ]);
  });
});

describe('the overview', () => {
  const todosOf = (installation: Installation, ...licenses: readonly License[]) =>
    overview(installation, ...licenses).todo.items;

  it('of healthy hosts has nothing to do', () => {
    const shown = overview(anInstallation(), seen());
    expect(shown).toMatchObject({
      hosts: { ordered: 1, allowed: 1, licensed: 1 },
      licenses: { total: 1, byStanding: { healthy: 1, offline: 0 } },
      ending: { total: 1, items: [{ endsAt: isoOf(NOW + 300 * DAY), hosts: 1 }] },
      coming: { total: 0 },
      todo: { total: 0 },
    });
    expect(overviewSchema.parse(shown)).toEqual(shown);
  });

  it('says what to do, the most urgent first', () => {
    const contracts = [aContract({ hosts: 9, until: NOW + 30 * DAY })];
    const names = ['offline', 'failing', 'expiring', 'unknown', 'moving', 'starter'];
    const installation = anInstallation({ contracts, licenses: licensesNamed(...names) });
    const todos = todosOf(
      installation,
      seen({ licenseId: 'offline', lastSeenAt: NOW - 5 * DAY }),
      seen({
        licenseId: 'failing',
        failingSince: NOW - DAY,
        lastRefusal: 'license-unknown',
        refusalsInRow: 3,
      }),
      seen({
        licenseId: 'expiring',
        lastSeenAt: NOW - 30 * DAY,
        current: aCurrentFile({ expiresAt: NOW + 5 * DAY }),
      }),
      seen({ licenseId: 'unknown', unknownHost: { id: 'H-9', seenAt: NOW - 60 } }),
      seen({ licenseId: 'moving', transfer: { hostId: 'H-8', declaredAt: NOW - DAY } }),
      anUnboundLicense({ licenseId: 'starter' }),
    );
    expect(todos.map(({ kind, licenseId }) => [kind, licenseId])).toEqual([
      ['host-failing', 'failing'],
      ['file-expiring', 'expiring'],
      ['host-offline', 'offline'],
      ['contract-ending', undefined],
      ['unknown-host', 'unknown'],
      ['transfer-waiting', 'moving'],
      ['starter-waiting', 'starter'],
    ]);
    expect(todos[0]).toMatchObject({ refusal: 'license-unknown', since: isoOf(NOW - DAY) });
    expect(todos[3]).toMatchObject({ dueAt: isoOf(NOW + 30 * DAY) });
  });

  it('does not ask for what is under way', () => {
    const silent = { lastSeenAt: NOW - 10 * DAY };
    expect(todosOf(anInstallation(), seen({ ...silent, retiresAt: NOW + DAY }))).toEqual([]);
    expect(
      todosOf(anInstallation(), seen({ ...silent, transfer: { hostId: 'H-2' } })).map(({ kind }) => kind),
    ).toEqual(['transfer-waiting']);
    expect(
      todosOf(
        anInstallation(),
        seen({ ...silent, retiresAt: NOW - 1, unknownHost: { id: 'x', seenAt: NOW } }),
      ),
    ).toEqual([]);
  });

  it('says that more hosts are licensed than ordered, and from when on that stops some', () => {
    const licenses = licensesNamed('license-1', 'second', 'third');
    const two = [seen(), seen({ licenseId: 'second' }), seen({ licenseId: 'third' })];
    expect(todosOf(anInstallation({ licenses }), ...two)).toMatchObject([
      { kind: 'too-many-hosts', excess: 2 },
    ]);
    const kept = { licenses, keptHosts: [{ hosts: 3, endedAt: NOW - DAY }] };
    expect(todosOf(anInstallation(kept), ...two)).toMatchObject([
      { kind: 'too-many-hosts', excess: 2, dueAt: isoOf(NOW + 13 * DAY) },
    ]);
  });

  it('says that a contract has ended, in its grace', () => {
    const ended = anInstallation({ contracts: [aContract({ until: NOW - DAY })] });
    expect(todosOf(ended, seen())).toEqual([
      {
        kind: 'contract-ended',
        product: 'ES',
        installation: 'main',
        since: isoOf(NOW - DAY),
        dueAt: isoOf(NOW + 13 * DAY),
      },
    ]);
  });

  it('shows what changes within 30 days', () => {
    const contract = aContract({
      lines: [{}, { quantity: 4, from: NOW + 10 * DAY, until: NOW + 24 * DAY }, { from: NOW + 31 * DAY }],
    });
    const installation = anInstallation({
      contracts: [contract],
      licenses: [{ id: 'license-1', hostId: 'H-1', retiresAt: NOW + 20 * DAY }],
      declarations: [
        { option: 'render-engine', effectiveAt: NOW - DAY, quantities: {} },
        { option: 'render-engine', effectiveAt: NOW + 2 * DAY, quantities: { 'license-1': 8 } },
        { option: 'render-engine', effectiveAt: NOW + 40 * DAY, quantities: {} },
      ],
    });
    const { coming } = overview(installation, seen({ retiresAt: NOW + 20 * DAY }));
    expect(coming.items.map(({ kind, at: instant }) => [kind, instant])).toEqual([
      ['distribution-changes', isoOf(NOW + 2 * DAY)],
      ['option-starts', isoOf(NOW + 10 * DAY)],
      ['license-retires', isoOf(NOW + 20 * DAY)],
      ['option-ends', isoOf(NOW + 24 * DAY)],
    ]);
  });

  it('takes the last day of 9999 for no end', () => {
    const contracts = [aContract({ until: at('9999-12-31T23:00:00Z') })];
    const installation = anInstallation({ contracts });
    expect(overview(installation, seen()).ending.total).toBe(0);
    expect(installationItem(installation, NOW, DEFAULTS)).not.toHaveProperty('entitledUntil');
    expect(installationDetail(installation, [], NOW, DEFAULTS).contracts[0]).not.toHaveProperty('endsAt');
  });

  it('is cut where it is long, and says how long', () => {
    const names = Array.from({ length: 150 }, (_, index) => `l-${index}`);
    const installation = anInstallation({
      contracts: [aContract({ hosts: 150 })],
      licenses: licensesNamed(...names),
    });
    const silent = names.map((licenseId) => seen({ licenseId, lastSeenAt: NOW - 5 * DAY }));
    const { todo } = overview(installation, ...silent);
    expect({ total: todo.total, shown: todo.items.length }).toEqual({ total: 150, shown: 100 });
  });
});

describe('one license', () => {
  const detailOf = (license: License, installation = anInstallation()) =>
    licenseDetail(viewsOf(installation, license)[0]!, NOW, DEFAULTS);

  it('shows a move, who holds files still, and the host that asked, but no serial', () => {
    const shown = detailOf(
      seen({
        transfer: {
          id: 't',
          hostName: 'rip-new',
          starterSerial: 'secret',
          declaredAt: NOW - 60,
          isRepair: false,
        },
        leftBehind: [
          { hostId: 'H-0', hostName: 'rip-old', seq: 3, expiresAt: NOW + DAY },
          { hostId: 'H-00', seq: 1, expiresAt: NOW },
        ],
        formerHosts: ['H-0'],
        movedAt: [NOW - 400 * DAY, NOW - 10 * DAY],
        unknownHost: { id: 'H-9', name: 'x', seenAt: NOW - 5 },
        forkSeenAt: NOW - 7,
        site: 'Hall 2',
      }),
    );
    expect(shown).toMatchObject({
      site: 'Hall 2',
      transferPending: true,
      transfer: { host: { name: 'rip-new' }, declaredAt: isoOf(NOW - 60), isRepair: false, byStarter: true },
      filesLeftBehind: [{ host: { id: 'H-0', name: 'rip-old' }, expiresAt: isoOf(NOW + DAY) }],
      formerHosts: ['H-0'],
      transfersInLast365Days: 1,
      unknownHost: { id: 'H-9', name: 'x', seenAt: isoOf(NOW - 5) },
      forkSeenAt: isoOf(NOW - 7),
    });
    expect(JSON.stringify(shown)).not.toMatch(/secret|serial/);
  });

  it('has no share once it is revoked, retired or one too many', () => {
    const none = { now: [], windows: [] };
    expect(detailOf(seen({ state: 'revoked' })).share).toEqual(none);
    expect(
      detailOf(
        seen(),
        anInstallation({ licenses: [{ id: 'license-1', hostId: 'H-1', retiresAt: NOW - DAY }] }),
      ).share,
    ).toEqual(none);
    expect(
      detailOf(
        seen(),
        anInstallation({ licenses: [...licensesNamed('first'), { id: 'license-1', hostId: 'H-1' }] }),
      ).share.now,
    ).toEqual([]);
  });
});

describe('one installation', () => {
  it('shows hosts and options over time, temporary lines marked', () => {
    const contract = aContract({
      hosts: 2,
      until: NOW + 50 * DAY,
      lines: [{}, { quantity: 4, from: NOW + 10 * DAY, until: NOW + 20 * DAY }],
    });
    const installation = anInstallation({
      contracts: [contract, aContract({ id: 'c-2', suspended: true, hosts: 5 })],
      licenses: [{ id: 'license-1', hostId: 'H-1', retiresAt: NOW + 5 * DAY }, ...licensesNamed('second')],
    });
    const shown = installationDetail(installation, viewsOf(installation, seen()), NOW, DEFAULTS);
    expect(shown.contracts.map(({ id, status }) => [id, status])).toEqual([
      ['c-1001', 'in-force'],
      ['c-2', 'suspended'],
    ]);
    expect(shown.lines.map(({ isTemporary }) => isTemporary)).toEqual([false, true, false]);
    expect(shown.options.map(({ from, until, pool }) => [from, until, pool])).toEqual([
      [isoOf(NOW), isoOf(NOW + 10 * DAY), 8],
      [isoOf(NOW + 10 * DAY), isoOf(NOW + 20 * DAY), 12],
      [isoOf(NOW + 20 * DAY), isoOf(NOW + 64 * DAY), 8],
    ]);
    expect(shown.hostsOverTime).toEqual([
      { from: isoOf(NOW), until: isoOf(NOW + 5 * DAY), ordered: 2, allowed: 2, licensed: 2 },
      { from: isoOf(NOW + 5 * DAY), until: isoOf(NOW + 50 * DAY), ordered: 2, allowed: 2, licensed: 1 },
      { from: isoOf(NOW + 50 * DAY), until: isoOf(NOW + 64 * DAY), ordered: 0, allowed: 2, licensed: 1 },
      { from: isoOf(NOW + 64 * DAY), ordered: 0, allowed: 0, licensed: 1 },
    ]);
  });

  it('tells a contract in grace from one that has ended', () => {
    const installation = anInstallation({
      contracts: [
        aContract({ id: 'old', from: NOW - 300 * DAY, until: NOW - 50 * DAY }),
        aContract({ id: 'last', from: NOW - 50 * DAY, until: NOW - DAY }),
        aContract({ id: 'next', from: NOW + 30 * DAY }),
      ],
    });
    const { standing, contracts } = installationDetail(installation, [], NOW, DEFAULTS);
    expect(standing).toBe('in-grace');
    expect(contracts.map(({ id, status }) => [id, status])).toEqual([
      ['old', 'ended'],
      ['last', 'in-grace'],
      ['next', 'not-started'],
    ]);
  });
});

describe('a customer with 5,000 licenses', () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `license-${index}`);
  const installation = anInstallation({
    contracts: [aContract({ hosts: 5_000, lines: [{ quantity: 12_345 }] })],
    licenses: licensesNamed(...names),
  });
  const licenses = names.map((licenseId, index) =>
    seen({
      licenseId,
      host: { id: `host-${index}`, name: 'n'.repeat(255) },
      site: '=x'.repeat(50),
    }),
  );
  const unused = () => Promise.reject(new Error('not asked for'));
  const store: CustomerViewStore = {
    readInstallations: () => Promise.resolve([installation]),
    readLicenses: () => Promise.resolve(licenses),
    readInstallation: unused,
    readLicense: unused,
    filesBefore: unused,
    refusalsBefore: unused,
  };
  const dependencies = { store, customers: { read: () => Promise.resolve(undefined) }, limits: LIMITS };

  it('is shown in time and in answers that fit', async () => {
    const begun = performance.now();
    const view = await viewCustomer(dependencies, 'acme', NOW);
    expect(overviewOf('acme', view, NOW).licenses.total).toBe(5_000);
    const shown = installationDetail(installation, view.licenses, NOW, DEFAULTS);
    expect(JSON.stringify(shown).length).toBeLessThan(300_000);
    const page = pageOf(
      view.licenses,
      { limit: 200, sort: '-host' },
      licenseKey,
      ({ license }) => license.licenseId,
    );
    expect(JSON.stringify(page.items.map(licenseItem)).length).toBeLessThan(200_000);
    expect(Buffer.byteLength(licensesCsv(view.licenses))).toBeLessThan(4 * 1024 * 1024);
    expect(licenseDetail(view.licenses[4_999]!, NOW, DEFAULTS).share.now).toEqual([
      { option: 'render-engine', quantity: 2 },
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('is filtered by what licenses are recognised by', async () => {
    const { licenses: viewed } = await viewCustomer(dependencies, 'acme', NOW);
    const count = (filter: Parameters<typeof isWanted>[1]) =>
      viewed.filter((license) => isWanted(license, filter)).length;
    expect(count({ text: 'HOST-499' })).toBe(11);
    expect(count({ text: '=X=x' })).toBe(5_000);
    expect(count({ standing: 'offline' })).toBe(0);
    expect((await viewCustomer(dependencies, 'acme', NOW, { product: 'X' })).licenses).toEqual([]);
  });
});
