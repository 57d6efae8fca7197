import { storedLicense } from '../../lambdas/adapters/dynamodb/license-items.ts';
import { toItem, type Item } from '../../lambdas/adapters/dynamodb/client.ts';
import { installationItemKey } from '../../lambdas/adapters/dynamodb/installation-items.ts';
import type { Customer } from '../../lambdas/core/customer.ts';
import { DAY, HOUR, type Instant } from '../../lambdas/core/instant.ts';
import type { ContractTerms, InstallationKey } from '../../lambdas/core/installation.ts';
import type { License } from '../../lambdas/core/license.ts';

/** How the hosts of a fleet are spread: by number, so that the same number always gives the same item. */
const LICENSES_PER_CUSTOMER = 50;
const LICENSES_PER_INSTALLATION = 10;

const VALIDITY = 35 * DAY;

/** What is wrong with a license of the fleet, if anything. */
export type Ailment = 'none' | 'offline' | 'failing' | 'expiring';

/** One of a hundred is offline, one of 500 failing, one of 200 expiring: never two at a time, and spread over all customers. */
export function ailmentOf(number: number): Ailment {
  if (number % 100 === 7) return 'offline';
  if (number % 500 === 33) return 'failing';
  if (number % 200 === 111) return 'expiring';
  return 'none';
}

/** One of fifty ends within the days that are worth an e-mail. */
export const isEnding = (installation: number): boolean => installation % 50 === 21;

const uuidOf = (kind: string, number: number): string =>
  `4c4c4544-${kind}-4510-8052-${number.toString(16).padStart(12, '0')}`;

const customerIdOf = (customer: number): string => `customer-${String(customer).padStart(6, '0')}`;

/** Where a license belongs. */
export interface Place {
  readonly customer: number;
  readonly installation: number;
}

/** The fleet of many customers. */
export const spread = (number: number): Place => ({
  customer: Math.floor(number / LICENSES_PER_CUSTOMER),
  installation: Math.floor(number / LICENSES_PER_INSTALLATION),
});

/** The fleet of one customer. */
export const together = (number: number): Place => ({
  customer: 0,
  installation: Math.floor(number / LICENSES_PER_INSTALLATION),
});

const keyOf = ({ customer, installation }: Place): InstallationKey => ({
  customerId: customerIdOf(customer),
  product: 'ES',
  installation: `site-${installation}`,
});

/** A license as a year of renewals leaves it. Hosts of the fleet renew spread over the day. */
export function licenseItem(number: number, place: Place, ailment: Ailment, now: Instant): Item {
  // Never older than a day while the benchmark runs.
  const silence = { none: 0, offline: 5 * DAY, failing: 0, expiring: 25 * DAY }[ailment];
  const lastSeenAt = now - silence - ((number * 7_919) % (23 * HOUR));
  const license: License = {
    ...keyOf(place),
    licenseId: uuidOf('0042', number),
    version: 367,
    state: ailment === 'failing' ? 'revoked' : 'active',
    createdAt: now - 365 * DAY,
    requestHash: Buffer.from(uuidOf('0077', number)).toString('base64url').slice(0, 43),
    host: { id: uuidOf('0055', number), name: `rip-${number % 100}.print.customer.example` },
    formerHosts: [],
    seq: 365,
    current: {
      serial: `${uuidOf('0042', number)}.365`,
      issuedAt: lastSeenAt,
      expiresAt: lastSeenAt + VALIDITY,
      replacesSeq: 364,
      installationVersion: 3,
    },
    serialsOn: { day: new Date(lastSeenAt * 1000).toISOString().slice(0, 10), count: 1 },
    lastSeenAt,
    ...(ailment === 'failing'
      ? { failingSince: now - 2 * HOUR, refusalsInRow: 1, lastRefusal: 'license-revoked' }
      : {}),
  };
  return toItem(storedLicense(license));
}

/** A contract of eight lines that goes on for a year, or ends in 40 days. */
function contractOf(installation: number, ending: boolean, now: Instant): ContractTerms {
  const from = now - 325 * DAY;
  const until = now + (ending ? 40 : 400) * DAY;
  const scopes = ['pool', 'every-host'] as const;
  return {
    id: `c-${installation}`,
    reference: 'PO 4711',
    kind: 'subscription',
    suspended: false,
    hosts: LICENSES_PER_INSTALLATION,
    connection: 'online',
    from,
    until,
    lines: Array.from({ length: 8 }, (_, line) => ({
      option: `print-option-${line}`,
      scope: scopes[line % 2] ?? 'pool',
      quantity: 4 + line,
      from,
      until,
    })),
  };
}

/** The installation with this number, with its licenses. */
export function installationItem(
  installation: number,
  placeOf: (number: number) => Place,
  ending: boolean,
  now: Instant,
): Item {
  const first = installation * LICENSES_PER_INSTALLATION;
  return toItem({
    ...installationItemKey(keyOf(placeOf(first))),
    customerName: 'Acme Print',
    version: 3,
    contracts: [contractOf(installation, ending, now)],
    licenses: Array.from({ length: LICENSES_PER_INSTALLATION }, (_, index) => ({
      id: uuidOf('0042', first + index),
      hostId: uuidOf('0055', first + index),
    })),
  });
}

/** A customer with one contact for hosts and one for contracts. */
export function customerItem(customer: number): Item {
  const customerId = customerIdOf(customer);
  const document: Customer = {
    customerId,
    name: 'Acme Print',
    contacts: [
      {
        email: `hosts@${customerId}.example`,
        language: 'en',
        timeZone: 'Europe/Berlin',
        roles: ['technical'],
      },
      {
        email: `orders@${customerId}.example`,
        language: 'de',
        timeZone: 'Europe/Berlin',
        roles: ['commercial'],
      },
    ],
  };
  return toItem(document);
}

export const installationsOf = (licenses: number): number => Math.ceil(licenses / LICENSES_PER_INSTALLATION);
