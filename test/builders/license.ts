import { DAY } from '../../lambdas/core/instant.ts';
import type { CurrentFile, License } from '../../lambdas/core/license.ts';
import { NOW } from './instants.ts';

/** The file of a license that renewed yesterday; it goes with `anInstallation` (version 3) and `aFile` (seq 7). */
export const aCurrentFile = (given: Partial<CurrentFile> = {}): CurrentFile => ({
  serial: 'serial-7',
  issuedAt: NOW - DAY,
  expiresAt: NOW + 34 * DAY,
  replacesSeq: 6,
  installationVersion: 3,
  ...given,
});

/** A license bound to H-1 that renewed yesterday. */
export const aLicense = (given: Partial<License> = {}): License => ({
  licenseId: 'license-1',
  customerId: 'acme',
  product: 'ES',
  installation: 'main',
  version: 20,
  state: 'active',
  createdAt: NOW - 100 * DAY,
  host: { id: 'H-1', name: 'rip-01' },
  formerHosts: [],
  seq: 7,
  current: aCurrentFile(),
  ...given,
});

/** A license that waits for its first host. */
export function anUnboundLicense(given: Partial<License> = {}): License {
  const { host, current, ...unbound } = aLicense({ seq: 0, version: 1, lapsesAt: NOW + 30 * DAY });
  return { ...unbound, ...given };
}
