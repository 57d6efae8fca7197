import { Agent, request as httpRequest } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../local/sigv4.ts';
import type { LocalService } from '../../local/service.ts';

/** Who sends a request: the vendor's systems, somebody with a token (or what they take for one), or anybody. */
export type Caller = { readonly as: 'vendor' } | { readonly token: string } | { readonly as: 'anybody' };

export interface ApiRequest {
  readonly method: string;
  /** With the query, encoded as it is to be sent. */
  readonly path: string;
  readonly caller: Caller;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Sends requests as they are, over connections that stay open. */
export class ApiClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #url: URL;
  readonly #signer: SignatureV4;

  constructor({ url, identity }: Pick<LocalService, 'url' | 'identity'>) {
    this.#url = new URL(url);
    this.#signer = new SignatureV4({ ...identity, credentials: identity, sha256: Sha256 });
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const headers = await this.#headersOf(request);
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const target = {
        hostname,
        port,
        agent: this.#agent,
        method: request.method,
        path: request.path,
        headers,
      };
      const outgoing = httpRequest(target, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(request.body);
    });
  }

  /** Sends JSON and expects JSON. */
  async json(method: string, path: string, caller: Caller, body?: unknown): Promise<JsonAnswer> {
    const answer = await this.send({
      ...{ method, path, caller },
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    });
    const text = answer.body.toString();
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {} };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #headersOf({
    method,
    path,
    caller,
    headers = {},
    body,
  }: ApiRequest): Promise<Record<string, string>> {
    const sent = { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) };
    if ('token' in caller)
      return { ...sent, ...(caller.token === '' ? {} : { authorization: `Bearer ${caller.token}` }) };
    if (caller.as === 'anybody') return sent;
    const [pathname = '/', search = ''] = path.split('?');
    const query: Record<string, string | string[]> = {};
    for (const [name, value] of new URLSearchParams(search)) {
      const known = query[name];
      query[name] = known === undefined ? value : [known, value].flat();
    }
    const signed = await this.#signer.sign({
      ...{ method, path: pathname, query, protocol: 'http:', hostname: this.#url.hostname },
      headers: { host: this.#url.host },
      ...(body === undefined ? {} : { body }),
    });
    return { ...sent, ...signed.headers };
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonAnswer {
  readonly status: number;
  readonly body: JsonObject;
}
