import type {
  HealthReport,
  InstallationReport,
  OptionReport,
  ReportedHost,
} from '../../report/health-report.ts';
import { cleanText } from '../clean.ts';
import type { MailBlock, MailFact, MailRow } from '../document.ts';
import { dealRoom, groupedBy, installationName, listedContracts, portalLink } from '../voice.ts';
import { hostRow, reasonOf, type ReportVoice } from './report-voice.ts';

/** Hosts that only wait for their next renewal are named as examples. */
const MAX_BEHIND = 10;

/** Hosts offline, failing or expiring, each with what is wrong with it. */
export function attentionBlock(voice: ReportVoice, { troubled }: HealthReport): MailBlock[] {
  if (troubled.length === 0) return [];
  const groups = dealRoom(groupedBy(troubled, installationKey)).filter(({ listed }) => listed.length > 0);
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
export function optionsBlocks(voice: ReportVoice, { installations }: HealthReport): MailBlock[] {
  if (installations.length === 0) return [];
  const { report } = voice;
  const behind = installations.flatMap((installation) => installation.behind);
  const dealt = dealRoom(installations.map(({ options }) => [...options]));
  const more = dealt.reduce((sum, group) => sum + group.more, 0);
  return [
    {
      title: report.options.title,
      paragraphs: behind.length > 0 ? [report.options.behind(behind.length)] : [],
      lists: [
        ...installations.map((installation, index) => ({
          caption: captionOf(voice, installation),
          rows: (dealt[index]?.listed ?? []).map((option) => optionRow(voice, option)),
        })),
        ...(behind.length > 0
          ? [
              {
                title: report.options.behindTitle,
                rows: behind.slice(0, MAX_BEHIND).map((host) => hostRow(voice, host, [])),
              },
            ]
          : []),
      ],
      ...moreOf(voice, more + Math.max(0, behind.length - MAX_BEHIND), '/installations'),
    },
  ];
}

function captionOf(voice: ReportVoice, { contracts, hosts, options, ...key }: InstallationReport): string {
  const { texts, report } = voice;
  return [
    installationName(voice, key),
    ...(contracts.length > 0
      ? [`${texts.words.contract(contracts.length)} ${listedContracts(contracts)}`]
      : []),
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
): Pick<MailBlock, 'more'> =>
  count === 0
    ? {}
    : {
        more: {
          text: report.more(count),
          ...(portalUrl === undefined ? {} : { link: portalLink(portalUrl, path, texts.showAll) }),
        },
      };
