import type { Instant } from '../instant.ts';
import { spanBetween } from './dates.ts';
import type { MailBlock, MailFact, MailList } from './document.ts';
import type { Beginning, HostCount, HostGroup, MailedRefusal, Outlook, Texts } from './texts/texts.ts';
import {
  contractsOf,
  dealRoom,
  groupedBy,
  hostRow,
  installationName,
  listedContracts,
  moreOf,
  namedContracts,
  productOf,
  type NoticeOf,
  type Story,
  type SubjectOf,
  type Voice,
} from './voice.ts';

type HostKind = 'offline' | 'failed' | 'expiring';

/** How a kind of trouble of hosts is told. */
interface Telling<Kind extends HostKind> {
  readonly kind: Kind;
  readonly headline: (subjects: readonly SubjectOf<Kind>[], hosts: HostCount) => string;
  readonly recovered: Pick<Texts[HostKind], 'recovered' | 'alsoRecovered' | 'recoveredWhat'>;
  /** Subjects with the same key need the same advice. */
  readonly adviceKey: (subject: SubjectOf<Kind>) => string;
  readonly advice: (
    subjects: readonly SubjectOf<Kind>[],
    group: HostGroup,
  ) => { title: string; paragraphs: string[]; steps: readonly string[] };
  readonly facts: (subject: SubjectOf<Kind>) => MailFact[];
}

/** What is told of offline hosts. */
export function offlineStory(voice: Voice, notices: readonly NoticeOf<'offline'>[]): Story {
  const { texts, dates } = voice;
  const { offline, words } = texts;
  const isGone = ({ step }: SubjectOf<'offline'>) => step === 'expired';
  return hostStory(voice, notices, {
    kind: 'offline',
    headline: (subjects, hosts) =>
      subjects.every(isGone) ? offline.retireHeadline(subjects.length) : offline.headline(hosts),
    recovered: offline,
    adviceKey: ({ step }) => (step === 'expired' ? 'retire' : 'silent'),
    advice: (subjects, group) => {
      const what = offline.what(beginningOf(voice, subjects, ({ lastSeenAt }) => lastSeenAt));
      return subjects.every(isGone)
        ? {
            title: offline.retireTitle,
            paragraphs: [what, offline.lastMail],
            steps: offline.retireSteps(group),
          }
        : { title: offline.title, paragraphs: [what], steps: offline.steps(group) };
    },
    facts: ({ lastSeenAt }) => [{ label: words.lastSeen, value: dates.moment(lastSeenAt) }],
  });
}

/** What is told of refused renewals. */
export function failedStory(voice: Voice, notices: readonly NoticeOf<'failed'>[]): Story {
  const { texts, dates } = voice;
  const { failed, words } = texts;
  return hostStory(voice, notices, {
    kind: 'failed',
    headline: (subjects, hosts) => {
      const [first] = subjects;
      const alike = first && subjects.every(({ code }) => code === first.code);
      return failed.headline(
        hosts,
        alike && isMailedRefusal(texts, first.code) ? failed.reasons[first.code].reason : undefined,
      );
    },
    recovered: failed,
    adviceKey: ({ code }) => code,
    advice: (subjects, group) => {
      const code = subjects[0]?.code ?? '';
      const since = failed.since(beginningOf(voice, subjects, ({ failingSince }) => failingSince));
      if (!isMailedRefusal(texts, code)) {
        const shown = cleanCode(code);
        return {
          title: failed.otherTitle(shown),
          paragraphs: [`${failed.otherWhat(shown, group.count)} ${since}`],
          steps: failed.otherSteps(shown, group),
        };
      }
      const { reason, what, steps } = failed.reasons[code];
      return {
        title: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`,
        paragraphs: [`${what(group.count)} ${since}`],
        steps: steps(group),
      };
    },
    facts: ({ failingSince }) => [{ label: words.refusedSince, value: dates.moment(failingSince) }],
  });
}

/** What is told of licenses that expire because they do not renew. */
export function expiringStory(voice: Voice, notices: readonly NoticeOf<'expiring'>[]): Story {
  const { texts, dates, now } = voice;
  const { expiring, words } = texts;
  return hostStory(voice, notices, {
    kind: 'expiring',
    headline: (subjects, hosts) => {
      const outlook = outlookOf(voice, subjects);
      const days = new Set(subjects.map(({ expiresAt }) => dates.daysUntilEnd(expiresAt, now)));
      return expiring.headline(hosts, {
        state: outlook?.state ?? 'valid',
        days: outlook?.days ?? 0,
        same: days.size === 1,
      });
    },
    recovered: expiring,
    adviceKey: ({ connection }) => connection,
    advice: (subjects, group) => {
      const beginning = beginningOf(voice, subjects, ({ lastSeenAt }) => lastSeenAt);
      return subjects.every(({ connection }) => connection === 'manual')
        ? {
            title: expiring.manualTitle,
            paragraphs: [expiring.manualWhat(beginning)],
            steps: expiring.manualSteps(group),
          }
        : { title: expiring.title, paragraphs: [expiring.what(beginning)], steps: expiring.steps(group) };
    },
    facts: ({ connection, lastSeenAt }) => [
      {
        label: connection === 'manual' ? words.lastRenewed : words.lastSeen,
        value: dates.moment(lastSeenAt),
      },
    ],
  });
}

function hostStory<Kind extends HostKind>(
  voice: Voice,
  notices: readonly NoticeOf<Kind>[],
  telling: Telling<Kind>,
): Story {
  const { texts } = voice;
  const troubles = notices
    .filter(({ notice }) => notice !== 'recover')
    .toSorted((a, b) => Number(a.notice === 'remind') - Number(b.notice === 'remind'));
  const over = notices.filter(({ notice }) => notice === 'recover');
  const isMixed = new Set(troubles.map(({ notice }) => notice)).size > 1;
  const groups = groupedBy(troubles, ({ subject }) => telling.adviceKey(subject));
  const dealt = dealRoom(over.length > 0 ? [...groups, over] : groups);

  const blocks = dealt.map(({ all, listed, more }): MailBlock => {
    const isOver = all[0]?.notice === 'recover';
    const lists = groupedBy(listed, ({ notice, subject }) => `${notice} ${installationKey(subject)}`).map(
      (items, index, lists): MailList => {
        const notice = items[0]?.notice;
        const isFirst = lists[index - 1]?.[0]?.notice !== notice;
        return {
          ...(isMixed && !isOver && isFirst
            ? { title: notice === 'remind' ? texts.words.reminded : texts.words.newOnes }
            : {}),
          ...captionOf(
            voice,
            items.map(({ subject }) => subject),
          ),
          rows: items.map(({ subject }) =>
            hostRow(
              voice,
              subject,
              isOver ? [] : [...telling.facts(subject), ...expiryFacts(voice, subject)],
            ),
          ),
        };
      },
    );
    const rest = {
      lists,
      ...moreOf(voice, more, telling.kind, isOver ? '/licenses' : `/licenses?problem=${telling.kind}`),
    };
    if (isOver) {
      return {
        ...(groups.length > 0 ? { title: counted(texts.words.recovered, all.length) } : {}),
        paragraphs: [telling.recovered.recoveredWhat(all.length)],
        ...rest,
      };
    }
    const subjects = all.map(({ subject }) => subject);
    const group = hostGroupOf(voice, subjects);
    const { title, paragraphs, steps } = telling.advice(subjects, group);
    const outlook = outlookOf(voice, subjects);
    return {
      ...(dealt.length > 1 ? { title: counted(title, all.length) } : {}),
      paragraphs,
      consequence: outlook ? texts.outlook(outlook) : texts.unknownOutlook(group),
      steps: { title: texts.words.whatToDo, items: steps },
      ...rest,
    };
  });

  const subjects = troubles.map(({ subject }) => subject);
  const still = troubles.every(({ notice }) => notice === 'remind');
  if (troubles.length === 0) return { headline: telling.recovered.recovered(over.length), blocks };
  const headline = telling.headline(subjects, { count: subjects.length, still });
  return {
    headline:
      over.length > 0 ? texts.andAlso(headline, telling.recovered.alsoRecovered(over.length)) : headline,
    blocks,
  };
}

const counted = (title: string, count: number) => `${title} (${count})`;

type HostSubject = SubjectOf<HostKind>;

const installationKey = ({ product, installation }: HostSubject) => `${product} ${installation}`;

const hostGroupOf = (voice: Voice, subjects: readonly HostSubject[]): HostGroup => ({
  count: subjects.length,
  product: productOf(subjects),
  contracts: namedContracts(voice, contractsOf(subjects)),
  portal: voice.portalUrl !== undefined,
});

/** Product and contracts, which the hosts of an installation share. */
function captionOf(voice: Voice, subjects: readonly HostSubject[]): Pick<MailList, 'caption'> {
  const [subject] = subjects;
  if (!subject) return {};
  const contracts = contractsOf(subjects);
  const names =
    contracts.length === 0
      ? []
      : [`${voice.texts.words.contract(contracts.length)} ${listedContracts(contracts)}`];
  return { caption: [installationName(voice, subject), ...names].join(' · ') };
}

const expiryFacts = ({ texts: { words }, dates, now }: Voice, { expiresAt }: HostSubject): MailFact[] =>
  expiresAt === undefined
    ? []
    : [{ label: expiresAt <= now ? words.expired : words.validUntil, value: dates.end(expiresAt) }];

function beginningOf<Of extends HostSubject>(
  { dates, now }: Voice,
  subjects: readonly Of[],
  instantOf: (subject: Of) => Instant,
): Beginning {
  const since = Math.min(...subjects.map(instantOf));
  return { count: subjects.length, since: dates.moment(since), span: spanBetween(since, now) };
}

/** How long the files of the hosts last; undefined where it is not known of any. */
function outlookOf({ dates, now }: Voice, subjects: readonly HostSubject[]): Outlook | undefined {
  const ends = subjects.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
  if (ends.length === 0) return undefined;
  const first = Math.min(...ends);
  const last = Math.max(...ends);
  return {
    count: subjects.length,
    product: productOf(subjects),
    state: last <= now ? 'expired' : first <= now ? 'some-expired' : 'valid',
    until: dates.end(first),
    days: dates.daysUntilEnd(first, now),
    same: dates.end(first) === dates.end(last),
  };
}

const isMailedRefusal = ({ failed }: Texts, code: string): code is MailedRefusal =>
  Object.hasOwn(failed.reasons, code);

/** Codes are letters, digits and hyphens; one that is not known is shown as far as it is such. */
const cleanCode = (code: string): string => code.replace(/[^A-Za-z0-9-]/g, '').slice(0, 40) || '-';
