import type { LicenseDetail } from '../api/license-views.ts';
import { namesOf } from '../alerts/license-standing.ts';
import { shareAt, shareWindows } from '../distribution.ts';
import { entitlementAt, type Entitlement } from '../entitlement.ts';
import { DAY, isoOf, type Instant } from '../instant.ts';
import type { ContractTerms, TermDefaults } from '../installation.ts';
import type { FileLeftBehind, PendingTransfer } from '../license.ts';
import { isoIf, licenseItem } from './license-item.ts';
import type { ViewedLicense } from './standing.ts';

/** As far ahead as shares are shown: the longest validity of a file. */
const SHARE_HORIZON = 400 * DAY;

/** All that a customer sees of one license. */
export function licenseDetail(viewed: ViewedLicense, now: Instant, defaults: TermDefaults): LicenseDetail {
  const { license, installation } = viewed;
  const { current, unknownHost, stateReason } = license;
  const entitlement = entitlementAt(installation.contracts, now, defaults);
  const inForce = entitlement.kind === 'entitled' ? entitlement.contracts : [];
  return {
    ...licenseItem(viewed),
    ...(entitlement.kind === 'entitled' ? { connection: connectionOf(entitlement) } : {}),
    createdAt: isoOf(license.createdAt),
    seq: license.seq,
    ...isoIf('issuedAt', current?.issuedAt),
    ...(stateReason === undefined ? {} : { stateReason }),
    contracts: inForce.map(contractOf),
    formerHosts: [...license.formerHosts],
    filesLeftBehind: (license.leftBehind ?? []).filter(({ expiresAt }) => now < expiresAt).map(leftBehind),
    ...(license.transfer ? { transfer: transferOf(license.transfer) } : {}),
    transfersInLast365Days: (license.movedAt ?? []).filter((instant) => now - instant < 365 * DAY).length,
    ...(unknownHost ? { unknownHost: { ...unknownHost, seenAt: isoOf(unknownHost.seenAt) } } : {}),
    ...isoIf('forkSeenAt', license.forkSeenAt),
    share: shareOf(viewed, now, defaults),
  };
}

/** Hosts of an installation call by themselves where any of its contracts says so. */
export const connectionOf = ({ contracts }: Entitlement): 'online' | 'manual' =>
  contracts.some(({ connection }) => connection === 'online') ? 'online' : 'manual';

function contractOf(contract: ContractTerms): LicenseDetail['contracts'][number] {
  return { ...namesOf([contract])[0], id: contract.id, ...isoIf('endsAt', contract.until) };
}

const leftBehind = ({ hostId, hostName, expiresAt }: FileLeftBehind) => ({
  host: { id: hostId, ...(hostName === undefined ? {} : { name: hostName }) },
  expiresAt: isoOf(expiresAt),
});

/** The serial of the starter file stays out. */
const transferOf = ({ hostId, hostName, declaredAt, isRepair, starterSerial }: PendingTransfer) => ({
  host: {
    ...(hostId === undefined ? {} : { id: hostId }),
    ...(hostName === undefined ? {} : { name: hostName }),
  },
  ...isoIf('declaredAt', declaredAt),
  isRepair: isRepair ?? false,
  byStarter: starterSerial !== undefined,
});

function shareOf(
  { entry, installation, standing }: ViewedLicense,
  now: Instant,
  defaults: TermDefaults,
): LicenseDetail['share'] {
  // A revoked license keeps its share for when it is reinstated; it carries none of it before.
  if (standing === 'revoked') return { now: [], windows: [] };
  const horizon = now + SHARE_HORIZON;
  return {
    now: [...shareAt(installation, entry.id, now, defaults)].map(([option, quantity]) => ({
      option,
      quantity,
    })),
    windows: shareWindows(installation, entry.id, { from: now, until: horizon }, defaults).map(
      ({ option, quantity, from, until }) => ({
        option,
        quantity,
        from: isoOf(from),
        ...(until < horizon ? { until: isoOf(until) } : {}),
      }),
    ),
  };
}
