import type { AlertLimits } from '../../lambdas/core/alerts/limits.ts';
import { DEFAULTS } from './installation.ts';

/** From when on something is worth an e-mail in these tests. */
export const LIMITS: AlertLimits = {
  offlineAfterHours: 96,
  expiringWithinDays: 15,
  endingWithinDays: 60,
  trialEndingWithinDays: 7,
  defaults: DEFAULTS,
};
