import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DAY, HOUR, MINUTE, isoOf, systemClock, type Clock } from '../clock.ts';
import { AgentFault } from '../fault.ts';
import { printable } from '../file/printable.ts';
import {
  connectionOptions,
  createServiceClient,
  pingUrl,
  serviceUrl,
  type NetOptions,
} from '../net/client.ts';
import {
  ConnectionError,
  peerOf,
  reach,
  reachProxy,
  secure,
  tunnel,
  type ConnectionOptions,
} from '../net/connection.ts';
import { adviceOn, classify } from '../net/obstacle.ts';
import { bareHost, portOf, variable } from '../net/proxy.ts';
import { createTrust, PUBLIC_ROOTS } from '../net/trust.ts';
import { certificateOf, type SeenCertificate } from './certificate.ts';
import { ok, problem, problemOfFault, skipped, warning, type Check, type Finding } from './finding.ts';

/** A license file is judged against a clock: being wrong by less changes nothing that lasts. */
const MAX_SKEW = DAY;

const CHECKS: readonly Check[] = ['proxy', 'dns', 'connect', 'tls', 'ping', 'clock'];

/** The way to the service, step by step, as a renewal takes it; whatever comes after a broken step is skipped. */
export async function examineNetwork(
  address: string | undefined,
  net: NetOptions,
  givingUp: AbortSignal,
): Promise<readonly Finding[]> {
  if (address === undefined) {
    return [
      problem(
        'settings',
        'The address of the service is not known',
        'Name a license file, which says where to renew, or give --url.',
      ),
      ...CHECKS.map((check) => skipped(check, 'needs the address of the service')),
    ];
  }
  const findings: Finding[] = [];
  try {
    const url = serviceUrl(address, net.allowHttp);
    const options = connectionOptions(url, net, createTrust(net), givingUp);
    findings.push(ok('settings', `the service is ${printable(url.origin, 255)}`));
    if (await examineConnection(url, net, options, findings))
      await examineAnswer(url, net, givingUp, findings);
  } catch (fault) {
    if (!(fault instanceof AgentFault)) throw fault;
    findings.push(problemOfFault('settings', fault));
  }
  const done = new Set(findings.map(({ check }) => check));
  const because = findings.find(({ outcome }) => outcome === 'problem')?.check ?? 'settings';
  return [
    ...findings,
    ...CHECKS.filter((check) => !done.has(check)).map((check) => skipped(check, `needs ${because} to work`)),
  ];
}

/** Whether the connection can be made. */
async function examineConnection(
  url: URL,
  net: NetOptions,
  options: ConnectionOptions,
  findings: Finding[],
): Promise<boolean> {
  const { proxy } = options;
  const service = peerOf(bareHost(url), portOf(url));
  const [host, port] = proxy === undefined ? [bareHost(url), portOf(url)] : [proxy.host, proxy.port];
  let check: Check = 'dns';
  let socket: Socket | undefined;
  try {
    if (proxy === undefined) findings.push(withoutProxy(url, net));
    findings.push(ok('dns', await resolved(host, port, options)));
    check = 'connect';
    socket =
      proxy === undefined ? await reach(host, port, 'service', options) : await reachProxy(proxy, options);
    const address = printable(socket.remoteAddress ?? 'unknown', 60);
    findings.push(
      ok(
        'connect',
        `${proxy === undefined ? '' : 'the proxy '}${peerOf(host, port)} accepts connections (${address})`,
      ),
    );
    if (proxy !== undefined) {
      check = 'proxy';
      socket = await tunnel(socket, proxy, service, options);
      const login = proxy.authorization === undefined ? '' : ', with a user name';
      findings.push(
        ok('proxy', `${peerOf(host, port)} of ${proxy.source} lets through to ${service}${login}`),
      );
    }
    check = 'tls';
    if (url.protocol === 'http:') findings.push(skipped('tls', 'the address of the service is http'));
    else
      findings.push(
        await trusted(await secure(socket, bareHost(url), portOf(url), 'service', options), url, options),
      );
    return true;
  } catch (error) {
    options.signal.throwIfAborted();
    const { obstacle, detail } = classify(error, service);
    const seen = check === 'tls' ? await look(url, options) : undefined;
    findings.push(
      problem(check, seen === undefined ? detail : `${detail}; ${describe(seen)}`, adviceOn(obstacle)),
    );
    return false;
  } finally {
    socket?.destroy();
  }
}

function withoutProxy(url: URL, net: NetOptions): Finding {
  const isHttpsOnly = url.protocol === 'https:' && variable(net.env, 'HTTPS_PROXY') === undefined;
  if (isHttpsOnly && variable(net.env, 'HTTP_PROXY') !== undefined) {
    return warning(
      'proxy',
      'none is used: HTTP_PROXY is set, but the service is https and HTTPS_PROXY is not set',
      'If there is no direct way out, set HTTPS_PROXY or --proxy as well.',
    );
  }
  return ok(
    'proxy',
    isHttpsOnly ? 'none is used: HTTPS_PROXY is not set' : 'none is used: NO_PROXY or a local address',
  );
}

/** Addresses of a name, as the system resolves it for all programs. */
async function resolved(
  host: string,
  port: number,
  { family, proxy, stepSeconds }: ConnectionOptions,
): Promise<string> {
  if (isIP(host) !== 0) return `${host} is an address, nothing to resolve`;
  const to = proxy === undefined ? 'service' : 'proxy';
  const at = { step: 'resolve', to, peer: peerOf(host, port) } as const;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new ConnectionError(at, { timedOutAfter: stepSeconds }));
    }, stepSeconds * 1000);
  });
  const looking = lookup(host, { all: true, ...(family === undefined ? {} : { family }) }).catch(
    (cause: unknown) => {
      throw new ConnectionError(at, { cause });
    },
  );
  const addresses = await Promise.race([looking, tooLong]).finally(() => {
    clearTimeout(timer);
  });
  const shown = addresses.slice(0, 4).map(({ address }) => printable(address, 60));
  return `${printable(host, 255)} is ${shown.join(', ')}${addresses.length > 4 ? ', …' : ''}`;
}

/** A certificate that was accepted: by a public authority, or by one that was added here. */
async function trusted(socket: TLSSocket, url: URL, options: ConnectionOptions): Promise<Finding> {
  const version = printable(socket.getProtocol() ?? 'TLS', 20);
  const accepted = certificateOf(socket);
  socket.destroy();
  const seen = await look(url, options);
  const detail = `${version}, ${describe(accepted)}`;
  if (seen === undefined || seen.isTrusted) return ok('tls', detail);
  return warning(
    'tls',
    `${detail}, which is no public authority: a proxy inspects TLS here, or the service has an authority of its own`,
    'It works as long as that authority is trusted here; keep it in --ca-file, and put its successor there before it changes.',
  );
}

const describe = ({ subject, issuer, validity }: SeenCertificate): string =>
  `the certificate of ${subject} is issued by ${issuer}, valid from ${validity}`;

/** Looks at the certificate once more, without believing it and without sending anything. */
async function look(url: URL, options: ConnectionOptions): Promise<SeenCertificate | undefined> {
  const [host, port] = [bareHost(url), portOf(url)];
  try {
    const { proxy } = options;
    const socket =
      proxy === undefined
        ? await reach(host, port, 'service', options)
        : await tunnel(await reachProxy(proxy, options), proxy, peerOf(host, port), options);
    const secured = await secure(socket, host, port, 'service', {
      ...options,
      roots: PUBLIC_ROOTS,
      mustBeTrusted: false,
    });
    const seen = certificateOf(secured);
    secured.destroy();
    return seen;
  } catch {
    return undefined;
  }
}

/** What the service answers to the letter, and its clock. */
async function examineAnswer(
  url: URL,
  net: NetOptions,
  givingUp: AbortSignal,
  findings: Finding[],
): Promise<void> {
  const answer = await createServiceClient(net).ping(url.href, givingUp);
  const shown = printable(pingUrl(url).href, 255);
  if (answer.kind === 'ok') findings.push(ok('ping', `${shown} answers as it should`));
  else findings.push(problem('ping', answer.detail, adviceOn(answer.obstacle)));
  const { clockAhead } = answer;
  if (clockAhead === undefined) findings.push(skipped('clock', 'the answer has no usable date'));
  else findings.push(clockFinding(clockAhead, net.clock ?? systemClock));
}

function clockFinding(ahead: number, clock: Clock): Finding {
  const skew = Math.abs(ahead);
  if (skew <= MINUTE) return ok('clock', 'the clock of this machine is right');
  const detail = `the clock of this machine says ${isoOf(clock.now())} and is ${durationOf(skew)} ${ahead > 0 ? 'ahead' : 'behind'}`;
  return skew <= MAX_SKEW
    ? ok('clock', `${detail}, which does no harm`)
    : problem(
        'clock',
        detail,
        'Set the clock and let it be kept right (NTP); license files are judged by it.',
      );
}

/** `3 days`, `5 hours`, `12 minutes`. */
function durationOf(seconds: number): string {
  const [size, unit] =
    seconds >= 2 * DAY
      ? ([DAY, 'days'] as const)
      : seconds >= 2 * HOUR
        ? ([HOUR, 'hours'] as const)
        : ([MINUTE, 'minutes'] as const);
  return `${Math.round(seconds / size)} ${unit}`;
}
