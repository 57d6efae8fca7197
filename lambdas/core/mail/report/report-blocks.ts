import {
  HOST_HEALTHS,
  type HealthReport,
  type InstallationReport,
  type OptionReport,
  type ReportedHost,
} from '../../report/health-report.ts';
import { cleanText } from '../clean.ts';
import type { MailBlock, MailFact, MailRow } from '../document.ts';
import { dealRoom, groupedBy, hostRow, installationName, listedContracts, portalLink } from '../voice.ts';
import { reasonOf, type ReportVoice } from './report-voice.ts';

/** What is listed of each: together it stays below the size at which Gmail cuts an e-mail off. */
const MAX_TROUBLED = 40;
const MAX_INSTALLATIONS = 20;
const MAX_OPTIONS = 40;
/** Hosts that only wait for their next renewal are named as examples. */
const MAX_BEHIND = 10;

/** Hosts failing, expiring or offline, in this order, each with what is wrong with it. */
export function attentionBlock(voice: ReportVoice, { troubled }: HealthReport): MailBlock[] {
  if (troubled.length === 0) return [];
  const urgent = troubled.toSorted((a, b) => HOST_HEALTHS.indexOf(a.health) - HOST_HEALTHS.indexOf(b.health));
  const groups = dealRoom(groupedBy(urgent, installationKey), MAX_TROUBLED).filter(
    ({ listed }) => listed.length > 0,
  );
  const listed = groups.flatMap((group) => group.listed).length;
  return [
    {
      title: `${voice.report.attention} (${voice.texts.number(troubled.length)})`,
      paragraphs: [],
      lists: groups.map((group) => ({
        ...(group.listed[0] ? { caption: installationName(voice, group.listed[0]) } : {}),
        rows: group.listed.map((host) => hostRow(voice, host, troubleFacts(voice, host))),
      })),
      ...moreOf(voice, troubled.length - listed, '/licenses'),
    },
  ];
}

const installationKey = ({ product, installation }: Pick<ReportedHost, 'product' | 'installation'>) =>
  `${product} ${installation}`;

function troubleFacts(voice: ReportVoice, { health, code, lastSeenAt, expiresAt }: ReportedHost): MailFact[] {
  const { texts, report, dates, now } = voice;
  const { words } = texts;
  return [
    { label: report.state, value: report.health[health] },
    ...(code === undefined ? [] : [{ label: report.reason, value: reasonOf(voice, code) }]),
    ...(lastSeenAt === undefined ? [] : [{ label: words.lastSeen, value: dates.moment(lastSeenAt) }]),
    ...(expiresAt === undefined
      ? []
      : [{ label: expiresAt <= now ? words.expired : words.validUntil, value: dates.end(expiresAt) }]),
  ];
}

/** What came of the renewals of the period. */
export function renewalsBlock(voice: ReportVoice, { renewals, refusals }: HealthReport): MailBlock {
  const { texts, report } = voice;
  const refused = refusals.reduce((sum, { count }) => sum + count, 0);
  const rows = refusals.map(({ code, count }): MailRow => {
    const reason = reasonOf(voice, code);
    return {
      name: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`,
      ids: [{ label: texts.words.code, value: cleanText(code) }],
      facts: [{ label: report.renewals.refused, value: report.renewals.times(count) }],
    };
  });
  return {
    title: report.renewals.title,
    paragraphs: [report.renewals.counts(renewals, refused)],
    lists: rows.length > 0 ? [{ rows }] : [],
  };
}

/** What the contracts give and what the files on the hosts hold of it. */
export function optionsBlock(voice: ReportVoice, { installations }: HealthReport): MailBlock[] {
  if (installations.length === 0) return [];
  const { title, more } = voice.report.options;
  const dealt = dealRoom(
    installations.slice(0, MAX_INSTALLATIONS).map(({ options }) => [...options]),
    MAX_OPTIONS,
  );
  const whole = dealt.filter((group) => group.more === 0).length;
  return [
    {
      title,
      paragraphs: [],
      lists: installations.slice(0, MAX_INSTALLATIONS).flatMap((installation, index) => {
        const { listed = [], more: left = 0 } = dealt[index] ?? {};
        if (listed.length === 0 && left > 0) return [];
        return [
          { caption: captionOf(voice, installation), rows: listed.map((option) => optionRow(voice, option)) },
        ];
      }),
      ...moreOf(voice, installations.length - whole, '/installations', more),
    },
  ];
}

/** Hosts that wait for their next renewal. */
export function behindBlock(voice: ReportVoice, { installations }: HealthReport): MailBlock[] {
  const behind = installations.flatMap((installation) => installation.behind);
  if (behind.length === 0) return [];
  const { behindTitle, behind: explained } = voice.report.options;
  return [
    {
      title: behindTitle,
      paragraphs: [explained(behind.length)],
      lists: [{ rows: behind.slice(0, MAX_BEHIND).map((host) => hostRow(voice, host, [])) }],
      ...moreOf(voice, Math.max(0, behind.length - MAX_BEHIND), '/licenses'),
    },
  ];
}

function captionOf(
  voice: ReportVoice,
  { contracts, hosts, options, grace, ...key }: InstallationReport,
): string {
  const { texts, report, dates } = voice;
  const name = installationName(voice, key);
  if (contracts.length === 0) return `${name} · ${report.options.noContract}`;
  return [
    name,
    `${texts.words.contract(contracts.length)} ${listedContracts(contracts)}`,
    ...(grace ? [`${texts.words.graceUntil} ${dates.end(grace.until, grace.timeZone)}`] : []),
    report.options.hosts(hosts.licensed, hosts.ordered),
    ...(options.length === 0 ? [report.options.none] : []),
  ].join(' · ');
}

function optionRow(
  { texts, report }: ReportVoice,
  { option, pool, everyHost, delivered }: OptionReport,
): MailRow {
  const contracted = [
    ...(pool > 0 || everyHost === 0 ? [texts.number(pool)] : []),
    ...(everyHost > 0 ? [report.options.everyHost(texts.number(everyHost))] : []),
  ].join(' + ');
  return {
    name: cleanText(option),
    ids: [],
    facts: [
      { label: report.options.contracted, value: contracted },
      { label: report.options.delivered, value: texts.number(delivered) },
    ],
  };
}

export const moreOf = (
  { texts, report, portalUrl }: ReportVoice,
  count: number,
  path: string,
  said = report.more,
): Pick<MailBlock, 'more'> =>
  count === 0
    ? {}
    : {
        more: {
          text: said(count),
          ...(portalUrl === undefined ? {} : { link: portalLink(portalUrl, path, texts.showAll) }),
        },
      };
