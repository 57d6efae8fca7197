import type { Customer } from '../customer.ts';
import type { Instant } from '../instant.ts';
import type { AlertLimits } from './limits.ts';

/** From when on something is worth an e-mail to this customer. */
export const limitsFor = (customer: Customer | undefined, stage: AlertLimits): AlertLimits => ({
  ...stage,
  offlineAfterHours: customer?.offlineAfterHours ?? stage.offlineAfterHours,
});

/** What was due before is never said to this customer. */
export const alertsFromOf = (customer: Customer | undefined): Instant =>
  customer?.alertsFrom === undefined ? 0 : Date.parse(`${customer.alertsFrom}T00:00:00Z`) / 1000;
