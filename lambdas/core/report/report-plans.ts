import type { Contact, ReportTimes } from '../customer.ts';

/** When the report of one contact is to start. */
export interface ReportPlan {
  /** As the vendor wrote it. */
  readonly email: string;
  /** `cron(0 8 ? * MON *)`, in the zone of the contact. */
  readonly cron: string;
  readonly timeZone: string;
}

/** The schedules of reports. */
export interface ReportSchedules {
  /**
   * Makes sure that these are there, and leaves others alone.
   * @throws {Problem} `body-invalid` for a time zone in which nothing can be scheduled.
   */
  add(customerId: string, plans: readonly ReportPlan[]): Promise<void>;
  /**
   * Makes the schedules of a customer those, and no others. Doing it again changes nothing.
   * @throws {Problem} `body-invalid` for a time zone in which nothing can be scheduled.
   */
  keep(customerId: string, plans: readonly ReportPlan[]): Promise<void>;
}

/** Which reports the contacts of a customer want; an address that is named twice gets the first one that it is named with. */
export function reportPlansOf(contacts: readonly Contact[]): ReportPlan[] {
  const plans = new Map<string, ReportPlan>();
  for (const { email, report, timeZone } of contacts) {
    const address = email.toLowerCase();
    if (report && !plans.has(address)) plans.set(address, { email, cron: cronOf(report), timeZone });
  }
  return [...plans.values()];
}

/** Minute, hours, day of the month, month, day of the week, year. */
const cronOf = (times: ReportTimes): string =>
  times.every === 'week'
    ? `cron(0 ${hoursOf(times)} ? * ${times.on.slice(0, 3).toUpperCase()} *)`
    : `cron(0 ${hoursOf(times)} ${times.on} * ? *)`;

/** Clocks go forward in the hours before this one, but for Greenland and the Easter Island: late on a Saturday. */
const CLOCKS_ARE_CHANGED = 4;

/**
 * A time that a change to summer time leaves out is skipped, and its report would be missed. So where that can be, a second
 * start comes an hour later; a report that was sent is not sent again.
 */
const hoursOf = ({ hour }: ReportTimes): string =>
  hour < CLOCKS_ARE_CHANGED ? `${hour},${hour + 1}` : String(hour);

/** The contact that gets a report at an address; absent where the report is not wanted any more. */
export const contactOfReport = (
  contacts: readonly Contact[],
  email: string,
): (Contact & { readonly report: ReportTimes }) | undefined =>
  contacts
    .filter((contact) => contact.email.toLowerCase() === email.toLowerCase())
    .flatMap((contact) => (contact.report ? [{ ...contact, report: contact.report }] : []))[0];
