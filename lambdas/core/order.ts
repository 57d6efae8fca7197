import { isDeepStrictEqual } from 'node:util';
import { installationOf, type Contract, type ContractDocument } from './contract.ts';
import { hostsAt } from './entitlement.ts';
import type { Instant } from './instant.ts';
import type { Installation, InstallationKey } from './installation.ts';
import { MAX_OPTIONS, mostOptionsAtOnce } from './options-at-once.ts';
import type { ContractStore, CustomerStore, InstallationStore } from './order-ports.ts';
import { Problem } from './problem.ts';
import { FORGOTTEN_AFTER, unite } from './united-contracts.ts';

/** Rounds before the service gives up; each conflict means that somebody else got ahead. */
const MAX_ROUNDS = 10;

export interface OrderDependencies {
  readonly customers: Pick<CustomerStore, 'read'>;
  readonly contracts: ContractStore;
  readonly installations: InstallationStore;
}

export interface Order {
  readonly customerId: string;
  readonly contractId: string;
  readonly document: ContractDocument;
}

export interface PlacedOrder {
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  readonly contract: Contract;
  /** Of the installation that the contract feeds. */
  readonly installationVersion: number;
  /** What was written to bring this about; none where nothing had to change. */
  readonly rebuilds: readonly Rebuild[];
}

/** An installation as it was, and as it is rebuilt; version 0: there was none. */
export interface Rebuild {
  readonly before: Installation;
  readonly after: Installation;
}

/** Told of rebuilds, so that what follows from them can be noted before a crash. */
export interface RebuildObserver {
  /** Before they are written. */
  before(contract: Contract, rebuilds: readonly Rebuild[]): Promise<void>;
  /** Of those that certainly were not: something else was written first, and the next round rebuilds upon it. */
  lost(contract: Contract, rebuilds: readonly Rebuild[]): Promise<void>;
}

const NOBODY: RebuildObserver = { before: () => Promise.resolve(), lost: () => Promise.resolve() };

/**
 * Stores a contract document and rebuilds the installations that it concerns. The same order again rebuilds again: the retry
 * heals a crash between the two.
 * @throws {Problem} `customer-not-found`, `too-many-options`, `revision-outdated`, `revision-conflict`, `unavailable`
 */
export async function placeOrder(
  dependencies: OrderDependencies,
  order: Order,
  now: Instant,
  observer = NOBODY,
): Promise<PlacedOrder> {
  if (!(await dependencies.customers.read(order.customerId))) throw new Problem('customer-not-found');
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await dependencies.contracts.read(order.customerId, order.contractId);
    const decision = decideOrder(order, stored, now);
    if (decision.kind === 'store') {
      await refuseTooManyOptions(dependencies, decision.contract, now);
      const written = await dependencies.contracts.write(decision.contract, stored?.document.revision);
      if (written === 'conflict') continue;
    }
    // Also before a refusal: an outdated order can be the retry of one that crashed half way before it was overtaken.
    const { contract } = decision;
    const rebuilt = await rebuildInstallations(dependencies, contract, now, observer);
    if (decision.kind === 'refuse') throw new Problem(decision.code);
    return { outcome: decision.outcome, contract, ...rebuilt };
  }
  throw new Problem('unavailable', { cause: new Error('The contract kept changing') });
}

/**
 * An option too many would be in no license file, and nobody would be told. What an installation has from before is left alone.
 * @throws {Problem} `too-many-options`
 */
async function refuseTooManyOptions(
  { contracts }: OrderDependencies,
  contract: Contract,
  now: Instant,
): Promise<void> {
  if (contract.document.status !== 'active') return;
  const target = installationOf(contract);
  const stored = (await contracts.readAll(contract.customerId)).filter((other) =>
    isSame(installationOf(other), target),
  );
  const others = stored.filter(({ contractId }) => contractId !== contract.contractId);
  const after = mostOptionsAtOnce(unite([...others, contract], now), now);
  if (after > Math.max(MAX_OPTIONS, mostOptionsAtOnce(unite(stored, now), now))) {
    throw new Problem('too-many-options');
  }
}

type OrderDecision =
  | { readonly kind: 'store'; readonly outcome: 'created' | 'replaced'; readonly contract: Contract }
  | { readonly kind: 'keep'; readonly outcome: 'unchanged'; readonly contract: Contract }
  | {
      readonly kind: 'refuse';
      readonly code: 'revision-outdated' | 'revision-conflict';
      readonly contract: Contract;
    };

/** What becomes of an order, given what is stored under its id. */
function decideOrder(order: Order, stored: Contract | undefined, now: Instant): OrderDecision {
  const contract: Contract = {
    ...order,
    receivedAt: now,
    // A cancellation counts from when it was first received, however often the cancelled contract is revised.
    ...(order.document.status === 'cancelled' ? { cancelledAt: stored?.cancelledAt ?? now } : {}),
  };
  if (!stored) return { kind: 'store', outcome: 'created', contract };
  const { revision } = order.document;
  if (revision > stored.document.revision) return { kind: 'store', outcome: 'replaced', contract };
  if (revision < stored.document.revision)
    return { kind: 'refuse', code: 'revision-outdated', contract: stored };
  return isDeepStrictEqual(order.document, stored.document)
    ? { kind: 'keep', outcome: 'unchanged', contract: stored }
    : { kind: 'refuse', code: 'revision-conflict', contract: stored };
}

/**
 * Makes every installation of a customer say what the stored contracts say, and `target` exist. All of them are compared, not
 * only `target`: a revision can move a contract from one installation to another.
 *
 * Installations are read BEFORE contracts. Whoever writes one on the condition of the version read has then seen every
 * contract that the overwritten state was made of. And a round that wrote is followed by one that looks again. So whatever
 * the interleaving of racing orders, the last round of the last of them leaves the union of all that is stored.
 * @returns the version of `target`, and what was written
 */
async function rebuildInstallations(
  { customers, contracts, installations }: OrderDependencies,
  contract: Contract,
  now: Instant,
  observer: RebuildObserver,
): Promise<Pick<PlacedOrder, 'installationVersion' | 'rebuilds'>> {
  const target = installationOf(contract);
  const { customerId } = target;
  const rebuilds: Rebuild[] = [];
  let refused: readonly Rebuild[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = await installations.readAll(customerId);
    const [customer, ordered] = await Promise.all([
      customers.read(customerId),
      contracts.readAll(customerId),
    ]);
    if (!customer) throw new Problem('customer-not-found');
    const lost = refused.filter(({ before }) => isOvertaken(before, stored));
    if (lost.length > 0) await observer.lost(contract, lost);

    const known = stored.find((installation) => isSame(installation, target));
    const outdated = [...stored, ...(known ? [] : [notStoredYet(target)])].flatMap((installation) => {
      const fed = ordered.filter((contract) => isSame(installationOf(contract), installation));
      const after = rebuiltWith(installation, customer.name, unite(fed, now), now);
      const isKept = installation.version > 0 && isDeepStrictEqual(after, installation);
      return isKept ? [] : [{ before: installation, after }];
    });
    if (known && outdated.length === 0) return { installationVersion: known.version, rebuilds };
    if (outdated.length > 0) await observer.before(contract, outdated);
    const written = await Promise.all(outdated.map(({ after }) => installations.write(after)));
    rebuilds.push(...outdated.filter((_rebuild, index) => written[index] === 'written'));
    refused = outdated.filter((_rebuild, index) => written[index] !== 'written');
  }
  throw new Problem('unavailable', { cause: new Error('The installations of the customer kept changing') });
}

/**
 * Whether something else than an order took the version that a rebuild was to take. Where contracts have changed, it may have been
 * this very rebuild, its answer lost, or the same order sent twice.
 */
const isOvertaken = (before: Installation, stored: readonly Installation[]): boolean =>
  stored.some(
    (installation) =>
      isSame(installation, before) &&
      installation.version > before.version &&
      isDeepStrictEqual(installation.contracts, before.contracts),
  );

const isSame = (a: InstallationKey, b: InstallationKey): boolean =>
  a.product === b.product && a.installation === b.installation;

const notStoredYet = (key: InstallationKey): Installation => ({
  ...key,
  customerName: '',
  version: 0,
  contracts: [],
  licenses: [],
});

/**
 * The installation after an order. Where the order lowers the hosts of now, the former number is kept: its grace begins. What is
 * suspended stops at once: its hosts are not to go on in the places of others.
 */
function rebuiltWith(
  { keptHosts = [], ...installation }: Installation,
  customerName: string,
  contracts: Installation['contracts'],
  now: Instant,
): Installation {
  const suspended = new Set(contracts.filter((contract) => contract.suspended).map(({ id }) => id));
  const [stopped, others] = [true, false].map((isStopped) =>
    installation.contracts.filter(({ id }) => suspended.has(id) === isStopped),
  );
  const lost = hostsAt(stopped ?? [], now);
  const kept = keptHosts
    .filter(({ endedAt }) => endedAt > now - FORGOTTEN_AFTER)
    .map(({ hosts, endedAt }) => ({ hosts: hosts - lost, endedAt }))
    .filter(({ hosts }) => hosts > 0);
  const before = hostsAt(others ?? [], now);
  if (before > hostsAt(contracts, now)) kept.push({ hosts: before, endedAt: now });
  return { ...installation, customerName, contracts, ...(kept.length > 0 ? { keptHosts: kept } : {}) };
}
