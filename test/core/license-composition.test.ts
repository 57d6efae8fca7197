import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { sharingAt } from '../../lambdas/core/hosts-allowed.ts';
import type { LicenseEntry } from '../../lambdas/core/installation.ts';
import {
  composeClaims,
  composeStarterClaims,
  headerText,
  listWith,
} from '../../lambdas/core/license-composition.ts';
import { entitlementAt } from '../../lambdas/core/entitlement.ts';
import type { IssuePlan } from '../../lambdas/core/renewal-decision.ts';
import { readLicenseFile } from '../../lambdas/core/license-file.ts';
import { arbitraryContracts, arbitraryLicenses, sampledInstants } from '../builders/arbitrary-contracts.ts';
import { aContract, anInstallation, DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { retentionEnd } from '../../lambdas/core/renewal-record.ts';
import { NOW } from '../builders/instants.ts';
import { aPlan, entitlementBy, SETTINGS } from '../builders/issue-plan.ts';
import { aLicense } from '../builders/license.ts';
import { p256Key, ringOf, rsaKey, signedFile } from '../builders/signing-key.ts';

const compose = (given: Partial<IssuePlan> = {}, now = NOW) =>
  composeClaims(aPlan(given), { seq: 8, serial: 'serial-8', now }, SETTINGS);
const withContracts = (...contracts: ReturnType<typeof aContract>[]) => ({
  installation: anInstallation({ contracts }),
});

describe('the claims of a file', () => {
  it('say who, what, where, until when, with which options, and how to renew', () => {
    expect(compose()).toEqual({
      iss: 'https://licensing.example',
      sub: 'license-1',
      jti: 'serial-8',
      seq: 8,
      replaces: 'serial-7',
      iat: NOW,
      exp: NOW + 35 * DAY,
      customer: { id: 'acme', name: 'Acme Print' },
      product: 'ES',
      installation: 'main',
      host: { id: 'H-1', name: 'rip-01' },
      contracts: [{ id: 'c-1001', endsAt: NOW + 300 * DAY }],
      entitledUntil: NOW + 300 * DAY,
      options: [{ option: 'render-engine', quantity: 8, from: NOW - 300 * DAY, until: NOW + 35 * DAY }],
      renewal: { url: 'https://licensing.example/v1/licenses/renew', everySeconds: DAY },
    });
  });

  it('name no replaced file where there is none, and no host name where none is known', () => {
    const { replaces: _none, ...first } = aPlan({ host: { id: 'H-1' } });
    const claims = composeClaims(first, { seq: 1, serial: 'serial-1', now: NOW }, SETTINGS);
    expect(claims).not.toHaveProperty('replaces');
    expect(claims.host).toEqual({ id: 'H-1' });
  });

  it('have neither an end of the contract nor one of the entitlement where it is perpetual', () => {
    const claims = compose(withContracts(aContract({ kind: 'perpetual', until: null })));
    expect(claims.contracts).toEqual([{ id: 'c-1001' }]);
    expect(claims).not.toHaveProperty('entitledUntil');
    expect(claims.exp).toBe(NOW + 35 * DAY);
  });

  it('expire with the grace, and say when the contract itself ends or ended', () => {
    for (const until of [NOW + DAY, NOW - DAY]) {
      const claims = compose(withContracts(aContract({ until, graceDays: 5 })));
      expect(claims).toMatchObject({
        exp: until + 5 * DAY,
        entitledUntil: until,
        contracts: [{ id: 'c-1001', endsAt: until }],
        options: [{ quantity: 8, until: until + 5 * DAY }],
      });
    }
  });

  it('follow a successor under another id without a change of the license', () => {
    const successor = aContract({ id: 'c-2002', from: NOW + DAY, until: NOW + 400 * DAY });
    const before = compose(withContracts(aContract({ until: NOW + DAY }), successor));
    expect(before).toMatchObject({
      sub: 'license-1',
      contracts: [{ id: 'c-1001' }],
      entitledUntil: NOW + 400 * DAY,
    });
    const contracts = [successor];
    const after = compose(
      { installation: anInstallation({ contracts }), entitlement: entitlementBy(contracts, NOW + DAY) },
      NOW + DAY,
    );
    expect(after).toMatchObject({ sub: 'license-1', contracts: [{ id: 'c-2002' }], exp: NOW + 36 * DAY });
  });

  it('carry the lines of an add-on that overlaps', () => {
    const addOn = aContract({
      id: 'add-on',
      hosts: 0,
      from: NOW - DAY,
      until: NOW + 7 * DAY,
      lines: [{ quantity: 4 }],
    });
    const claims = compose(withContracts(aContract(), addOn));
    expect(claims.contracts.map(({ id }) => id)).toEqual(['c-1001', 'add-on']);
    expect(claims.options).toMatchObject([
      { quantity: 12, until: NOW + 7 * DAY },
      { quantity: 8, from: NOW + 7 * DAY, until: NOW + 35 * DAY },
    ]);
  });

  it('list the 16 contracts that end last, perpetual ones first', () => {
    const contracts = Array.from({ length: 20 }, (_, index) =>
      aContract({ id: `c-${index}`, until: NOW + (index + 1) * DAY }),
    );
    const perpetual = aContract({ id: 'perpetual', kind: 'perpetual', until: null });
    const { contracts: listed } = compose(withContracts(...contracts, perpetual));
    const last15 = Array.from({ length: 15 }, (_, index) => `c-${19 - index}`);
    expect(listed.map(({ id }) => id)).toEqual(['perpetual', ...last15]);
  });

  it('follow the interval and the validity that the contract orders', () => {
    const claims = compose(withContracts(aContract({ renewEverySeconds: HOUR, validityDays: 7 })));
    expect(claims).toMatchObject({ exp: NOW + 7 * DAY, renewal: { everySeconds: HOUR } });
  });

  it('give a license its share though the list does not know yet that it is bound', () => {
    const lapsing: LicenseEntry[] = [{ id: 'license-1', lapsesAt: NOW + DAY }, { id: 'license-2' }];
    const contracts = [aContract({ hosts: 3 })];
    expect(compose({ installation: anInstallation({ contracts, licenses: lapsing }) }).options).toMatchObject(
      [{ quantity: 4, until: NOW + 35 * DAY }],
    );
    const unlisted = anInstallation({ contracts, licenses: licensesNamed('license-2', 'license-3') });
    expect(compose({ installation: unlisted }).options).toMatchObject([{ quantity: 2 }]);
  });

  it('end where the license is retired, or where its host is one too many', () => {
    const retired = [{ id: 'license-1', hostId: 'H-1', retiresAt: NOW + DAY }];
    const claims = compose({ installation: anInstallation({ licenses: retired }) });
    expect(claims).toMatchObject({ exp: NOW + DAY, options: [{ until: NOW + DAY }] });

    const installation = anInstallation({
      contracts: [aContract({ hosts: 1, graceDays: 3 })],
      licenses: licensesNamed('license-2', 'license-1'),
      keptHosts: [{ hosts: 2, endedAt: NOW }],
    });
    expect(compose({ installation })).toMatchObject({
      exp: NOW + 3 * DAY,
      options: [{ until: NOW + 3 * DAY }],
    });
  });

  it('keep what the list says of a license beside its host', () => {
    const licenses = [{ id: 'license-1', lapsesAt: NOW + DAY, retiresAt: NOW + 9 * DAY }];
    expect(listWith(licenses, 'license-1', { id: 'H-1' })).toEqual([
      { id: 'license-1', hostId: 'H-1', retiresAt: NOW + 9 * DAY },
    ]);
  });

  it('carry 64 options at once whatever the names, and leave out contracts and later windows before any of them', () => {
    const long = (text: string) => text.padEnd(64, 'x');
    const contracts = Array.from({ length: 16 }, (_, index) =>
      aContract({
        id: long(`c-${index}-`),
        hosts: 5_000,
        until: NOW + (200 + index) * DAY,
        lines: Array.from({ length: index === 0 ? 128 : 0 }, (_line, line) => ({
          option: long(`o-${line}-`),
          quantity: 1_000_000,
          from: line < 64 ? NOW - DAY : NOW + DAY,
        })),
      }),
    );
    const installation = anInstallation({
      customerId: long('acme-'),
      customerName: '\u20ac'.repeat(200),
      product: long('ES-'),
      installation: long('main-'),
      contracts,
    });
    const host = { id: 'H'.repeat(128), name: '\u20ac'.repeat(255) };
    const license = aLicense({ host });
    const claims = compose({ installation, host, license });
    expect(claims.options.filter(({ from }) => from <= NOW)).toHaveLength(64);
    expect(claims.contracts.length).toBeGreaterThan(0);
    const file = signedFile(claims, rsaKey());
    expect(Buffer.byteLength(file)).toBeLessThanOrEqual(16 * 1024);
  });

  it('pass the reader unchanged, and no window outlives the file, over random installations', () => {
    const key = p256Key();
    fc.assert(
      fc.property(
        arbitraryContracts,
        arbitraryLicenses,
        fc.constantFrom(...sampledInstants),
        (contracts, licenses, now) => {
          const entitlement = entitlementAt(contracts, now, DEFAULTS);
          fc.pre(entitlement.kind === 'entitled');
          const listed = { contracts, licenses: listWith(licenses, 'license-1', { id: 'H-1' }) };
          fc.pre(sharingAt(listed, now, DEFAULTS).some(({ id }) => id === 'license-1'));
          const claims = compose({ installation: anInstallation({ contracts, licenses }), entitlement }, now);
          expect(readLicenseFile(signedFile(claims, key), ringOf(key))).toEqual({
            kind: 'genuine',
            file: { claims, isStarter: false },
          });
          expect(claims.exp).toBeGreaterThan(now);
          for (const { from, until } of claims.options) {
            expect(until).toBeGreaterThan(Math.max(from, now));
            expect(until).toBeLessThanOrEqual(claims.exp);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the claims of a starter file', () => {
  const license = { licenseId: 'license-1', lapsesAt: NOW + 30 * DAY };
  const claims = composeStarterClaims(license, anInstallation(), { serial: 'starter', now: NOW }, SETTINGS);

  it('name neither host nor contracts, give no option, have seq 0 and end where the license lapses', () => {
    expect(claims).toEqual({
      iss: 'https://licensing.example',
      sub: 'license-1',
      jti: 'starter',
      seq: 0,
      iat: NOW,
      exp: NOW + 30 * DAY,
      customer: { id: 'acme', name: 'Acme Print' },
      product: 'ES',
      installation: 'main',
      contracts: [],
      options: [],
      renewal: { url: 'https://licensing.example/v1/licenses/renew', everySeconds: DAY },
    });
  });
});

describe('the list of licenses', () => {
  const [first, second] = [
    { id: 'license-1', hostId: 'H-1' },
    { id: 'license-2', hostId: 'H-2' },
  ];

  it('is the same object where nothing changes, so that nothing is written', () => {
    const list = [first, second];
    expect(listWith(list, 'license-1', { id: 'H-1' })).toBe(list);
  });

  it('keeps the order of declaration where a license is bound or taken over', () => {
    const unbound: LicenseEntry = { id: 'license-1', lapsesAt: NOW };
    expect(listWith([unbound, second], 'license-1', { id: 'H-1' })).toEqual([first, second]);
    expect(listWith([first, second], 'license-1', { id: 'H-3' })).toEqual([
      { id: 'license-1', hostId: 'H-3' },
      second,
    ]);
  });

  it('forgets the lapse of a license that is bound', () => {
    expect(listWith([{ ...first, lapsesAt: NOW }], 'license-1', { id: 'H-1' })).toEqual([first]);
  });

  it('ends with a license that it did not hold', () => {
    expect(listWith([second], 'license-1', { id: 'H-1' })).toEqual([second, first]);
  });
});

describe('the rest of an issue', () => {
  it('has a protected header of exactly alg, kid and typ', () => {
    expect(headerText({ alg: 'ES256', kid: 'k' })).toBe('{"alg":"ES256","kid":"k","typ":"license+jwt"}');
  });

  it('leaves a record the retention, counted in days from its issue', () => {
    expect(retentionEnd(NOW, 400)).toBe(NOW + 400 * DAY);
  });

  it('keeps the license as it is', () => {
    expect(aPlan().license).toEqual(aLicense());
  });
});
