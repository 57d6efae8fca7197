import type { StageConfig } from '../config.ts';

/** The terms by which alerts and reports judge licenses and contracts. */
export const alertEnvironment = ({
  validityDays,
  graceDays,
  renewEverySeconds,
  alerts,
}: StageConfig): Record<
  | 'VALIDITY_DAYS'
  | 'GRACE_DAYS'
  | 'RENEW_EVERY_SECONDS'
  | 'OFFLINE_AFTER_HOURS'
  | 'EXPIRING_WITHIN_DAYS'
  | 'ENDING_WITHIN_DAYS'
  | 'TRIAL_ENDING_WITHIN_DAYS',
  string
> => ({
  VALIDITY_DAYS: String(validityDays),
  GRACE_DAYS: String(graceDays),
  RENEW_EVERY_SECONDS: String(renewEverySeconds),
  OFFLINE_AFTER_HOURS: String(alerts.offlineAfterHours),
  EXPIRING_WITHIN_DAYS: String(alerts.expiringWithinDays),
  ENDING_WITHIN_DAYS: String(alerts.endingWithinDays),
  TRIAL_ENDING_WITHIN_DAYS: String(alerts.trialEndingWithinDays),
});
