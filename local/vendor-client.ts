import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256, type SigningIdentity } from './sigv4.ts';

export interface VendorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Calls the vendor's routes as an ERP does: signed with SigV4, JSON both ways. */
export function createVendorClient(url: string, identity: SigningIdentity) {
  const signer = new SignatureV4({ ...identity, credentials: identity, sha256: Sha256 });
  const { hostname, port } = new URL(url);
  return async (
    method: string,
    path: string,
    body?: unknown,
    extraHeaders: Readonly<Record<string, string>> = {},
  ): Promise<VendorAnswer> => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const [pathname = '/', search = ''] = path.split('?');
    const { headers } = await signer.sign({
      method,
      protocol: 'http:',
      hostname,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { host: `${hostname}:${port}`, 'content-type': 'application/json', ...extraHeaders },
      ...(text === undefined ? {} : { body: text }),
    });
    const response = await fetch(url + path, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer };
  };
}
