import type { Instant } from './instant.ts';
import type { TermDefaults } from './installation.ts';
import type { Host } from './license.ts';
import { inviteFirstManagers, type FirstManagersDependencies } from './members/first-managers.ts';
import {
  changesOfRebuild,
  listChanges,
  shrinkNoticeOf,
  type ChangedInstallation,
  type OrderChange,
} from './order-changes.ts';
import { sendOrderNotices, type OrderNoticeDependencies } from './order-notices.ts';
import {
  placeOrder,
  type Order,
  type OrderDependencies,
  type PlacedOrder,
  type Rebuild,
  type RebuildObserver,
} from './order.ts';
import { Problem } from './problem.ts';

/** What an order needs, whichever way it comes. */
export type TakeOrderDependencies = OrderDependencies &
  FirstManagersDependencies &
  OrderNoticeDependencies & { readonly defaults: TermDefaults };

export interface TakenOrder extends PlacedOrder {
  /** What it changed for hosts, the most serious first; none where nothing had to be written. */
  readonly changes: readonly OrderChange[];
  /** How many are not listed. */
  readonly moreChanges: number;
  /** The hosts of the licenses in `changes`. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** False where the customer should be told by e-mail, but nobody can be sent one, not even the vendor. */
  readonly isDeliverable: boolean;
}

/**
 * Takes an order of the vendor, whichever way it comes: by a request or by an event. It is placed, and everything that
 * follows from an order follows here, so that no way of ordering forgets it. The same order again does no harm.
 * @throws {Problem} `customer-not-found`, `too-many-options`, `revision-outdated`, `revision-conflict`, `unavailable`
 */
export async function takeOrder(
  dependencies: TakeOrderDependencies,
  order: Order,
  now: Instant,
): Promise<TakenOrder> {
  const { customerId, contractId } = order;
  const { outbox, defaults } = dependencies;
  const changed = new Map<Rebuild, ChangedInstallation>();
  // What is to be told is noted first: once an installation is written, nobody knows any more what it was.
  const noting: RebuildObserver = {
    before: async (contract, rebuilds) => {
      for (const rebuild of rebuilds) {
        const installation = changesOfRebuild(rebuild, now, defaults);
        changed.set(rebuild, installation);
        const notice = shrinkNoticeOf(contract, installation, now, defaults);
        if (notice) await outbox.note(notice);
      }
    },
    lost: async (contract, rebuilds) => {
      for (const installation of rebuilds.flatMap((rebuild) => changed.get(rebuild) ?? [])) {
        const notice = shrinkNoticeOf(contract, installation, now, defaults);
        if (notice) await outbox.remove(notice);
      }
    },
  };
  const placed = await placeOrder(dependencies, order, now, noting).catch(async (refusal: unknown) => {
    // An order that is outdated may have finished the one that overtook it.
    if (refusal instanceof Problem && refusal.code !== 'unavailable') {
      await sendOrderNotices(dependencies, customerId, contractId, now);
    }
    throw refusal;
  });
  const told = await sendOrderNotices(dependencies, customerId, contractId, now);
  const faults = [...told.faults, ...(await inviteFirstManagers(dependencies, customerId, now))];
  // The order is placed; sent again, it sends the e-mail that could not go out.
  if (faults.length > 0) throw new Problem('unavailable', { cause: faults[0] });
  const listed = listChanges(placed.rebuilds.flatMap((rebuild) => changed.get(rebuild) ?? []));
  const hosts = await hostsIn(dependencies, listed.changes);
  return { ...placed, ...listed, hosts, isDeliverable: told.isDeliverable };
}

const hostsIn = (
  { licenseHosts }: TakeOrderDependencies,
  changes: readonly OrderChange[],
): Promise<ReadonlyMap<string, Host>> =>
  licenseHosts.readHosts([
    ...new Set(changes.flatMap((change) => (change.kind === 'hosts' ? [] : [change.licenseId]))),
  ]);
