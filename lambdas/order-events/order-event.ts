import * as z from 'zod/mini';
import { bodyInvalid, parseBody } from '../core/body.ts';
import { parseContract } from '../core/contract.ts';
import { idField } from '../core/fields.ts';
import type { Order } from '../core/order.ts';
import { Problem } from '../core/problem.ts';

/** Of the envelope only what is used: EventBridge makes it, and may add to it. */
const eventSchema = z.object(
  {
    'detail-type': z.literal('ContractChanged', 'must be ContractChanged'),
    detail: z.strictObject(
      {
        customerId: idField,
        contractId: idField,
        /** The document of `PUT /v1/customers/{customerId}/contracts/{contractId}`, which has a parser of its own. */
        contract: z.unknown(),
      },
      'must be {customerId, contractId, contract}',
    ),
  },
  'must be an event of EventBridge',
);

/**
 * The order that an event carries.
 * @throws {Problem} `body-invalid`, with every fault named by its path in the event, and the ids where they are valid
 */
export function readOrderEvent(event: unknown): Order {
  const { detail } = parseBody(eventSchema, event);
  const { customerId, contractId, contract } = detail;
  try {
    return { customerId, contractId, document: parseContract(contractId, contract) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const faults = error.faults.map(({ path, message }) => ({
      path: path === '' ? 'detail.contract' : `detail.contract.${path}`,
      message,
    }));
    throw bodyInvalid(faults, { customerId, contractId });
  }
}
