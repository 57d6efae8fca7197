import { DAY, type Instant } from './instant.ts';
import { fileOf, signAndCommit, type IssuingDependencies } from './issuing.ts';
import type { Installation, InstallationKey } from './installation.ts';
import { listWith } from './license-composition.ts';
import type { License } from './license.ts';
import type { GenuineFile, LicenseClaims } from './license-file.ts';
import type { RenewalStore } from './ports.ts';
import { Problem, type RefusalCode } from './problem.ts';
import { decideRenewal, type Decision, type IssuePlan } from './renewal-decision.ts';
import type { Caller, IssueOutcome } from './renewal-record.ts';

/** Decisions per request: the first, and two more where the license changed meanwhile. */
const MAX_DECISIONS = 3;

/** Writes of the list of licenses per request: many hosts of one cluster can be bound at the same moment. */
const MAX_LIST_WRITES = 10;

export interface RenewalDependencies extends IssuingDependencies {
  readonly store: RenewalStore;
}

export interface RenewalRequest {
  readonly file: GenuineFile;
  /** Validated headers. */
  readonly hostId?: string;
  readonly hostName?: string;
  /** The caller's address, from the request context of the gateway. */
  readonly sourceIp: string;
  readonly now: Instant;
}

export type RenewalResult =
  | {
      readonly kind: 'delivered';
      readonly file: string;
      readonly claims: LicenseClaims;
      readonly outcome: IssueOutcome | 'redelivered';
      readonly forkSeen: boolean;
      /** Why the installation's list of licenses could not follow; the next renewal tries again. */
      readonly listFault?: unknown;
    }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail?: string };

/**
 * Renews the license of a genuine file: one batch read, one decision, one signature, two writes.
 * @throws {Problem} `unavailable` when others keep changing the license; a fault of an adapter passes through.
 */
export async function renewLicense(
  dependencies: RenewalDependencies,
  request: RenewalRequest,
): Promise<RenewalResult> {
  const { store } = dependencies;
  const { claims } = request.file;
  const key: InstallationKey = {
    customerId: claims.customer.id,
    product: claims.product,
    installation: claims.installation,
  };
  const read = await store.readForRenewal(claims.sub, key);
  let license = read.license;
  const source = new InstallationSource(store, key, read.installation);

  for (let decisions = 0; decisions < MAX_DECISIONS; decisions += 1) {
    const decision = await decideOnFreshRead(dependencies, request, license, source);
    if (decision.kind === 'refuse') return refuse(dependencies, request, decision, license);
    const caller = callerOf(request, decision.plan.host.id);
    if (decision.kind === 'redeliver') {
      const delivered = await redeliver(store, decision.plan);
      if (delivered) return delivered;
    }
    const issued = await signAndCommit(dependencies, decision.plan, request.now, caller);
    if (issued.kind === 'committed') {
      const { record } = issued;
      const delivered = {
        kind: 'delivered',
        file: fileOf(record),
        claims: record.claims,
        outcome: record.outcome,
        forkSeen: decision.plan.fork,
      } as const;
      try {
        await keepListInStep(store, key, decision.plan, source.latest);
        return delivered;
      } catch (listFault) {
        // The file is committed: its host must not go without it because of the list.
        return { ...delivered, listFault };
      }
    }
    license = issued.license;
  }
  throw new Problem('unavailable', { cause: new Error('The license kept changing') });
}

/** The installation, read strongly once where the eventual read does not suffice. */
class InstallationSource {
  latest: Installation | undefined;
  private isStrong = false;
  private readonly store: Pick<RenewalStore, 'readInstallation'>;
  private readonly key: InstallationKey;

  constructor(
    store: Pick<RenewalStore, 'readInstallation'>,
    key: InstallationKey,
    eventual: Installation | undefined,
  ) {
    this.store = store;
    this.key = key;
    this.latest = eventual;
  }

  /** Reads strongly unless that was done already. Answers whether there was anything to do. */
  async strengthen(): Promise<boolean> {
    if (this.isStrong) return false;
    this.latest = await this.store.readInstallation(this.key);
    this.isStrong = true;
    return true;
  }

  /** Reads again where the license was decided on a newer version: an order may have come after the last read. */
  async catchUpWith(version: number): Promise<void> {
    if ((this.latest?.version ?? 0) >= version) return;
    this.isStrong = false;
    await this.strengthen();
  }
}

async function decideOnFreshRead(
  { settings }: RenewalDependencies,
  request: RenewalRequest,
  license: License | undefined,
  source: InstallationSource,
): Promise<Decision> {
  const { file, hostId, hostName, now } = request;
  const decide = () =>
    decideRenewal(
      {
        file,
        ...(hostId === undefined ? {} : { hostId }),
        ...(hostName === undefined ? {} : { hostName }),
        license,
        installation: source.latest,
        now,
      },
      settings.defaults,
    );
  await source.catchUpWith(license?.current?.installationVersion ?? 0);
  const decision = decide();
  // A binding or a take-over rests on who has a license by now; both are rare.
  const restsOnInstallation =
    decision.kind === 'refuse' ? decision.restsOnInstallation : decision.plan.outcome !== 'renewed';
  return restsOnInstallation && (await source.strengthen()) ? decide() : decision;
}

/** Delivers the current file again; undefined when its record is gone. */
async function redeliver(
  store: RenewalStore,
  { license, fork }: IssuePlan,
): Promise<RenewalResult | undefined> {
  const record = await store.readRecord(license.licenseId, license.seq);
  if (!record || record.claims.jti !== license.current?.serial) return undefined;
  return {
    kind: 'delivered',
    file: fileOf(record),
    claims: record.claims,
    outcome: 'redelivered',
    forkSeen: fork,
  };
}

/**
 * The list of licenses in the installation follows bindings and take-overs. It is compared at every renewal, so that a crash
 * right here heals with the next one; but a host that is renewed by hand has no next one for months.
 * @throws {Problem} `unavailable` where others kept changing the installation
 */
async function keepListInStep(
  store: RenewalStore,
  key: InstallationKey,
  { license, host }: IssuePlan,
  seen: Installation | undefined,
): Promise<void> {
  if (!seen || listWith(seen.licenses, license.licenseId, host) === seen.licenses) return;
  for (let writes = 0; writes < MAX_LIST_WRITES; writes += 1) {
    const stored = await store.readInstallation(key);
    if (!stored) return;
    const licenses = listWith(stored.licenses, license.licenseId, host);
    if (licenses === stored.licenses) return;
    if ((await store.writeLicenseList(stored, licenses)) === 'written') return;
  }
  throw new Problem('unavailable', { cause: new Error('The installation kept changing') });
}

async function refuse(
  { store }: RenewalDependencies,
  request: RenewalRequest,
  { code, detail, by }: Extract<Decision, { kind: 'refuse' }>,
  license: License | undefined,
): Promise<RenewalResult> {
  const { file, now } = request;
  const caller = callerOf(request, request.hostId ?? file.claims.host?.id);
  const licenseId = file.claims.sub;
  await Promise.all([
    store.recordRefusal({ licenseId, code, at: now, by, serial: file.claims.jti, caller }),
    // Nobody waits for a retired license to get well.
    by === 'bound' && license && code !== 'license-retired'
      ? store.noteRefusal(licenseId, code, now)
      : undefined,
    code === 'host-mismatch' ? noteUnknownHost(store, license, caller, now) : undefined,
  ]);
  return { kind: 'refused', code, ...(detail === undefined ? {} : { detail }) };
}

/** Notes who asked for a license that is another's, once a day: it may be the same machine under a new id. */
async function noteUnknownHost(
  store: RenewalStore,
  license: License | undefined,
  { hostId, hostName }: Caller,
  now: Instant,
): Promise<void> {
  if (!license?.host || hostId === undefined) return;
  const { unknownHost: known } = license;
  if (known?.id === hostId && now - known.seenAt < DAY) return;
  const name = hostName === undefined ? {} : { name: hostName };
  await store.noteUnknownHost(license.licenseId, { id: hostId, ...name, seenAt: now });
}

function callerOf({ sourceIp, hostName, file }: RenewalRequest, hostId: string | undefined): Caller {
  const name = hostName ?? file.claims.host?.name;
  return {
    sourceIp,
    ...(hostId === undefined ? {} : { hostId }),
    ...(name === undefined ? {} : { hostName: name }),
  };
}
