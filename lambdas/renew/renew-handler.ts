import { atTheEdge, bodyOf, type Request, type Response } from '../adapters/http.ts';
import type { About, Observability } from '../adapters/observability.ts';
import { isoOf } from '../core/instant.ts';
import type { KeyRing } from '../core/jws.ts';
import { readLicenseFile, type GenuineFile } from '../core/license-file.ts';
import { Problem } from '../core/problem.ts';
import { renewLicense, type RenewalDependencies, type RenewalResult } from '../core/renew-license.ts';
import { claimedHostOf } from './host-headers.ts';

/** Largest license file taken, in bytes. */
const MAX_FILE_BYTES = 16 * 1024;

export interface RenewHandlerDependencies extends RenewalDependencies {
  readonly keyRing: () => Promise<KeyRing>;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/**
 * `POST /v1/licenses/renew`: a license file in, its successor out. Called once a day by every installed product, and by
 * anyone on the internet: what is not genuine ends before the first call. A crash at any point leaves nothing that the
 * next request of the same file does not heal.
 */
export function createHandler(dependencies: RenewHandlerDependencies) {
  const { observability, documentationUrl } = dependencies;
  const edge = {
    logger: observability.logger,
    documentationUrl,
    onProblem: ({ code }: Problem, about: About) =>
      observability.count('Refusals', { name: 'code', value: code }, about),
  };
  return atTheEdge(edge, async (event, now) => {
    const body = fileText(event);
    const host = claimedHostOf(event.headers);
    const file = await genuineFile(body, dependencies.keyRing);
    const result = await renewLicense(dependencies, {
      file,
      ...host,
      sourceIp: event.requestContext.http.sourceIp,
      now,
    });
    const licenseId = file.claims.sub;
    if (result.kind === 'refused') {
      throw new Problem(result.code, { detail: result.detail, about: { licenseId } });
    }
    report(result, { requestId: event.requestContext.requestId, licenseId }, observability);
    return delivery(result, dependencies.random());
  });
}

/** The body as text without surrounding white space, whatever its media type. */
function fileText(event: Request): string {
  const body = bodyOf(event, MAX_FILE_BYTES);
  if (!body) throw new Problem('body-too-large');
  const text = body.toString('latin1').trim();
  if (text === '') throw new Problem('body-empty');
  return text;
}

async function genuineFile(text: string, keyRing: () => Promise<KeyRing>): Promise<GenuineFile> {
  const read = readLicenseFile(text, await keyRing());
  if (read.kind === 'genuine') return read.file;
  throw new Problem(read.kind === 'malformed' ? 'file-malformed' : 'file-not-genuine');
}

type Delivered = Extract<RenewalResult, { kind: 'delivered' }>;

function report(result: Delivered, about: About, { logger, count }: Observability): void {
  const { outcome, claims, forkSeen, listFault } = result;
  const facts = { ...about, seq: claims.seq, ...(forkSeen ? { forkSeen } : {}) };
  count('Renewals', { name: 'outcome', value: outcome }, facts);
  if (listFault !== undefined) {
    logger.warn('list-not-in-step', {
      ...about,
      cause: listFault instanceof Error ? listFault.name : 'unknown',
    });
  }
}

/** Renew-After is never more than the interval, so that a change arrives within it, and spreads a fleet over the day. */
const renewAfter = (everySeconds: number, random: number): number =>
  Math.floor(everySeconds * (0.85 + 0.15 * random));

const delivery = ({ file, claims }: Delivered, random: number): Response => ({
  statusCode: 200,
  headers: {
    'content-type': 'application/jwt',
    'cache-control': 'no-store',
    'license-serial': claims.jti,
    'license-expires': isoOf(claims.exp),
    'renew-after': String(renewAfter(claims.renewal.everySeconds, random)),
  },
  body: file,
});
