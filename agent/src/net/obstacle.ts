import type { Obstacle } from '../outcome.ts';
import { printable } from '../file/printable.ts';
import { ConnectionError } from './connection.ts';

const ADVICE: Readonly<Record<Obstacle, string>> = {
  dns: 'Check the name server of this machine and the name of the service; where only a proxy may resolve outside names, set HTTPS_PROXY or --proxy.',
  connect:
    'Have the firewall let this machine connect to the service, or set HTTPS_PROXY or --proxy if a proxy is the only way out.',
  timeout:
    'Usually a firewall drops the packets, or the line is slow: have it let this machine connect to the service, set --proxy, or give more time with --timeout.',
  tls: 'If a proxy inspects TLS here, give its certificate authority with --ca-file; else check the clock of this machine and the name of the service.',
  proxy:
    'Check the address and the password of the proxy (--proxy, HTTPS_PROXY), and that it lets this machine through to the service.',
  http: 'Something else than the service answered, or the service is busy: try again later; if it stays, compare the answer of /v1/ping and ask whoever runs the proxy or firewall.',
};

/** One line on what to do about an obstacle. */
export const adviceOn = (obstacle: Obstacle): string => ADVICE[obstacle];

interface Classified {
  readonly obstacle: Obstacle;
  /** One line for people, without credentials. */
  readonly detail: string;
}

const DNS = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENODATA',
  'ESERVFAIL',
]);

const CONNECT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  EHOSTUNREACH: 'there is no route to the host',
  EHOSTDOWN: 'the host is down',
  ENETUNREACH: 'there is no route to the network',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'this machine has no address for it',
  EACCES: 'this machine forbids it',
  EPERM: 'this machine forbids it',
  ECONNRESET: 'the connection was reset',
  ECONNABORTED: 'the connection was aborted',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is not as long as it says',
};

const TIMEOUT = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const CERTIFICATE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'it was issued by a certificate authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'it was issued by a certificate authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it was issued by a certificate authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it was issued by a certificate authority that is not trusted here',
  CERT_UNTRUSTED: 'it was issued by a certificate authority that is not trusted here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  CERT_HAS_EXPIRED: 'it has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'it is not valid yet, or the clock of this machine is wrong',
  CERT_REVOKED: 'it was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

const TLS_CODE =
  /^(CERT_|CRL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|EPROTO$)/;

/**
 * What an error of the network means. `peer` is whom it was about, as `host:port`, where the error does not say itself.
 * Anything unknown is `http`: something answered, and not as it should.
 */
export function classify(error: unknown, peer: string): Classified {
  const { obstacle, detail } = classifyChain(error, peer);
  return { obstacle, detail: printable(detail) };
}

function classifyChain(error: unknown, peer: string): Classified {
  const chain = causesOf(error);
  const connection = chain.find((one) => one instanceof ConnectionError);
  if (connection !== undefined) return classifyConnection(connection, chain);

  const code = decisiveCode(chain);
  if (isTimeOut(chain, code)) return { obstacle: 'timeout', detail: `${peer} did not answer in time` };
  if (code !== undefined) {
    if (DNS.has(code)) return { obstacle: 'dns', detail: `${peer} cannot be resolved (${code})` };
    if (TLS_CODE.test(code)) return { obstacle: 'tls', detail: tlsDetail(peer, code, chain) };
    const why = CONNECT[code];
    if (why !== undefined) return { obstacle: 'connect', detail: `${peer}: ${why} (${code})` };
  }
  // What undici says, without a code, of a chunked body that ends too early.
  if (chain.some((one) => messageOf(one).includes('Invalid EOF state'))) {
    return { obstacle: 'connect', detail: `${peer}: ${CONNECT['UND_ERR_SOCKET'] ?? ''}` };
  }
  return { obstacle: 'http', detail: `${peer} did not answer in proper HTTP (${reasonOf(code, chain)})` };
}

function classifyConnection(error: ConnectionError, chain: readonly unknown[]): Classified {
  const { step, to, peer, timedOutAfter } = error;
  const isProxy = to === 'proxy';
  const named = step === 'resolve' ? peer.replace(/:\d+$/, '') : peer;
  const who = isProxy ? `the proxy ${named}` : named;
  const code = decisiveCode(chain);
  const found = ((): Classified => {
    if (timedOutAfter !== undefined) {
      const waited = `within ${timedOutAfter} s`;
      if (step === 'resolve') return { obstacle: 'dns', detail: `${who} was not resolved ${waited}` };
      const what = step === 'handshake' ? 'the TLS handshake' : 'the attempt to connect';
      return { obstacle: 'timeout', detail: `${who} did not answer ${what} ${waited}` };
    }
    if (error.proxyStatus !== undefined) return { obstacle: 'proxy', detail: refusedTunnel(who, error) };
    if (step === 'resolve') {
      return { obstacle: 'dns', detail: `${who} cannot be resolved (${reasonOf(code, chain)})` };
    }
    const why = code === undefined ? undefined : CONNECT[code];
    if (why !== undefined && code !== undefined) {
      const when = {
        connect: '',
        resolve: '',
        tunnel: ' when asked for a tunnel',
        handshake: ' during the TLS handshake',
      };
      return { obstacle: 'connect', detail: `${who}: ${why}${when[step]} (${code})` };
    }
    if (isTimeOut(chain, code)) return { obstacle: 'timeout', detail: `${who} did not answer in time` };
    if (step === 'handshake') {
      return { obstacle: 'tls', detail: tlsDetail(who, code ?? reasonOf(code, chain), chain) };
    }
    return { obstacle: 'connect', detail: `${who}: no connection (${reasonOf(code, chain)})` };
  })();
  return isProxy ? { ...found, obstacle: 'proxy' } : found;
}

function refusedTunnel(who: string, { proxyStatus, proxyAuthenticate = '' }: ConnectionError): string {
  if (proxyStatus !== 407) return `${who} answered ${proxyStatus ?? 0} instead of opening a tunnel`;
  if (proxyAuthenticate !== '' && !/\bbasic\b/i.test(proxyAuthenticate)) {
    const schemes = printable(proxyAuthenticate, 80);
    return `${who} answered 407: it asks for ${schemes}, and the agent can only do Basic`;
  }
  return `${who} answered 407: user name and password are missing or wrong`;
}

function tlsDetail(who: string, code: string, chain: readonly unknown[]): string {
  const why = CERTIFICATE[code];
  if (why !== undefined) return `the certificate of ${who} is not accepted: ${why} (${code})`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return `${who} does not speak TLS (${code})`;
  }
  const alert = chain.map(messageOf).find((message) => /alert/i.test(message));
  return `no TLS with ${who}: ${printable(alert === undefined ? code : sslReason(alert), 120)}`;
}

/** `tlsv1 alert access denied` out of `40…:error:0A000419:SSL routines:ssl3_read_bytes:tlsv1 alert access denied:../deps/…`. */
const sslReason = (message: string): string =>
  message
    .split(':')
    .find((part) => /alert/i.test(part))
    ?.trim() ?? message;

/** An error, its causes and the members of aggregates, outermost first; bounded, since causes may go in circles. */
function causesOf(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < 32) {
    const one = waiting.shift();
    if (one == null || found.includes(one)) continue;
    found.push(one);
    if (one instanceof AggregateError) waiting.push(...(one.errors as readonly unknown[]));
    if (one instanceof Error) waiting.push(one.cause);
  }
  return found;
}

const codeOf = (one: unknown): string | undefined =>
  one instanceof Error && 'code' in one && typeof one.code === 'string' && /^[A-Z0-9_]{2,64}$/.test(one.code)
    ? one.code
    : undefined;

/** Of several addresses, one that answered with a refusal says more than one that did not answer. */
function decisiveCode(chain: readonly unknown[]): string | undefined {
  const codes = chain.map(codeOf).filter((code) => code !== undefined);
  return (
    codes.find((code) => code in CERTIFICATE) ??
    codes.find((code) => code === 'ECONNREFUSED' || code === 'ECONNRESET') ??
    codes.find((code) => code !== 'ETIMEDOUT') ??
    codes[0]
  );
}

const isTimeOut = (chain: readonly unknown[], code: string | undefined): boolean =>
  (code !== undefined && TIMEOUT.has(code)) ||
  chain.some((one) => one instanceof Error && one.name === 'TimeoutError');

const messageOf = (one: unknown): string => (one instanceof Error ? one.message : '');

function reasonOf(code: string | undefined, chain: readonly unknown[]): string {
  return code ?? printable(chain.map(messageOf).find((message) => message !== '') ?? 'unknown', 120);
}
