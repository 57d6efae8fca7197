import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadStages, parseStages, stageNamed } from '../../lib/config.ts';

const valid = loadStages();
const { mail } = valid.dev;
const { cadence } = valid.dev.alerts;

/** A change to sign-in by a user pool, and to sign-in by another issuer. */
const identityOf = (change: object) => ({
  portal: { identity: { ...valid.dev.portal.identity, ...change } },
});
const issuerOf = (change: object) => ({
  portal: { identity: { ...valid.local.portal.identity, ...change } },
});

/** The message for stages of which one is changed. */
function faultsOf(stage: 'local' | 'dev' | 'prod', change: object): string[] {
  try {
    parseStages({ ...valid, [stage]: { ...valid[stage], ...change } });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const [title, ...faults] = (error as ConfigurationError).message.split('\n');
    expect(title).toBe('The stages in lib/config.ts are not valid:');
    return faults.map((fault) => fault.trim());
  }
  return [];
}

describe('the stages of this deployment', () => {
  it('are valid, and checking them again changes nothing', () => {
    expect(parseStages(valid)).toEqual(valid);
  });

  it('keep the promises: 35 days from a daily renewal, 14 days of grace, warnings at 15 and 60 days', () => {
    for (const [stage, config] of Object.entries(valid)) {
      expect(config).toMatchObject({
        validityDays: 35,
        graceDays: 14,
        renewEverySeconds: 86_400,
        starterLapseDays: 30,
      });
      expect(config.alerts).toEqual({
        offlineAfterHours: 96,
        expiringWithinDays: 15,
        endingWithinDays: 60,
        trialEndingWithinDays: 7,
        cadence:
          stage === 'local'
            ? { offlineHosts: 12, failedRenewals: 6, expiringLicenses: 12, endingContracts: 12 }
            : { offlineHosts: 6, failedRenewals: 1, expiringLicenses: 12, endingContracts: 12 },
        flexibleMinutes: 15,
      });
    }
  });

  it('send as the example does until a vendor says otherwise: 10 a day, quarantine, no zone, no portal', () => {
    for (const { mail, portalUrl } of Object.values(valid)) {
      expect(mail).toEqual({
        from: 'licensing@vendor.example',
        vendor: 'licensing-operations@vendor.example',
        dmarcPolicy: 'quarantine',
        dailyLimitPerRecipient: 10,
      });
      expect(portalUrl).toBeUndefined();
    }
  });

  it('sign people in by a user pool in AWS, and by the issuer of the local run on one machine', () => {
    expect(valid.local.portal.identity).toEqual({
      kind: 'issuer',
      issuer: 'https://oidc.local.example',
      audiences: ['licensing-portal'],
      claims: { customer: 'customer', role: 'role' },
    });
    expect(valid.dev.portal.identity).toMatchObject({ kind: 'cognito', codesFrom: 'cognito' });
    expect(valid.prod.portal.identity).toMatchObject({ kind: 'cognito', codesFrom: 'mail' });
  });

  it('keep everything in prod', () => {
    expect(valid.prod).toMatchObject({ removal: 'retain', deletionProtection: true });
  });

  it('differ in their issuer, so that no file of one stage passes for one of another', () => {
    expect(new Set(Object.values(valid).map(({ issuer }) => issuer)).size).toBe(3);
  });
});

describe('a stage by name', () => {
  it('is found', () => {
    expect(stageNamed('dev')).toBe('dev');
  });

  it.each(['staging', '', 'toString', 'constructor'])('"%s" is refused with the ones there are', (name) => {
    expect(() => stageNamed(name)).toThrow(
      new ConfigurationError(`There is no stage "${name}": it is one of local, dev, prod`),
    );
  });
});

describe('a fault in the configuration', () => {
  it.each([
    ['validityDays', [0, 401, 1.5, '35']],
    ['graceDays', [-1, 91]],
    ['renewEverySeconds', [899, 604_801]],
    ['retentionDays', [0, 3651]],
    ['starterLapseDays', [0]],
    ['logRetentionDays', [2, 0, RetentionDays.INFINITE]],
    ['logLevel', ['TRACE']],
    ['renewConcurrency', [0, 1001]],
    ['region', ['Ireland', '', undefined]],
    ['issuer', ['http://licensing.vendor.example', 'licensing', '']],
    ['documentationUrl', ['http://docs.vendor.example']],
    ['portalUrl', ['http://portal.vendor.example', 'portal', '']],
    ['signingKeySpec', ['ECC_NIST_P384', 'RSA_4096']],
    ['removal', ['snapshot']],
    ['deletionProtection', ['yes']],
  ])('of %s is named with its path', (property, values) => {
    for (const value of values) {
      const faults = faultsOf('dev', { [property]: value });
      expect(faults.length, `${property}: ${String(value)}`).toBeGreaterThan(0);
      expect(faults[0]).toMatch(new RegExp(`^dev\\.${property}: .+`));
    }
  });

  it.each([
    [{ mail: { ...mail, from: 'licensing' } }, 'mail.from'],
    [{ mail: { ...mail, replyTo: 'nobody' } }, 'mail.replyTo'],
    [{ mail: { ...mail, vendor: '' } }, 'mail.vendor'],
    [{ mail: { from: mail.from } }, 'mail.vendor'],
    [{ mail: { ...mail, dmarcPolicy: 'ignore' } }, 'mail.dmarcPolicy'],
    [{ mail: { ...mail, dailyLimitPerRecipient: 0 } }, 'mail.dailyLimitPerRecipient'],
    [{ mail: { ...mail, dailyLimitPerRecipient: 101 } }, 'mail.dailyLimitPerRecipient'],
    [{ mail: { ...mail, hostedZone: { id: 'vendor', name: 'vendor.example' } } }, 'mail.hostedZone.id'],
    [{ alerts: { ...valid.dev.alerts, offlineAfterHours: 23 } }, 'alerts.offlineAfterHours'],
    [{ alerts: { ...valid.dev.alerts, flexibleMinutes: -1 } }, 'alerts.flexibleMinutes'],
    [
      { alerts: { ...valid.dev.alerts, cadence: { ...cadence, offlineHosts: 25 } } },
      'alerts.cadence.offlineHosts',
    ],
    [
      { alerts: { ...valid.dev.alerts, cadence: { ...cadence, endingContracts: 1.5 } } },
      'alerts.cadence.endingContracts',
    ],
    [{ throttles: { ...valid.dev.throttles, mute: { rate: 10 } } }, 'throttles.mute.burst'],
    [{ throttles: { ...valid.dev.throttles, renew: { rate: 0, burst: 1 } } }, 'throttles.renew.rate'],
    [{ throttles: { ...valid.dev.throttles, ping: { rate: 1, burst: 5_001 } } }, 'throttles.ping.burst'],
    [{ portal: {} }, 'portal.identity'],
    [{ portal: { identity: { kind: 'none' } } }, 'portal.identity.kind'],
    [identityOf({ domainPrefix: 'Licensing' }), 'portal.identity.domainPrefix'],
    [identityOf({ domainPrefix: 'my-cognito-pool' }), 'portal.identity.domainPrefix'],
    [identityOf({ callbackUrls: [] }), 'portal.identity.callbackUrls'],
    [identityOf({ callbackUrls: ['http://portal.vendor.example/'] }), 'portal.identity.callbackUrls.0'],
    [identityOf({ logoutUrls: ['javascript:alert(1)'] }), 'portal.identity.logoutUrls.0'],
    [identityOf({ codesFrom: 'sms' }), 'portal.identity.codesFrom'],
    [issuerOf({ issuer: 'http://login.vendor.example' }), 'portal.identity.issuer'],
    [issuerOf({ audiences: [] }), 'portal.identity.audiences'],
    [issuerOf({ audiences: [''] }), 'portal.identity.audiences.0'],
    [issuerOf({ claims: { customer: 'a b' } }), 'portal.identity.claims.customer'],
    [issuerOf({ claims: { role: '' } }), 'portal.identity.claims.role'],
    [issuerOf({ callbackUrls: ['https://portal.vendor.example/'] }), 'portal.identity'],
    [{ auditors: [] }, 'auditors'],
    [{ auditors: ['arn:aws:iam::123456789012:root'] }, 'auditors.0'],
    [{ auditors: ['*'] }, 'auditors.0'],
  ])('deeper inside is named with its path: %o', (change, path) => {
    const faults = faultsOf('dev', change);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^dev\\.${path}: .+`));
  });

  it.each([
    [{ mail: { ...mail, hostedZone: { id: 'Z01', name: 'vendor.example.' } } }, 'mail.hostedZone.name'],
    [{ alerts: { ...valid.dev.alerts, flexibleMinutes: 61 } }, 'alerts.flexibleMinutes'],
    [
      { alerts: { ...valid.dev.alerts, cadence: { ...cadence, failedRenewals: 0 } } },
      'alerts.cadence.failedRenewals',
    ],
  ])('is named before what contradicts it: %o', (change, path) => {
    expect(faultsOf('dev', change)[0]).toMatch(new RegExp(`^dev\\.${path}: .+`));
  });

  it('is a member that does not exist', () => {
    expect(faultsOf('dev', { graceDay: 14 })).toEqual(['dev: Unrecognized key: "graceDay"']);
  });

  it('is a missing stage, or one that nobody knows', () => {
    const { local, dev } = valid;
    expect(() => parseStages({ local, dev })).toThrow(/\n {2}prod: /);
    expect(() => parseStages({ ...valid, staging: dev })).toThrow('(all): Unrecognized key: "staging"');
  });
});

describe('values that contradict each other', () => {
  it.each([
    [
      {
        validityDays: 2,
        renewEverySeconds: 86_400,
        graceDays: 0,
        alerts: { ...valid.dev.alerts, offlineAfterHours: 24, expiringWithinDays: 1 },
      },
      [
        'renewEverySeconds: must be at most a third of validityDays, so that missed renewals do no harm',
        'alerts.expiringWithinDays: must be less than validityDays minus one interval of renewal',
      ],
    ],
    [
      { alerts: { ...valid.dev.alerts, expiringWithinDays: 34 } },
      ['alerts.expiringWithinDays: must be less than validityDays minus one interval of renewal'],
    ],
    [
      { alerts: { ...valid.dev.alerts, offlineAfterHours: 840 } },
      ['alerts.offlineAfterHours: must be less than validityDays: then the file has expired already'],
    ],
    [
      { alerts: { ...valid.dev.alerts, trialEndingWithinDays: 61 } },
      ['alerts.trialEndingWithinDays: must be at most endingWithinDays'],
    ],
    [
      { alerts: { ...valid.dev.alerts, flexibleMinutes: 60 } },
      ['alerts.flexibleMinutes: must be less than the shortest cadence'],
    ],
    [
      { mail: { ...mail, hostedZone: { id: 'Z0123456789', name: 'licensing.vendor.example' } } },
      ['mail.hostedZone.name: must be the domain of mail.from or one above it'],
    ],
    [
      { mail: { ...mail, hostedZone: { id: 'Z0123456789', name: 'dor.example' } } },
      ['mail.hostedZone.name: must be the domain of mail.from or one above it'],
    ],
    [{ deletionProtection: true }, ['deletionProtection: must be false where removal is destroy']],
  ])('%o', (change, faults) => {
    expect(faultsOf('dev', change)).toEqual(faults.map((fault) => `dev.${fault}`));
  });

  it('pass when they just fit', () => {
    expect(
      faultsOf('dev', {
        alerts: { ...valid.dev.alerts, expiringWithinDays: 33, offlineAfterHours: 839, flexibleMinutes: 59 },
      }),
    ).toEqual([]);
    for (const from of ['licensing@Vendor.example', 'licensing@mail.vendor.example']) {
      const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'vendor.example' };
      expect(faultsOf('dev', { mail: { ...mail, from, hostedZone } })).toEqual([]);
    }
  });

  it('are a prod that destroys or does not protect', () => {
    expect(faultsOf('prod', { removal: 'destroy', deletionProtection: false })).toEqual([
      'prod.removal: must be retain in prod',
      'prod.deletionProtection: must be true in prod',
    ]);
    expect(faultsOf('prod', { deletionProtection: false })).toEqual([
      'prod.deletionProtection: must be true in prod',
    ]);
  });
});

it('Every fault is listed at once, over all stages, ranges and contradictions alike', () => {
  const broken = {
    local: { ...valid.local, validityDays: 0, mail: { ...mail, from: 'nobody' } },
    dev: { ...valid.dev, graceDays: 91, deletionProtection: true },
    prod: { ...valid.prod, removal: 'destroy' },
  };
  expect(() => parseStages(broken)).toThrow(ConfigurationError);
  try {
    parseStages(broken);
  } catch (error) {
    const { message } = error as ConfigurationError;
    for (const path of [
      'local.validityDays',
      'local.mail.from',
      'dev.graceDays',
      'dev.deletionProtection',
      'prod.removal',
      'prod.deletionProtection',
    ]) {
      expect(message).toContain(`\n  ${path}: `);
    }
  }
});
