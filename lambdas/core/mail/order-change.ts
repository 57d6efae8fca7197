import type { HostsChange, ShareChange } from '../changes.ts';
import type { Instant, Span } from '../instant.ts';
import type { Host } from '../license.ts';
import type { ShrinkNotice } from '../order-changes.ts';
import { cleanText } from './clean.ts';
import type { Reader } from './compose-notices.ts';
import { datesFor } from './dates.ts';
import type { MailBlock, MailFact } from './document.ts';
import type { MailContent } from './mail.ts';
import { noticeContent, type NoticeContext } from './notice-content.ts';
import { noticeTextsIn } from './notice-texts/notice-texts-in.ts';
import type { LessOfOption, NoticeTexts, Shrinking } from './notice-texts/notice-texts.ts';
import { textsIn } from './texts/texts-in.ts';
import {
  dealRoom,
  groupedBy,
  hostRow,
  installationName,
  listedContracts,
  portalLink,
  type Voice,
} from './voice.ts';

/** Hosts in one e-mail, and changes of one of them. */
const MAX_ROWS = 60;
const MAX_FACTS = 4;

/** What one revision of a contract takes away. */
export interface OrderChangeMailing {
  readonly customer: { readonly customerId: string; readonly name: string };
  /** Of one contract and revision, at least one; each of one installation. */
  readonly notices: readonly ShrinkNotice[];
  /** By license. */
  readonly hosts: ReadonlyMap<string, Host>;
}

interface ChangeVoice extends Voice {
  readonly change: NoticeTexts['change'];
  readonly hostsOf: ReadonlyMap<string, Host>;
}

/** The e-mail that tells what an order takes away, from which hosts and when, and what can be done about it. */
export function composeOrderChange(
  { customer, notices, hosts }: OrderChangeMailing,
  { language, timeZone }: Reader,
  { now, portalUrl, vendorIsReader = false }: NoticeContext & { readonly vendorIsReader?: boolean },
): MailContent {
  const texts = textsIn(language);
  const { change } = noticeTextsIn(language);
  const voice: ChangeVoice = {
    texts,
    dates: datesFor(language, timeZone),
    now,
    portalUrl,
    change,
    hostsOf: hosts,
  };
  const name = cleanText(customer.name) || cleanText(customer.customerId);
  const [first] = notices;
  const contract = first ? listedContracts([{ id: first.contractId, ...referenceOf(first) }]) : '';
  const received = voice.dates.moment(first?.receivedAt ?? now);
  return noticeContent(customer, {
    language,
    tone: 'problem',
    ...(vendorIsReader ? { note: texts.vendorNote(`${name} (${cleanText(customer.customerId)})`) } : {}),
    headline: change.headline(shrinkingOf(voice, notices)),
    blocks: [
      { paragraphs: [change.what(contract, received), change.fetched], lists: [] },
      ...blocksOf(voice, notices),
    ],
    ...(portalUrl === undefined ? {} : { action: portalLink(portalUrl, '/installations', texts.openPortal) }),
    footer: vendorIsReader ? [] : [{ text: `${change.why(name)} ${texts.reply}` }],
  });
}

const referenceOf = ({ reference }: ShrinkNotice) => (reference === undefined ? {} : { reference });

/** The most serious of what happens, and when that begins. */
function shrinkingOf(voice: ChangeVoice, notices: readonly ShrinkNotice[]): Shrinking {
  const refusing = notices.filter(({ refusedCount }) => refusedCount > 0);
  const relevant = refusing.length > 0 ? refusing : notices;
  const spans = relevant.flatMap((notice) =>
    (refusing.length > 0 ? notice.refused : notice.shares).map(({ from }) => ({ from, notice })),
  );
  const earliest = spans.reduce<(typeof spans)[number] | undefined>(
    (found, next) => (found && found.from <= next.from ? found : next),
    undefined,
  );
  return {
    what:
      refusing.length === 0
        ? 'options'
        : refusing.every(({ endsAll }) => endsAll)
          ? 'all-hosts'
          : 'some-hosts',
    count: relevant.reduce(
      (sum, { refusedCount, shareCount }) => sum + (refusing.length > 0 ? refusedCount : shareCount),
      0,
    ),
    ...(earliest
      ? {
          from: startOf(voice, earliest.from, earliest.notice),
          ends: voice.dates.end(earliest.from, earliest.notice.timeZone),
        }
      : { from: undefined, ends: '' }),
    same: spans.every(({ from }) => from === earliest?.from),
  };
}

/** The day on which something begins; undefined where that is over already. */
const startOf = (
  { dates, now }: ChangeVoice,
  from: Instant,
  { notedAt, timeZone }: ShrinkNotice,
): string | undefined => (from <= Math.max(now, notedAt) ? undefined : dates.start(from, timeZone));

/** The hosts that are refused, then those that get less; the room of the e-mail is dealt out in this order. */
function blocksOf(voice: ChangeVoice, notices: readonly ShrinkNotice[]): MailBlock[] {
  const refused = notices.map((notice) => [...notice.refused]);
  const shares = notices.map((notice) => groupedBy(notice.shares, ({ licenseId }) => licenseId));
  const room = dealRoom<ShrinkNotice['refused'][number] | ShareChange[]>([...refused, ...shares], MAX_ROWS);
  return notices.flatMap((notice, index) => [
    ...refusedBlock(voice, notice, room[index]?.listed.length ?? 0),
    ...sharesBlock(voice, notice, shares[index]?.slice(0, room[notices.length + index]?.listed.length) ?? []),
  ]);
}

function refusedBlock(voice: ChangeVoice, notice: ShrinkNotice, room: number): MailBlock[] {
  const { texts, change, portalUrl, hostsOf } = voice;
  const { refused, refusedCount, endsAll, hosts } = notice;
  if (refusedCount === 0) return [];
  return [
    {
      title: change.hostsTitle(installationName(voice, notice)),
      paragraphs: [
        ...hosts.map((one) => change.ordered(lessOf(voice, one, notice), one.licensed)),
        ...(endsAll ? [] : [change.latestFirst]),
      ],
      consequence: `${change.refused(shrinkingOf(voice, [notice]))} ${change.stop}`,
      steps: { title: texts.words.whatToDo, items: change.steps(endsAll, portalUrl !== undefined) },
      lists: [
        {
          rows: refused.slice(0, room).map(({ licenseId, from }) => {
            const value = startOf(voice, from, notice) ?? change.atOnce;
            return hostRow(voice, hostOf(hostsOf, licenseId), [{ label: change.refusedFrom, value }]);
          }),
        },
      ],
      ...moreOf(voice, refusedCount - Math.min(room, refused.length)),
    },
  ];
}

function sharesBlock(
  voice: ChangeVoice,
  notice: ShrinkNotice,
  listed: readonly ShareChange[][],
): MailBlock[] {
  const { texts, change, hostsOf } = voice;
  if (notice.shareCount === 0) return [];
  return [
    {
      title: change.optionsTitle(installationName(voice, notice)),
      paragraphs: [],
      lists: [
        {
          rows: listed.map((changes) => {
            const facts = changes.slice(0, MAX_FACTS).map((one): MailFact => ({
              label: cleanText(one.option),
              value: change.less(lessOf(voice, one, notice)),
            }));
            const left = changes.length - facts.length;
            return hostRow(voice, hostOf(hostsOf, changes[0]?.licenseId ?? ''), [
              ...facts,
              ...(left > 0 ? [{ label: change.moreChanges, value: texts.number(left) }] : []),
            ]);
          }),
        },
      ],
      ...moreOf(voice, notice.shareCount - listed.length),
    },
  ];
}

function hostOf(hosts: ReadonlyMap<string, Host>, licenseId: string): { licenseId: string; host?: Host } {
  const host = hosts.get(licenseId);
  return { licenseId, ...(host ? { host } : {}) };
}

const lessOf = (
  voice: ChangeVoice,
  { before, after, from, until }: Pick<HostsChange | ShareChange, 'before' | 'after' | keyof Span>,
  notice: ShrinkNotice,
): LessOfOption => ({
  before,
  after,
  from: startOf(voice, from, notice),
  until: until === null ? undefined : voice.dates.end(until, notice.timeZone),
});

const moreOf = ({ texts, change, portalUrl }: ChangeVoice, count: number): Pick<MailBlock, 'more'> =>
  count === 0
    ? {}
    : {
        more: {
          text: change.moreHosts(count),
          ...(portalUrl === undefined
            ? {}
            : { link: portalLink(portalUrl, '/installations', texts.showAll) }),
        },
      };
