import { DAY, HOUR, type Instant } from '../clock.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable } from '../file/printable.ts';
import type { AttemptState } from '../loop/attempt-state.ts';
import type { KnownFile } from '../loop/last-verified.ts';
import { lastDayBefore, minuteOf } from './last-day.ts';

/** So long before its expiry a file is warned about. */
const WARN_BEFORE = 10 * DAY;

/** Why no file of a later expiry has come: renewals fail or are not made, or the contract does not give one. */
type WarningCause = 'renewal-fails' | 'contract-ends';

/** What people should know of a license file that expires soon, or has expired. */
export interface Warning {
  readonly kind: WarningCause | 'expired';
  /** Of the kind itself, or of the expiry. */
  readonly cause: WarningCause;
  readonly expiresAt: Instant;
  /** For people, in this order: what and when, why, what it means, what to do. Each on one line. */
  readonly lines: readonly string[];
}

const EXIT_CODES: Readonly<Record<Warning['kind'], ExitCode>> = {
  'renewal-fails': EXIT.expiringUnrenewed,
  'contract-ends': EXIT.expiringByContract,
  expired: EXIT.expired,
};

export const exitCodeOfWarning = ({ kind }: Warning): ExitCode => EXIT_CODES[kind];

/**
 * The warning about a file from 10 days before its `exp`; undefined where nothing is wrong. A file that is valid for a few
 * days only and is renewed in time is well; so is one whose renewal has failed for a moment.
 */
export function warningOf(file: KnownFile, state: AttemptState, now: Instant): Warning | undefined {
  const { exp } = file.claims;
  if (exp - now > WARN_BEFORE) return undefined;
  const isExpired = now >= exp;
  const cause = causeOf(file, state, Math.min(now, exp));
  // An expired file that nothing explains is one that was not renewed.
  if (cause === undefined && !isExpired) return undefined;
  const reason = cause ?? 'renewal-fails';
  return {
    kind: isExpired ? 'expired' : reason,
    cause: reason,
    expiresAt: exp,
    lines: [
      headline(file, now),
      ...(reason === 'contract-ends' ? contractLines(file, state, now) : renewalLines(file, state, now)),
      consequence(file, isExpired),
      advice(reason, state),
      ...clockLine(state),
    ].map((line) => printable(line, 500)),
  };
}

/** Decided at the expiry at the latest: what happened after it did not cause it. */
function causeOf(file: KnownFile, state: AttemptState, now: Instant): WarningCause | undefined {
  if (contractRefusal(state) !== undefined) return 'contract-ends';
  if (now - issuedAt(file, state) > patienceOf(file)) return 'renewal-fails';
  const { entitledUntil } = file.claims;
  return entitledUntil !== undefined && entitledUntil - now <= WARN_BEFORE ? 'contract-ends' : undefined;
}

/**
 * How long a file may go without a successor before that is worth a word: two intervals, but at most half of its validity
 * and at least one interval and a quarter.
 */
function patienceOf({ claims: { iat, exp, renewal } }: KnownFile): number {
  return Math.max(1.25 * renewal.everySeconds, Math.min(2 * renewal.everySeconds, (exp - iat) / 2));
}

/** By the clock of this machine, which `exp` is compared with as well. */
const issuedAt = ({ claims }: KnownFile, { clockAhead = 0 }: AttemptState): Instant =>
  claims.iat + clockAhead;

/** The service itself says that no contract in force entitles to a new file. */
function contractRefusal({ failingSince, lastFailure }: AttemptState): string | undefined {
  if (failingSince === undefined || lastFailure?.kind !== 'refused') return undefined;
  return /^contract-(ended|suspended|not-started)$/.test(lastFailure.code) ? lastFailure.detail : undefined;
}

const isStarter = ({ claims }: KnownFile): boolean => claims.host === undefined;

const nameOf = ({ claims: { product, sub } }: KnownFile): string =>
  `${printable(product, 64)} (license ${printable(sub, 64)})`;

function headline(file: KnownFile, now: Instant): string {
  const { exp } = file.claims;
  const what = isStarter(file) ? 'The starter file' : 'The license file';
  if (now >= exp) return `${what} of ${nameOf(file)} expired on ${minuteOf(exp)}.`;
  return `${what} of ${nameOf(file)} expires ${inDays(exp - now)}, on ${minuteOf(exp)}.`;
}

function inDays(seconds: number): string {
  if (seconds < HOUR) return 'within the hour';
  if (seconds < 2 * DAY) return `in ${Math.floor(seconds / HOUR)} hours`;
  return `in ${Math.floor(seconds / DAY)} days`;
}

function contractLines({ claims }: KnownFile, state: AttemptState, now: Instant): readonly string[] {
  const refusal = contractRefusal(state);
  if (refusal !== undefined) return [`The service gives no new license: ${refusal}`];
  if (claims.entitledUntil === undefined) return [];
  const verb = claims.entitledUntil > now ? 'ends' : 'ended';
  const ids = claims.contracts.map(({ id }) => printable(id, 64)).slice(0, 3);
  const which = ids.length === 0 ? 'The contract' : `The contract (${ids.join(', ')})`;
  const renewals = state.failingSince === undefined ? ' Renewals succeed.' : '';
  return [
    `${which} ${verb} on ${lastDayBefore(claims.entitledUntil)}, its last day.${renewals}`,
    // Of this machine: a file that cannot be read is told whatever else is wrong.
    ...(state.lastFailure?.kind === 'fault' ? failureLine(state) : []),
  ];
}

function renewalLines(file: KnownFile, state: AttemptState, now: Instant): readonly string[] {
  const { entitledUntil, iat } = file.claims;
  const contract =
    entitledUntil !== undefined && entitledUntil - now <= WARN_BEFORE
      ? [
          `The contract ${entitledUntil > now ? 'ends' : 'ended'} as well, on ${lastDayBefore(entitledUntil)}, its last day.`,
        ]
      : [];
  const failure = failureLine(state);
  return [
    ...(failure.length > 0 ? failure : [`No newer file has come since ${minuteOf(iat)}.`]),
    ...contract,
  ];
}

function failureLine({ failingSince, failuresInRow, lastFailure }: AttemptState): readonly string[] {
  if (failingSince === undefined || lastFailure === undefined) return [];
  const times = failuresInRow === 1 ? 'once' : `${failuresInRow} times`;
  return [
    `The renewal fails since ${minuteOf(failingSince)} (${times} in a row): ${withoutStop(lastFailure.detail)} [${lastFailure.code}].`,
  ];
}

const withoutStop = (text: string): string => text.replace(/\.$/, '');

function consequence(file: KnownFile, isExpired: boolean): string {
  if (isStarter(file)) {
    return isExpired
      ? 'It cannot be exchanged for a license any more.'
      : 'After that it cannot be exchanged for a license any more.';
  }
  const product = printable(file.claims.product, 64);
  return isExpired ? `${product} has no valid license.` : `After that ${product} has no valid license.`;
}

function advice(cause: WarningCause, { failingSince, lastFailure }: AttemptState): string {
  if (cause === 'contract-ends') {
    return 'To do: extend the contract with the vendor. The next renewal then brings the longer license by itself.';
  }
  if (failingSince === undefined || lastFailure === undefined) {
    return 'To do: see that the agent is running here (license-agent watch, or its timer), and run license-agent renew.';
  }
  switch (lastFailure.kind) {
    case 'refused':
      return 'To do: ask the vendor, and name the license and the code above. Keep the file.';
    case 'unreachable':
      return 'To do: run license-agent doctor on this machine; it shows where the way to the service breaks.';
    case 'rejected':
      return 'To do: run license-agent doctor; something on the way changes the answers, or the pinned keys are out of date.';
    case 'not-written':
      return 'To do: make room on the disk, or make the folder of the file writable for the agent.';
    case 'fault':
      return 'To do: repair what is named above on this machine, then run license-agent renew.';
  }
}

function clockLine({ clockAhead = 0 }: AttemptState): readonly string[] {
  if (Math.abs(clockAhead) < HOUR) return [];
  const size =
    Math.abs(clockAhead) < 2 * DAY
      ? `${Math.round(Math.abs(clockAhead) / HOUR)} hours`
      : `${Math.round(Math.abs(clockAhead) / DAY)} days`;
  const way = clockAhead > 0 ? 'ahead of' : 'behind';
  return [`The clock of this machine is about ${size} ${way} the clock of the service: correct it.`];
}
