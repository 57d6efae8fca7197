import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  issueLicense,
  type IssuedLicense,
  type IssueLicenseDependencies,
} from '../../lambdas/core/issue-license.ts';
import { DAY } from '../../lambdas/core/instant.ts';
import { openCompact } from '../../lambdas/core/jws.ts';
import { claimsOf } from '../../lambdas/core/license-file.ts';
import { parseLicenseOrder } from '../../lambdas/core/license-order.ts';
import { changeState } from '../../lambdas/core/license-state.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { aContract, anInstallation } from '../builders/installation.ts';
import { aLicense } from '../builders/license.ts';
import { NOW } from '../builders/instants.ts';
import { SETTINGS } from '../builders/issue-plan.ts';
import { p256Key, ringOf, signatureOf } from '../builders/signing-key.ts';
import { emptyTables, keyText, MemoryStore, type Schedule, type Tables } from '../protocol/memory-store.ts';

const HOSTS = 3;
const key = p256Key();
const observer = {
  committed: () => undefined,
  recorded: () => undefined,
  refused: () => undefined,
  staleness: () => 0,
};
const caller = { sourceIp: '192.0.2.1' };
const installationKey = { customerId: 'acme', product: 'ES', installation: 'main' };

interface Request {
  readonly hostId?: string;
  readonly idempotencyKey?: string;
}

const orderOf = ({ hostId, idempotencyKey }: Request) =>
  parseLicenseOrder(
    'acme',
    { product: 'ES', ...(hostId === undefined ? {} : { host: { id: hostId } }) },
    idempotencyKey,
  );

function tablesWith(hosts: number): Tables {
  const tables = emptyTables();
  const installation = anInstallation({ contracts: [aContract({ hosts })], licenses: [] });
  tables.installations.set(keyText(installationKey), [installation]);
  return tables;
}

let ids = 0;

const dependenciesWith = (schedule: Schedule): IssueLicenseDependencies => ({
  store: new MemoryStore(schedule, observer),
  signer: {
    describe: () => Promise.resolve(key.publicKey),
    sign: (input) => schedule('sign', () => signatureOf(input, key)),
  },
  newSerial: () => `serial-${(ids += 1)}`,
  newLicenseId: () => `lic_${(ids += 1)}`,
  settings: SETTINGS,
  starterLapseDays: 30,
});

const atOnce =
  (tables: Tables): Schedule =>
  (_name, access) =>
    Promise.resolve(access(tables));

const listOf = (tables: Tables) => tables.installations.get(keyText(installationKey))?.at(-1)?.licenses ?? [];

function claimsOfFile(file: string) {
  const opened = openCompact(file, ringOf(key));
  if (opened.kind !== 'genuine') throw new Error('The file is not genuine');
  return claimsOf(JSON.stringify(opened.payload));
}

/** What must hold of an answer at the moment in which it is given. */
function expectSound({ hostId }: Request, { licenseId, file }: IssuedLicense, tables: Tables): void {
  const claims = claimsOfFile(file);
  const license = tables.licenses.get(licenseId);
  expect(claims.sub).toBe(licenseId);
  expect(listOf(tables).map(({ id }) => id)).toContain(licenseId);
  if (hostId === undefined) {
    expect(claims.host).toBeUndefined();
    expect(claims.seq).toBe(0);
    expect(license?.current).toBeUndefined();
  } else {
    expect(claims.host?.id).toBe(hostId);
    expect(license?.host?.id).toBe(hostId);
    expect(license?.current?.serial).toBe(claims.jti);
  }
}

function expectSoundTables(tables: Tables): void {
  const list = listOf(tables);
  expect(list.length).toBeLessThanOrEqual(HOSTS);
  expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
  const hosts = list.flatMap(({ hostId }) => hostId ?? []);
  expect(new Set(hosts).size).toBe(hosts.length);
}

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom('H-1', 'H-2', 'H-3', 'H-4').map((hostId) => ({ hostId })),
  fc.constantFrom('H-1', 'H-2').map((hostId) => ({ hostId, idempotencyKey: `order-of-${hostId}` })),
  fc.constantFrom('k-1', 'k-2').map((idempotencyKey) => ({ idempotencyKey })),
);

class Crash extends Error {}

describe('racing orders for licenses', () => {
  it('give one license per host and key, and never more than the ordered hosts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyRequest, { minLength: 2, maxLength: 6 }),
        async (scheduler, requests) => {
          const tables = tablesWith(HOSTS);
          const schedule: Schedule = (name, access) =>
            scheduler.schedule(Promise.resolve(), name).then(() => access(tables));
          const answers = await scheduler.waitFor(
            Promise.all(
              requests.map((request) =>
                issueLicense(dependenciesWith(schedule), orderOf(request), caller, NOW).then(
                  (answer) => {
                    expectSound(request, answer, tables);
                    return { request, answer };
                  },
                  (fault: unknown) => {
                    if (!(fault instanceof Problem)) throw fault;
                    expect(fault.code).toBe('host-limit');
                    return undefined;
                  },
                ),
              ),
            ),
          );
          expectSoundTables(tables);
          const given = answers.flatMap((found) => found ?? []);
          const created = given
            .filter(({ answer }) => answer.outcome === 'created')
            .map(({ answer }) => answer.licenseId);
          expect(new Set(created).size).toBe(created.length);
          for (const [index, { request, answer }] of given.entries()) {
            const same = given.find(
              (other) =>
                other.request.hostId === request.hostId &&
                (request.hostId !== undefined || other.request.idempotencyKey === request.idempotencyKey),
            );
            expect(answer.licenseId, `answer ${index}`).toBe(same?.answer.licenseId);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('heal from a crash at any call when they are sent again', async () => {
    const anyCrash = fc.record({ atCall: fc.integer({ min: 0, max: 10 }), after: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(anyRequest, anyCrash), { minLength: 1, maxLength: 4 }),
        async (scheduler, requests) => {
          const tables = tablesWith(HOSTS);
          const all = requests.map(([request, crash]) => {
            let calls = 0;
            const schedule: Schedule = async (name, access) => {
              await scheduler.schedule(Promise.resolve(), name);
              const isLast = calls++ === crash.atCall;
              if (isLast && !crash.after) throw new Crash();
              const result = access(tables);
              if (isLast) throw new Crash();
              return result;
            };
            return issueLicense(dependenciesWith(schedule), orderOf(request), caller, NOW).catch(
              () => undefined,
            );
          });
          await scheduler.waitFor(Promise.all(all));
          for (const [request] of requests) {
            const retry = issueLicense(dependenciesWith(atOnce(tables)), orderOf(request), caller, NOW);
            const answer = await retry.catch((fault: unknown) => {
              if (fault instanceof Problem && fault.code === 'host-limit') return undefined;
              throw fault;
            });
            if (answer) expectSound(request, answer, tables);
          }
          expectSoundTables(tables);
          // Whoever has a place has a license with a file by now.
          for (const { id } of listOf(tables)) expect(tables.licenses.has(id)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never deliver a file that was signed for a license which was revoked meanwhile', async () => {
    const tables = tablesWith(HOSTS);
    const issue = (schedule: Schedule) =>
      issueLicense(dependenciesWith(schedule), orderOf({ hostId: 'H-1' }), caller, NOW);
    const states = {
      writeState: (license: Parameters<typeof tables.licenses.set>[1]) => {
        tables.licenses.set(license.licenseId, { ...license, version: license.version + 1 });
        return Promise.resolve('written' as const);
      },
    };
    const revokingBeforeCommit: Schedule = async (name, access) => {
      const [entry] = listOf(tables);
      const license = tables.licenses.get(entry?.id ?? '');
      if (name === 'commit' && license?.state === 'active') {
        const store = new MemoryStore(atOnce(tables), observer);
        await changeState({ store, states }, license.licenseId, 'revoked', 'stolen');
      }
      return access(tables);
    };
    await expect(issue(revokingBeforeCommit)).rejects.toMatchObject({ code: 'license-revoked' });
    expect([...tables.licenses.values()][0]?.current).toBeUndefined();
  });
});

describe('an order for the host of a list that is behind its license', () => {
  it('brings the list in step after a take-over and gives the former host a license of its own', async () => {
    const tables = tablesWith(HOSTS);
    const dependencies = dependenciesWith(atOnce(tables));
    const first = await issueLicense(dependencies, orderOf({ hostId: 'H-1' }), caller, NOW);
    const license = tables.licenses.get(first.licenseId);
    if (!license) throw new Error('No license was stored');
    tables.licenses.set(first.licenseId, { ...license, host: { id: 'H-2' }, formerHosts: ['H-1'] });

    const second = await issueLicense(dependencies, orderOf({ hostId: 'H-1' }), caller, NOW);
    expect(second.licenseId).not.toBe(first.licenseId);
    expect(listOf(tables)).toEqual([
      { id: first.licenseId, hostId: 'H-2' },
      { id: second.licenseId, hostId: 'H-1' },
    ]);
  });

  it('does not hand out the file of another host for an old Idempotency-Key', async () => {
    const tables = tablesWith(HOSTS);
    const dependencies = dependenciesWith(atOnce(tables));
    const order = orderOf({ hostId: 'H-1', idempotencyKey: 'k-1' });
    const { licenseId } = await issueLicense(dependencies, order, caller, NOW);
    const license = tables.licenses.get(licenseId);
    if (!license) throw new Error('No license was stored');
    tables.licenses.set(licenseId, { ...license, host: { id: 'H-2' }, formerHosts: ['H-1'] });
    await expect(issueLicense(dependencies, order, caller, NOW)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
  });
});

describe('a starter file', () => {
  it('is the same again for its key, and the bound license once a host has it', async () => {
    const tables = tablesWith(HOSTS);
    const dependencies = dependenciesWith(atOnce(tables));
    const order = orderOf({ idempotencyKey: 'k-1' });
    const first = await issueLicense(dependencies, order, caller, NOW);
    expect(claimsOfFile(first.file)).toMatchObject({ seq: 0, exp: NOW + 30 * DAY, options: [] });
    expect(await issueLicense(dependencies, order, caller, NOW + DAY)).toEqual({
      ...first,
      outcome: 'known',
    });
  });

  it('that lapsed is not given again, and its place is free', async () => {
    const tables = tablesWith(1);
    const dependencies = dependenciesWith(atOnce(tables));
    const order = orderOf({ idempotencyKey: 'k-1' });
    await issueLicense(dependencies, order, caller, NOW);
    const later = NOW + 30 * DAY;
    await expect(issueLicense(dependencies, order, caller, later)).rejects.toMatchObject({
      code: 'starter-lapsed',
    });
    await expect(
      issueLicense(dependencies, orderOf({ hostId: 'H-1' }), caller, later),
    ).resolves.toMatchObject({
      outcome: 'created',
    });
  });
});

describe('a license whose record is gone', () => {
  it('gets a new file, one number further', async () => {
    const tables = tablesWith(HOSTS);
    const dependencies = dependenciesWith(atOnce(tables));
    await issueLicense(dependencies, orderOf({ hostId: 'H-1' }), caller, NOW);
    tables.records.clear();
    const { file, outcome } = await issueLicense(dependencies, orderOf({ hostId: 'H-1' }), caller, NOW);
    expect(outcome).toBe('known');
    expect(claimsOfFile(file).seq).toBe(2);
  });
});

describe('a license in the place of a retired one', () => {
  const retiredTables = () => {
    const tables = tablesWith(1);
    const versions = tables.installations.get(keyText(installationKey));
    const [installation] = versions ?? [];
    if (!installation) throw new Error('No installation');
    versions?.push({ ...installation, licenses: [{ id: 'lic_old', hostId: 'H-0', retiresAt: NOW - DAY }] });
    const movedAt = [NOW - 400 * DAY, NOW - 30 * DAY];
    const old = aLicense({ licenseId: 'lic_old', retiresAt: NOW - DAY, movedAt, extraTransfers: 2 });
    tables.licenses.set('lic_old', old);
    return tables;
  };

  it('inherits how often that one was moved, also where the first try crashed at any call', async () => {
    for (let atCall = 0; atCall < 10; atCall += 1) {
      const tables = retiredTables();
      let calls = 0;
      const crashing: Schedule = async (_name, access) => {
        const result = await Promise.resolve(access(tables));
        if (calls++ === atCall) throw new Crash();
        return result;
      };
      await issueLicense(dependenciesWith(crashing), orderOf({ hostId: 'H-1' }), caller, NOW).catch(
        () => undefined,
      );
      const retried = await issueLicense(
        dependenciesWith(atOnce(tables)),
        orderOf({ hostId: 'H-1' }),
        caller,
        NOW,
      );
      expect(retried.replaces).toBe('lic_old');
      expect(tables.licenses.get(retried.licenseId)).toMatchObject({
        movedAt: [NOW - 30 * DAY, NOW],
        extraTransfers: 2,
      });
      expect(listOf(tables).map(({ id }) => id)).toEqual([retried.licenseId]);
    }
  });

  it('is refused at the cap to a customer, and never to the vendor', async () => {
    const dependencies = dependenciesWith(atOnce(retiredTables()));
    const order = orderOf({ hostId: 'H-1' });
    // One move counts, and two are allowed above the cap.
    const capped = (transferLimit: number) =>
      issueLicense(dependenciesWith(atOnce(retiredTables())), { ...order, transferLimit }, caller, NOW);
    await expect(capped(-1)).rejects.toMatchObject({ code: 'transfer-limit' });
    await expect(capped(0)).resolves.toMatchObject({ outcome: 'created', replaces: 'lic_old' });
    await expect(issueLicense(dependencies, order, caller, NOW)).resolves.toMatchObject({
      replaces: 'lic_old',
    });
  });
});
