import { isoOf, type Instant } from '../instant.ts';
import type { License } from '../license.ts';
import { transfersOf } from '../transfers/moves.ts';

/** A license as an answer about its host shows it. Serials stay out: whoever knows one can tell a file of the chain. */
export function ownLicenseView(license: License, now: Instant, transferLimit: number) {
  const { licenseId, product, installation, state, host, site, transfer, current } = license;
  const { lapsesAt, retiresAt } = license;
  return {
    licenseId,
    product,
    installation,
    state,
    ...(host ? { host } : {}),
    ...(site === undefined ? {} : { site }),
    ...(current ? { expiresAt: isoOf(current.expiresAt) } : {}),
    ...(lapsesAt === undefined || host ? {} : { lapsesAt: isoOf(lapsesAt) }),
    ...(retiresAt === undefined ? {} : { retiresAt: isoOf(retiresAt) }),
    ...(transfer ? { transfer: transferView(transfer) } : {}),
    transfers: transfersOf(license, now, transferLimit),
  };
}

/** Where a license is about to go. */
export const transferView = ({
  hostId,
  hostName,
  starterSerial,
  declaredAt,
  isRepair,
}: NonNullable<License['transfer']>) => ({
  kind: isRepair ? ('repair' as const) : ('transfer' as const),
  to: {
    ...(hostId === undefined ? {} : { id: hostId }),
    ...(hostName === undefined ? {} : { name: hostName }),
  },
  ...(declaredAt === undefined ? {} : { declaredAt: isoOf(declaredAt) }),
  hasStarter: starterSerial !== undefined,
});
