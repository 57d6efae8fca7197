import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancelRetirement, retireLicense } from '../../lambdas/core/hosts/retire-license.ts';
import { retirementOf } from '../../lambdas/core/hosts/retirement.ts';
import type { CustomersLicenses } from '../../lambdas/core/hosts/ports.ts';
import type { InstallationLists } from '../../lambdas/core/installation-lists.ts';
import { openCompact } from '../../lambdas/core/jws.ts';
import { claimsOf, type GenuineFile } from '../../lambdas/core/license-file.ts';
import type { License } from '../../lambdas/core/license.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { renewLicense } from '../../lambdas/core/renew-license.ts';
import { termsIn } from '../../lambdas/core/terms.ts';
import { cancelTransfer, declareTransfer } from '../../lambdas/core/transfers/declare-transfer.ts';
import {
  stateOf,
  type TransferRecord,
  type TransferStore,
} from '../../lambdas/core/transfers/transfer-record.ts';
import { aFile } from '../builders/genuine-file.ts';
import { anInstallation } from '../builders/installation.ts';
import { NOW } from '../builders/instants.ts';
import { SETTINGS } from '../builders/issue-plan.ts';
import { aLicense } from '../builders/license.ts';
import { p256Key, ringOf, signatureOf } from '../builders/signing-key.ts';
import { emptyTables, keyText, MemoryStore, type Schedule, type Tables } from '../protocol/memory-store.ts';

const key = p256Key();
const ring = ringOf(key);
const { version, hash } = termsIn('en');
const observer = {
  committed: () => undefined,
  recorded: () => undefined,
  refused: () => undefined,
  staleness: () => 0,
};
const LICENSE_ID = 'license-1';
const own = { customerId: 'acme', licenseId: LICENSE_ID };

type Deed =
  | { readonly do: 'declare'; readonly to: string | undefined }
  | { readonly do: 'renew'; readonly hostId: string; readonly withStarter: boolean }
  | { readonly do: 'cancel' | 'retire' | 'cancel-retirement' };

interface Outcome {
  readonly deed: Deed;
  /** `done`, `crashed`, or the code of a problem. */
  readonly result: string;
}

class Crash extends Error {}

/** The stores of customers over the tables of the protocol's model. */
class World {
  readonly tables: Tables = emptyTables();
  readonly records = new Map<string, TransferRecord>();
  /** Hosts that the license was bound to, in order, each with the transfer that was pending before. */
  readonly moves: { to: string; transfer: License['transfer'] }[] = [];
  readonly starters: GenuineFile[] = [];
  private ids = 0;

  constructor() {
    this.tables.licenses.set(LICENSE_ID, aLicense());
    const installation = anInstallation();
    this.tables.installations.set(keyText(installation), [installation]);
  }

  get license(): License {
    const license = this.tables.licenses.get(LICENSE_ID);
    if (!license) throw new Error('The license is gone');
    return license;
  }

  async perform(deed: Deed, schedule: Schedule): Promise<Outcome['result']> {
    try {
      await this.done(deed, schedule);
      return 'done';
    } catch (fault) {
      if (fault instanceof Crash) return 'crashed';
      if (fault instanceof Problem) return fault.code;
      throw fault;
    }
  }

  private async done(deed: Deed, schedule: Schedule): Promise<void> {
    const store = new MemoryStore(schedule, {
      ...observer,
      committed: (license, before) => {
        if (license.host && license.host.id !== before?.host?.id)
          this.moves.push({ to: license.host.id, transfer: before?.transfer });
      },
    });
    const dependencies = {
      store,
      licenses: this.licensesWith(schedule),
      transfers: this.transfersWith(schedule),
      lists: this.listsWith(schedule, store),
      signer: {
        describe: () => Promise.resolve(key.publicKey),
        sign: (input: string) => schedule('sign', () => signatureOf(input, key)),
      },
      newSerial: () => `serial-of-${(this.ids += 1)}`,
      newTransferSuffix: () => String((this.ids += 1)),
      settings: SETTINGS,
      starterLapseDays: 30,
      transferLimit: 4,
    };
    switch (deed.do) {
      case 'declare': {
        const host = deed.to === undefined ? { name: 'new' } : { id: deed.to };
        const destination = { kind: 'transfer', host, terms: { version, hash } } as const;
        const { starter } = await declareTransfer(dependencies, own, destination, { subject: 'jo' }, NOW);
        if (starter !== undefined) this.starters.push(opened(starter));
        break;
      }
      case 'renew': {
        const { hostId } = deed;
        const file = deed.withStarter ? this.starters.at(-1) : aFile();
        if (!file) return;
        const request = { file, hostId, sourceIp: '192.0.2.1', now: NOW };
        const result = await renewLicense(dependencies, request);
        if (result.kind === 'refused') throw new Problem(result.code);
        expect(result.claims.host?.id).toBe(hostId);
        break;
      }
      case 'cancel':
        await cancelTransfer(dependencies, 'acme', LICENSE_ID, NOW);
        break;
      case 'retire':
        await retireLicense(dependencies, 'acme', LICENSE_ID, 'default', NOW);
        break;
      case 'cancel-retirement':
        await cancelRetirement(dependencies, 'acme', LICENSE_ID, NOW);
        break;
    }
  }

  private licensesWith(schedule: Schedule): CustomersLicenses {
    const write = (license: License, change: Partial<License>, removed: keyof License) =>
      schedule('license.write', ({ licenses }) => {
        const stored = licenses.get(license.licenseId);
        if (stored?.version !== license.version) return 'conflict';
        const kept = Object.fromEntries(Object.entries(stored).filter(([name]) => name !== removed));
        licenses.set(license.licenseId, { ...kept, ...change, version: stored.version + 1 } as License);
        return 'written';
      });
    return {
      writeTransfer: (license, transfer) => write(license, transfer ? { transfer } : {}, 'transfer'),
      writeRetirement: (license, retiresAt) =>
        write(license, retiresAt === undefined ? {} : { retiresAt }, 'retiresAt'),
      writeSite: () => Promise.resolve('written'),
    };
  }

  private transfersWith(schedule: Schedule): TransferStore {
    const { records } = this;
    return {
      put: (record) =>
        schedule('transfer.put', () => {
          if (!records.has(record.id)) records.set(record.id, record);
        }),
      read: (_customerId, id) => schedule('transfer.read', () => records.get(id)),
      noteCancelled: (_customerId, id, at) =>
        schedule('transfer.cancel', () => {
          const record = records.get(id);
          if (record) records.set(id, { cancelledAt: at, ...record });
        }),
      readPage: () => Promise.resolve([]),
      readMoves: () => Promise.resolve([]),
    };
  }

  private listsWith(schedule: Schedule, store: MemoryStore): InstallationLists {
    return {
      read: (of) => store.readInstallation(of),
      readAll: () => Promise.resolve([]),
      write: (installation, part) =>
        schedule('list.write', ({ installations }) => {
          const versions = installations.get(keyText(installation));
          const stored = versions?.at(-1);
          if (stored?.version !== installation.version) return 'conflict';
          versions?.push({ ...stored, ...part, version: stored.version + 1 });
          return 'written';
        }),
    };
  }
}

function opened(file: string): GenuineFile {
  const read = openCompact(file, ring);
  if (read.kind !== 'genuine') throw new Error('Not genuine');
  return { claims: claimsOf(JSON.stringify(read.payload)), isStarter: true };
}

const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom<Deed>(
      { do: 'declare', to: 'H-2' },
      { do: 'declare', to: 'H-3' },
      { do: 'declare', to: undefined },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Deed>({ do: 'cancel' }, { do: 'cancel-retirement' }, { do: 'retire' }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('renew' as const),
      hostId: fc.constantFrom('H-1', 'H-2', 'H-2', 'H-3', 'H-4'),
      withStarter: fc.boolean(),
    }),
  },
);

const anyCrash = fc.option(fc.record({ atCall: fc.nat(6), after: fc.boolean() }), {
  nil: undefined,
  freq: 3,
});

const atOnce =
  (tables: Tables): Schedule =>
  (_name, access) =>
    Promise.resolve(access(tables));

/** A license that is to move and to retire lets neither host go on. Only a crash may leave that, until the retry. */
function expectNotBoth({ license, tables }: World): void {
  const installation = tables.installations.get(keyText(license))?.at(-1);
  const entry = installation?.licenses.find(({ id }) => id === license.licenseId);
  if (license.transfer) expect(retirementOf(license, entry)).toBeUndefined();
}

function expectSound(world: World): void {
  const { license, records, moves } = world;
  for (const { to, transfer } of moves) {
    // No host has the license without a declared transfer, and none is declared without its record.
    const record = records.get(transfer?.id ?? '');
    expect(record?.by).toEqual({ subject: 'jo' });
    expect(record?.terms).toEqual({ version, hash });
    if (record?.to.id !== undefined) expect(to).toBe(record.to.id);
    expect(record && stateOf(record, license, 0).status).toBe('completed');
  }
  expect(license.movedAt ?? []).toHaveLength(moves.length);
  if (license.transfer) {
    const record = records.get(license.transfer.id ?? '');
    expect(record && stateOf(record, license, 0).status).toBe('pending');
  }
}

describe('transfers, retirements and renewals that race', () => {
  it('move a license only to a declared and accepted target, once each, through every crash', async () => {
    const seen = { moved: 0, cancelled: 0, crashed: 0, pending: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(fc.tuple(anyDeed, anyCrash), { minLength: 1, maxLength: 4 }), {
          minLength: 3,
          maxLength: 5,
        }),
        fc.boolean(),
        async (scheduler, phases, isCalm) => {
          const world = new World();
          for (const phase of phases) {
            const outcomes = await scheduler.waitFor(
              Promise.all(
                phase.map(async ([deed, drawn]): Promise<Outcome> => {
                  let calls = 0;
                  const crash = isCalm ? undefined : drawn;
                  const schedule: Schedule = async (name, access) => {
                    await scheduler.schedule(Promise.resolve(), name);
                    const isLast = calls++ === crash?.atCall;
                    if (isLast && !crash.after) throw new Crash();
                    const result = access(world.tables);
                    if (isLast) throw new Crash();
                    return result;
                  };
                  return { deed, result: await world.perform(deed, schedule) };
                }),
              ),
            );
            for (const { deed, result } of outcomes) {
              if (result === 'crashed') seen.crashed += 1;
              if (result === 'done' && deed.do === 'cancel') seen.cancelled += 1;
              if (result === 'transfer-pending') seen.pending += 1;
            }
          }
          seen.moved += world.moves.length;
          expectSound(world);
          if (isCalm) expectNotBoth(world);

          // Whatever happened, the customer can go on: a retry finishes what was begun.
          const schedule = atOnce(world.tables);
          await world.perform({ do: 'cancel-retirement' }, schedule);
          expect(world.license.retiresAt).toBeUndefined();
          await world.perform({ do: 'cancel' }, schedule);
          expect(world.license.transfer).toBeUndefined();
          expect(await world.perform({ do: 'declare', to: 'H-9' }, schedule)).toBe('done');
          expect(await world.perform({ do: 'renew', hostId: 'H-9', withStarter: false }, schedule)).toBe(
            'done',
          );
          expect(world.license.host?.id).toBe('H-9');
        },
      ),
      { numRuns: 3000 },
    );
    // Worth something only if the rare ways were walked.
    expect(seen.moved).toBeGreaterThan(200);
    expect(seen.cancelled).toBeGreaterThan(50);
    expect(seen.crashed).toBeGreaterThan(200);
    expect(seen.pending).toBeGreaterThan(50);
  });
});
