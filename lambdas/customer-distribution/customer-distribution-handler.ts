import * as z from 'zod/mini';
import { managerOf, memberOf } from '../adapters/customer-request.ts';
import { atTheEdge, jsonResponse, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { jsonBodyOf, pathId } from '../adapters/vendor-request.ts';
import { limitFields, parseQuery } from '../core/api/paging.ts';
import { decideDeclaration, declareDistribution } from '../core/customer-distribution/declare.ts';
import { parseDeclaration, parseWhatIf } from '../core/customer-distribution/distribution-request.ts';
import { readHeldFiles, type HeldFileStore } from '../core/customer-distribution/held-files.ts';
import { distributionOf, previewOf, whatIfOf, type Situation } from '../core/customer-distribution/view.ts';
import { installationIf } from '../core/customer-distribution/what-if.ts';
import type { Instant } from '../core/instant.ts';
import type { Installation, InstallationKey, TermDefaults } from '../core/installation.ts';
import type { InstallationLists } from '../core/installation-lists.ts';
import { Problem } from '../core/problem.ts';

export interface CustomerDistributionHandlerDependencies {
  readonly lists: InstallationLists;
  readonly files: HeldFileStore;
  readonly defaults: TermDefaults;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

type Dependencies = CustomerDistributionHandlerDependencies;

/** Lambda hands over 6 MB at the most. */
const MAX_ANSWER_BYTES = 5_000_000;

const query = z.strictObject(limitFields);

/** How the options of an installation are spread over its hosts: shown, declared, previewed and asked about. */
export function createHandler(dependencies: Dependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    switch (event.routeKey) {
      case 'GET /v1/customer/installations/{product}/{installation}/distribution':
        return getDistribution(dependencies, event, now);
      case 'PUT /v1/customer/installations/{product}/{installation}/distribution':
        return putDistribution(dependencies, event, now);
      case 'POST /v1/customer/installations/{product}/{installation}/distribution/preview':
        return postPreview(dependencies, event, now);
      case 'POST /v1/customer/installations/{product}/{installation}/what-if':
        return postWhatIf(dependencies, event, now);
      default:
        throw new Problem('route-not-found');
    }
  });
}

async function getDistribution(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const key = keyOf(event, memberOf(event).customerId);
  const page = parseQuery(query, event.queryStringParameters);
  const situation = await situationOf(dependencies, await read(dependencies, key), now);
  return answerOf(distributionOf(situation, page));
}

async function putDistribution(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const { customerId, subject } = managerOf(event);
  const key = keyOf(event, customerId);
  const page = parseQuery(query, event.queryStringParameters);
  const request = parseDeclaration(jsonBodyOf(event), now);
  const { lists, defaults, observability } = dependencies;
  const { outcome, installation, answer } = await declareDistribution(
    lists,
    key,
    request,
    now,
    defaults,
    async (changed) => answerOf(distributionOf(await situationOf(dependencies, changed, now), page)),
  );
  const { product, version } = installation;
  observability.logger.info(outcome === 'write' ? 'distribution-declared' : 'distribution-unchanged', {
    customerId,
    product,
    installation: installation.installation,
    version,
    subject,
  });
  return answer;
}

async function postPreview(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const key = keyOf(event, memberOf(event).customerId);
  const page = parseQuery(query, event.queryStringParameters);
  const request = parseDeclaration(jsonBodyOf(event), now);
  const installation = await read(dependencies, key);
  const decision = decideDeclaration(installation, request, now, dependencies.defaults);
  return answerOf(previewOf(await situationOf(dependencies, installation, now), decision, page));
}

async function postWhatIf(dependencies: Dependencies, event: Request, now: Instant): Promise<Response> {
  const key = keyOf(event, memberOf(event).customerId);
  const page = parseQuery(query, event.queryStringParameters);
  const whatIf = parseWhatIf(jsonBodyOf(event));
  const installation = await read(dependencies, key);
  const changed = installationIf(installation, whatIf, now, dependencies.defaults);
  return answerOf(whatIfOf(await situationOf(dependencies, installation, now), changed, page));
}

const keyOf = (event: Request, customerId: string): InstallationKey => ({
  customerId,
  product: pathId(event, 'product', 'installation-not-found'),
  installation: pathId(event, 'installation', 'installation-not-found'),
});

async function read({ lists }: Dependencies, key: InstallationKey): Promise<Installation> {
  const installation = await lists.read(key);
  if (!installation) throw new Problem('installation-not-found');
  return installation;
}

const situationOf = async (
  { files, defaults }: Dependencies,
  installation: Installation,
  now: Instant,
): Promise<Situation> => ({
  installation,
  held: await readHeldFiles(files, installation, now),
  now,
  defaults,
});

function answerOf(body: object): Response {
  const response = jsonResponse(200, body);
  if (Buffer.byteLength(response.body ?? '') <= MAX_ANSWER_BYTES) return response;
  const message = 'is too large: the answer would have more than 5 MB';
  throw new Problem('query-invalid', { faults: [{ path: 'limit', message }] });
}
