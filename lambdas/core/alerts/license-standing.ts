import { entitlementAt, expiryOf, type Entitlement } from '../entitlement.ts';
import { DAY, HOUR, type Instant } from '../instant.ts';
import type { ContractTerms } from '../installation.ts';
import type { License } from '../license.ts';
import { problems } from '../problem.ts';
import type { AlertLimits } from './limits.ts';
import { ladderOf, type Standing } from './standing.ts';
import type { ContractName } from './subjects.ts';

/** Refusals in a row of a kind that may heal by itself, before somebody is told. */
const CURABLE_REFUSALS = 3;

/** A host that misses this many intervals may still only be slow. */
const MISSED_INTERVALS = 3;

/** Days after the expiry from which on the question is no longer how to renew but whether the host still exists. */
const RETIRE_AFTER_DAYS = 7;

/**
 * How a license stands. Failing takes over everything else, expiring takes over offline, until long after the expiry the
 * question changes. A contract that has ended, in grace too, silences its licenses: that is said of the contract.
 * @param contracts of its installation; undefined where there is none.
 */
export function licenseStanding(
  license: License,
  contracts: readonly ContractTerms[] | undefined,
  now: Instant,
  limits: AlertLimits,
): Standing {
  const entitlement = contracts && entitlementAt(contracts, now, limits.defaults);
  const hasEnded =
    entitlement?.kind === 'none' ? entitlement.code === 'contract-ended' : (entitlement?.inGrace ?? false);
  if (license.host === undefined) return { kind: 'not-installed' };
  // Whoever moves or retires a host knows that it will fall silent.
  if (hasEnded || license.transfer !== undefined || license.retiresAt !== undefined)
    return { kind: 'silenced' };

  const about = {
    licenseId: license.licenseId,
    product: license.product,
    installation: license.installation,
    host: license.host,
    contracts: namesOf(entitlement?.kind === 'entitled' ? entitlement.contracts : (contracts ?? [])),
  };
  const failing = failingOf(license);
  if (failing?.isCertain) return failedStanding(license, failing, about);
  if (license.state !== 'active') return { kind: 'silenced' };
  if (entitlement?.kind !== 'entitled') return { kind: failing ? 'undecided' : 'silenced' };

  const connection = entitlement.contracts.some((contract) => contract.connection === 'online')
    ? 'online'
    : 'manual';
  const { current } = license;
  // Files of a manual installation are carried to the host by people: issued is as good as installed.
  const lastSeenAt = license.lastSeenAt ?? (connection === 'manual' ? current?.issuedAt : undefined);
  if (lastSeenAt === undefined || current === undefined) return { kind: 'not-installed' };

  const offlineAt = lastSeenAt + patienceOf(entitlement, limits);
  const { expiresAt } = current;
  const healthy = { kind: 'healthy', lastSeenAt, expiresAt } as const;
  if (connection === 'online' && now < offlineAt) return failing ? { kind: 'undecided' } : healthy;

  const renewingWouldHelp = expiryOf(entitlement, now) > expiresAt;
  const expiringAt = expiresAt - limits.expiringWithinDays * DAY;
  const retireAt = expiresAt + RETIRE_AFTER_DAYS * DAY;
  if (renewingWouldHelp && now >= expiringAt && (connection === 'manual' || now < retireAt)) {
    return {
      kind: 'expiring',
      since: expiresAt,
      ladder: ladderOf([
        { step: 'expiring', at: connection === 'manual' ? expiringAt : Math.max(expiringAt, offlineAt) },
        { step: '7-days', at: expiresAt - 7 * DAY },
        { step: '3-days', at: expiresAt - 3 * DAY },
        { step: '1-day', at: expiresAt - DAY },
        { step: 'expired', at: expiresAt },
      ]),
      about: { kind: 'expiring', ...about, lastSeenAt, expiresAt, connection },
    };
  }
  if (connection === 'manual') return healthy;
  return {
    kind: 'offline',
    since: lastSeenAt,
    ladder: ladderOf([
      { step: 'silent', at: offlineAt },
      { step: 'silent-10-days', at: Math.max(offlineAt, lastSeenAt + 10 * DAY) },
      { step: 'silent-20-days', at: Math.max(offlineAt, lastSeenAt + 20 * DAY) },
      { step: 'expired', at: Math.max(offlineAt, retireAt) },
    ]),
    about: { kind: 'offline', ...about, lastSeenAt, expiresAt },
  };
}

/** Seconds of silence after which a host counts as offline. */
const patienceOf = ({ renewEverySeconds }: Entitlement, { offlineAfterHours }: AlertLimits): number =>
  Math.max(offlineAfterHours * HOUR, MISSED_INTERVALS * renewEverySeconds);

interface Failing {
  readonly since: Instant;
  readonly code: string;
  /** Whether it takes somebody, as far as can be told. */
  readonly isCertain: boolean;
}

function failingOf({ failingSince, lastRefusal, refusalsInRow = 0 }: License): Failing | undefined {
  if (failingSince === undefined || lastRefusal === undefined) return undefined;
  const isCertain = needsHuman(lastRefusal) || refusalsInRow >= CURABLE_REFUSALS;
  return { since: failingSince, code: lastRefusal, isCertain };
}

/** A code that this version does not know was written by a newer one: rather one e-mail too early than none. */
const needsHuman = (code: string): boolean => !HEALING.has(code);

/** Codes that may heal by themselves. */
const HEALING: ReadonlySet<string> = new Set(
  Object.entries(problems).flatMap(([code, problem]) =>
    'refusal' in problem && problem.refusal !== 'human' ? [code] : [],
  ),
);

type About = Omit<Extract<Standing, { kind: 'failed' }>['about'], 'kind' | 'failingSince' | 'code'>;

const failedStanding = (license: License, { since, code }: Failing, about: About): Standing => ({
  kind: 'failed',
  since,
  ladder: ladderOf([
    { step: 'refused', at: since },
    { step: 'week-1', at: since + 7 * DAY },
    { step: 'week-2', at: since + 14 * DAY },
    { step: 'week-3', at: since + 21 * DAY },
    { step: 'week-4', at: since + 28 * DAY },
  ]),
  about: {
    kind: 'failed',
    ...about,
    failingSince: since,
    code,
    ...(license.current ? { expiresAt: license.current.expiresAt } : {}),
  },
});

/** The contracts as people know them. */
export const namesOf = (contracts: readonly ContractTerms[]): ContractName[] =>
  contracts.map(({ id, reference }) => (reference === undefined ? { id } : { id, reference }));
