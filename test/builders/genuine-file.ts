import { DAY } from '../../lambdas/core/instant.ts';
import type { GenuineFile, LicenseClaims } from '../../lambdas/core/license-file.ts';
import { NOW } from './instants.ts';

/** The claims of the current file of `aLicense`. */
export const someClaims = (given: Partial<LicenseClaims> = {}): LicenseClaims => ({
  iss: 'https://licensing.example',
  sub: 'license-1',
  jti: 'serial-7',
  seq: 7,
  replaces: 'serial-6',
  iat: NOW - DAY,
  exp: NOW + 34 * DAY,
  customer: { id: 'acme', name: 'Acme Print' },
  product: 'ES',
  installation: 'main',
  host: { id: 'H-1', name: 'rip-01' },
  contracts: [{ id: 'c-1001', endsAt: NOW + 300 * DAY }],
  entitledUntil: NOW + 300 * DAY,
  options: [{ option: 'render-engine', quantity: 8, from: NOW - 300 * DAY, until: NOW + 34 * DAY }],
  renewal: { url: 'https://licensing.example/v1/licenses/renew', everySeconds: DAY },
  ...given,
});

/** The claims of a starter file of `aLicense`. */
export function starterClaims(given: Partial<LicenseClaims> = {}): LicenseClaims {
  const { host, replaces, entitledUntil, ...rest } = someClaims({
    jti: 'starter-serial',
    seq: 0,
    exp: NOW + 29 * DAY,
    contracts: [],
    options: [],
  });
  return { ...rest, ...given };
}

/** A presented file that was proven genuine: the current file of `aLicense` unless the claims say otherwise. */
export const aFile = (given: Partial<LicenseClaims> = {}): GenuineFile => ({
  claims: someClaims(given),
  isStarter: false,
});

export const aStarter = (given: Partial<LicenseClaims> = {}): GenuineFile => ({
  claims: starterClaims(given),
  isStarter: true,
});
