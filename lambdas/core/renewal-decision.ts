import { entitlementAt, type Entitlement } from './entitlement.ts';
import { leavesAt, sharingAt } from './hosts-allowed.ts';
import { MINUTE, utcDayOf, type Instant } from './instant.ts';
import type { Installation, TermDefaults } from './installation.ts';
import { listWith } from './license-composition.ts';
import type { Host, License } from './license.ts';
import type { GenuineFile } from './license-file.ts';
import type { RefusalCode } from './problem.ts';
import type { IssueOutcome } from './renewal-record.ts';

/** A current file younger than this is delivered again to a caller who seems to have lost the reply. */
export const REDELIVERY_SECONDS = 10 * MINUTE;

/** New serials per license and UTC day. */
export const MAX_SERIALS_PER_DAY = 24;

/** Former hosts that are remembered; older ones are strangers. */
const MAX_FORMER_HOSTS = 8;

/** What a renewal is decided on; `now` is read once per event. */
export interface RenewalFacts {
  readonly file: GenuineFile;
  /** From the headers. */
  readonly hostId?: string;
  readonly hostName?: string;
  readonly license: License | undefined;
  readonly installation: Installation | undefined;
  readonly now: Instant;
}

/** Everything that is needed to sign a file and to commit it. */
export interface IssuePlan {
  readonly outcome: IssueOutcome;
  /** As stored, corrected by a presented file that is newer; `version` is the stored one, 0 where nothing is stored. */
  readonly license: License;
  readonly installation: Installation;
  readonly entitlement: Entitlement;
  readonly host: Host;
  /** The presented file. */
  readonly replaces?: { readonly serial: string; readonly seq: number };
  readonly fork: boolean;
}

export type Decision =
  | {
      readonly kind: 'refuse';
      readonly code: RefusalCode;
      readonly detail?: string;
      /** Whether the claimed host is the one that the license is bound to. */
      readonly by: 'bound' | 'other';
      /** The installation must have been read strongly before this refusal counts. */
      readonly restsOnInstallation: boolean;
    }
  /** Deliver the current file again; the plan holds if its record is gone. */
  | { readonly kind: 'redeliver'; readonly plan: IssuePlan }
  | { readonly kind: 'issue'; readonly plan: IssuePlan };

/** Decides a renewal. All checks that refuse come before anything that delivers. */
export function decideRenewal(facts: RenewalFacts, defaults: TermDefaults): Decision {
  const { file, installation, now } = facts;
  if (!installation) {
    const bound = facts.license?.host?.id;
    const by = bound !== undefined && bound === claimedHost(facts) ? 'bound' : 'other';
    return { kind: 'refuse', code: 'license-unknown', by, restsOnInstallation: true };
  }
  const license = licenseAsKnown(facts.license, file, installation, now);
  const claim = judgeHost(license, file, claimedHost(facts));
  const by = claim.kind === 'accepted' && claim.outcome === 'renewed' ? 'bound' : 'other';
  const refuse = (code: RefusalCode, restsOnInstallation = false): Decision => ({
    kind: 'refuse',
    code,
    by,
    restsOnInstallation,
  });

  // Of a license that is gone, the list of the installation says whose it is.
  if (claim.kind === 'refused') return refuse(claim.code, facts.license === undefined);
  if (license.state === 'revoked') return refuse('license-revoked');
  if (claim.starter && Math.min(license.lapsesAt ?? Infinity, file.claims.exp) <= now) {
    return refuse('starter-lapsed');
  }
  const isElsewhere = installation.licenses.some(
    (entry) => entry.id !== license.licenseId && entry.hostId === claim.hostId && now < leavesAt(entry),
  );
  // It would hold two shares of one installation.
  if (claim.outcome !== 'renewed' && isElsewhere) return refuse('host-known', true);
  const licenses = listWith(installation.licenses, license.licenseId, { id: claim.hostId });
  const listed = licenses.find(({ id }) => id === license.licenseId);
  // Noted in both, one after the other: either may be the one that is known so far.
  const retiresAt = Math.min(license.retiresAt ?? Infinity, listed?.retiresAt ?? Infinity);
  if (retiresAt <= now) return refuse('license-retired', true);
  const entitlement = entitlementAt(installation.contracts, now, defaults);
  if (entitlement.kind === 'none') {
    const { code, detail } = entitlement;
    return {
      kind: 'refuse',
      code,
      by,
      restsOnInstallation: true,
      ...(detail === undefined ? {} : { detail }),
    };
  }

  const sharing = sharingAt({ ...installation, licenses }, now, defaults);
  if (!sharing.some(({ id }) => id === license.licenseId)) return refuse('host-limit', true);

  const { current } = license;
  const presentedIsCurrent = current?.serial === file.claims.jti;
  const plan: IssuePlan = {
    outcome: claim.outcome,
    license,
    installation,
    entitlement,
    host: hostOf(claim.hostId, facts, license),
    replaces: { serial: file.claims.jti, seq: file.claims.seq },
    // Whoever renews in turn presents the current file or, after a lost reply, the one that it replaced.
    fork: current !== undefined && !presentedIsCurrent && file.claims.seq > current.replacesSeq,
  };
  // A refusal since then, as of a license that was revoked and reinstated, is cleared by a new file only.
  const unchanged =
    claim.outcome === 'renewed' &&
    license.failingSince === undefined &&
    current?.installationVersion === installation.version &&
    now < current.expiresAt;
  const replyWasLost =
    !presentedIsCurrent && current !== undefined && now - current.issuedAt < REDELIVERY_SECONDS;
  const dayIsUsedUp =
    license.serialsOn?.day === utcDayOf(now) && license.serialsOn.count >= MAX_SERIALS_PER_DAY;
  return { kind: unchanged && (replyWasLost || dayIsUsedUp) ? 'redeliver' : 'issue', plan };
}

const claimedHost = ({ hostId, file }: RenewalFacts): string | undefined => hostId ?? file.claims.host?.id;

/**
 * The license as it must be taken, where the database is behind the files that it once issued. A genuine file with a higher
 * sequence number than the license, or another one of the same number that is later, can only come from a database that was
 * restored since: then the file is the newer truth about sequence and host. A license that is gone is recreated from it, for
 * the host that the list of the installation names: a former host still holds files, and must not take the license back.
 */
export function licenseAsKnown(
  stored: License | undefined,
  file: GenuineFile,
  installation: Pick<Installation, 'licenses'>,
  now: Instant,
): License {
  const { claims } = file;
  if (stored) {
    const newer =
      claims.seq > stored.seq ||
      (claims.seq === stored.seq &&
        claims.jti !== stored.current?.serial &&
        claims.iat > (stored.current?.issuedAt ?? 0));
    if (!newer || !claims.host) return stored;
    const moved = stored.host !== undefined && stored.host.id !== claims.host.id;
    const { transfer, ...kept } = stored;
    return {
      ...kept,
      ...(transfer && !moved ? { transfer } : {}),
      ...fromFile(file),
      formerHosts: moved ? withFormerHost(stored) : stored.formerHosts,
    };
  }
  const listedHost = installation.licenses.find(({ id }) => id === claims.sub)?.hostId;
  const hostInFile = claims.host?.id;
  return {
    licenseId: claims.sub,
    customerId: claims.customer.id,
    product: claims.product,
    installation: claims.installation,
    version: 0,
    state: 'active',
    createdAt: now,
    formerHosts: hostInFile === undefined || (listedHost ?? hostInFile) === hostInFile ? [] : [hostInFile],
    seq: claims.seq,
    ...(file.isStarter ? {} : fromFile(file)),
    ...(listedHost !== undefined && listedHost !== hostInFile
      ? { host: hostWith(listedHost, undefined) }
      : file.isStarter
        ? { lapsesAt: claims.exp }
        : {}),
  };
}

/** What a file that is newer than the database says of its license. */
function fromFile({ claims }: GenuineFile): Pick<License, 'seq' | 'current' | 'host'> {
  return {
    seq: claims.seq,
    ...(claims.host ? { host: hostWith(claims.host.id, claims.host.name) } : {}),
    current: {
      serial: claims.jti,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
      replacesSeq: claims.seq,
      // Unknown: nothing is delivered again on the word of a file alone.
      installationVersion: 0,
    },
  };
}

/** The former hosts once the bound host has left. */
export const withFormerHost = (license: License): readonly string[] => {
  if (!license.host) return license.formerHosts;
  const leaving = license.host.id;
  return [...license.formerHosts.filter((id) => id !== leaving), leaving].slice(-MAX_FORMER_HOSTS);
};

type HostClaim =
  | {
      readonly kind: 'accepted';
      readonly outcome: 'renewed' | 'bound' | 'taken-over';
      readonly hostId: string;
      /** Whether nothing but a starter file lets the host in. */
      readonly starter: boolean;
    }
  | { readonly kind: 'refused'; readonly code: 'host-id-required' | 'license-transferred' | 'host-mismatch' };

/** Who may renew: the bound host, the declared target of a transfer, or the first host of an unbound license. */
function judgeHost(license: License, file: GenuineFile, hostId: string | undefined): HostClaim {
  const { host, transfer } = license;
  if (hostId === undefined) return { kind: 'refused', code: 'host-id-required' };
  const accepted = { kind: 'accepted', hostId } as const;
  if (host?.id === hostId) return { ...accepted, outcome: 'renewed', starter: false };
  if (transfer?.hostId === hostId) return { ...accepted, outcome: 'taken-over', starter: false };
  if (file.isStarter && transfer?.starterSerial === file.claims.jti) {
    return { ...accepted, outcome: 'taken-over', starter: true };
  }
  if (!host && file.isStarter) return { ...accepted, outcome: 'bound', starter: true };
  return {
    kind: 'refused',
    code: license.formerHosts.includes(hostId) ? 'license-transferred' : 'host-mismatch',
  };
}

/** The claimed host with the name that is known of it, the latest first. */
function hostOf(hostId: string, { hostName, file }: RenewalFacts, license: License): Host {
  const known = [license.host, file.claims.host].find((host) => host?.id === hostId);
  return hostWith(hostId, hostName ?? known?.name);
}

const hostWith = (id: string, name: string | undefined): Host => (name === undefined ? { id } : { id, name });
