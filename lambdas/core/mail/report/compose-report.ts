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
import { attentionBlock, behindBlock, optionsBlock, renewalsBlock } from './report-blocks.ts';
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
  const headline = headlineOf(voice, report);
  const name = cleanText(customer.name) || cleanText(customer.customerId);
  const document = {
    language,
    tone: isGood(report) ? 'good' : 'problem',
    headline,
    about: name,
    blocks: [
      healthBlock(voice, report, period),
      ...attentionBlock(voice, report),
      comingBlock(voice, report, period),
      renewalsBlock(voice, report),
      ...optionsBlock(voice, report),
      ...behindBlock(voice, report),
    ],
    ...(portalUrl === undefined
      ? {}
      : { action: portalLink(portalUrl, '/installations', voice.texts.openPortal) }),
    footer: [{ text: `${texts.why(name, every)} ${texts.stop}` }],
  } as const;
  return {
    subject: `${texts.titled(headline)} - ${cleanText(customer.name, SHORT_NAME) || cleanText(customer.customerId, SHORT_NAME)}`,
    text: renderText(document),
    html: renderHtml(document),
  };
}

/** How the hosts in use stand, and what will end. Where none is in use, why. */
function headlineOf({ texts, report: { headline } }: ReportVoice, report: HealthReport): string {
  const { hosts, troubled } = report;
  const inGrace = hosts['in-grace'];
  const inUse = hosts.healthy + inGrace + troubled.length;
  const endings = endingContracts(report);
  const parts = [
    ...(troubled.length > 0 ? [headline.attention(troubled.length, inUse)] : []),
    ...(troubled.length === 0 && hosts.healthy > 0 ? [headline.well(hosts.healthy)] : []),
    ...(inGrace > 0 ? [headline.inGrace(inGrace)] : []),
    ...(inUse === 0 && hosts['not-entitled'] > 0 ? [headline.cannotRenew(hosts['not-entitled'])] : []),
    ...(inUse === 0 && hosts['not-entitled'] === 0 ? [headline.none] : []),
    ...(endings > 0 ? [headline.endings(endings)] : []),
  ];
  return parts.reduce((all, part) => texts.andAlso(all, part));
}

/** Contracts that end soon, with nothing behind them. */
const endingContracts = ({ coming }: HealthReport): number =>
  coming.filter((change) => change.kind === 'contract-ends' && change.hosts > 0 && !change.continues).length;

const isGood = (report: HealthReport): boolean =>
  report.troubled.length === 0 &&
  report.hosts['in-grace'] === 0 &&
  (report.hosts.healthy > 0 || report.hosts['not-entitled'] === 0) &&
  endingContracts(report) === 0;

/** How many hosts stand how; what no host is, is left out, and so is what the headline has said of all. */
function healthBlock(voice: ReportVoice, { hosts }: HealthReport, { from, until }: ReportPeriod): MailBlock {
  const { texts, report, dates } = voice;
  const found = HOST_HEALTHS.filter((health) => hosts[health] > 0);
  const isSaid = found.length === 1 && found[0] === 'healthy';
  const rows = (isSaid ? [] : found).map((health): MailRow => ({
    name: report.health[health],
    ids: [],
    facts: [{ label: texts.words.hosts, value: texts.number(hosts[health]) }],
  }));
  return { paragraphs: [report.period(dates.start(from), dates.end(until))], lists: [{ rows }] };
}
