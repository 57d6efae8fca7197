import type { AlertKind } from '../lambdas/core/alerts/kinds.ts';
import type {
  EndingSubject,
  ExpiringSubject,
  FailedSubject,
  Notice,
  NoticeKind,
  OfflineSubject,
  Subject,
} from '../lambdas/core/alerts/subjects.ts';
import { DAY, HOUR, type Instant } from '../lambdas/core/instant.ts';
import type { Host } from '../lambdas/core/license.ts';

/** When the samples are read: 24 Nov 2026, 10:30 UTC. */
export const NOW: Instant = Date.UTC(2026, 10, 24, 10, 30) / 1000;

/** The end of 2026 in Berlin, exclusive. */
const END_OF_YEAR: Instant = Date.UTC(2026, 11, 31, 23) / 1000;

export const STEPS = {
  offline: ['silent', 'silent-10-days', 'silent-20-days', 'expired'],
  failed: ['refused', 'week-1', 'week-2', 'week-3', 'week-4'],
  expiring: ['expiring', '7-days', '3-days', '1-day', 'expired'],
  ending: ['ending', '30-days', '15-days', '7-days', '1-day', 'ended', 'half-of-grace', 'last-day-of-grace'],
} as const satisfies { [Kind in AlertKind]: readonly Extract<Subject, { kind: Kind }>['step'][] };

/** Refusals that are mailed, and one that only a later version knows. */
export const CODES = [
  'contract-suspended',
  'license-revoked',
  'license-unknown',
  'contract-not-started',
  'contract-ended',
  'starter-lapsed',
  'seats-exhausted',
] as const;

const HOSTILE: readonly Host[] = [
  { id: 'H-<1>&"\'', name: '<script>alert(1)</script><img src=x onerror=alert(1)>' },
  { id: 'http://evil.example/login', name: 'rip\r\n\r\nDear customer, log in at https://evil.example/login' },
  { id: 'H-\u202e13', name: '\u202egpj.tcartnoc\u202c\u200b\u2066 www.evil.example' },
  { id: 'x'.repeat(128), name: 'a'.repeat(4096) },
  { id: 'H-5', name: `Z${'\u0335\u0489\u0321'.repeat(40)}` },
];

const hostOf = (index: number, hostile: boolean): Host => {
  const odd = hostile ? HOSTILE[index % HOSTILE.length] : undefined;
  if (odd) return odd;
  const id = `H-${String(index + 1).padStart(4, '0')}`;
  return index % 7 === 6 ? { id } : { id, name: `rip-${String(index + 1).padStart(2, '0')}.acme.example` };
};

const hostSubject = (index: number, hostile = false) => ({
  licenseId: `lic_${(index * 7919 + 104_729).toString(32).padStart(26, '0')}`,
  product: 'ES',
  installation: index % 5 === 4 ? 'west' : 'main',
  contracts:
    index % 5 === 4 ? [{ id: 'c-1002', reference: 'PO 4712' }] : [{ id: 'c-1001', reference: 'PO 4711' }],
  host: hostOf(index, hostile),
});

/** Days that a step is away from the beginning, or from the end. */
const OFFLINE_DAYS = { silent: 5, 'silent-10-days': 10, 'silent-20-days': 20, expired: 42 } as const;
const FAILED_DAYS = { refused: 0, 'week-1': 7, 'week-2': 14, 'week-3': 21, 'week-4': 28 } as const;
const EXPIRING_DAYS = { expiring: 15, '7-days': 7, '3-days': 3, '1-day': 1, expired: 0 } as const;
const ENDING_DAYS = {
  ending: 60,
  '30-days': 30,
  '15-days': 15,
  '7-days': 7,
  '1-day': 1,
  ended: 0,
  'half-of-grace': -7,
  'last-day-of-grace': -13,
} as const;

export function offlineSubject(step: OfflineSubject['step'], index = 0, hostile = false): OfflineSubject {
  const lastSeenAt = NOW - OFFLINE_DAYS[step] * DAY - index * 90;
  return {
    kind: 'offline',
    step,
    ...hostSubject(index, hostile),
    lastSeenAt,
    expiresAt: lastSeenAt + 35 * DAY,
  };
}

export function failedSubject(
  step: FailedSubject['step'],
  index = 0,
  hostile = false,
  code: string = CODES[0],
): FailedSubject {
  const failingSince = NOW - FAILED_DAYS[step] * DAY - 2 * HOUR - index * 90;
  const expiresAt = failingSince + 34 * DAY;
  return { kind: 'failed', step, ...hostSubject(index, hostile), failingSince, code, expiresAt };
}

export function expiringSubject(
  step: ExpiringSubject['step'],
  index = 0,
  hostile = false,
  connection: ExpiringSubject['connection'] = 'online',
): ExpiringSubject {
  const expiresAt = NOW + EXPIRING_DAYS[step] * DAY - index * 90;
  return {
    kind: 'expiring',
    step,
    ...hostSubject(index, hostile),
    lastSeenAt: expiresAt - 35 * DAY,
    expiresAt,
    connection,
  };
}

/** As it stands at `endingNow(step)`. */
export const endingSubject = (
  step: EndingSubject['step'],
  index = 0,
  changes: Partial<EndingSubject> = {},
): EndingSubject => ({
  kind: 'ending',
  step,
  product: index % 3 === 2 ? 'TWIST' : 'ES',
  installation: index === 0 ? 'main' : `site-${index + 1}`,
  contracts: [{ id: `c-${1001 + index}`, reference: `PO ${4711 + index}` }],
  trial: false,
  timeZone: 'Europe/Berlin',
  endsAt: END_OF_YEAR,
  graceUntil: END_OF_YEAR + 14 * DAY,
  hosts: 3 + index,
  ...changes,
});

/** When a step of a contract that ends with the year is due. */
export const endingNow = (step: EndingSubject['step']): Instant =>
  END_OF_YEAR - ENDING_DAYS[step] * DAY + (step === 'ended' ? 0 : HOUR);

export const noticesOf = (notice: NoticeKind, subjects: readonly Subject[]): Notice[] =>
  subjects.map((subject) => ({ notice, subject }));

export const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));
