import type { Instant } from '../instant.ts';
import type { MailBlock, MailFact, MailRow } from './document.ts';
import type { ContractGroup, EndingPhase } from './texts/texts.ts';
import {
  contractsOf,
  dealRoom,
  groupedBy,
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

type Ending = SubjectOf<'ending'>;

/** What is told of contracts whose entitlement ends. */
export function endingStory(voice: Voice, notices: readonly NoticeOf<'ending'>[]): Story {
  const { texts, now } = voice;
  const { ending, words } = texts;
  const troubles = notices
    .filter(({ notice }) => notice !== 'recover')
    .toSorted((a, b) => a.subject.endsAt - b.subject.endsAt);
  const over = notices.filter(({ notice }) => notice === 'recover');
  const groups = groupedBy(troubles, ({ subject }) =>
    [phaseOf(subject, now), hasGrace(subject), subject.trial].join(' '),
  );
  const dealt = dealRoom(over.length > 0 ? [...groups, over] : groups);

  const blocks = dealt.map(({ all, listed, more }): MailBlock => {
    const subjects = all.map(({ subject }) => subject);
    const [first] = subjects;
    const isOver = all[0]?.notice === 'recover' || !first;
    const rest = {
      lists: [{ rows: listed.map((notice) => endingRow(voice, notice, isOver)) }],
      ...moreOf(voice, more, 'ending', '/installations'),
    };
    const group = contractGroupOf(voice, subjects, 'full');
    if (isOver) {
      return {
        ...(dealt.length > 1 ? { title: `${words.recovered} (${group.count})` } : {}),
        paragraphs: [ending.recoveredWhat(group.count)],
        ...rest,
      };
    }
    const phase = phaseOf(first, now);
    return {
      ...(dealt.length > 1 ? { title: `${ending.title(phase)} (${group.count})` } : {}),
      paragraphs: [ending.what(phase, group)],
      consequence: ending.consequence(phase, group),
      steps: { title: words.whatToDo, items: ending.steps(group) },
      ...rest,
    };
  });
  return { headline: headlineOf(voice, troubles, over), blocks };
}

function headlineOf(
  voice: Voice,
  troubles: readonly NoticeOf<'ending'>[],
  over: readonly NoticeOf<'ending'>[],
): string {
  const { ending, andAlso } = voice.texts;
  const groupOf = (notices: readonly NoticeOf<'ending'>[]) =>
    contractGroupOf(
      voice,
      notices.map(({ subject }) => subject),
      'short',
    );
  if (troubles.length === 0) return ending.recovered(groupOf(over));
  const [phase = 'ahead', ...others] = new Set(troubles.map(({ subject }) => phaseOf(subject, voice.now)));
  const headline = ending.headline(others.length > 0 ? 'mixed' : phase, groupOf(troubles));
  return over.length > 0 ? andAlso(headline, ending.alsoRecovered(groupOf(over).count)) : headline;
}

function phaseOf({ endsAt, graceUntil }: Ending, now: number): EndingPhase {
  if (now < endsAt) return 'ahead';
  return now < graceUntil ? 'grace' : 'over';
}

const hasGrace = ({ endsAt, graceUntil }: Ending): boolean => graceUntil > endsAt;

function contractGroupOf(voice: Voice, subjects: readonly Ending[], form: 'full' | 'short'): ContractGroup {
  const { dates, now } = voice;
  const contracts = contractsOf(subjects);
  const [first] = subjects.toSorted((a, b) => a.endsAt - b.endsAt);
  const [firstGrace] = subjects.filter(hasGrace).toSorted((a, b) => a.graceUntil - b.graceUntil);
  const next = subjects.length === 1 ? first?.nextStartsAt : undefined;
  return {
    count: Math.max(contracts.length, subjects.length),
    names: subjects.every((subject) => subject.contracts.length > 0)
      ? namedContracts(voice, contracts, form)
      : undefined,
    product: productOf(subjects),
    trial: subjects.every(({ trial }) => trial),
    hosts: subjects.reduce((sum, { hosts }) => sum + hosts, 0),
    ends: first ? dates.end(first.endsAt, first.timeZone) : '',
    days: first ? dates.daysUntilEnd(first.endsAt, now, first.timeZone) : 0,
    same:
      new Set(
        subjects.map(
          ({ endsAt, graceUntil, timeZone }) =>
            `${dates.end(endsAt, timeZone)} ${dates.end(graceUntil, timeZone)}`,
        ),
      ).size === 1,
    grace: firstGrace && {
      until: dates.end(firstGrace.graceUntil, firstGrace.timeZone),
      days: dates.daysUntilEnd(firstGrace.graceUntil, now, firstGrace.timeZone),
    },
    next: next === undefined ? undefined : dates.start(next, first?.timeZone),
  };
}

function endingRow(voice: Voice, { subject, nowEndsAt }: NoticeOf<'ending'>, isOver: boolean): MailRow {
  const { words } = voice.texts;
  const { contracts } = subject;
  return {
    name: installationName(voice, subject),
    ids:
      contracts.length === 0
        ? []
        : [{ label: words.contract(contracts.length), value: listedContracts(contracts) }],
    facts: isOver ? newEnd(voice, subject, nowEndsAt) : endingFacts(voice, subject),
  };
}

/** Until when it goes on now. */
const newEnd = (
  { texts: { words }, dates }: Voice,
  { timeZone }: Ending,
  nowEndsAt: Instant | null | undefined,
): MailFact[] =>
  nowEndsAt === undefined
    ? []
    : [{ label: words.ends, value: nowEndsAt === null ? words.never : dates.end(nowEndsAt, timeZone) }];

function endingFacts(
  { texts: { words, number }, dates, now }: Voice,
  { hosts, endsAt, graceUntil, nextStartsAt, timeZone }: Ending,
): MailFact[] {
  return [
    ...(hosts > 0 ? [{ label: words.hosts, value: number(hosts) }] : []),
    { label: now < endsAt ? words.ends : words.ended, value: dates.end(endsAt, timeZone) },
    ...(graceUntil > endsAt
      ? [
          {
            label: now < graceUntil ? words.graceUntil : words.graceEnded,
            value: dates.end(graceUntil, timeZone),
          },
        ]
      : []),
    ...(nextStartsAt === undefined
      ? []
      : [{ label: words.nextStarts, value: dates.start(nextStartsAt, timeZone) }]),
  ];
}
