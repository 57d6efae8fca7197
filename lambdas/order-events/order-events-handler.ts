import type { Observability } from '../adapters/observability.ts';
import type { Order } from '../core/order.ts';
import { Problem } from '../core/problem.ts';
import { takeOrder, type TakeOrderDependencies } from '../core/take-order.ts';
import { readOrderEvent } from './order-event.ts';

export interface OrderEventsHandlerDependencies extends TakeOrderDependencies {
  readonly observability: Observability;
}

/** Faults that are named to whoever looks at the dead letter; the first ones are enough to know what is wrong. */
const MAX_FAULTS = 10;

/**
 * Why an event was not taken. Lambda writes name and message into the dead letter, next to the event: whoever finds it needs
 * no log to know the reason.
 */
class OrderNotTaken extends Error {
  constructor({ code, detail, faults }: Problem) {
    const named = faults.slice(0, MAX_FAULTS).map(({ path, message }) => `${printable(path)} ${message}`);
    const more = faults.length - named.length;
    super(
      [named.length > 0 ? named.join('; ') : detail, ...(more > 0 ? [`and ${more} more`] : [])].join(' '),
    );
    this.name = code;
  }
}

/** The names of unknown members are text of others; this one goes into logs. */
const printable = (path: string): string => path.replace(/[^\w.[\]-]/g, '?');

/**
 * Orders that come as events. EventBridge delivers each at least once and in any order, and a replay delivers old ones again:
 * the revision tells which counts.
 * @throws {OrderNotTaken} for all that was not taken: Lambda tries twice more, so that an event which overtook its customer or
 * met a fault that passes is taken after all, and then puts it among the dead letters.
 */
export const createHandler =
  (dependencies: OrderEventsHandlerDependencies) =>
  async (event: unknown): Promise<void> => {
    const now = Math.floor(Date.now() / 1000);
    const { logger, count } = dependencies.observability;
    const counted = (outcome: string, about: Readonly<Record<string, string | number>>): void =>
      count('OrderEvents', { name: 'outcome', value: outcome }, about);
    let order: Order | undefined;
    try {
      order = readOrderEvent(event);
      const { customerId, contractId } = order;
      const { outcome, contract, installationVersion, isDeliverable } = await takeOrder(
        dependencies,
        order,
        now,
      );
      const { revision } = contract.document;
      counted(outcome, { customerId, contractId, revision, installationVersion });
      if (!isDeliverable) logger.error('customer-not-told', { customerId, contractId });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem('unavailable', { cause: error });
      const { code, about, cause } = problem;
      const ids = order ? idsOf(order) : about;
      if (code === 'revision-outdated') {
        counted('outdated', ids);
        return;
      }
      if (code === 'unavailable') {
        // Messages of the SDK can repeat what was asked: its names are enough.
        logger.error(code, { ...ids, cause: cause instanceof Error ? cause.name : typeof cause });
      }
      counted(code, ids);
      throw new OrderNotTaken(problem);
    }
  };

const idsOf = ({ customerId, contractId, document }: Order) => ({
  customerId,
  contractId,
  revision: document.revision,
});
