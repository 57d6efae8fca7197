import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { parseContract, type Contract } from '../core/contract.ts';
import { isId } from '../core/fields.ts';
import { isoOf, type Instant } from '../core/instant.ts';
import type { Host } from '../core/license.ts';
import type { OrderChange } from '../core/order-changes.ts';
import { Problem } from '../core/problem.ts';
import { takeOrder, type TakeOrderDependencies } from '../core/take-order.ts';

/** Contracts on one page of a list. */
const MAX_PAGE = 100;

export interface ContractsHandlerDependencies extends TakeOrderDependencies {
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/**
 * The vendor's contracts, whole documents in and out. Called by the vendor's ERP, which sends the same again after a fault:
 * the first try may have stored the contract and not yet rebuilt the installation.
 */
export function createHandler(dependencies: ContractsHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    const customerId = pathId(event, 'customerId', 'customer-not-found');
    switch (event.routeKey) {
      case 'PUT /v1/customers/{customerId}/contracts/{contractId}':
        return putContract(dependencies, event, customerId, now);
      case 'GET /v1/customers/{customerId}/contracts/{contractId}':
        return getContract(dependencies, event, customerId);
      case 'GET /v1/customers/{customerId}/contracts':
        return listContracts(dependencies, event, customerId);
      default:
        throw new Problem('route-not-found');
    }
  });
}

async function putContract(
  dependencies: ContractsHandlerDependencies,
  event: Request,
  customerId: string,
  now: Instant,
): Promise<Response> {
  const contractId = pathId(event, 'contractId', 'contract-not-found');
  const document = parseContract(contractId, jsonBodyOf(event));
  const placed = await takeOrder(dependencies, { customerId, contractId, document }, now);
  const { outcome, contract, installationVersion, changes, moreChanges, hosts } = placed;
  dependencies.observability.logger.info(`contract-${outcome}`, {
    customerId,
    contractId,
    installationVersion,
  });
  if (!placed.isDeliverable)
    dependencies.observability.logger.error('customer-not-told', { customerId, contractId });
  return jsonResponse(outcome === 'created' ? 201 : 200, {
    ...viewOf(contract),
    installationVersion,
    changes: changes.map((change) => viewOfChange(change, hosts)),
    moreChanges,
  });
}

async function getContract(
  { contracts }: ContractsHandlerDependencies,
  event: Request,
  customerId: string,
): Promise<Response> {
  const contract = await contracts.read(customerId, pathId(event, 'contractId', 'contract-not-found'));
  if (!contract) throw new Problem('contract-not-found');
  return jsonResponse(200, viewOf(contract));
}

async function listContracts(
  { customers, contracts }: ContractsHandlerDependencies,
  event: Request,
  customerId: string,
): Promise<Response> {
  const page = pageOf(event.queryStringParameters ?? {});
  if (!(await customers.read(customerId))) throw new Problem('customer-not-found');
  const { contracts: listed, next } = await contracts.readPage(customerId, page);
  return jsonResponse(200, { contracts: listed.map(viewOf), ...(next === undefined ? {} : { next }) });
}

/** `limit` and `next` of a list; what makes no sense is taken for the default. */
function pageOf({ limit, next }: Request['queryStringParameters'] & object): {
  limit: number;
  after?: string;
} {
  const wanted = Number(limit ?? MAX_PAGE);
  return {
    limit: Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, MAX_PAGE) : MAX_PAGE,
    ...(next !== undefined && isId(next) ? { after: next } : {}),
  };
}

/** A contract as the vendor sees it: the document as received, and when. */
const viewOf = ({ customerId, contractId, document, receivedAt, cancelledAt }: Contract) => ({
  customerId,
  contractId,
  ...document,
  receivedAt: isoOf(receivedAt),
  ...(cancelledAt === undefined ? {} : { cancelledAt: isoOf(cancelledAt) }),
});

/** A change as the vendor sees it, with the host of its license. */
function viewOfChange(change: OrderChange, hosts: ReadonlyMap<string, Host>) {
  const host = change.kind === 'hosts' ? undefined : hosts.get(change.licenseId);
  return {
    ...change,
    ...(host ? { host } : {}),
    from: isoOf(change.from),
    ...(change.kind === 'refused' ? {} : { until: change.until === null ? null : isoOf(change.until) }),
  };
}
