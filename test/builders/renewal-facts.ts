import { DAY, MINUTE } from '../../lambdas/core/instant.ts';
import type { License } from '../../lambdas/core/license.ts';
import {
  decideRenewal,
  type Decision,
  type IssuePlan,
  type RenewalFacts,
} from '../../lambdas/core/renewal-decision.ts';
import { aFile } from './genuine-file.ts';
import { anInstallation, DEFAULTS } from './installation.ts';
import { NOW } from './instants.ts';
import { aCurrentFile, aLicense } from './license.ts';

/** The bound host presents the current file, a day after it was issued. */
const someFacts = (given: Partial<RenewalFacts> = {}): RenewalFacts => ({
  file: aFile(),
  license: aLicense(),
  installation: anInstallation(),
  now: NOW,
  ...given,
});

/** The file that the current one replaced: what a host presents whose last reply was lost. */
export const theFileBefore = () =>
  aFile({ jti: 'serial-6', seq: 6, replaces: 'serial-5', iat: NOW - 2 * DAY, exp: NOW + 33 * DAY });

/** A license whose current file was issued some seconds ago, a minute unless said otherwise. */
export const justRenewed = (secondsAgo = MINUTE, given: Partial<License> = {}): License =>
  aLicense({ current: aCurrentFile({ issuedAt: NOW - secondsAgo }), ...given });

export const decide = (given: Partial<RenewalFacts> = {}): Decision =>
  decideRenewal(someFacts(given), DEFAULTS);

/** A decision in one word: the outcome of what is issued, `redeliver`, or the code of the refusal. */
export function answer(given: Partial<RenewalFacts> = {}): string {
  const decision = decide(given);
  if (decision.kind === 'refuse') return decision.code;
  return decision.kind === 'redeliver' ? 'redeliver' : decision.plan.outcome;
}

export function planOf(given: Partial<RenewalFacts> = {}): IssuePlan {
  const decision = decide(given);
  if (decision.kind === 'refuse') throw new Error(`Refused: ${decision.code}`);
  return decision.plan;
}
