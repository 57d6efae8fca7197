import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { customerInForce, type CustomerLayers } from '../core/contacts-layer.ts';
import { parseCustomer } from '../core/customer.ts';
import { Problem } from '../core/problem.ts';
import { saveCustomer, type CustomerDependencies } from '../core/save-customer.ts';
import type { ContactStore } from '../core/save-contacts.ts';

export interface CustomersHandlerDependencies extends CustomerDependencies {
  readonly customers: CustomerDependencies['customers'] & Pick<ContactStore, 'readLayers'>;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/** The vendor's customers, whole documents in and out. Called by the vendor's ERP, which sends the same again after a fault. */
export function createHandler(dependencies: CustomersHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event) => {
    const customerId = pathId(event, 'customerId', 'customer-not-found');
    switch (event.routeKey) {
      case 'PUT /v1/customers/{customerId}':
        return putCustomer(dependencies, event, customerId);
      case 'GET /v1/customers/{customerId}':
        return getCustomer(dependencies, customerId);
      default:
        throw new Problem('route-not-found');
    }
  });
}

async function putCustomer(
  dependencies: CustomersHandlerDependencies,
  event: Request,
  customerId: string,
): Promise<Response> {
  const customer = { customerId, ...parseCustomer(jsonBodyOf(event)) };
  const outcome = await saveCustomer(dependencies, customer);
  dependencies.observability.logger.info(`customer-${outcome}`, { customerId });
  return jsonResponse(outcome === 'created' ? 201 : 200, customer);
}

async function getCustomer(
  { customers }: CustomersHandlerDependencies,
  customerId: string,
): Promise<Response> {
  const layers = await customers.readLayers(customerId);
  if (!layers) throw new Problem('customer-not-found');
  return jsonResponse(200, { ...layers.vendor, ...changedBy(layers) });
}

/** What counts instead of the document where the customer has changed something itself. */
function changedBy(layers: CustomerLayers) {
  const { contacts, offlineAfterHours } = layers.changes;
  const inForce = customerInForce(layers);
  return {
    ...(contacts.length === 0 ? {} : { contactsInForce: inForce.contacts }),
    ...(offlineAfterHours === undefined ? {} : { offlineAfterHoursInForce: offlineAfterHours }),
  };
}
