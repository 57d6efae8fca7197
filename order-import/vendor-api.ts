import { setTimeout as sleep } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../local/sigv4.ts';
import { ImportFault, printable } from './import-fault.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Half a minute in all, and what the requests themselves take. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export interface ApiSettings {
  readonly url: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Most requests in a second. */
  readonly rate: number;
  /** Aborted: no further request is begun. */
  readonly stopped: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The import was stopped from outside, before this request. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** The service did not do what was asked, and will not if asked again; the message is for people. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
}

export type VendorApi = (method: 'GET' | 'PUT', path: string, body?: unknown) => Promise<ApiAnswer>;

/** Calls the vendor's routes, signed, at a steady pace, and again where trying again helps. */
export function createVendorApi({ url, region, credentials, rate, stopped }: ApiSettings): VendorApi {
  const { protocol, hostname, host, pathname: base } = new URL(url);
  const signer = new SignatureV4({ credentials, region, service: 'execute-api', sha256: Sha256 });
  let nextAt = 0;

  const pace = async (): Promise<void> => {
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + 1000 / rate;
    await pause(at - now, stopped);
  };
  const once = async (method: string, path: string, body: string | undefined): Promise<Response> => {
    await pace();
    const [pathname = '', search = ''] = (base.replace(/\/$/, '') + path).split('?');
    const { headers } = await signer.sign({
      method,
      protocol,
      hostname,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { host, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    return fetch(new URL(pathname + (search === '' ? '' : `?${search}`), url), {
      method,
      headers,
      // The vendor's routes redirect nowhere, and signatures are for one address.
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    });
  };

  return async (method, path, body) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      // What is sent may be sent twice: equal documents change nothing.
      const response = await once(method, path, text).catch((error: unknown) => faultOf(error));
      const isBusy = response instanceof Error || response.status === 429 || response.status >= 500;
      if (isBusy && attempt < ATTEMPTS) {
        await pause(pauseAfter(response, attempt), stopped);
        continue;
      }
      if (response instanceof Error)
        throw new RequestRefused(`the service cannot be reached: ${response.message}`);
      if (response.status === 401 || response.status === 403) {
        throw new ImportFault(
          `the service refused the credentials (${response.status}): check them, --url and --region, and the policy of the caller`,
        );
      }
      return { status: response.status, body: await jsonOf(response) };
    }
  };
}

/** What a person can do about an answer that is no success. */
export function refusal(what: string, { status, body }: ApiAnswer): RequestRefused {
  const { code, faults } = membersOf(body);
  const named = (Array.isArray(faults) ? faults : []).map((fault) => {
    const { path, message } = membersOf(fault);
    return `${printable(String(path))} ${printable(String(message), 200)}`;
  });
  const why = typeof code === 'string' ? `${status} ${printable(code)}` : String(status);
  return new RequestRefused([`${what} was answered with ${why}`, ...named].join('; '));
}

export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

async function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(0, milliseconds), undefined, { signal: stopped });
  } catch {
    throw new Stopped();
  }
}

function pauseAfter(response: Response | Error, attempt: number): number {
  const asked = response instanceof Error ? NaN : Number(response.headers.get('retry-after')) * 1000;
  const usual = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return Math.min(LONGEST_PAUSE_MS, asked > usual ? asked : usual);
}

/** The network's fault; being stopped is none. */
function faultOf(error: unknown): Error {
  if (error instanceof Stopped) throw error;
  if (!(error instanceof Error)) return new Error('unknown');
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return new Error(code, { cause: error });
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
