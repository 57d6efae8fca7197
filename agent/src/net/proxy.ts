import { BlockList, isIP } from 'node:net';
import { AgentFault } from '../fault.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that is asked for a tunnel (CONNECT). */
export interface ProxyServer {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the way to the proxy itself is TLS. */
  readonly isSecure: boolean;
  /** Value of `Proxy-Authorization`; secret. */
  readonly authorization?: string;
  /** What named it, such as `HTTPS_PROXY`. */
  readonly source: string;
}

const ADVICE =
  'Give the proxy as http://user:password@host:port, with %40 for @, %2F for /, %3F for ? and %23 for # in the password.';

/**
 * Reads the URL of a proxy; without a scheme, `http://` is meant.
 * @throws {AgentFault} `settings`; the URL is not shown, since it may carry a password
 */
export function parseProxy(text: string, source: string): ProxyServer {
  const full = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(full)) throw new AgentFault('settings', `${source} is not the URL of a proxy`, ADVICE);
  const url = new URL(full);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AgentFault(
      'settings',
      `${source} names a proxy for ${url.protocol}//, which is not supported`,
      ADVICE,
    );
  }
  // A / ? or # in a password ends the host, so that a part of the password would be taken for it.
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) {
    throw new AgentFault('settings', `${source} is not the URL of a proxy`, ADVICE);
  }
  const isSecure = url.protocol === 'https:';
  const authorization = authorizationOf(url);
  return {
    host: bareHost(url),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
    ...(authorization === undefined ? {} : { authorization }),
    source,
  };
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** A % that begins no escape sequence is taken as it is: people paste passwords. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

/** Host of a URL without the brackets around an IPv6 address, and without the dot of a full name. */
export const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();

export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);

export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'));

/**
 * The proxy for a URL. A given one wins; else HTTPS_PROXY or HTTP_PROXY by the protocol, unless NO_PROXY names the host. This
 * machine itself is never asked for through a proxy of the environment.
 * @throws {AgentFault} `settings` where what is named is not the URL of a proxy
 */
export function proxyFor(url: URL, given: string | undefined, env: Environment): ProxyServer | undefined {
  if (given !== undefined) return parseProxy(given, 'the proxy setting');
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variable(env, name);
  if (text === undefined || isLoopback(bareHost(url)) || isExempt(url, variable(env, 'NO_PROXY') ?? '')) {
    return undefined;
  }
  return parseProxy(text, name);
}

/** The lower case one comes first, as with curl. */
export const variable = (env: Environment, name: string): string | undefined =>
  [env[name.toLowerCase()], env[name]]
    .map((text) => text?.trim())
    .find((text) => text !== undefined && text !== '');

/** NO_PROXY: names with their subdomains, addresses, networks such as 10.0.0.0/8, each with or without a port, or `*`. */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = bareHost(url);
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', port] =
        /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? /^([^:]+):(\d+)$/.exec(entry) ?? ([entry, entry] as const);
      if (port !== undefined && Number(port) !== portOf(url)) return false;
      if (isIP(host) !== 0) return isInNetwork(host, name);
      const domain = name.replace(/^\*?\.|\.$/g, '');
      return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
    });
}

function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const version = isIP(base);
  if (version === 0 || version !== isIP(address)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return false;
  const length = bits === undefined ? most : Number(bits);
  if (length > most) return false;
  const list = new BlockList();
  list.addSubnet(base, length, family);
  return list.check(address, family);
}
