import { describe, expect, it } from 'vitest';
import { retireLicense } from '../../lambdas/core/hosts/retire-license.ts';
import type { InstallationLists } from '../../lambdas/core/installation-lists.ts';
import { DAY, type Instant } from '../../lambdas/core/instant.ts';
import { issueLicense } from '../../lambdas/core/issue-license.ts';
import { renewLicense } from '../../lambdas/core/renew-license.ts';
import { readLicenseFile } from '../../lambdas/core/license-file.ts';
import { NOW } from '../builders/instants.ts';
import { aLicense } from '../builders/license.ts';
import { ringOf } from '../builders/signing-key.ts';
import { MemoryStore, type Tables } from '../protocol/memory-store.ts';
import {
  atOnce,
  caller,
  crashingAt,
  dependenciesWith,
  installationIn,
  key,
  licenseIn,
  listOf,
  observer,
  orderOf,
  setList,
  tablesWith,
  type Request,
} from './issuing.ts';

const LIMIT = 4;

/** An order of the customer, who may move each license four times a year. */
const ordered = (tables: Tables, request: Request, now: Instant = NOW, transferLimit = LIMIT) =>
  issueLicense(dependenciesWith(atOnce(tables)), { ...orderOf(request), transferLimit }, caller, now);

const listsOf = (tables: Tables): InstallationLists => ({
  read: () => Promise.resolve(installationIn(tables)),
  readAll: () => Promise.resolve([installationIn(tables)]),
  write: (_installation, { licenses }) => {
    setList(tables, licenses);
    return Promise.resolve('written');
  },
});

const retired = (tables: Tables, licenseId: string, now: Instant = NOW) =>
  retireLicense(
    { ...dependenciesWith(atOnce(tables)), lists: listsOf(tables) },
    'acme',
    licenseId,
    'now',
    now,
  );

/** @param versionsBehind of the installation, at an eventual read */
function renewed(tables: Tables, text: string, hostId: string, now: Instant = NOW, versionsBehind = 0) {
  const read = readLicenseFile(text, ringOf(key));
  if (read.kind !== 'genuine') throw new Error('Not genuine');
  const dependencies = dependenciesWith(atOnce(tables));
  const store = new MemoryStore(atOnce(tables), { ...observer, staleness: () => versionsBehind });
  const request = { file: read.file, hostId, sourceIp: '192.0.2.1', now };
  return renewLicense({ ...dependencies, store }, request);
}

describe('a license in the place of a retired one', () => {
  const retiredTables = () => {
    const tables = tablesWith(1);
    setList(tables, [{ id: 'lic_old', hostId: 'H-0', retiresAt: NOW - DAY }]);
    const movedAt = [NOW - 400 * DAY, NOW - 30 * DAY];
    const old = aLicense({ licenseId: 'lic_old', retiresAt: NOW - DAY, movedAt, extraTransfers: 2 });
    tables.licenses.set('lic_old', old);
    return tables;
  };

  it('inherits how often that one was moved, also where the first try crashed at any call', async () => {
    for (let atCall = 0; atCall < 12; atCall += 1) {
      const tables = retiredTables();
      const crashing = dependenciesWith(crashingAt(tables, atCall));
      await issueLicense(crashing, orderOf({ hostId: 'H-1' }), caller, NOW).catch(() => undefined);
      const { licenseId, replaces } = await ordered(tables, { hostId: 'H-1' });
      expect(replaces).toBe('lic_old');
      expect(licenseIn(tables, licenseId)).toMatchObject({
        movedAt: [NOW - 30 * DAY, NOW],
        extraTransfers: 2,
      });
      expect(listOf(tables).map(({ id }) => id)).toEqual([licenseId]);
    }
  });

  it('is refused at the cap to a customer, and never to the vendor', async () => {
    // One move counts, and two are allowed above the cap.
    await expect(ordered(retiredTables(), { hostId: 'H-1' }, NOW, -1)).rejects.toMatchObject({
      code: 'transfer-limit',
    });
    await expect(ordered(retiredTables(), { hostId: 'H-1' }, NOW, 0)).resolves.toMatchObject({
      outcome: 'created',
      replaces: 'lic_old',
    });
    await expect(ordered(retiredTables(), { hostId: 'H-1' }, NOW, Infinity)).resolves.toMatchObject({
      replaces: 'lic_old',
    });
  });

  it.each(['retired', 'lapsed'])(
    'inherits through a starter file that was %s unused, and is charged once',
    async (end) => {
      const tables = tablesWith(1);
      let { licenseId } = await ordered(tables, { hostId: 'H-0' });
      let now = NOW;
      for (let move = 1; move <= LIMIT; move += 1) {
        await retired(tables, licenseId, now);
        for (let unused = 0; unused < 2; unused += 1) {
          const starter = await ordered(tables, {}, now);
          if (end === 'retired') await retired(tables, starter.licenseId, now);
          else now += 30 * DAY;
        }
        ({ licenseId } = await ordered(tables, { hostId: `H-${move}` }, now));
        expect(licenseIn(tables, licenseId).movedAt).toHaveLength(move);
        expect(listOf(tables)).toHaveLength(1);
      }
      await retired(tables, licenseId, now);
      await expect(ordered(tables, {}, now)).rejects.toMatchObject({ code: 'transfer-limit' });
      await expect(ordered(tables, { hostId: 'H-9' }, now)).rejects.toMatchObject({ code: 'transfer-limit' });
    },
  );

  it('takes the one that may still be moved, however many may not', async () => {
    const tables = tablesWith(50);
    const used = Array.from({ length: LIMIT }, (_, index) => NOW - (index + 10) * DAY);
    const list = Array.from({ length: 50 }, (_, index) => ({
      id: `lic_${index}-old`,
      hostId: `H-${index}`,
      retiresAt: NOW - DAY + index,
    }));
    setList(tables, list);
    for (const { id, retiresAt } of list) {
      const movedAt = id === 'lic_43-old' ? [] : used;
      tables.licenses.set(id, aLicense({ licenseId: id, retiresAt, movedAt }));
    }
    await expect(ordered(tables, { hostId: 'H-new' })).resolves.toMatchObject({ replaces: 'lic_43-old' });
    await expect(ordered(tables, { hostId: 'H-newer' })).rejects.toMatchObject({ code: 'transfer-limit' });
  });

  it('leaves that one retired, though a crash had kept the retirement out of its license', async () => {
    const tables = tablesWith(1);
    const { licenseId, file } = await ordered(tables, { hostId: 'H-0' });
    setList(tables, [{ id: licenseId, hostId: 'H-0', retiresAt: NOW }]);
    await ordered(tables, { hostId: 'H-1' });
    expect(licenseIn(tables, licenseId).retiresAt).toBe(NOW);
    expect(await renewed(tables, file, 'H-0')).toMatchObject({ kind: 'refused', code: 'license-retired' });
    expect(listOf(tables)).toHaveLength(1);
  });
});

describe('a host that two licenses wait for', () => {
  it('has the first one that it takes, though the second renewal reads an installation that is behind', async () => {
    const tables = tablesWith(2);
    const files = [];
    for (const hostId of ['H-1', 'H-2']) {
      const { licenseId, file } = await ordered(tables, { hostId });
      const license = licenseIn(tables, licenseId);
      tables.licenses.set(licenseId, {
        ...license,
        transfer: { hostId: 'H-9' },
        version: license.version + 1,
      });
      files.push(file);
    }
    const [first = '', second = ''] = files;
    expect(await renewed(tables, first, 'H-9')).toMatchObject({ kind: 'delivered', outcome: 'taken-over' });
    expect(await renewed(tables, second, 'H-9', NOW, 1)).toMatchObject({
      kind: 'refused',
      code: 'host-known',
    });
  });
});

describe('the list of an installation', () => {
  it('does not grow with starter files that are retired or left to lapse', async () => {
    const tables = tablesWith(2);
    await ordered(tables, { hostId: 'H-0' });
    let now = NOW;
    for (let round = 0; round < 18; round += 1) {
      const { licenseId } = await ordered(tables, {}, now);
      if (round % 2 === 0) await retired(tables, licenseId, now);
      else now += 30 * DAY;
      expect(listOf(tables).length).toBeLessThanOrEqual(2);
    }
  });

  it('shrinks again where it had grown, and forgets hosts that were retired more than 365 days ago', async () => {
    const tables = tablesWith(1);
    setList(tables, [
      ...Array.from({ length: 30 }, (_, index) => ({ id: `lapsed-${index}`, lapsesAt: NOW - DAY })),
      ...Array.from({ length: 30 }, (_, index) => ({ id: `unused-${index}`, retiresAt: NOW - DAY })),
      { id: 'old', hostId: 'H-0', retiresAt: NOW - 366 * DAY },
    ]);
    tables.licenses.set('old', aLicense({ licenseId: 'old', retiresAt: NOW - 366 * DAY }));
    for (let round = 0; round < 4; round += 1) {
      const { licenseId, replaces } = await ordered(tables, { hostId: `H-${round + 1}` });
      if (round === 0) expect(replaces).toBeUndefined();
      await retired(tables, licenseId);
    }
    expect(listOf(tables)).toHaveLength(1);
  });

  it('keeps the place of a license that was bound in time, though the list does not know it', async () => {
    const tables = tablesWith(1);
    const { licenseId, file } = await ordered(tables, {});
    const before = listOf(tables);
    await renewed(tables, file, 'H-1', NOW + DAY);
    setList(tables, before);
    await expect(ordered(tables, { hostId: 'H-2' }, NOW + 31 * DAY)).rejects.toMatchObject({
      code: 'host-limit',
    });
    expect(await ordered(tables, { hostId: 'H-1' }, NOW + 31 * DAY)).toMatchObject({ licenseId });
    expect(listOf(tables)).toEqual([{ id: licenseId, hostId: 'H-1' }]);
  });

  it('counts every host that was bound in time, however many the list does not know', async () => {
    const tables = tablesWith(45);
    for (let index = 0; index < 45; index += 1) {
      const before = listOf(tables);
      const { file } = await ordered(tables, {});
      const claimed = listOf(tables);
      await renewed(tables, file, `H-${index}`);
      expect(claimed).toHaveLength(before.length + 1);
      setList(tables, claimed);
    }
    await expect(ordered(tables, { hostId: 'H-new' }, NOW + 31 * DAY)).rejects.toMatchObject({
      code: 'host-limit',
    });
  });

  it('follows a binding that others kept ahead of, and says so where they never stop', async () => {
    for (const [conflicts, isInStep] of [
      [3, true],
      [Infinity, false],
    ] as const) {
      const tables = tablesWith(3);
      const { licenseId, file } = await ordered(tables, {});
      const read = readLicenseFile(file, ringOf(key));
      if (read.kind !== 'genuine') throw new Error('Not genuine');
      let left: number = conflicts;
      const dependencies = dependenciesWith((name, access) => {
        if (name === 'writeLicenseList' && left-- > 0) setList(tables, listOf(tables));
        return Promise.resolve(access(tables));
      });
      const result = await renewLicense(
        { ...dependencies, store: dependencies.store as Parameters<typeof renewLicense>[0]['store'] },
        { file: read.file, hostId: 'H-1', sourceIp: '192.0.2.1', now: NOW },
      );
      expect(result).toMatchObject({ kind: 'delivered', outcome: 'bound' });
      expect('listFault' in result).toBe(!isInStep);
      expect(listOf(tables)).toEqual([
        isInStep ? { id: licenseId, hostId: 'H-1' } : { id: licenseId, lapsesAt: NOW + 30 * DAY },
      ]);
    }
  });
});
