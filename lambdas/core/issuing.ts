import { utcDayOf, type Instant } from './instant.ts';
import { composeClaims, headerText, type IssuingSettings } from './license-composition.ts';
import { compactOf, signingInputOf } from './jws.ts';
import type { FileLeftBehind, License } from './license.ts';
import type { LicenseClaims } from './license-file.ts';
import type { RenewalStore, Signer } from './ports.ts';
import { Problem } from './problem.ts';
import { REDELIVERY_SECONDS, withFormerHost, type IssuePlan } from './renewal-decision.ts';
import type { Caller, IssueRecord } from './renewal-record.ts';
import { movesAfter } from './transfers/moves.ts';

/** Signatures per attempt before the service gives up. */
const MAX_SIGNATURES = 3;

export interface IssuingDependencies {
  readonly store: Pick<RenewalStore, 'putRecord' | 'newestRecord' | 'commit' | 'readLicense'>;
  readonly signer: Signer;
  /** A serial that is unique among all files of the service. */
  readonly newSerial: () => string;
  readonly settings: IssuingSettings;
}

export type IssueResult =
  | { readonly kind: 'committed'; readonly record: IssueRecord }
  /** Somebody else changed the license meanwhile: decide again on what is stored now. */
  | { readonly kind: 'overtaken'; readonly license: License | undefined };

/** The file of a record, byte for byte as it was signed. */
export const fileOf = (record: Pick<IssueRecord, 'header' | 'payload' | 'signature'>): string =>
  compactOf(record.header, record.payload, record.signature);

/**
 * Sign, put the record, point the license to it. The last step is the commit: a file may be delivered only after it, and a
 * crash before it leaves a record that nobody holds (a gap, or adopted by the next attempt).
 * @throws {Problem} `unavailable` when the sequence numbers ahead stay taken.
 */
export async function signAndCommit(
  dependencies: IssuingDependencies,
  plan: IssuePlan,
  now: Instant,
  caller: Caller,
): Promise<IssueResult> {
  const { store } = dependencies;
  const record = await storeRecord(dependencies, plan, now, caller);
  const outcome = await store.commit(licenseAfter(plan, record, now), plan.license.version);
  if (outcome === 'committed') return { kind: 'committed', record };
  // The commit may be one's own, retried after its reply was lost, or another renewal's that adopted the same record.
  const license = await store.readLicense(plan.license.licenseId);
  return license?.current?.serial === record.claims.jti
    ? { kind: 'committed', record }
    : { kind: 'overtaken', license };
}

/** Puts a record of one's own, or adopts the newest one where it says the same. */
async function storeRecord(
  dependencies: IssuingDependencies,
  plan: IssuePlan,
  now: Instant,
  caller: Caller,
): Promise<IssueRecord> {
  const { store } = dependencies;
  let seq = Math.max(plan.license.seq, plan.replaces?.seq ?? 0) + 1;
  for (let signatures = 0; signatures < MAX_SIGNATURES; signatures += 1) {
    const record = await signRecord(dependencies, plan, seq, now, caller);
    if ((await store.putRecord(record)) === 'stored') return record;
    const newest = await store.newestRecord(plan.license.licenseId);
    if (newest && (newest.claims.jti === record.claims.jti || isAdoptable(newest, plan, now))) return newest;
    seq = Math.max(seq, newest?.seq ?? 0) + 1;
  }
  throw new Problem('unavailable', { cause: new Error('Every sequence number tried was taken') });
}

/** Whether a record that somebody stored and nobody committed yet is as good as one's own. */
function isAdoptable(record: IssueRecord, plan: IssuePlan, now: Instant): boolean {
  return (
    record.licenseVersion === plan.license.version &&
    record.claims.host?.id === plan.host.id &&
    record.installationVersion >= plan.installation.version &&
    now - record.claims.iat < REDELIVERY_SECONDS &&
    record.seq > plan.license.seq
  );
}

async function signRecord(
  { signer, newSerial, settings }: IssuingDependencies,
  plan: IssuePlan,
  seq: number,
  now: Instant,
  caller: Caller,
): Promise<IssueRecord> {
  const claims = composeClaims(plan, { seq, serial: newSerial(), now }, settings);
  return {
    ...(await signClaims(signer, claims)),
    licenseId: plan.license.licenseId,
    seq,
    outcome: plan.outcome,
    replacesSeq: plan.replaces?.seq ?? 0,
    licenseVersion: plan.license.version,
    installationVersion: plan.installation.version,
    caller,
  };
}

/** Signs claims as a license file. */
export async function signClaims(
  signer: Signer,
  claims: LicenseClaims,
): Promise<Pick<IssueRecord, 'header' | 'payload' | 'signature' | 'claims'>> {
  const header = headerText(await signer.describe());
  const payload = JSON.stringify(claims);
  return { header, payload, signature: await signer.sign(signingInputOf(header, payload)), claims };
}

/** Files of former hosts that are remembered. */
const MAX_LEFT_BEHIND = 8;

/** What former hosts hold once the license is on the host of the plan. */
function filesLeftBehind({ license, host }: IssuePlan, now: Instant): readonly FileLeftBehind[] {
  const { host: before, current, seq, leftBehind = [] } = license;
  const leaving =
    before && current && before.id !== host.id
      ? [
          {
            hostId: before.id,
            ...(before.name === undefined ? {} : { hostName: before.name }),
            seq,
            expiresAt: current.expiresAt,
          },
        ]
      : [];
  return [...leftBehind.filter(({ hostId }) => hostId !== before?.id), ...leaving]
    .filter(({ hostId, expiresAt }) => hostId !== host.id && expiresAt > now)
    .slice(-MAX_LEFT_BEHIND);
}

/** The license once it points to a record. */
function licenseAfter(plan: IssuePlan, record: IssueRecord, now: Instant): License {
  const {
    host: before,
    lapsesAt,
    failingSince,
    refusalsInRow,
    lastRefusal,
    transfer,
    leftBehind,
    ...known
  } = plan.license;
  const { claims } = record;
  const moves = before !== undefined && before.id !== plan.host.id;
  const { unknownHost, ...kept } = known;
  const left = filesLeftBehind(plan, now);
  const day = utcDayOf(now);
  const issuedToday = kept.serialsOn?.day === day ? kept.serialsOn.count : 0;
  return {
    ...kept,
    ...(unknownHost && !moves ? { unknownHost } : {}),
    ...(moves && record.outcome === 'taken-over' ? movesAfter(kept, transfer?.isRepair === true, now) : {}),
    ...(left.length > 0 ? { leftBehind: left } : {}),
    version: kept.version + 1,
    seq: record.seq,
    host:
      claims.host?.name === undefined ? { id: plan.host.id } : { id: plan.host.id, name: claims.host.name },
    formerHosts: moves
      ? withFormerHost(plan.license).filter((id) => id !== plan.host.id)
      : kept.formerHosts.filter((id) => id !== plan.host.id),
    ...(transfer && record.outcome !== 'taken-over' ? { transfer } : {}),
    current: {
      serial: claims.jti,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
      replacesSeq: record.replacesSeq,
      installationVersion: record.installationVersion,
    },
    serialsOn: { day, count: issuedToday + 1 },
    ...(plan.fork ? { forkSeenAt: now } : {}),
    // What the vendor issues was not asked for by the host: until it renews, it is not installed.
    ...(record.outcome === 'issued' ? {} : { lastSeenAt: now }),
  };
}
