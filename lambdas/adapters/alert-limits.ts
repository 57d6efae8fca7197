import type * as z from 'zod/mini';
import type { AlertLimits } from '../core/alerts/limits.ts';
import { wholeNumber } from './environment.ts';

/** The environment of every function that judges how licenses and contracts stand. */
export const alertLimitVariables = {
  VALIDITY_DAYS: wholeNumber,
  GRACE_DAYS: wholeNumber,
  RENEW_EVERY_SECONDS: wholeNumber,
  OFFLINE_AFTER_HOURS: wholeNumber,
  EXPIRING_WITHIN_DAYS: wholeNumber,
  ENDING_WITHIN_DAYS: wholeNumber,
  TRIAL_ENDING_WITHIN_DAYS: wholeNumber,
};

type AlertLimitsEnv = z.output<z.ZodMiniObject<typeof alertLimitVariables>>;

/** From when on something is worth an e-mail, as the stage has it. */
export const alertLimitsOf = (env: AlertLimitsEnv): AlertLimits => ({
  offlineAfterHours: env.OFFLINE_AFTER_HOURS,
  expiringWithinDays: env.EXPIRING_WITHIN_DAYS,
  endingWithinDays: env.ENDING_WITHIN_DAYS,
  trialEndingWithinDays: env.TRIAL_ENDING_WITHIN_DAYS,
  defaults: {
    validityDays: env.VALIDITY_DAYS,
    graceDays: env.GRACE_DAYS,
    renewEverySeconds: env.RENEW_EVERY_SECONDS,
  },
});
