import { memberOf } from '../adapters/customer-request.ts';
import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { pathId } from '../adapters/vendor-request.ts';
import { limitsFor } from '../core/alerts/customer-limits.ts';
import { pageOf, parseQuery } from '../core/api/paging.ts';
import {
  installationDetail,
  installationId,
  installationItem,
  installationKey,
} from '../core/customer-view/installation-view.ts';
import { licenseDetail } from '../core/customer-view/license-detail.ts';
import { isWanted, licenseItem, licenseKey, sortLicenses } from '../core/customer-view/license-item.ts';
import { licensesCsv, licensesFileName } from '../core/customer-view/licenses-csv.ts';
import { overviewOf } from '../core/customer-view/overview.ts';
import {
  installationsQuery,
  licensesCsvQuery,
  licensesQuery,
  noQuery,
  timelineQuery,
} from '../core/customer-view/queries.ts';
import { viewInstallation, type ViewedLicense } from '../core/customer-view/standing.ts';
import { licenseTimeline } from '../core/customer-view/timeline.ts';
import { licenseOf, viewCustomer, type ViewDependencies } from '../core/customer-view/view-store.ts';
import type { Instant } from '../core/instant.ts';
import type { Installation, InstallationKey } from '../core/installation.ts';
import type { License } from '../core/license.ts';
import { Problem } from '../core/problem.ts';

/** Lambda answers 6 MB at most. */
const MAX_CSV_BYTES = 4 * 1024 * 1024;

export interface CustomerOverviewHandlerDependencies extends ViewDependencies {
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/** All that the people of a customer read about their licenses. It writes nothing, so every request may be repeated. */
export function createHandler(dependencies: CustomerOverviewHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    switch (event.routeKey) {
      case 'GET /v1/customer/overview':
        return getOverview(dependencies, event, now);
      case 'GET /v1/customer/licenses':
        return listLicenses(dependencies, event, now);
      case 'GET /v1/customer/licenses.csv':
        return exportLicenses(dependencies, event, now);
      case 'GET /v1/customer/licenses/{licenseId}':
        return getLicense(dependencies, event, now);
      case 'GET /v1/customer/licenses/{licenseId}/timeline':
        return getTimeline(dependencies, event);
      case 'GET /v1/customer/installations':
        return listInstallations(dependencies, event, now);
      case 'GET /v1/customer/installations/{product}/{installation}':
        return getInstallation(dependencies, event, now);
      default:
        throw new Problem('route-not-found');
    }
  });
}

type Dependencies = CustomerOverviewHandlerDependencies;

async function getOverview(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId } = memberOf(event);
  parseQuery(noQuery, event.queryStringParameters);
  return jsonResponse(200, overviewOf(customerId, await viewCustomer(dependencies, customerId, now), now));
}

async function listLicenses(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId } = memberOf(event);
  const query = parseQuery(licensesQuery, event.queryStringParameters);
  const { licenses } = await viewCustomer(dependencies, customerId, now, query);
  const wanted = licenses.filter((license) => isWanted(license, query));
  const page = pageOf(wanted, query, licenseKey, ({ license }) => license.licenseId);
  return jsonResponse(200, { ...page, items: page.items.map(licenseItem) });
}

async function exportLicenses(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId } = memberOf(event);
  const query = parseQuery(licensesCsvQuery, event.queryStringParameters);
  const { licenses } = await viewCustomer(dependencies, customerId, now, query);
  const wanted = licenses.filter((license) => isWanted(license, query));
  const body = licensesCsv(sortLicenses(wanted, query.sort));
  if (Buffer.byteLength(body) > MAX_CSV_BYTES) {
    const message = 'is needed: the whole list has more than 4 MiB';
    throw new Problem('query-invalid', { faults: [{ path: 'installation', message }] });
  }
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${licensesFileName(customerId, now)}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

async function getLicense(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId } = memberOf(event);
  parseQuery(noQuery, event.queryStringParameters);
  const licenseId = pathId(event, 'licenseId', 'license-not-found');
  const license = await licenseOf(dependencies, customerId, licenseId);
  const [installation, customer] = await Promise.all([
    dependencies.store.readInstallation(license),
    dependencies.customers.read(customerId),
  ]);
  const limits = limitsFor(customer, dependencies.limits);
  const [viewed] = viewAlone(license, installation, now, limits);
  if (!viewed) throw new Problem('license-not-found');
  return jsonResponse(200, licenseDetail(viewed, now, limits.defaults));
}

/** One license of an installation, also where the list has yet to follow the license. */
function viewAlone(
  license: License,
  stored: Installation | undefined,
  now: Instant,
  limits: ViewDependencies['limits'],
): ViewedLicense[] {
  const { customerId, product, installation: name, licenseId } = license;
  const installation = stored ?? {
    customerId,
    product,
    installation: name,
    customerName: '',
    version: 0,
    contracts: [],
    licenses: [],
  };
  const isListed = installation.licenses.some(({ id }) => id === licenseId);
  const listed = isListed
    ? installation
    : { ...installation, licenses: [...installation.licenses, { id: licenseId }] };
  return viewInstallation(listed, new Map([[licenseId, license]]), now, limits);
}

async function getTimeline(dependencies: Dependencies, event: Request): Promise<Response> {
  const { customerId } = memberOf(event);
  const query = parseQuery(timelineQuery, event.queryStringParameters);
  const licenseId = pathId(event, 'licenseId', 'license-not-found');
  const license = await licenseOf(dependencies, customerId, licenseId);
  return jsonResponse(200, await licenseTimeline(dependencies.store, license, query));
}

async function listInstallations(
  { store, limits: { defaults } }: Dependencies,
  event: Request,
  now: Instant,
): Promise<Response> {
  const { customerId } = memberOf(event);
  const query = parseQuery(installationsQuery, event.queryStringParameters);
  const items = (await store.readInstallations(customerId)).map((installation) =>
    installationItem(installation, now, defaults),
  );
  return jsonResponse(200, pageOf(items, query, installationKey, installationId));
}

async function getInstallation(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId } = memberOf(event);
  parseQuery(noQuery, event.queryStringParameters);
  const key: InstallationKey = {
    customerId,
    product: pathId(event, 'product', 'installation-not-found'),
    installation: pathId(event, 'installation', 'installation-not-found'),
  };
  const installation = await dependencies.store.readInstallation(key);
  if (!installation) throw new Problem('installation-not-found');
  const [licenses, customer] = await Promise.all([
    dependencies.store.readLicenses([...new Set(installation.licenses.map(({ id }) => id))]),
    dependencies.customers.read(customerId),
  ]);
  const limits = limitsFor(customer, dependencies.limits);
  const stored = new Map(licenses.map((license) => [license.licenseId, license]));
  const viewed = viewInstallation(installation, stored, now, limits);
  return jsonResponse(200, installationDetail(installation, viewed, now, limits.defaults));
}
