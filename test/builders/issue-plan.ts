import { entitlementAt, type Entitlement } from '../../lambdas/core/entitlement.ts';
import type { Instant } from '../../lambdas/core/instant.ts';
import type { ContractTerms } from '../../lambdas/core/installation.ts';
import type { IssuingSettings } from '../../lambdas/core/license-composition.ts';
import type { IssuePlan } from '../../lambdas/core/renewal-decision.ts';
import { anInstallation, DEFAULTS } from './installation.ts';
import { NOW } from './instants.ts';
import { aLicense } from './license.ts';

export const SETTINGS: IssuingSettings = {
  issuer: 'https://licensing.example',
  renewalUrl: 'https://licensing.example/v1/licenses/renew',
  defaults: DEFAULTS,
};

/** The entitlement by contracts that do entitle. */
export function entitlementBy(contracts: readonly ContractTerms[], now: Instant = NOW): Entitlement {
  const entitlement = entitlementAt(contracts, now, DEFAULTS);
  if (entitlement.kind === 'none') throw new Error(`Nothing entitles: ${entitlement.code}`);
  return entitlement;
}

/** The plan of an ordinary renewal; the entitlement is that of the installation. */
export function aPlan(given: Partial<IssuePlan> = {}): IssuePlan {
  const installation = given.installation ?? anInstallation();
  return {
    outcome: 'renewed',
    license: aLicense(),
    installation,
    entitlement: given.entitlement ?? entitlementBy(installation.contracts),
    host: { id: 'H-1', name: 'rip-01' },
    replaces: { serial: 'serial-7', seq: 7 },
    fork: false,
    ...given,
  };
}
