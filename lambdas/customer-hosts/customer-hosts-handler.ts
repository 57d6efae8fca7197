import * as z from 'zod/mini';
import { managerOf, memberOf, type Member } from '../adapters/customer-request.ts';
import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { idempotencyKeyOf, jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { cursorInvalid, cursorOf, cursorParts, limitFields, parseQuery } from '../core/api/paging.ts';
import { parseBody } from '../core/body.ts';
import { declareHost, parseHostOrder, type DeclareHostDependencies } from '../core/hosts/declare-host.ts';
import { siteField } from '../core/hosts/host-fields.ts';
import { ownLicenseView } from '../core/hosts/license-view.ts';
import type { CustomersLicenses } from '../core/hosts/ports.ts';
import {
  cancelRetirement,
  parseRetirement,
  retireLicense,
  type RetirementDependencies,
} from '../core/hosts/retire-license.ts';
import { isoOf, type Instant } from '../core/instant.ts';
import type { License } from '../core/license.ts';
import { Problem } from '../core/problem.ts';
import type { Caller } from '../core/renewal-record.ts';
import {
  cancelTransfer,
  declareTransfer,
  lapseOf,
  parseRepair,
  parseTransfer,
  starterOf,
  type Destination,
  type TransferDependencies,
} from '../core/transfers/declare-transfer.ts';
import { listTransfers } from '../core/transfers/list-transfers.ts';
import { sendReceipt, type ReceiptDependencies } from '../core/transfers/send-receipt.ts';
import type {
  Person,
  TransferRecord,
  TransferState,
  TransferStore,
} from '../core/transfers/transfer-record.ts';

type DomainDependencies = DeclareHostDependencies & TransferDependencies & RetirementDependencies;

export interface CustomerHostsHandlerDependencies extends DomainDependencies {
  readonly licenses: CustomersLicenses;
  readonly transfers: TransferStore;
  readonly receipts: ReceiptDependencies;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

type Dependencies = CustomerHostsHandlerDependencies;

/**
 * The hosts of a customer: declared, named, retired, moved. Called by managers through the portal, who repeat what failed; the
 * customer comes from the token, and a license of somebody else is answered like one that does not exist.
 */
export function createHandler(dependencies: Dependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    switch (event.routeKey) {
      case 'POST /v1/customer/hosts':
        return postHost(dependencies, event, managerOf(event), now);
      case 'PUT /v1/customer/licenses/{licenseId}/site':
        return putSite(dependencies, event, managerOf(event));
      case 'POST /v1/customer/licenses/{licenseId}/retire':
        return postRetirement(dependencies, event, managerOf(event), now);
      case 'POST /v1/customer/licenses/{licenseId}/retire/cancel':
        return postRetirementCancel(dependencies, event, managerOf(event), now);
      case 'POST /v1/customer/licenses/{licenseId}/transfer':
        return postTransfer(dependencies, event, managerOf(event), parseTransfer, now);
      case 'POST /v1/customer/licenses/{licenseId}/repaired':
        return postTransfer(dependencies, event, managerOf(event), parseRepair, now);
      case 'POST /v1/customer/licenses/{licenseId}/transfer/cancel':
        return postTransferCancel(dependencies, event, managerOf(event), now);
      case 'GET /v1/customer/licenses/{licenseId}/transfer/starter':
        return getStarter(dependencies, event, managerOf(event), now);
      case 'GET /v1/customer/transfers':
        return getTransfers(dependencies, event, memberOf(event), now);
      default:
        throw new Problem('route-not-found');
    }
  });
}

const licenseIdOf = (event: Request): string => pathId(event, 'licenseId', 'license-not-found');

const personOf = ({ subject, email }: Member): Person => ({
  subject,
  ...(email === undefined ? {} : { email }),
});

async function postHost(
  dependencies: Dependencies,
  event: Request,
  member: Member,
  now: Instant,
): Promise<Response> {
  const { customerId } = member;
  const { transferLimit } = dependencies;
  const order = parseHostOrder(customerId, jsonBodyOf(event), idempotencyKeyOf(event), transferLimit);
  const { host } = order;
  const caller: Caller = {
    sourceIp: event.requestContext.http.sourceIp,
    ...(host ? { hostId: host.id } : {}),
    ...(host?.name === undefined ? {} : { hostName: host.name }),
  };
  const { outcome, license, file, replaces } = await declareHost(
    dependencies,
    order,
    caller,
    personOf(member),
    now,
  );
  log(dependencies, `host-${outcome}`, license);
  return jsonResponse(outcome === 'created' ? 201 : 200, {
    license: ownLicenseView(license, now, transferLimit),
    file,
    kind: license.host ? 'license' : 'starter',
    ...(replaces === undefined ? {} : { replaces }),
  });
}

const siteSchema = z.strictObject(
  { site: z.nullable(siteField) },
  'must be a site, such as {"site": "Hall 2"}, or {"site": null}',
);

async function putSite(
  { licenses, observability }: Dependencies,
  event: Request,
  { customerId }: Member,
): Promise<Response> {
  const licenseId = licenseIdOf(event);
  const { site } = parseBody(siteSchema, jsonBodyOf(event));
  const outcome = await licenses.writeSite(customerId, licenseId, site ?? undefined);
  if (outcome === 'unknown') throw new Problem('license-not-found');
  observability.logger.info('site-written', { customerId, licenseId });
  return jsonResponse(200, { site });
}

async function postRetirement(
  dependencies: Dependencies,
  event: Request,
  { customerId }: Member,
  now: Instant,
): Promise<Response> {
  const licenseId = licenseIdOf(event);
  const effective = parseRetirement(jsonBodyOf(event), now);
  const { license, retiresAt } = await retireLicense(dependencies, customerId, licenseId, effective, now);
  log(dependencies, 'license-retired', license);
  const { current } = license;
  return jsonResponse(200, {
    license: ownLicenseView(license, now, dependencies.transferLimit),
    retiresAt: isoOf(retiresAt),
    ...(current && current.expiresAt > Math.max(now, retiresAt)
      ? { overlap: { until: isoOf(current.expiresAt) } }
      : {}),
  });
}

async function postRetirementCancel(
  dependencies: Dependencies,
  event: Request,
  { customerId }: Member,
  now: Instant,
): Promise<Response> {
  const license = await cancelRetirement(dependencies, customerId, licenseIdOf(event), now);
  log(dependencies, 'retirement-cancelled', license);
  return jsonResponse(200, ownLicenseView(license, now, dependencies.transferLimit));
}

async function postTransfer(
  dependencies: Dependencies,
  event: Request,
  member: Member,
  parse: (body: unknown) => Destination,
  now: Instant,
): Promise<Response> {
  const key = { customerId: member.customerId, licenseId: licenseIdOf(event) };
  const destination = parse(jsonBodyOf(event));
  const declared = await declareTransfer(dependencies, key, destination, personOf(member), now);
  const { license, record, starter, isKnown } = declared;
  if (!isKnown) {
    log(dependencies, `${record.kind}-declared`, license);
    const { faults } = await sendReceipt(dependencies.receipts, declared, now);
    // The transfer is declared; the list of transfers shows it, with or without an e-mail.
    if (faults.length > 0) dependencies.observability.logger.warn('receipt-not-sent', key);
  }
  const { current } = license;
  return jsonResponse(isKnown ? 200 : 201, {
    license: ownLicenseView(license, now, dependencies.transferLimit),
    id: record.id,
    ...(starter === undefined ? {} : { starter }),
    ...(current && current.expiresAt > now ? { overlap: { until: isoOf(current.expiresAt) } } : {}),
  });
}

async function postTransferCancel(
  dependencies: Dependencies,
  event: Request,
  { customerId }: Member,
  now: Instant,
): Promise<Response> {
  const license = await cancelTransfer(dependencies, customerId, licenseIdOf(event), now);
  log(dependencies, 'transfer-cancelled', license);
  return jsonResponse(200, ownLicenseView(license, now, dependencies.transferLimit));
}

async function getStarter(
  dependencies: Dependencies,
  event: Request,
  { customerId }: Member,
  now: Instant,
): Promise<Response> {
  const licenseId = licenseIdOf(event);
  return {
    statusCode: 200,
    headers: {
      'content-type': 'application/jwt',
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="${licenseId}-starter.lic"`,
    },
    body: await starterOf(dependencies, customerId, licenseId, now),
  };
}

const pageSchema = z.strictObject(limitFields);

async function getTransfers(
  { transfers }: Dependencies,
  event: Request,
  { customerId }: Member,
  now: Instant,
): Promise<Response> {
  const { limit, after } = parseQuery(pageSchema, event.queryStringParameters);
  const page = await listTransfers(
    transfers,
    customerId,
    { limit, ...(after === undefined ? {} : { before: idIn(after) }) },
    now,
  );
  return jsonResponse(200, {
    items: page.items.map(viewOf),
    ...(page.last === undefined ? {} : { next: cursorOf([page.last]) }),
  });
}

/** The id in a cursor; the database takes no empty key, and none of our ids is long. */
function idIn(cursor: string): string {
  const [id] = cursorParts(cursor, 1);
  if (typeof id !== 'string' || id === '' || id.length > 100) throw cursorInvalid();
  return id;
}

function viewOf({ state, ...record }: TransferRecord & { readonly state: TransferState }) {
  const { id, kind, licenseId, product, installation, from, to, replaces, terms, by, cancelledAt } = record;
  const { status, completedAt } = state;
  return {
    id,
    kind,
    status,
    licenseId,
    product,
    installation,
    ...(from ? { from } : {}),
    to,
    ...(replaces === undefined ? {} : { replaces }),
    ...(terms ? { terms } : {}),
    by,
    declaredAt: isoOf(record.declaredAt),
    ...(record.starter && status === 'pending' ? { lapsesAt: isoOf(lapseOf(record.starter)) } : {}),
    ...(completedAt === undefined ? {} : { completedAt: isoOf(completedAt) }),
    ...(cancelledAt === undefined ? {} : { cancelledAt: isoOf(cancelledAt) }),
  };
}

const log = (
  { observability }: Dependencies,
  message: string,
  { customerId, licenseId, version }: License,
): void => observability.logger.info(message, { customerId, licenseId, version });
