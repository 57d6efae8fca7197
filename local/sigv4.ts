import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

const SHAPE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** AWS refuses signatures that are more than 5 minutes old, or from more than 5 minutes ahead. */
const FRESH_MS = 5 * 60_000;

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent, still encoded. */
  readonly path: string;
  readonly query: string;
  /** Names in lower case; `authorization` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

/** True if the request carries a fresh AWS Signature Version 4 by this identity over what it really contains. */
export async function isSignedBy(
  identity: SigningIdentity,
  request: SignedRequest,
  now: Date,
): Promise<boolean> {
  const match = SHAPE.exec(request.headers['authorization'] ?? '');
  if (match === null) return false;
  const [, accessKeyId, day, region, service, headerList = '', signature = ''] = match;
  const names = headerList.split(';');
  const date = request.headers['x-amz-date'] ?? '';
  const signedAt = DATE.exec(date);
  const inScope =
    accessKeyId === identity.accessKeyId &&
    region === identity.region &&
    service === identity.service &&
    signedAt !== null &&
    date.startsWith(day ?? '-') &&
    ['host', 'x-amz-date'].every((name) => names.includes(name)) &&
    names.every((name) => request.headers[name] !== undefined);
  if (!inScope) return false;
  const signingDate = new Date(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(now.getTime() - signingDate.getTime()) <= FRESH_MS)) return false;
  // The signer trusts this header, so it must tell the truth about the body.
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  if ((request.headers['x-amz-content-sha256'] ?? bodyHash) !== bodyHash) return false;
  const query = parseQuery(request.query);
  if (query === undefined) return false;

  const signer = new SignatureV4({
    credentials: identity,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: request.headers['host'] ?? '',
      path: request.path,
      query,
      headers: Object.fromEntries(names.map((name) => [name, request.headers[name] ?? ''])),
      body: request.body,
    },
    { signingDate, signableHeaders: new Set(names) },
  );
  const expected = SHAPE.exec(headers['authorization'] ?? '')?.[6] ?? '';
  return (
    expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
  );
}

/** Undefined where the query is not validly encoded. */
function parseQuery(query: string): Record<string, string | string[]> | undefined {
  const values = new Map<string, string[]>();
  try {
    for (const pair of query.split('&').filter(Boolean)) {
      const [name = '', ...value] = pair.split('=').map(decodeURIComponent);
      values.set(name, [...(values.get(name) ?? []), value.join('=')]);
    }
  } catch {
    return undefined;
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]),
  );
}

/** SHA-256, or HMAC of it where a secret is given, as the signer wants it. */
export class Sha256 {
  readonly #hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(source: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof source === 'string') return Buffer.from(source, 'utf8');
  if (source instanceof ArrayBuffer) return Buffer.from(source);
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
}
