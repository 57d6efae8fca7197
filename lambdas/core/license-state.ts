import type { License } from './license.ts';
import type { RenewalStore } from './ports.ts';
import { Problem } from './problem.ts';

/** Rounds before the service gives up; each conflict means that the license was changed meanwhile. */
const MAX_ROUNDS = 5;

export interface LicenseStates {
  /** Writes state and reason if the stored version is still `license.version`, and bumps it. */
  writeState(license: License): Promise<'written' | 'conflict'>;
  /** Writes how many transfers are allowed above the cap of the stage, and why, without a new version. */
  writeAllowance(licenseId: string, extra: number, reason: string): Promise<'written' | 'unknown'>;
}

export interface LicenseStateDependencies {
  readonly store: Pick<RenewalStore, 'readLicense'>;
  readonly states: Pick<LicenseStates, 'writeState'>;
}

/**
 * Revokes or reinstates a license. Nothing is written where it already is in that state. The bumped version makes a renewal
 * that is under way decide again.
 * @throws {Problem} `license-not-found`, `unavailable`
 */
export async function changeState(
  { store, states }: LicenseStateDependencies,
  licenseId: string,
  state: License['state'],
  reason: string,
): Promise<License> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const license = await store.readLicense(licenseId);
    if (!license) throw new Problem('license-not-found');
    if (license.state === state) return license;
    const changed: License = { ...license, state, stateReason: reason };
    if ((await states.writeState(changed)) === 'written') return { ...changed, version: license.version + 1 };
  }
  throw new Problem('unavailable', { cause: new Error('The license kept changing') });
}

/**
 * Lets a license be transferred more often than the stage allows: in all, not on top of an earlier allowance, so that a
 * request may be repeated.
 * @throws {Problem} `license-not-found`
 */
export async function allowTransfers(
  {
    store,
    states,
  }: {
    readonly store: Pick<RenewalStore, 'readLicense'>;
    readonly states: Pick<LicenseStates, 'writeAllowance'>;
  },
  licenseId: string,
  { extra, reason }: { readonly extra: number; readonly reason: string },
): Promise<License> {
  if ((await states.writeAllowance(licenseId, extra, reason)) === 'unknown')
    throw new Problem('license-not-found');
  const license = await store.readLicense(licenseId);
  if (!license) throw new Problem('license-not-found');
  return license;
}
