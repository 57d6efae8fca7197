import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../lambdas/core/instant.ts';
import { issueLicense, type IssuedLicense } from '../../lambdas/core/issue-license.ts';
import { openCompact } from '../../lambdas/core/jws.ts';
import { claimsOf } from '../../lambdas/core/license-file.ts';
import { changeState } from '../../lambdas/core/license-state.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { NOW } from '../builders/instants.ts';
import { ringOf } from '../builders/signing-key.ts';
import { MemoryStore, type Schedule, type Tables } from '../protocol/memory-store.ts';
import {
  atOnce,
  caller,
  Crash,
  dependenciesWith,
  key,
  listOf,
  observer,
  orderOf,
  tablesWith,
  type Request,
} from './issuing.ts';

const HOSTS = 3;

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
