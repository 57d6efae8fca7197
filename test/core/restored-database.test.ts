import { describe, expect, it } from 'vitest';
import { DAY } from '../../lambdas/core/instant.ts';
import { licenseAsKnown, withFormerHost } from '../../lambdas/core/renewal-decision.ts';
import { aFile, aStarter } from '../builders/genuine-file.ts';
import { anInstallation } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { aLicense, anUnboundLicense } from '../builders/license.ts';
import { answer, decide, planOf, theFileBefore } from '../builders/renewal-facts.ts';

describe('a database restored to an older state (rule 8)', () => {
  const newer = { jti: 'serial-9', seq: 9, iat: NOW - 60 };

  it('learns sequence, host and current file from a file of a higher sequence number', () => {
    const plan = planOf({ file: aFile(newer) });
    expect(plan).toMatchObject({
      outcome: 'renewed',
      fork: false,
      license: {
        version: 20,
        seq: 9,
        host: { id: 'H-1' },
        current: { serial: 'serial-9', issuedAt: NOW - 60 },
      },
      replaces: { serial: 'serial-9', seq: 9 },
    });
  });

  it('learns from another file of the same sequence number only where that is later', () => {
    const known = (iat: number, jti = 'other-7') =>
      licenseAsKnown(aLicense(), aFile({ seq: 7, jti, iat }), anInstallation(), NOW).current?.serial;
    expect(known(NOW - DAY + 1)).toBe('other-7');
    expect(known(NOW - DAY)).toBe('serial-7');
    expect(known(NOW - DAY - 1)).toBe('serial-7');
  });

  it('learns nothing from the current file, an older file, or a starter', () => {
    for (const file of [
      aFile(),
      aFile({ iat: NOW }),
      theFileBefore(),
      aFile({ seq: 6, jti: 'x', iat: NOW }),
      aStarter(),
    ]) {
      expect(licenseAsKnown(aLicense(), file, anInstallation(), NOW)).toEqual(aLicense());
    }
    expect(licenseAsKnown(anUnboundLicense(), aStarter({ iat: NOW }), anInstallation(), NOW)).toEqual(
      anUnboundLicense(),
    );
  });

  it('takes the host from the file and then judges the caller by it', () => {
    const file = aFile({ ...newer, host: { id: 'H-2', name: 'rip-02' } });
    expect(planOf({ file })).toMatchObject({
      outcome: 'renewed',
      host: { id: 'H-2', name: 'rip-02' },
      license: { host: { id: 'H-2' }, formerHosts: ['H-1'] },
    });
    expect(answer({ file, hostId: 'H-1' })).toBe('license-transferred');
    expect(answer({ file, hostId: 'H-9' })).toBe('host-mismatch');
  });

  it('drops the transfer that the file shows as done, and keeps one that is still to come', () => {
    const license = aLicense({ transfer: { hostId: 'H-2' } });
    const done = licenseAsKnown(license, aFile({ ...newer, host: { id: 'H-2' } }), anInstallation(), NOW);
    expect(done.transfer).toBeUndefined();
    expect(licenseAsKnown(license, aFile(newer), anInstallation(), NOW).transfer).toEqual({ hostId: 'H-2' });
  });

  it('binds a license that was unbound in the older state', () => {
    expect(planOf({ file: aFile(newer), license: anUnboundLicense({ lapsesAt: NOW - DAY }) })).toMatchObject({
      outcome: 'renewed',
      license: { host: { id: 'H-1' }, seq: 9 },
    });
  });

  it('still refuses a revoked license', () => {
    expect(answer({ file: aFile(newer), license: aLicense({ state: 'revoked' }) })).toBe('license-revoked');
  });

  it('is not answered by a redelivery on the word of a file', () => {
    const file = aFile({ ...newer, iat: NOW - 1 });
    const license = aLicense({ serialsOn: { day: '2026-11-24', count: 24 } });
    expect(answer({ file, license })).toBe('renewed');
  });

  it('recreates a missing license from the file, so that it keeps its id', () => {
    expect(planOf({ license: undefined })).toMatchObject({
      outcome: 'renewed',
      host: { id: 'H-1', name: 'rip-01' },
      fork: false,
      license: {
        licenseId: 'license-1',
        customerId: 'acme',
        product: 'ES',
        installation: 'main',
        version: 0,
        state: 'active',
        seq: 7,
        host: { id: 'H-1' },
        current: { serial: 'serial-7' },
      },
    });
    expect(answer({ license: undefined, hostId: 'H-9' })).toBe('host-mismatch');
  });

  it('recreates a missing license from a starter that has not lapsed, and binds it', () => {
    const installation = anInstallation({ licenses: [{ id: 'license-1', lapsesAt: NOW + 1 }] });
    const starter = { license: undefined, file: aStarter({ exp: NOW + 1 }), hostId: 'H-1', installation };
    expect(planOf(starter)).toMatchObject({
      outcome: 'bound',
      license: { version: 0, seq: 0, lapsesAt: NOW + 1 },
    });
    expect(answer({ ...starter, file: aStarter({ exp: NOW }) })).toBe('starter-lapsed');
  });

  it('gives a starter of a missing license to nobody but the host that the installation lists for it', () => {
    const starter = { license: undefined, file: aStarter({ exp: NOW }) };
    expect(answer({ ...starter, hostId: 'H-1' })).toBe('renewed');
    expect(answer({ ...starter, hostId: 'H-2' })).toBe('host-mismatch');
  });

  it('gives a missing license to the host that the list names, and not back to a former one that holds its files', () => {
    const moved = anInstallation({ licenses: [{ id: 'license-1', hostId: 'H-2' }] });
    const lost = { license: undefined, installation: moved };
    expect(licenseAsKnown(undefined, aFile(), moved, NOW)).toMatchObject({
      host: { id: 'H-2' },
      formerHosts: ['H-1'],
    });
    expect(answer(lost)).toBe('license-transferred');
    // The list may be behind, so the refusal counts after a strong read only.
    expect(decide(lost)).toMatchObject({ by: 'other', restsOnInstallation: true });
    expect(answer({ ...lost, hostId: 'H-3' })).toBe('host-mismatch');
    expect(answer({ ...lost, hostId: 'H-2' })).toBe('renewed');
    expect(answer({ ...lost, file: aFile({ host: { id: 'H-2' } }) })).toBe('renewed');
  });

  it('refuses curably where the installation is not known, and only after a strong read', () => {
    expect(decide({ license: undefined, installation: undefined })).toEqual({
      kind: 'refuse',
      code: 'license-unknown',
      by: 'other',
      restsOnInstallation: true,
    });
    expect(decide({ installation: undefined })).toMatchObject({ code: 'license-unknown', by: 'bound' });
    expect(decide({ installation: undefined, hostId: 'H-9' })).toMatchObject({
      code: 'license-unknown',
      by: 'other',
    });
  });
});

describe('the former hosts', () => {
  it('are remembered newest last, each once', () => {
    expect(withFormerHost(aLicense({ formerHosts: ['H-1', 'H-0'] }))).toEqual(['H-0', 'H-1']);
  });

  it('are the eight most recent', () => {
    const formerHosts = Array.from({ length: 8 }, (_, index) => `F-${index}`);
    expect(withFormerHost(aLicense({ formerHosts }))).toEqual([...formerHosts.slice(1), 'H-1']);
  });

  it('stay as they are where no host was bound', () => {
    expect(withFormerHost(anUnboundLicense({ formerHosts: ['H-0'] }))).toEqual(['H-0']);
  });
});
