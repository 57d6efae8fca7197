import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../lambdas/core/instant.ts';
import type { Installation } from '../../../lambdas/core/installation.ts';
import type { License } from '../../../lambdas/core/license.ts';
import { gatherHealth } from '../../../lambdas/core/report/health-facts.ts';
import { healthReport } from '../../../lambdas/core/report/health-report.ts';
import { someClaims } from '../../builders/genuine-file.ts';
import { aContract, anInstallation, licensesNamed } from '../../builders/installation.ts';
import { at, NOW } from '../../builders/instants.ts';
import { aCurrentFile, aLicense, anUnboundLicense } from '../../builders/license.ts';
import { LIMITS } from '../../builders/limits.ts';
import { MemoryReportStore } from './memory-report-store.ts';

/** A week that ended this morning. */
const PERIOD = {
  dueOn: '2026-11-24',
  from: at('2026-11-17T00:00:00Z'),
  until: at('2026-11-24T00:00:00Z'),
  nextUntil: at('2026-12-01T00:00:00Z'),
};

const seen = (given: Partial<License> = {}): License => aLicense({ lastSeenAt: NOW - DAY, ...given });

function storeWith(licenses: readonly License[], given: Partial<Installation> = {}): MemoryReportStore {
  const store = new MemoryReportStore();
  store.licenses = licenses;
  store.installations = [
    anInstallation({ licenses: licensesNamed(...licenses.map(({ licenseId }) => licenseId)), ...given }),
  ];
  return store;
}

async function reportOf(store: MemoryReportStore) {
  return healthReport(await gatherHealth(store, 'acme', PERIOD, NOW), NOW, PERIOD, LIMITS);
}

describe('The health of licenses', () => {
  it('counts every host once, by how it stands now', async () => {
    const report = await reportOf(
      storeWith([
        seen({ licenseId: 'healthy' }),
        seen({ licenseId: 'moving', transfer: { hostId: 'H-2' } }),
        seen({ licenseId: 'offline', lastSeenAt: NOW - 5 * DAY }),
        seen({ licenseId: 'revoked', state: 'revoked' }),
        seen({
          licenseId: 'expiring',
          lastSeenAt: NOW - 21 * DAY,
          current: aCurrentFile({ expiresAt: NOW + 14 * DAY }),
        }),
        seen({
          licenseId: 'failed',
          failingSince: NOW - DAY,
          lastRefusal: 'license-revoked',
          refusalsInRow: 1,
        }),
        seen({
          licenseId: 'refused once',
          failingSince: NOW - HOUR,
          lastRefusal: 'contract-suspended',
          refusalsInRow: 1,
        }),
        anUnboundLicense({ licenseId: 'waiting' }),
        anUnboundLicense({ licenseId: 'lapsed', lapsesAt: NOW }),
      ]),
    );
    expect(report.hosts).toEqual({
      healthy: 2,
      'in-grace': 0,
      offline: 1,
      failing: 2,
      expiring: 1,
      'not-installed': 1,
      'not-entitled': 1,
    });
    expect(report.troubled.map(({ licenseId, health, code }) => [licenseId, health, code])).toEqual([
      ['offline', 'offline', undefined],
      ['expiring', 'expiring', undefined],
      ['failed', 'failing', 'license-revoked'],
      ['refused once', 'failing', 'contract-suspended'],
    ]);
  });

  it('does not call hosts offline whose contract has ended', async () => {
    const ended = aContract({ until: NOW - 30 * DAY });
    const report = await reportOf(storeWith([seen({ lastSeenAt: NOW - 20 * DAY })], { contracts: [ended] }));
    expect(report.hosts['not-entitled']).toBe(1);
    expect(report.troubled).toEqual([]);
  });
});

describe('The grace of a contract that has ended', () => {
  const inGrace = { contracts: [aContract({ until: NOW - 3 * DAY, hosts: 2, timeZone: 'Asia/Tokyo' })] };

  it('is told of its hosts, which still run, and of its contract, but not of licenses that were revoked', async () => {
    const report = await reportOf(
      storeWith([seen(), seen({ licenseId: 'revoked', state: 'revoked' })], inGrace),
    );
    expect(report.hosts).toMatchObject({ 'in-grace': 1, 'not-entitled': 1, healthy: 0 });
    expect(report.troubled).toEqual([]);
    expect(report.installations).toMatchObject([
      {
        contracts: [{ id: 'c-1001' }],
        grace: { until: NOW + 11 * DAY, timeZone: 'Asia/Tokyo' },
        hosts: { ordered: 2, licensed: 2 },
      },
    ]);
  });

  it('leaves a refused host failing, and one of a suspended contract not entitled', async () => {
    const refused = seen({ failingSince: NOW - DAY, lastRefusal: 'license-revoked', refusalsInRow: 1 });
    const suspended = { contracts: [aContract({ suspended: true })] };
    expect((await reportOf(storeWith([refused]))).hosts.failing).toBe(1);
    expect((await reportOf(storeWith([seen()], suspended))).hosts['not-entitled']).toBe(1);
  });
});

describe('Renewals and refusals of a period', () => {
  const fileAt = (iat: number, seq: number) => someClaims({ iat, seq, jti: `serial-${seq}` });

  it('are those within it, and no first or starter files', async () => {
    const store = storeWith([seen({ current: aCurrentFile({ serial: 'serial-5' }) })]);
    const { replaces, ...first } = fileAt(PERIOD.from, 1);
    store.files.set('license-1', [
      fileAt(PERIOD.from - 1, 0),
      first,
      fileAt(PERIOD.from, 2),
      fileAt(PERIOD.until - 1, 3),
      fileAt(PERIOD.until, 4),
      fileAt(NOW - HOUR, 5),
    ]);
    expect((await reportOf(store)).renewals).toBe(2);
  });

  it('need no older files than those of the period', async () => {
    const store = storeWith([seen({ current: aCurrentFile({ serial: 'serial-400' }) })]);
    const files = Array.from({ length: 400 }, (_, index) => fileAt(NOW - (399 - index) * DAY, index + 1));
    store.files.set('license-1', files);
    const report = await reportOf(store);
    expect(report.renewals).toBe(7);
    expect(store.filesRead).toBe(9);
  });

  it('go back to the current file where that is older than the period', async () => {
    const store = storeWith([
      seen({
        current: aCurrentFile({ serial: 'serial-1', issuedAt: NOW - 20 * DAY, expiresAt: NOW + 15 * DAY }),
      }),
    ]);
    store.files.set('license-1', [
      fileAt(NOW - 20 * DAY, 1),
      // Signed, but never delivered.
      { ...fileAt(NOW - 18 * DAY, 2), options: [] },
    ]);
    const report = await reportOf(store);
    expect(report.renewals).toBe(0);
    expect(report.installations[0]?.options).toEqual([
      { option: 'render-engine', pool: 8, everyHost: 0, delivered: 8 },
    ]);
  });

  it('are added up over hosts and days, the most frequent refusal first', async () => {
    const store = storeWith([seen(), seen({ licenseId: 'license-2' })]);
    store.refusals.set('license-1', { '2026-11-16 host-mismatch': 9, '2026-11-17 host-mismatch': 2 });
    store.refusals.set('license-2', {
      '2026-11-18 host-mismatch': 1,
      '2026-11-23 contract-ended': 4,
      '2026-11-24 contract-ended': 7,
    });
    expect((await reportOf(store)).refusals).toEqual([
      { code: 'contract-ended', count: 4 },
      { code: 'host-mismatch', count: 3 },
    ]);
  });
});

describe('What is contracted and what is delivered', () => {
  const windowsOf = (quantity: number, option = 'render-engine') => [
    { option, quantity, from: NOW - DAY, until: NOW + DAY },
    { option, quantity: 100, from: NOW + DAY, until: NOW + 2 * DAY },
  ];

  it('is told of each option as it is now', async () => {
    const contract = aContract({
      hosts: 3,
      lines: [
        { quantity: 8 },
        { quantity: 4, from: NOW - DAY, until: NOW + DAY },
        { quantity: 50, from: NOW + DAY },
        { option: 'hardworker', scope: 'every-host', quantity: 2 },
      ],
    });
    const expired = aCurrentFile({ serial: 'serial-7', expiresAt: NOW });
    const store = storeWith(
      [seen(), seen({ licenseId: 'license-2' }), seen({ licenseId: 'gone', current: expired })],
      { contracts: [contract] },
    );
    const claims = someClaims({ options: [...windowsOf(6), ...windowsOf(2, 'hardworker')] });
    for (const id of ['license-1', 'license-2', 'gone']) store.files.set(id, [claims]);
    expect((await reportOf(store)).installations).toMatchObject([
      {
        product: 'ES',
        hosts: { ordered: 3, licensed: 3 },
        contracts: [{ id: 'c-1001' }],
        options: [
          { option: 'hardworker', pool: 0, everyHost: 2, delivered: 4 },
          { option: 'render-engine', pool: 12, everyHost: 0, delivered: 12 },
        ],
      },
    ]);
  });

  it('names the hosts that have not fetched the latest change', async () => {
    const old = aCurrentFile({ installationVersion: 2 });
    const store = storeWith([
      seen(),
      seen({ licenseId: 'old', current: old }),
      anUnboundLicense({ licenseId: 'waiting' }),
    ]);
    const [installation] = (await reportOf(store)).installations;
    expect(installation?.behind.map(({ licenseId }) => licenseId)).toEqual(['old']);
  });
});

describe('What is coming', () => {
  const days = (count: number) => NOW + count * DAY;

  it('are contracts and temporary options that start or end before the next report, in order', async () => {
    const contracts = [
      aContract({
        reference: 'PO 4711',
        until: PERIOD.nextUntil,
        lines: [
          { quantity: 8 },
          { quantity: 4, from: days(2), until: days(5) },
          { quantity: 1, from: days(-9), until: days(3) },
          { quantity: 2, from: days(9) },
        ],
      }),
      aContract({ id: 'trial', from: days(4), until: days(60), kind: 'trial' }),
      aContract({ id: 'off', until: days(1), suspended: true }),
    ];
    const { coming } = await reportOf(storeWith([seen()], { contracts }));
    expect(
      coming.map((change) => [
        change.kind,
        change.contract.id,
        'option' in change ? change.quantity : change.continues,
        change.at,
      ]),
    ).toEqual([
      ['option-starts', 'c-1001', 4, days(2)],
      ['option-ends', 'c-1001', 1, days(3)],
      ['contract-starts', 'trial', true, days(4)],
      ['option-ends', 'c-1001', 4, days(5)],
      ['contract-ends', 'c-1001', true, PERIOD.nextUntil],
    ]);
  });

  it('tells an end that nothing follows', async () => {
    const { coming } = await reportOf(storeWith([], { contracts: [aContract({ until: days(3) })] }));
    expect(coming).toMatchObject([{ kind: 'contract-ends', continues: false, graceUntil: days(17) }]);
  });

  it('tells the end of a grace, and whether something has taken over by then', async () => {
    const ended = aContract({ until: days(-10), timeZone: 'America/New_York' });
    const kindsOf = async (...contracts: Parameters<typeof aContract>[0][]) =>
      (await reportOf(storeWith([], { contracts: [ended, ...contracts.map(aContract)] }))).coming.map(
        ({ kind, at, timeZone, ...rest }) => [kind, at, timeZone, 'continues' in rest && rest.continues],
      );
    expect(await kindsOf()).toEqual([['grace-ends', days(4), 'America/New_York', false]]);
    expect(await kindsOf({ id: 'next', from: days(2), until: days(90) })).toEqual([
      ['contract-starts', days(2), undefined, true],
      ['grace-ends', days(4), 'America/New_York', true],
    ]);
  });

  it('tells no grace of add-ons without hosts, of contracts that others outlast, and where there is none', async () => {
    const contracts = [
      aContract({ id: 'add-on', hosts: 0, until: days(3) }),
      aContract({ id: 'short', until: days(3) }),
      aContract({ id: 'long', until: days(4), graceDays: 0 }),
    ];
    const { coming } = await reportOf(storeWith([], { contracts }));
    expect(coming.map((change) => [change.contract.id, 'graceUntil' in change])).toEqual([
      ['add-on', false],
      ['short', false],
      ['long', false],
    ]);
  });

  it('leaves no instant out between one report and the next', async () => {
    const contracts = [PERIOD.until, PERIOD.until + HOUR, PERIOD.nextUntil, PERIOD.nextUntil + 1].map(
      (until, index) => aContract({ id: `c-${index}`, until }),
    );
    const { coming } = await reportOf(storeWith([], { contracts }));
    expect(coming.map(({ contract }) => contract.id)).toEqual(['c-1', 'c-2']);
  });
});
