import type { TermDefaults } from '../installation.ts';

/** From when on something is worth an e-mail, as the stage has it. */
export interface AlertLimits {
  /** Hours without a genuine attempt; a customer may have its own. */
  readonly offlineAfterHours: number;
  /** Days before the expiry of a file that is not renewed. */
  readonly expiringWithinDays: number;
  /** Days before the end of an entitlement, and of one that is a trial. */
  readonly endingWithinDays: number;
  readonly trialEndingWithinDays: number;
  /** What contracts leave open. */
  readonly defaults: TermDefaults;
}
