import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { idempotencyKeyOf, jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { transferView } from '../core/hosts/license-view.ts';
import { isoOf, type Instant } from '../core/instant.ts';
import { issueLicense, type IssueLicenseDependencies, type LicenseLists } from '../core/issue-license.ts';
import { parseAllowance, parseLicenseOrder, parseReason } from '../core/license-order.ts';
import { allowTransfers, changeState, type LicenseStates } from '../core/license-state.ts';
import type { License } from '../core/license.ts';
import { Problem } from '../core/problem.ts';
import type { Caller } from '../core/renewal-record.ts';

export interface LicensesHandlerDependencies extends IssueLicenseDependencies {
  readonly lists: LicenseLists;
  readonly states: LicenseStates;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/**
 * Issues licenses, shows them, revokes and reinstates them, allows more transfers. Called by the vendor's ERP or people, who repeat what failed:
 * the first try may have got anywhere between the installation's list and the file.
 */
export function createHandler(dependencies: LicensesHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    switch (event.routeKey) {
      case 'POST /v1/customers/{customerId}/licenses':
        return postLicense(dependencies, event, now);
      case 'GET /v1/customers/{customerId}/licenses':
        return listLicenses(dependencies, event);
      case 'GET /v1/licenses/{licenseId}':
        return getLicense(dependencies, event);
      case 'POST /v1/licenses/{licenseId}/revoke':
        return postState(dependencies, event, 'revoked');
      case 'POST /v1/licenses/{licenseId}/reinstate':
        return postState(dependencies, event, 'active');
      case 'POST /v1/licenses/{licenseId}/transfer-allowance':
        return postAllowance(dependencies, event);
      default:
        throw new Problem('route-not-found');
    }
  });
}

async function postLicense(
  dependencies: LicensesHandlerDependencies,
  event: Request,
  now: Instant,
): Promise<Response> {
  const customerId = pathId(event, 'customerId', 'installation-not-found');
  const order = parseLicenseOrder(customerId, jsonBodyOf(event), idempotencyKeyOf(event));
  const { host } = order;
  const caller: Caller = {
    sourceIp: event.requestContext.http.sourceIp,
    ...(host ? { hostId: host.id } : {}),
    ...(host?.name === undefined ? {} : { hostName: host.name }),
  };
  const { outcome, licenseId, file } = await issueLicense(dependencies, order, caller, now);
  dependencies.observability.logger.info(`license-${outcome}`, { customerId, licenseId });
  return jsonResponse(outcome === 'created' ? 201 : 200, { licenseId, file });
}

async function listLicenses({ lists }: LicensesHandlerDependencies, event: Request): Promise<Response> {
  const found = await lists.readLicenseLists(pathId(event, 'customerId', 'customer-not-found'));
  return jsonResponse(200, {
    licenses: found.flatMap(({ product, installation, licenses }) =>
      licenses.map(({ id, hostId, lapsesAt, retiresAt }) => ({
        licenseId: id,
        product,
        installation,
        ...(hostId === undefined ? {} : { hostId }),
        ...datesOf({ lapsesAt, retiresAt }),
      })),
    ),
  });
}

async function getLicense({ store }: LicensesHandlerDependencies, event: Request): Promise<Response> {
  const license = await store.readLicense(pathId(event, 'licenseId', 'license-not-found'));
  if (!license) throw new Problem('license-not-found');
  return jsonResponse(200, viewOf(license));
}

async function postState(
  dependencies: LicensesHandlerDependencies,
  event: Request,
  state: License['state'],
): Promise<Response> {
  const licenseId = pathId(event, 'licenseId', 'license-not-found');
  const license = await changeState(dependencies, licenseId, state, parseReason(jsonBodyOf(event)));
  dependencies.observability.logger.info(`license-${license.state}`, { licenseId, version: license.version });
  return jsonResponse(200, viewOf(license));
}

async function postAllowance(dependencies: LicensesHandlerDependencies, event: Request): Promise<Response> {
  const licenseId = pathId(event, 'licenseId', 'license-not-found');
  const license = await allowTransfers(dependencies, licenseId, parseAllowance(jsonBodyOf(event)));
  dependencies.observability.logger.info('transfers-allowed', { licenseId });
  return jsonResponse(200, viewOf(license));
}

/** A license as the vendor sees it. Serials stay out: whoever knows one can tell a file of the chain. */
function viewOf(license: License) {
  const {
    licenseId,
    customerId,
    product,
    installation,
    version,
    state,
    stateReason,
    host,
    formerHosts,
    seq,
  } = license;
  const { createdAt, lapsesAt, lastSeenAt, failingSince, lastRefusal, forkSeenAt, current } = license;
  const { site, transfer, movedAt, extraTransfers, extraTransfersReason, retiresAt } = license;
  return {
    licenseId,
    customerId,
    product,
    installation,
    state,
    ...(stateReason === undefined ? {} : { stateReason }),
    ...(host ? { host } : {}),
    ...(formerHosts.length > 0 ? { formerHosts } : {}),
    seq,
    ...datesOf({ createdAt, lapsesAt, issuedAt: current?.issuedAt, expiresAt: current?.expiresAt }),
    ...datesOf({ lastSeenAt, failingSince, forkSeenAt, retiresAt }),
    ...(site === undefined ? {} : { site }),
    ...(transfer ? { transfer: transferView(transfer) } : {}),
    ...(movedAt === undefined ? {} : { movedAt: movedAt.map(isoOf) }),
    ...(extraTransfers === undefined ? {} : { extraTransfers }),
    ...(extraTransfersReason === undefined ? {} : { extraTransfersReason }),
    ...(lastRefusal === undefined ? {} : { lastRefusal }),
    version,
    ...(current ? { installationVersion: current.installationVersion } : {}),
  };
}

/** Instants in ISO 8601; absent ones stay absent. */
const datesOf = (instants: Readonly<Record<string, Instant | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(instants).flatMap(([name, instant]) =>
      instant === undefined ? [] : [[name, isoOf(instant)]],
    ),
  );
