import type { Instant } from '../clock.ts';
import { dayOf } from './last-day.ts';

/** Texts that vary without end are no reason to remember them all. */
const MAX_TEXTS = 1000;

/** What this process has said today, so that what lasts is said once a UTC day. */
export class OnceADay {
  private day = '';
  private readonly said = new Set<string>();

  /** Whether this text about this subject has not been said today; then it counts as said. */
  isDue(subject: string, text: string, now: Instant): boolean {
    const today = dayOf(now);
    if (today !== this.day || this.said.size >= MAX_TEXTS) this.said.clear();
    this.day = today;
    const key = `${subject}\n${text}`;
    if (this.said.has(key)) return false;
    this.said.add(key);
    return true;
  }
}
