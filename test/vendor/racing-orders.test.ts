import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOrder, type Order } from '../../lambdas/core/order.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { saveCustomer } from '../../lambdas/core/save-customer.ts';
import { aContractDocument } from '../builders/contract-document.ts';
import { NOW } from '../builders/instants.ts';
import { atOnce, MemoryOrderTables, type Access } from './memory-order-stores.ts';

type Request =
  { readonly put: 'contract'; readonly order: Order } | { readonly put: 'customer'; readonly name: string };

/** Few contracts, installations and revisions, so that requests meet each other; a revision may move its contract. */
const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        contractId: fc.constantFrom('c-1', 'c-2', 'c-3'),
        revision: fc.integer({ min: 1, max: 3 }),
        installation: fc.constantFrom('main', 'proof'),
        hosts: fc.integer({ min: 0, max: 5 }),
      })
      .map(({ contractId, ...document }) => ({
        put: 'contract' as const,
        order: { customerId: 'acme', contractId, document: aContractDocument(document) },
      })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Acme', 'Acme Print Ltd').map((name) => ({ put: 'customer' as const, name })),
  },
);

async function perform(request: Request, tables: MemoryOrderTables, access: Access): Promise<void> {
  const stores = tables.storesWith(access);
  if (request.put === 'contract') await placeOrder(stores, request.order, NOW);
  else {
    const reportSchedules = { add: () => Promise.resolve(), keep: () => Promise.resolve() };
    await saveCustomer(
      { ...stores, reportSchedules },
      { customerId: 'acme', name: request.name, contacts: [] },
    );
  }
}

/** What a client has to send again: not what was refused for good. */
const isUnanswered = (fault: unknown): boolean => !(fault instanceof Problem) || fault.code === 'unavailable';

class Crash extends Error {}

/** An order that was answered and not replaced since is in its installation, at any moment. */
function expectNoneForgotten(answered: readonly Order[], tables: MemoryOrderTables): void {
  for (const { contractId, document } of answered) {
    if (tables.contracts.get(contractId)?.document.revision !== document.revision) continue;
    const installation = tables.installations.get(`ES#${document.installation ?? 'main'}`);
    expect(installation?.contracts.find(({ id }) => id === contractId)?.hosts).toBe(document.hosts);
  }
}

describe('racing orders', () => {
  it('end at the union of all that is stored, whatever the interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyRequest, { minLength: 2, maxLength: 5 }),
        async (scheduler, requests) => {
          const tables = new MemoryOrderTables();
          const answered: Order[] = [];
          const access: Access = async (name, run) => {
            await scheduler.schedule(Promise.resolve(), name);
            const result = run();
            if (name === 'installations.write') expectNoneForgotten(answered, tables);
            return result;
          };
          const faults = requests.map((request) =>
            perform(request, tables, access).then(
              () => {
                if (request.put === 'contract') answered.push(request.order);
                expectNoneForgotten(answered, tables);
              },
              (fault: unknown) => fault,
            ),
          );
          await scheduler.waitFor(Promise.all(faults));
          expect(
            (await Promise.all(faults)).filter((fault) => fault !== undefined && isUnanswered(fault)),
          ).toEqual([]);
          expect(tables.actual()).toEqual(tables.expected());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('heal from crashes at any call when the unanswered are sent again', async () => {
    const anyCrash = fc.record({ atCall: fc.integer({ min: 0, max: 12 }), after: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(anyRequest, fc.option(anyCrash)), { minLength: 1, maxLength: 4 }),
        async (scheduler, requests) => {
          const tables = new MemoryOrderTables();
          const unanswered: Request[] = [];
          const all = requests.map(async ([request, crash]) => {
            let calls = 0;
            let isDead = false;
            const access: Access = async (name, run) => {
              await scheduler.schedule(Promise.resolve(), name);
              const isLast = calls++ === crash?.atCall;
              // A dead function makes no further call, not even one that was under way beside the last.
              if (isDead || (isLast && !crash.after)) throw new Crash();
              const result = run();
              isDead ||= isLast;
              if (isDead) throw new Crash();
              return result;
            };
            await perform(request, tables, access).catch((fault: unknown) => {
              if (isUnanswered(fault)) unanswered.push(request);
            });
          });
          await scheduler.waitFor(Promise.all(all));
          for (const request of unanswered) {
            await perform(request, tables, atOnce).catch((fault: unknown) =>
              expect(isUnanswered(fault)).toBe(false),
            );
          }
          expect(tables.actual()).toEqual(tables.expected());
        },
      ),
      { numRuns: 500 },
    );
  });

  it('heal also where the one that crashed half way is outdated by now', async () => {
    const tables = new MemoryOrderTables();
    const orderOf = (revision: number, installation: string): Order => ({
      customerId: 'acme',
      contractId: 'c-1',
      document: aContractDocument({ revision, installation }),
    });
    // The first order has read everything for `main` when the second moves the contract to `proof`; then it writes and crashes.
    const crashing: Access = async (name, run) => {
      if (name !== 'installations.write') return run();
      await placeOrder(tables.storesWith(atOnce), orderOf(2, 'proof'), NOW);
      run();
      throw new Crash();
    };
    await expect(placeOrder(tables.storesWith(crashing), orderOf(1, 'main'), NOW)).rejects.toThrow(Crash);
    const retry = placeOrder(tables.storesWith(atOnce), orderOf(1, 'main'), NOW);
    await expect(retry).rejects.toMatchObject({ code: 'revision-outdated' });
    expect(tables.actual()).toEqual(tables.expected());
  });

  it('write nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { minLength: 1, maxLength: 6 }), async (requests) => {
        const tables = new MemoryOrderTables();
        const settle = async () => {
          for (const request of requests) await perform(request, tables, atOnce).catch(() => undefined);
        };
        await settle();
        const contracts = requests.filter(({ put }) => put === 'contract');
        const before = structuredClone([...tables.installations.values()]);
        for (const request of contracts) await perform(request, tables, atOnce).catch(() => undefined);
        expect([...tables.installations.values()]).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });
});
