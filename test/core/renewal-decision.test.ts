import { describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../lambdas/core/instant.ts';
import type { License } from '../../lambdas/core/license.ts';
import { aFile, aStarter } from '../builders/genuine-file.ts';
import { aContract, anInstallation } from '../builders/installation.ts';
import { at, NOW } from '../builders/instants.ts';
import { aCurrentFile, aLicense, anUnboundLicense } from '../builders/license.ts';
import type { LicenseEntry } from '../../lambdas/core/installation.ts';
import { answer, decide, justRenewed, planOf, theFileBefore } from '../builders/renewal-facts.ts';

const ended = anInstallation({ contracts: [aContract({ until: NOW - 14 * DAY })] });
const inGrace = anInstallation({ contracts: [aContract({ until: NOW - DAY })] });
const suspended = anInstallation({ contracts: [aContract({ suspended: true })] });

describe('a genuine file (rule 1)', () => {
  it('renews: the plan replaces the presented file and keeps the host', () => {
    expect(planOf()).toMatchObject({
      outcome: 'renewed',
      license: aLicense(),
      installation: anInstallation(),
      host: { id: 'H-1', name: 'rip-01' },
      replaces: { serial: 'serial-7', seq: 7 },
      fork: false,
    });
  });

  it('renews though it expired 400 days ago', () => {
    const old = { iat: NOW - 435 * DAY, exp: NOW - 400 * DAY };
    const current = aCurrentFile({ issuedAt: old.iat, expiresAt: old.exp });
    const contracts = [aContract({ from: NOW - 500 * DAY })];
    expect(
      answer({
        file: aFile(old),
        license: aLicense({ current }),
        installation: anInstallation({ contracts }),
      }),
    ).toBe('renewed');
  });

  it('renews in grace and is refused after it', () => {
    expect(answer({ installation: inGrace })).toBe('renewed');
    expect(planOf({ installation: inGrace }).entitlement.inGrace).toBe(true);
    expect(answer({ installation: ended })).toBe('contract-ended');
    expect(answer({ installation: ended, now: NOW - 1 })).toBe('renewed');
  });

  it('is refused while nothing entitles, with the reason, a detail, and only after a strong read', () => {
    expect(answer({ installation: suspended })).toBe('contract-suspended');
    const later = anInstallation({ contracts: [aContract({ from: NOW + 1 })] });
    expect(decide({ installation: later })).toMatchObject({
      code: 'contract-not-started',
      restsOnInstallation: true,
    });
    expect(decide({ installation: ended })).toMatchObject({
      kind: 'refuse',
      code: 'contract-ended',
      detail: expect.stringContaining('2026-11-10') as string,
      by: 'bound',
      restsOnInstallation: true,
    });
  });

  it('is refused where the license was revoked, and renews once it is reinstated', () => {
    const revoked = aLicense({ state: 'revoked' });
    expect(decide({ license: revoked })).toMatchObject({
      code: 'license-revoked',
      by: 'bound',
      restsOnInstallation: false,
    });
    expect(answer({ license: { ...revoked, state: 'active' } })).toBe('renewed');
  });
});

describe('the claimed host (rule 5)', () => {
  const moving = aLicense({ transfer: { hostId: 'H-2' } });
  const moved = aLicense({ host: { id: 'H-2' }, formerHosts: ['H-0', 'H-1'] });

  it('is the Host-Id header, else the host inside the file', () => {
    expect(answer({ hostId: 'H-1' })).toBe('renewed');
    expect(answer({ hostId: 'H-9' })).toBe('host-mismatch');
    expect(answer({ hostId: 'H-2', license: moved })).toBe('renewed');
    expect(answer({ license: moved })).toBe('license-transferred');
  });

  it('must be given where the file names none', () => {
    expect(decide({ file: aStarter(), license: anUnboundLicense() })).toMatchObject({
      code: 'host-id-required',
      by: 'other',
    });
    expect(answer({ file: aStarter() })).toBe('host-id-required');
  });

  it.each(['h-1', 'H-1 ', 'H-10', '', '__proto__'])('is compared exactly: %j is another host', (hostId) => {
    expect(decide({ hostId })).toMatchObject({
      kind: 'refuse',
      code: 'host-mismatch',
      by: 'other',
      restsOnInstallation: false,
    });
  });

  it('that is a former host is told that the license was transferred', () => {
    for (const hostId of ['H-0', 'H-1']) {
      expect(decide({ hostId, license: moved })).toMatchObject({ code: 'license-transferred', by: 'other' });
    }
  });

  it('must be the bound one for a lost reply, too', () => {
    expect(answer({ file: theFileBefore(), license: justRenewed(), hostId: 'H-9' })).toBe('host-mismatch');
  });

  it('takes over where it is the declared target, by whatever genuine file of the license', () => {
    expect(answer({ hostId: 'H-2', license: moving })).toBe('taken-over');
    expect(answer({ hostId: 'H-2', license: moving, file: theFileBefore() })).toBe('taken-over');
    expect(answer({ hostId: 'H-2', license: moving, file: aStarter() })).toBe('taken-over');
  });

  it('takes over where it is declared though it is a former host', () => {
    const back = aLicense({ host: { id: 'H-2' }, formerHosts: ['H-1'], transfer: { hostId: 'H-1' } });
    expect(answer({ license: back })).toBe('taken-over');
  });

  it('goes on renewing after the declaration until the new one comes', () => {
    expect(answer({ license: moving })).toBe('renewed');
  });

  it('is refused where it is neither bound nor the target', () => {
    expect(answer({ hostId: 'H-3', license: moving })).toBe('host-mismatch');
  });

  it('takes over with the starter whose serial is named in the transfer, and with no other', () => {
    const license = aLicense({ transfer: { starterSerial: 'starter-serial' } });
    expect(answer({ license, file: aStarter(), hostId: 'H-2' })).toBe('taken-over');
    expect(answer({ license, file: aStarter({ jti: 'older-starter' }), hostId: 'H-2' })).toBe(
      'host-mismatch',
    );
    expect(answer({ license, file: aStarter() })).toBe('host-id-required');
  });

  it('does not take over with a file of a host that has the serial of the named starter', () => {
    const license = aLicense({ transfer: { starterSerial: 'serial-7' } });
    expect(answer({ license, file: aFile(), hostId: 'H-2' })).toBe('host-mismatch');
  });

  it('does not take over with a starter where the transfer names a host', () => {
    expect(answer({ license: moving, file: aStarter(), hostId: 'H-3' })).toBe('host-mismatch');
  });

  it('takes over with the plan of the new host, without the name of the old one', () => {
    expect(planOf({ hostId: 'H-2', license: moving }).host).toEqual({ id: 'H-2' });
    expect(planOf({ hostId: 'H-2', hostName: 'rip-02', license: moving }).host).toEqual({
      id: 'H-2',
      name: 'rip-02',
    });
  });

  it('keeps its known name unless it sends another', () => {
    expect(planOf().host).toEqual({ id: 'H-1', name: 'rip-01' });
    expect(planOf({ hostName: 'renamed' }).host).toEqual({ id: 'H-1', name: 'renamed' });
  });
});

describe('a host that has a license of the installation', () => {
  const other = { id: 'license-2', hostId: 'H-2' };
  const own = { id: 'license-1', hostId: 'H-1' };
  const listed = (second: LicenseEntry) => anInstallation({ licenses: [own, second] });
  const target = aLicense({ transfer: { hostId: 'H-2' } });

  it('gets no second one, neither as a target nor by a starter file', () => {
    const refusal = { code: 'host-known', by: 'other', restsOnInstallation: true };
    expect(decide({ hostId: 'H-2', license: target, installation: listed(other) })).toMatchObject(refusal);
    const binding = { file: aStarter(), hostId: 'H-2', license: anUnboundLicense() };
    expect(decide({ ...binding, installation: listed(other) })).toMatchObject(refusal);
    const named = aLicense({ transfer: { starterSerial: 'starter-serial' } });
    expect(decide({ ...binding, license: named, installation: listed(other) })).toMatchObject(refusal);
  });

  it('may have it once the other is retired, and always renews what it has', () => {
    const retired = { ...other, retiresAt: NOW };
    expect(answer({ hostId: 'H-2', license: target, installation: listed(retired) })).toBe('taken-over');
    expect(answer({ installation: listed({ id: 'license-2', hostId: 'H-1' }) })).toBe('renewed');
  });
});

describe('a starter file', () => {
  const starter = { file: aStarter(), hostId: 'H-1' };

  it('binds an unbound license to the first host', () => {
    expect(planOf({ ...starter, license: anUnboundLicense(), hostName: 'rip-01' })).toMatchObject({
      outcome: 'bound',
      host: { id: 'H-1', name: 'rip-01' },
      replaces: { serial: 'starter-serial', seq: 0 },
      fork: false,
    });
  });

  it('has lapsed from the instant of its lapse on', () => {
    const license = (lapsesAt: number): License => anUnboundLicense({ lapsesAt });
    expect(answer({ ...starter, license: license(NOW + 1) })).toBe('bound');
    expect(decide({ ...starter, license: license(NOW) })).toMatchObject({
      code: 'starter-lapsed',
      by: 'other',
    });
  });

  it('does not lapse where it is bound', () => {
    expect(answer({ ...starter, license: aLicense({ lapsesAt: NOW }) })).toBe('renewed');
  });

  it('takes over until it expires itself, and for a host that is named by its id at any age', () => {
    const license = aLicense({ transfer: { starterSerial: 'starter-serial' } });
    const aged = (exp: number) => aStarter({ jti: 'starter-serial', exp });
    expect(answer({ file: aged(NOW + 1), hostId: 'H-2', license })).toBe('taken-over');
    expect(answer({ file: aged(NOW), hostId: 'H-2', license })).toBe('starter-lapsed');
    const named = aLicense({ transfer: { hostId: 'H-2' } });
    expect(answer({ file: aged(NOW), hostId: 'H-2', license: named })).toBe('taken-over');
  });

  it('replayed after the binding serves its own host, refuses any other, and is no fork', () => {
    expect(planOf(starter)).toMatchObject({ outcome: 'renewed', fork: false });
    expect(answer({ ...starter, hostId: 'H-2' })).toBe('host-mismatch');
    expect(answer({ ...starter, hostId: 'H-0', license: aLicense({ formerHosts: ['H-0'] }) })).toBe(
      'license-transferred',
    );
  });

  it('whose first reply was lost gets the same file again', () => {
    const license = justRenewed(MINUTE, {
      seq: 1,
      current: aCurrentFile({ issuedAt: NOW - MINUTE, replacesSeq: 0 }),
    });
    expect(answer({ ...starter, license })).toBe('redeliver');
  });
});

describe('checks for refusal', () => {
  const worst = aLicense({ state: 'revoked' });

  it('come in the order host, revocation, lapse, entitlement', () => {
    const lapsed = anUnboundLicense({ lapsesAt: NOW });
    const starter = { file: aStarter(), hostId: 'H-1', installation: ended };
    expect(answer({ hostId: 'H-9', license: worst, installation: ended })).toBe('host-mismatch');
    expect(answer({ license: worst, installation: ended })).toBe('license-revoked');
    expect(answer({ ...starter, license: { ...lapsed, state: 'revoked' } })).toBe('license-revoked');
    expect(answer({ ...starter, license: lapsed })).toBe('starter-lapsed');
    expect(answer({ ...starter, license: anUnboundLicense() })).toBe('contract-ended');
  });

  it('come before a redelivery, be it of a lost reply or of a day that is used up', () => {
    const lost = { file: theFileBefore(), license: justRenewed() };
    const usedUp = { license: aLicense({ serialsOn: { day: '2026-11-24', count: 24 } }) };
    for (const facts of [lost, usedUp]) {
      expect(answer(facts)).toBe('redeliver');
      expect(answer({ ...facts, installation: ended })).toBe('contract-ended');
      expect(answer({ ...facts, license: { ...facts.license, state: 'revoked' } })).toBe('license-revoked');
      expect(answer({ ...facts, hostId: 'H-9' })).toBe('host-mismatch');
    }
  });

  it('count for the bound host only where it is the one that calls', () => {
    const target = aLicense({ transfer: { hostId: 'H-2' }, state: 'revoked' });
    expect(decide({ license: target })).toMatchObject({ code: 'license-revoked', by: 'bound' });
    expect(decide({ license: target, hostId: 'H-2' })).toMatchObject({
      code: 'license-revoked',
      by: 'other',
    });
  });
});

describe('a lost reply (rule 6)', () => {
  const lost = { file: theFileBefore(), license: justRenewed() };

  it('is answered with the current file while that is under 10 minutes old', () => {
    expect(answer(lost)).toBe('redeliver');
    expect(answer({ ...lost, license: justRenewed(10 * MINUTE - 1) })).toBe('redeliver');
    expect(answer({ ...lost, license: justRenewed(10 * MINUTE) })).toBe('renewed');
  });

  it('is answered for any genuine serial of the chain', () => {
    expect(answer({ ...lost, file: aFile({ jti: 'serial-2', seq: 2, iat: NOW - 50 * DAY }) })).toBe(
      'redeliver',
    );
    expect(answer({ file: aFile({ jti: 'serial-2', seq: 2, iat: NOW - 50 * DAY }) })).toBe('renewed');
  });

  it('is not what a host has that presents the current file: it gets a new serial', () => {
    expect(answer({ license: justRenewed(0) })).toBe('renewed');
  });

  it('is answered with a new file where an order changed the installation meanwhile', () => {
    expect(answer({ ...lost, installation: anInstallation({ version: 4 }) })).toBe('renewed');
  });

  it('is answered with a new file where the caller takes over', () => {
    const license = justRenewed(MINUTE, { transfer: { hostId: 'H-2' } });
    expect(answer({ ...lost, license, hostId: 'H-2' })).toBe('taken-over');
  });

  it('carries a plan for the case that the record of the current file is gone', () => {
    expect(planOf(lost)).toMatchObject({ outcome: 'renewed', replaces: { serial: 'serial-6', seq: 6 } });
  });
});

describe('the 24 serials of a UTC day (rule 6)', () => {
  const issued = (count: number, day = '2026-11-24', current = aCurrentFile()): License =>
    aLicense({ serialsOn: { day, count }, current });

  it('end with the 24th: then the current file comes again', () => {
    expect(answer({ license: issued(23) })).toBe('renewed');
    expect(answer({ license: issued(24) })).toBe('redeliver');
    expect(answer({ license: issued(24), file: theFileBefore() })).toBe('redeliver');
  });

  it('begin anew at midnight UTC', () => {
    const midnight = at('2026-11-25T00:00:00Z');
    const installation = anInstallation();
    expect(answer({ license: issued(24), installation, now: midnight - 1 })).toBe('redeliver');
    expect(answer({ license: issued(24), installation, now: midnight })).toBe('renewed');
    expect(answer({ license: issued(24, '2026-11-23') })).toBe('renewed');
  });

  it('do not bind where the installation or the host changed', () => {
    expect(answer({ license: issued(24), installation: anInstallation({ version: 4 }) })).toBe('renewed');
    const license = { ...issued(24), transfer: { hostId: 'H-2' } };
    expect(answer({ license, hostId: 'H-2' })).toBe('taken-over');
    const unbound = anUnboundLicense({ serialsOn: { day: '2026-11-24', count: 24 } });
    expect(answer({ license: unbound, file: aStarter(), hostId: 'H-1' })).toBe('bound');
  });

  it('never make a file come again that has expired, where a later contract entitles anew', () => {
    const current = aCurrentFile({ issuedAt: NOW - 5 * 3600, expiresAt: NOW - 1 });
    const contracts = [aContract({ until: NOW - 1, graceDays: 0 }), aContract({ from: NOW })];
    expect(
      answer({ license: issued(24, '2026-11-24', current), installation: anInstallation({ contracts }) }),
    ).toBe('renewed');
  });
});

describe('a fork (rule 7)', () => {
  const current = aCurrentFile({ replacesSeq: 5, issuedAt: NOW - DAY });
  const forked = (seq: number, jti = `other-${seq}`) =>
    planOf({ file: aFile({ seq, jti }), license: aLicense({ current }) }).fork;

  it('is seen where a file that is not the current one is newer than the one that the current one replaced', () => {
    expect(forked(6)).toBe(true);
    expect(forked(7)).toBe(true);
  });

  it('is not seen in the file that the current one replaced, in older ones, nor in the current one', () => {
    expect(forked(5)).toBe(false);
    expect(forked(4)).toBe(false);
    expect(forked(7, 'serial-7')).toBe(false);
  });

  it('blocks nobody, and is noted in a redelivery too', () => {
    const file = aFile({ seq: 6, jti: 'other-6' });
    expect(answer({ file, license: aLicense({ current }) })).toBe('renewed');
    const decision = decide({ file, license: aLicense({ current: { ...current, issuedAt: NOW - MINUTE } }) });
    expect(decision).toMatchObject({ kind: 'redeliver', plan: { fork: true } });
  });
});

describe('a retirement', () => {
  const listed = (retiresAt: number) =>
    anInstallation({ licenses: [{ id: 'license-1', hostId: 'H-1', retiresAt }] });

  it('refuses from its instant on, whether the license or the list knows of it', () => {
    const codes = (retiresAt: number) => [
      answer({ license: aLicense({ retiresAt }) }),
      answer({ installation: listed(retiresAt) }),
    ];
    expect(codes(NOW + 1)).toEqual(['renewed', 'renewed']);
    expect(codes(NOW)).toEqual(['license-retired', 'license-retired']);
    expect(answer({ license: aLicense({ retiresAt: NOW + 1 }), installation: listed(NOW) })).toBe(
      'license-retired',
    );
    expect(decide({ installation: listed(NOW) })).toMatchObject({ by: 'bound', restsOnInstallation: true });
  });

  it('refuses the target of a transfer and the first host of a starter, too', () => {
    const moving = aLicense({ retiresAt: NOW, transfer: { hostId: 'H-2' } });
    expect(answer({ license: moving, hostId: 'H-2' })).toBe('license-retired');
    const unbound = anUnboundLicense({ retiresAt: NOW });
    expect(answer({ license: unbound, file: aStarter(), hostId: 'H-1' })).toBe('license-retired');
  });
});

describe('more licenses than hosts', () => {
  const contracts = [aContract({ hosts: 1 })];
  const first = { id: 'license-0', hostId: 'H-0' };
  const own = { id: 'license-1', hostId: 'H-1' };

  it('refuse those that were declared last, and that is curable', () => {
    expect(answer({ installation: anInstallation({ contracts, licenses: [own, first] }) })).toBe('renewed');
    const installation = anInstallation({ contracts, licenses: [first, own] });
    expect(decide({ installation })).toMatchObject({
      code: 'host-limit',
      by: 'bound',
      restsOnInstallation: true,
    });
    // A place that is free again is taken by the next in order.
    const retired = anInstallation({ contracts, licenses: [{ ...first, retiresAt: NOW }, own] });
    expect(answer({ installation: retired })).toBe('renewed');
    const lapsed = anInstallation({ contracts, licenses: [{ id: 'license-0', lapsesAt: NOW }, own] });
    expect(answer({ installation: lapsed })).toBe('renewed');
  });
});
