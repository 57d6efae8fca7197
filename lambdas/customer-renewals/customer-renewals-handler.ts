import { managerOf } from '../adapters/customer-request.ts';
import { atTheEdge, bodyOf, type Request, type Response } from '../adapters/http.ts';
import type { Observability } from '../adapters/observability.ts';
import { parseQuery } from '../core/api/paging.ts';
import { noQuery } from '../core/customer-view/queries.ts';
import { isoOf, utcDayOf, type Instant } from '../core/instant.ts';
import type { KeyRing } from '../core/jws.ts';
import { Problem } from '../core/problem.ts';
import { renewLicense, type RenewalDependencies, type RenewalResult } from '../core/renew-license.ts';
import { answerZip } from '../core/uploads/answer-zip.ts';
import { isZip, MAX_FILE_BYTES, readZip } from '../core/uploads/read-zip.ts';
import { ownFile, renewUploads, type Uploader } from '../core/uploads/renew-uploads.ts';
import { claimedHostOf } from '../renew/host-headers.ts';

/** Lambda takes 6 MB, which is this in base64. */
const MAX_UPLOAD_BYTES = 4 * 1024 * 1024;

/** The gateway waits 30 seconds: unpacking ends after these, and nothing more is begun after those. */
const UNPACKING_MS = 5_000;
const RENEWING_MS = 20_000;

export interface CustomerRenewalsHandlerDependencies extends RenewalDependencies {
  readonly keyRing: () => Promise<KeyRing>;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/**
 * `POST /v1/customer/renewals`: license files of hosts without network, one or a zip of them, to their successors. A manager
 * carries them; each file takes the way of a host's own renewal, so a request that is repeated does no harm.
 */
export function createHandler(dependencies: CustomerRenewalsHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  return atTheEdge({ logger: observability.logger, documentationUrl }, (event, now) => {
    if (event.routeKey !== 'POST /v1/customer/renewals') throw new Problem('route-not-found');
    return postRenewals(dependencies, event, now);
  });
}

async function postRenewals(
  dependencies: CustomerRenewalsHandlerDependencies,
  event: Request,
  now: Instant,
): Promise<Response> {
  const { customerId } = managerOf(event);
  parseQuery(noQuery, event.queryStringParameters);
  const uploader = { customerId, sourceIp: event.requestContext.http.sourceIp };
  const body = bodyOf(event, MAX_UPLOAD_BYTES);
  if (!body) throw new Problem('body-too-large', { detail: 'A zip of license files has at most 4 MiB.' });
  if (isZip(body)) {
    // What is declared as text arrives as text, and a zip is damaged then.
    if (!event.isBase64Encoded)
      throw new Problem('upload-invalid', { detail: 'Send a zip as application/zip.' });
    return renewZip(dependencies, body, uploader, now);
  }
  if (body.length > MAX_FILE_BYTES) throw new Problem('body-too-large');
  return renewFile(dependencies, body.toString('latin1').trim(), event, uploader, now);
}

/** One file. Its host may be named in `Host-Id`, to install a starter file where no network is. */
async function renewFile(
  dependencies: CustomerRenewalsHandlerDependencies,
  text: string,
  event: Request,
  uploader: Uploader,
  now: Instant,
): Promise<Response> {
  const host = claimedHostOf(event.headers);
  const file = ownFile(text, await dependencies.keyRing(), uploader);
  const licenseId = file.claims.sub;
  const result = await renewLicense(dependencies, { file, ...host, sourceIp: uploader.sourceIp, now });
  report(dependencies, licenseId, result);
  if (result.kind === 'refused') {
    throw new Problem(result.code, { detail: result.detail, about: { licenseId } });
  }
  return {
    statusCode: 200,
    headers: {
      ...download('application/jwt', `${licenseId}.lic`),
      'license-expires': isoOf(result.claims.exp),
    },
    body: result.file,
  };
}

async function renewZip(
  dependencies: CustomerRenewalsHandlerDependencies,
  bytes: Uint8Array,
  uploader: Uploader,
  now: Instant,
): Promise<Response> {
  const { elapsed, observability } = dependencies;
  const begun = elapsed();
  const uploads = readZip(bytes, () => elapsed() - begun > UNPACKING_MS);
  if (uploads.length === 0) throw new Problem('upload-invalid', { detail: 'The zip holds no license file.' });
  const outcomes = await renewUploads(
    {
      ...dependencies,
      onResult: (licenseId, result) => report(dependencies, licenseId, result),
      // Messages of faults may repeat what a file says; its name tells enough here.
      onFault: (licenseId, fault) =>
        observability.logger.error('upload-fault', {
          licenseId,
          cause: fault instanceof Error ? fault.name : 'unknown',
        }),
    },
    uploads,
    await dependencies.keyRing(),
    uploader,
    now,
    () => elapsed() - begun > RENEWING_MS,
  );
  return {
    statusCode: 200,
    headers: download('application/zip', `licenses-${uploader.customerId}-${utcDayOf(now)}.zip`),
    body: Buffer.from(answerZip(outcomes)).toString('base64'),
    isBase64Encoded: true,
  };
}

/** Ids are safe in file names. */
const download = (mediaType: string, fileName: string) => ({
  'content-type': mediaType,
  'content-disposition': `attachment; filename="${fileName}"`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
});

/** Counted as what hosts renew themselves. */
function report(
  { observability }: CustomerRenewalsHandlerDependencies,
  licenseId: string,
  result: RenewalResult,
): void {
  const { count, logger } = observability;
  if (result.kind === 'refused') {
    count('Refusals', { name: 'code', value: result.code }, { licenseId });
    return;
  }
  const { outcome, claims, forkSeen, listFault } = result;
  const facts = { licenseId, seq: claims.seq, ...(forkSeen ? { forkSeen } : {}) };
  count('Renewals', { name: 'outcome', value: outcome }, facts);
  if (listFault !== undefined) {
    logger.warn('list-not-in-step', {
      licenseId,
      cause: listFault instanceof Error ? listFault.name : 'unknown',
    });
  }
}
