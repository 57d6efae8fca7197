import type { Language } from '../../../../lambdas/core/alerts/kinds.ts';
import type { MailContent } from '../../../../lambdas/core/mail/mail.ts';
import { composeReport } from '../../../../lambdas/core/mail/report/compose-report.ts';
import type { HealthReport } from '../../../../lambdas/core/report/health-report.ts';
import type { ReportPeriod } from '../../../../lambdas/core/report/report-period.ts';
import { WEEK } from '../../../../mails/reports.ts';
import { NOW } from '../../../../mails/subjects.ts';

export interface ReportOptions {
  language?: Language;
  timeZone?: string;
  name?: string;
  every?: 'week' | 'month';
  period?: ReportPeriod;
  now?: number;
  portalUrl?: string;
}

/** The e-mail of a report to a reader in Berlin. */
export function composed(report: HealthReport, options: ReportOptions = {}): MailContent {
  const {
    language = 'en',
    timeZone = 'Europe/Berlin',
    name = 'Acme Print',
    every = 'week',
    period = WEEK,
    now = NOW,
    ...context
  } = options;
  return composeReport(
    { customer: { customerId: 'acme', name }, report, period, every },
    { language, timeZone },
    { now, ...context },
  );
}
