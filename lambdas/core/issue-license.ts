import { entitlementAt, hostsAt, periodsOf, type Entitlement } from './entitlement.ts';
import type { CustomersLicenses } from './hosts/ports.ts';
import { leavesAt } from './hosts-allowed.ts';
import { DAY, type Instant } from './instant.ts';
import type { Installation, InstallationKey, LicenseEntry } from './installation.ts';
import { fileOf, signAndCommit, signClaims, type IssuingDependencies } from './issuing.ts';
import { composeStarterClaims, listWith } from './license-composition.ts';
import { entryOf, type LicenseOrder } from './license-order.ts';
import type { Host, License } from './license.ts';
import { inheritedMoves, isSettled, placesLeft, placeToTake, withoutGone } from './places.ts';
import type { RenewalStore } from './ports.ts';
import { Problem } from './problem.ts';
import type { Caller, IssueRecord } from './renewal-record.ts';

/** Rounds before the service gives up. Of racing orders for one installation, one gets ahead in every round. */
const MAX_ROUNDS = 25;

export interface LicenseList extends InstallationKey {
  readonly licenses: readonly LicenseEntry[];
}

export interface LicenseLists {
  /** The licenses of every installation of a customer, strongly consistent. */
  readLicenseLists(customerId: string): Promise<readonly LicenseList[]>;
}

export interface IssueLicenseDependencies extends IssuingDependencies {
  readonly licenses: Pick<CustomersLicenses, 'writeRetirement'>;
  readonly store: Pick<
    RenewalStore,
    | 'readLicense'
    | 'readInstallation'
    | 'writeLicenseList'
    | 'readRecord'
    | 'putRecord'
    | 'newestRecord'
    | 'commit'
  >;
  readonly newLicenseId: () => string;
  /** Days after which an unbound license lapses. */
  readonly starterLapseDays: number;
}

export interface IssuedLicense {
  readonly outcome: 'created' | 'known';
  readonly licenseId: string;
  readonly file: string;
  /** The retired license whose place it took. */
  readonly replaces?: string;
}

/**
 * Issues a license: first the installation's list (it counts the hosts, so it is claimed first), then the license, then its
 * file. Every step looks for what an earlier try left, so that a crash between any two heals with the retry, and racing
 * orders for one host end at one license.
 * @throws {Problem} `installation-not-found`, `not-entitled`, `host-limit`, `transfer-limit`, `idempotency-key-reused`,
 * `license-revoked`, `license-retired`, `starter-lapsed`, `unavailable`
 */
export async function issueLicense(
  dependencies: IssueLicenseDependencies,
  order: LicenseOrder,
  caller: Caller,
  now: Instant,
): Promise<IssuedLicense> {
  await refuseReusedKey(dependencies, order, now);
  let outcome: IssuedLicense['outcome'] = 'known';
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const claimed = await claimPlace(dependencies, order, now);
    if (!claimed) continue;
    const { installation, entry } = claimed;
    refuseRetired(entry, now);
    const { license, isNew } = await licenseOf(dependencies, order, entry, now);
    if (isNew) outcome = 'created';
    if (!license || (await isOfAnotherHost(dependencies, order, installation, entry, license))) continue;
    if (license.state === 'revoked') {
      throw new Problem('license-revoked', {
        detail: 'The license of this order was revoked. Reinstate it first.',
      });
    }
    const issuing = { license, installation, caller, now };
    const host = order.host ?? license.host;
    const file = host
      ? await boundFile(dependencies, issuing, host)
      : await starterFile(dependencies, issuing);
    if (file === undefined) continue;
    const { replaces } = entry;
    return { outcome, licenseId: license.licenseId, file, ...(replaces === undefined ? {} : { replaces }) };
  }
  throw new Problem('unavailable', { cause: new Error('The installation kept changing') });
}

async function refuseReusedKey(
  { store }: IssueLicenseDependencies,
  order: LicenseOrder,
  now: Instant,
): Promise<void> {
  if (!order.idempotency) return;
  const { licenseId, requestHash } = order.idempotency;
  const license = await store.readLicense(licenseId);
  if (!license) return;
  // The fingerprint is absent where the first try crashed and an order for the same host without the key finished its work.
  const isReused =
    (license.requestHash ?? requestHash) !== requestHash ||
    license.product !== order.product ||
    license.installation !== order.installation;
  if (isReused) throw new Problem('idempotency-key-reused');
  refuseRetired(license, now);
  // Its place may be somebody else's by now.
  if (!license.host && (license.lapsesAt ?? Infinity) <= now) throw new Problem('starter-lapsed');
}

function refuseRetired({ retiresAt }: Pick<LicenseEntry, 'retiresAt'>, now: Instant): void {
  if (retiresAt !== undefined && retiresAt <= now) throw new Problem('license-retired', { status: 409 });
}

/** The place of an order in the installation's list, claimed if it has none yet; undefined if somebody else got ahead. */
async function claimPlace(
  dependencies: IssueLicenseDependencies,
  order: LicenseOrder,
  now: Instant,
): Promise<{ installation: Installation; entry: LicenseEntry } | undefined> {
  const { store, settings, newLicenseId, starterLapseDays } = dependencies;
  const installation = await store.readInstallation(order);
  if (!installation) throw new Problem('installation-not-found');
  const known = entryOf(order, installation.licenses, now);
  if (known) return { installation, entry: known };

  const hosts = hostsFor(order, installation.contracts, now, settings.defaults);
  const licenses = await withoutGone(dependencies, installation.licenses, now);
  const claimed = async (list: readonly LicenseEntry[], entry: LicenseEntry) =>
    (await store.writeLicenseList(installation, list)) === 'written'
      ? { installation: { ...installation, licenses: list, version: installation.version + 1 }, entry }
      : undefined;
  // The list may not have known to whom a license is bound.
  const bound = entryOf(order, licenses, now);
  if (bound) return claimed(licenses, bound);
  const taken = licenses.filter((license) => now < leavesAt(license)).length;
  if (taken >= hosts) throw new Problem('host-limit', { status: 409 });
  const left = placesLeft(licenses, now);
  // A place that was never used is free of charge; else the host comes for one that has gone, which is a transfer by another name.
  const replaced =
    taken + left.length < hosts
      ? undefined
      : await placeToTake(dependencies, left, order.transferLimit ?? Infinity, now);
  if (replaced && !(await isSettled(dependencies, replaced, await store.readLicense(replaced.id)))) {
    return undefined;
  }
  const id = order.idempotency?.licenseId ?? newLicenseId();
  const entry: LicenseEntry = {
    id,
    ...(order.host ? { hostId: order.host.id } : { lapsesAt: now + starterLapseDays * DAY }),
    ...(replaced ? { replaces: replaced.id } : {}),
  };
  return claimed([...licenses.filter((other) => other.id !== id && other.id !== replaced?.id), entry], entry);
}

/** Hosts that may have a license: those ordered now (in grace, before); for a starter file also those of the next period. */
function hostsFor(
  order: LicenseOrder,
  contracts: Installation['contracts'],
  now: Instant,
  defaults: IssuingDependencies['settings']['defaults'],
): number {
  const next = periodsOf(contracts, defaults).find(({ from }) => from > now);
  if (!order.host && next && entitlementAt(contracts, now, defaults).kind === 'none') {
    return hostsAt(contracts, next.from);
  }
  return entitlementNow(contracts, now, defaults).contracts.reduce((sum, { hosts }) => sum + hosts, 0);
}

/** @throws {Problem} `not-entitled`, naming why */
function entitlementNow(
  contracts: Installation['contracts'],
  now: Instant,
  defaults: IssuingDependencies['settings']['defaults'],
): Entitlement {
  const entitlement = entitlementAt(contracts, now, defaults);
  if (entitlement.kind === 'entitled') return entitlement;
  const detail =
    `No contract of the installation is in force (${entitlement.code}). ${entitlement.detail ?? ''}`.trim();
  throw new Problem('not-entitled', { detail });
}

/** The license of a place; created if it is not stored yet. Undefined if another request is creating it. */
async function licenseOf(
  dependencies: IssueLicenseDependencies,
  order: LicenseOrder,
  entry: LicenseEntry,
  now: Instant,
): Promise<{ license: License | undefined; isNew: boolean }> {
  const { store } = dependencies;
  const stored = await store.readLicense(entry.id);
  if (stored) return { license: stored, isNew: false };
  const { customerId, product, installation, host, idempotency, site } = order;
  const license: License = {
    licenseId: entry.id,
    customerId,
    product,
    installation,
    version: 1,
    state: 'active',
    createdAt: now,
    ...(entry.lapsesAt === undefined ? {} : { lapsesAt: entry.lapsesAt }),
    ...(idempotency?.licenseId === entry.id ? { requestHash: idempotency.requestHash } : {}),
    ...(host ? { host } : {}),
    ...(site === undefined ? {} : { site }),
    ...(await inheritedMoves(dependencies, entry, now)),
    formerHosts: [],
    seq: 0,
  };
  const isNew = (await store.commit(license, 0)) === 'committed';
  return { license: isNew ? license : undefined, isNew };
}

/**
 * Whether the license of the place has gone to another host. The license is the truth: a list that was not brought in step
 * after a take-over is brought in step here, and then the order has no place yet.
 */
async function isOfAnotherHost(
  { store }: IssueLicenseDependencies,
  order: LicenseOrder,
  installation: Installation,
  entry: LicenseEntry,
  license: License,
): Promise<boolean> {
  if (!order.host || !license.host || license.host.id === order.host.id) return false;
  if (entry.hostId !== order.host.id) {
    const detail =
      'The license of this Idempotency-Key was moved to another host since. Use a new Idempotency-Key.';
    throw new Problem('idempotency-key-reused', { detail });
  }
  await store.writeLicenseList(
    installation,
    listWith(installation.licenses, license.licenseId, license.host),
  );
  return true;
}

interface Issuing {
  readonly license: License;
  readonly installation: Installation;
  readonly caller: Caller;
  readonly now: Instant;
}

/** The current file of a bound license, or its first; undefined if the license was changed meanwhile. */
async function boundFile(
  dependencies: IssueLicenseDependencies,
  { license, installation, caller, now }: Issuing,
  host: Host,
): Promise<string | undefined> {
  const { licenseId, seq, current } = license;
  if (current) {
    const record = await dependencies.store.readRecord(licenseId, seq);
    if (record?.claims.jti === current.serial) return fileOf(record);
  }
  const entitlement = entitlementNow(installation.contracts, now, dependencies.settings.defaults);
  const replaces = current && { serial: current.serial, seq };
  const result = await signAndCommit(
    dependencies,
    {
      outcome: 'issued',
      license,
      installation,
      entitlement,
      host,
      ...(replaces ? { replaces } : {}),
      fork: false,
    },
    now,
    caller,
  );
  return result.kind === 'committed' ? fileOf(result.record) : undefined;
}

/** The starter file of an unbound license: a record of its own, and the license does not point to it. */
async function starterFile(
  { store, signer, newSerial, settings }: IssueLicenseDependencies,
  { license, installation, caller, now }: Issuing,
): Promise<string | undefined> {
  const { licenseId, version, lapsesAt = now } = license;
  if (lapsesAt <= now) throw new Problem('starter-lapsed');
  const stored = await store.readRecord(licenseId, 0);
  if (stored) return fileOf(stored);
  const claims = composeStarterClaims(
    { licenseId, lapsesAt },
    installation,
    { serial: newSerial(), now },
    settings,
  );
  const record: IssueRecord = {
    ...(await signClaims(signer, claims)),
    licenseId,
    seq: 0,
    outcome: 'starter',
    replacesSeq: 0,
    licenseVersion: version,
    installationVersion: installation.version,
    caller,
  };
  return (await store.putRecord(record)) === 'stored' ? fileOf(record) : undefined;
}
