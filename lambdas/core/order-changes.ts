import { isDeepStrictEqual } from 'node:util';
import { changesBetween, type Changes, type HostsChange, type Refused, type ShareChange } from './changes.ts';
import type { Contract } from './contract.ts';
import { entitlementAt } from './entitlement.ts';
import type { Instant } from './instant.ts';
import type { InstallationKey, TermDefaults } from './installation.ts';
import type { Host } from './license.ts';
import type { Rebuild } from './order.ts';

/** Changes that an answer lists. */
const MAX_CHANGES = 200;

/** What a notice keeps: more than an e-mail lists, and a fraction of what an item holds. */
const MAX_NOTED = 300;

type InstallationName = Pick<InstallationKey, 'product' | 'installation'>;

/** One change that an order brought about. */
export type OrderChange = InstallationName &
  (
    | (Refused & { readonly kind: 'refused' })
    | (HostsChange & { readonly kind: 'hosts' })
    | (ShareChange & { readonly kind: 'share' })
  );

/** What an order took away from the hosts of an installation, until its customer has been told. */
export interface ShrinkNotice extends InstallationKey {
  readonly contractId: string;
  readonly revision: number;
  /** Of the installation, before: with it, each change of an installation is noted once. */
  readonly version: number;
  readonly reference?: string;
  /** In whose days the order was written. */
  readonly timeZone: string;
  readonly receivedAt: Instant;
  readonly notedAt: Instant;
  /** The first ones. */
  readonly refused: readonly Refused[];
  readonly refusedCount: number;
  /** Whether nothing entitles the installation any more when the first one is refused. */
  readonly endsAll: boolean;
  /** Where fewer are ordered than before, and than are licensed. */
  readonly hosts: readonly HostsChange[];
  /** The first of those that are less, but for what a refused host would have had. */
  readonly shares: readonly ShareChange[];
  /** How many licenses the shares are of. */
  readonly shareCount: number;
}

/** Hosts of licenses, for display. */
export interface LicenseHosts {
  readHosts(licenseIds: readonly string[]): Promise<ReadonlyMap<string, Host>>;
}

/** What a rebuild of an installation does to its hosts. */
export interface ChangedInstallation extends Rebuild {
  readonly changes: Changes;
}

const NO_CHANGES: Changes = { shares: [], hosts: [], refused: [], shrinks: false };

export function changesOfRebuild(
  rebuild: Rebuild,
  now: Instant,
  defaults: TermDefaults,
): ChangedInstallation {
  const { before, after } = rebuild;
  // Many rebuilds only carry a new name of the customer.
  const isAlike = isDeepStrictEqual(before.contracts, after.contracts);
  return { ...rebuild, changes: isAlike ? NO_CHANGES : changesBetween(before, after, now, defaults) };
}

/** What an order changed in all, from what is most serious on. */
export function listChanges(changed: readonly ChangedInstallation[]): {
  readonly changes: readonly OrderChange[];
  readonly moreChanges: number;
} {
  const named = changed.map(({ after, changes }) => ({
    name: { product: after.product, installation: after.installation },
    ...changes,
  }));
  const all: OrderChange[] = [
    ...named.flatMap(({ name, refused }) =>
      refused.map((one) => ({ kind: 'refused' as const, ...name, ...one })),
    ),
    ...named.flatMap(({ name, hosts }) => hosts.map((one) => ({ kind: 'hosts' as const, ...name, ...one }))),
    ...named.flatMap(({ name, shares }) =>
      shares.map((one) => ({ kind: 'share' as const, ...name, ...one })),
    ),
  ];
  return { changes: all.slice(0, MAX_CHANGES), moreChanges: Math.max(0, all.length - MAX_CHANGES) };
}

/** What the customer is to be told of a rebuild; undefined where it takes nothing away. */
export function shrinkNoticeOf(
  { contractId, document, receivedAt }: Contract,
  { before, after, changes }: ChangedInstallation,
  now: Instant,
  defaults: TermDefaults,
): ShrinkNotice | undefined {
  if (!changes.shrinks) return undefined;
  const { customerId, product, installation } = after;
  const { revision, timeZone, reference } = document;
  const refusedFrom = new Map(changes.refused.map(({ licenseId, from }) => [licenseId, from]));
  const less = changes.shares.filter(
    (change) =>
      change.after < change.before &&
      !(change.after === 0 && change.from >= (refusedFrom.get(change.licenseId) ?? Number.POSITIVE_INFINITY)),
  );
  const [first] = changes.refused;
  return {
    ...{ customerId, product, installation, contractId, revision, version: before.version },
    ...(reference === undefined ? {} : { reference }),
    ...{ timeZone, receivedAt, notedAt: now },
    refused: changes.refused.slice(0, MAX_NOTED),
    refusedCount: changes.refused.length,
    endsAll: first !== undefined && entitlementAt(after.contracts, first.from, defaults).kind === 'none',
    hosts: changes.hosts
      .filter((change) => change.after < Math.min(change.before, change.licensed))
      .slice(0, 3),
    shares: less.slice(0, MAX_NOTED),
    shareCount: new Set(less.map(({ licenseId }) => licenseId)).size,
  };
}
