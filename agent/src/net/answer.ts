import { STATUS_CODES } from 'node:http';
import type { Instant } from '../clock.ts';
import { printable } from '../file/printable.ts';
import type { Answer, Unreachable } from '../outcome.ts';
import { clockAheadOf, mediaTypeOf, retryAfterOf, secondsOf, single, type Headers } from './headers.ts';

/** As large as a license file gets. */
export const MAX_ANSWER_BYTES = 16_384;

/** An answer as it came, its body read up to one byte more than a license file may have. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** `host:port` that was asked. */
  readonly peer: string;
  /** Time of this machine when the answer came. */
  readonly now: Instant;
}

/**
 * What the route for renewals says no with, and the statuses it does that with. Only these: a code that is not known here may
 * come from anything that speaks problem+json, such as the gateway of the customer, and taking it for the service's word would
 * tell people that the contract is the matter. As unreachable it is tried again and shown with its text, so a code that a newer
 * service adds loses nothing but its name.
 */
const REFUSALS: Readonly<Record<string, readonly number[]>> = {
  'contract-ended': [403],
  'contract-not-started': [403],
  'contract-suspended': [403],
  'license-unknown': [403],
  'license-revoked': [403],
  'starter-lapsed': [403],
  'host-id-required': [403],
  'host-known': [403],
  'host-mismatch': [403],
  'license-retired': [403],
  'license-transferred': [403],
  'host-limit': [403, 409],
  'body-empty': [400],
  'body-too-large': [413],
  'host-id-invalid': [400],
  'file-malformed': [400],
  'file-not-genuine': [400],
};

/** What an answer to a renewal means. A license file in it is not verified here. */
export function interpret(raw: RawAnswer): Answer {
  const { status, headers, body, now } = raw;
  const clockAhead = clockAheadOf(headers, now);
  const ahead = clockAhead === undefined ? {} : { clockAhead };
  const obstruction = obstructionIn(raw);
  if (obstruction !== undefined) return obstruction;
  if (status === 200) {
    const text = body.toString('utf8').trim();
    if (text === '') return unreachable(raw, 'the answer is empty');
    if (text.startsWith('<')) return unreachable(raw, 'a page was answered instead of a license file');
    const renewAfter = secondsOf(headers, 'renew-after');
    return { kind: 'file', text, ...(renewAfter === undefined ? {} : { renewAfter }), ...ahead };
  }
  const problem = problemIn(raw);
  if (problem?.code !== undefined && isRefusal(problem.code, status)) {
    const retryAfter = retryAfterOf(headers, now);
    return {
      kind: 'refused',
      code: problem.code,
      detail: problem.text ?? problem.code,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...ahead,
    };
  }
  return unreachable(raw, problem?.text);
}

const isRefusal = (code: string, status: number): boolean =>
  Object.hasOwn(REFUSALS, code) && (REFUSALS[code]?.includes(status) ?? false);

/** Why an answer cannot be the service's, whatever was asked; undefined where it may be. */
export function obstructionIn(raw: RawAnswer): Unreachable | undefined {
  const { status, headers, body } = raw;
  if (status === 407) return unreachable(raw, 'a proxy in between wants user name and password', 'proxy');
  if (status >= 300 && status < 400) {
    const target = hostOf(single(headers, 'location'));
    return unreachable(
      raw,
      `it redirects${target === undefined ? '' : ` to ${target}`}, which is not followed`,
    );
  }
  if (status === 511) return unreachable(raw, 'this network wants a login first');
  const encoding = single(headers, 'content-encoding')?.toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return unreachable(raw, `the answer is encoded (${printable(encoding, 40)}), which nobody asked for`);
  }
  if (body.length > MAX_ANSWER_BYTES) return unreachable(raw, 'the answer is larger than 16 KiB');
  const type = mediaTypeOf(headers);
  if (status === 200 && (type === 'text/html' || type === 'application/xhtml+xml')) {
    return unreachable(raw, 'something in between answered with a page, such as a login page');
  }
  return undefined;
}

/** An answer that is not the service's word on the license. `why` may come from outside. */
export function unreachable(
  { status, headers, peer, now }: RawAnswer,
  why: string | undefined,
  obstacle: 'http' | 'proxy' = 'http',
): Unreachable {
  const name = STATUS_CODES[status];
  const answered = `${peer} answered ${status}${name === undefined ? '' : ` ${name}`}`;
  const retryAfter = retryAfterOf(headers, now);
  const clockAhead = clockAheadOf(headers, now);
  return {
    kind: 'unreachable',
    obstacle,
    detail: why === undefined ? answered : shown(`${answered}: ${why}`),
    status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(clockAhead === undefined ? {} : { clockAhead }),
  };
}

/** Code and text of a problem answer, or the text of a bare `{"message": …}`. */
function problemIn({
  headers,
  body,
}: RawAnswer): { readonly code?: string; readonly text?: string } | undefined {
  const type = mediaTypeOf(headers);
  if (type !== 'application/problem+json' && type !== 'application/json') return undefined;
  const members = parseObject(body);
  const textOf = (name: string): string | undefined => {
    const value = members?.[name];
    return typeof value === 'string' && value.trim() !== '' ? shown(value) : undefined;
  };
  if (type === 'application/json') {
    const text = textOf('message');
    return text === undefined ? undefined : { text };
  }
  const code = members?.['code'];
  const text = textOf('detail') ?? textOf('title');
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(text === undefined ? {} : { text }),
  };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    // Any object has members of unknown types.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Text of a server for people. One that sends back what it was sent does not get the license file into the logs. */
const shown = (text: string): string =>
  printable(text.slice(0, 4096).replace(/[\w-]{16,}\.[\w.-]{48,}/g, '[license]'));

/** Host of where a redirect leads; never its path, which may hold a token. */
function hostOf(location: string | undefined): string | undefined {
  if (location === undefined || !URL.canParse(location)) return undefined;
  return printable(new URL(location).host, 255) || undefined;
}
