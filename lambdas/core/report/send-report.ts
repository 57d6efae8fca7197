import type { AlertedCustomers } from '../alerts/ports.ts';
import { limitsFor } from '../alerts/customer-limits.ts';
import type { AlertLimits } from '../alerts/limits.ts';
import type { RecipientStore } from '../alerts/recipient-ports.ts';
import { MINUTE, type Instant } from '../instant.ts';
import type { Mailer } from '../mail/mail.ts';
import { composeReport } from '../mail/report/compose-report.ts';
import { gatherHealth, type ReportStore } from './health-facts.ts';
import { healthReport } from './health-report.ts';
import { reportPeriod } from './report-period.ts';
import { contactOfReport } from './report-plans.ts';
import type { SentReports } from './report-ports.ts';

/** Longer than one e-mail takes, and over when Lambda tries again after a crash. */
const CLAIM_SECONDS = MINUTE;

export interface SendReportDependencies {
  readonly customers: AlertedCustomers;
  readonly recipients: Pick<RecipientStore, 'readDisabled'>;
  readonly store: ReportStore;
  readonly sentReports: SentReports;
  readonly mailer: Mailer;
  readonly limits: AlertLimits;
  readonly portalUrl?: string;
}

/** `busy`: somebody else is sending it at this moment; ask again when that is over, as they may not get to its end. */
export type SendOutcome = 'sent' | 'sent-before' | 'busy' | 'not-wanted' | 'disabled';

/**
 * Mails a contact the report of its last period, once. What was sent is noted after it was sent: a crash between the two sends
 * again, never too little. Reserved only when all is gathered, for as long as the e-mail takes.
 */
export async function sendReport(
  dependencies: SendReportDependencies,
  customerId: string,
  email: string,
  now: Instant,
): Promise<SendOutcome> {
  const { customers, recipients, store, sentReports, mailer } = dependencies;
  const customer = (await customers.readWithMutes(customerId))?.customer;
  const contact = customer && contactOfReport(customer.contacts, email);
  if (!customer || !contact) return 'not-wanted';
  const address = contact.email.toLowerCase();
  if ((await recipients.readDisabled([address])).has(address)) return 'disabled';

  const period = reportPeriod(contact.report, contact.timeZone, now);
  const limits = limitsFor(customer, dependencies.limits);
  const report = healthReport(await gatherHealth(store, customerId, period, now), now, period, limits);
  const content = composeReport({ customer, report, period, every: contact.report.every }, contact, {
    now,
    ...(dependencies.portalUrl === undefined ? {} : { portalUrl: dependencies.portalUrl }),
  });

  const claim = { customerId, address, dueOn: period.dueOn };
  const taken = await sentReports.take(claim, now, now + CLAIM_SECONDS);
  if (taken !== 'taken') return taken === 'sent' ? 'sent-before' : 'busy';
  try {
    await mailer.send({ to: contact.email, ...content, tags: { kind: 'report' } });
  } catch (fault) {
    await sentReports.release(claim);
    throw fault;
  }
  await sentReports.finish(claim);
  return 'sent';
}
