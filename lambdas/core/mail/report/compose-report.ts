import type { Contact, ReportTimes } from '../../customer.ts';
import type { Instant } from '../../instant.ts';
import { HOST_HEALTHS, type HealthReport } from '../../report/health-report.ts';
import type { ReportPeriod } from '../../report/report-period.ts';
import { cleanText } from '../clean.ts';
import { datesFor } from '../dates.ts';
import type { MailBlock, MailRow } from '../document.ts';
import type { MailContent } from '../mail.ts';
import { renderHtml } from '../render-html.ts';
import { renderText } from '../render-text.ts';
import { textsIn } from '../texts/texts-in.ts';
import { portalLink } from '../voice.ts';
import { comingBlock } from './coming-block.ts';
import { attentionBlock, optionsBlocks, renewalsBlock } from './report-blocks.ts';
import type { ReportVoice } from './report-voice.ts';
import { reportTextsIn } from './texts/report-texts-in.ts';

/** The name of a customer in a subject line, which has little room. */
const SHORT_NAME = 40;

export interface ReportMailing {
  readonly customer: { readonly customerId: string; readonly name: string };
  readonly report: HealthReport;
  readonly period: ReportPeriod;
  readonly every: ReportTimes['every'];
}

/** The report on the health of a customer's licenses, for one reader. */
export function composeReport(
  { customer, report, period, every }: ReportMailing,
  { language, timeZone }: Pick<Contact, 'language' | 'timeZone'>,
  { now, portalUrl }: { readonly now: Instant; readonly portalUrl?: string },
): MailContent {
  const texts = reportTextsIn(language);
  const voice: ReportVoice = {
    texts: textsIn(language),
    dates: datesFor(language, timeZone),
    now,
    portalUrl,
    report: texts,
  };
  const troubled = report.troubled.length;
  const inUse = report.hosts.healthy + troubled;
  const headline =
    inUse === 0
      ? texts.headline.none
      : troubled > 0
        ? texts.headline.attention(troubled, inUse)
        : texts.headline.well(inUse);
  const name = cleanText(customer.name) || cleanText(customer.customerId);
  const document = {
    language,
    tone: troubled > 0 ? 'problem' : 'good',
    headline,
    about: name,
    blocks: [
      healthBlock(voice, report, period),
      ...attentionBlock(voice, report),
      renewalsBlock(voice, report),
      ...optionsBlocks(voice, report),
      comingBlock(voice, report, period),
    ],
    ...(portalUrl === undefined
      ? {}
      : { action: portalLink(portalUrl, '/installations', voice.texts.openPortal) }),
    footer: [{ text: `${texts.why(name, every)} ${texts.stop}` }],
  } as const;
  return {
    subject: `${texts.title}: ${headline} - ${cleanText(customer.name, SHORT_NAME) || cleanText(customer.customerId, SHORT_NAME)}`,
    text: renderText(document),
    html: renderHtml(document),
  };
}

/** How many hosts stand how; what no host is, is left out. */
function healthBlock(voice: ReportVoice, { hosts }: HealthReport, { from, until }: ReportPeriod): MailBlock {
  const { texts, report, dates } = voice;
  const rows = HOST_HEALTHS.filter((health) => hosts[health] > 0).map((health): MailRow => ({
    name: report.health[health],
    ids: [],
    facts: [{ label: texts.words.hosts, value: texts.number(hosts[health]) }],
  }));
  return { paragraphs: [report.period(dates.start(from), dates.end(until))], lists: [{ rows }] };
}
