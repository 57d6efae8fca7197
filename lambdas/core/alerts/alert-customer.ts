import type { Customer } from '../customer.ts';
import type { Instant } from '../instant.ts';
import { alertsFromOf, limitsFor } from './customer-limits.ts';
import type { Episode, Said } from './episode.ts';
import { inPieces } from './in-pieces.ts';
import type { AlertLimits } from './limits.ts';
import {
  contentFor,
  mailCustomer,
  NOTHING,
  type AlertDependencies,
  type CustomerReport,
  type Due,
  type WouldSend,
} from './mail-customer.ts';
import { nextNotice } from './next-notice.ts';
import type { ScanSubjects } from './ports.ts';
import { recipientsOf, type Recipient } from './recipients.ts';
import { troubleOf, type Standing } from './standing.ts';

/** Writes to one customer's episodes that are under way at a time. */
const WRITES_AT_ONCE = 16;

/**
 * The second pass over one customer: reads its subjects again, says what is due in one e-mail per recipient, and closes what is
 * over. What was said is noted after it was sent: a crash in between sends again, never too little.
 */
export async function alertCustomer<Item>(
  dependencies: AlertDependencies<Item>,
  customerId: string,
  found: readonly Episode[],
  now: Instant,
  dryRun: boolean,
): Promise<CustomerReport> {
  const { subjects, episodes, settings } = dependencies;
  const known = await dependencies.customers.readWithMutes(customerId);
  const customer: Customer = known?.customer ?? { customerId, name: customerId, contacts: [] };
  const { standings, faults } = await standingsNow(dependencies, customer, found, now);
  const vendor = { email: settings.vendorAddress, language: 'en', timeZone: 'UTC' } as const;
  const heard = found.flatMap(({ said }) => said?.to ?? []);
  const disabled = await dependencies.recipients.readDisabled([
    ...new Set([...customer.contacts.map(({ email }) => email.toLowerCase()), ...heard, vendor.email]),
  ]);
  const recipientsWithout = (refused: ReadonlySet<string>): readonly Recipient[] =>
    recipientsOf(
      subjects.kind,
      customer,
      known?.mutes ?? new Set(),
      new Set([...disabled, ...refused]),
      vendor,
    );
  const to = recipientsWithout(new Set());

  const due: Due[] = [];
  const over: Episode[] = [];
  for (const episode of found) {
    const standing = standings.get(episode.subjectId);
    // It could not be judged: nothing is said and nothing is closed.
    if (!standing) continue;
    const undelivered = hasReachedNobody(episode.said, disabled, to);
    const next = nextNotice(
      subjects.kind,
      { standing, episode, alertsFrom: alertsFromOf(customer), undelivered },
      now,
    );
    const since = troubleOf(standing, subjects.kind)?.since ?? episode.since;
    const isOver = next.kind === 'close' || (next.kind === 'say' && next.notice.notice === 'recover');
    // Where nobody wants to be told, what is over ends without a word, and the rest waits for somebody who does.
    if (next.kind === 'say' && to.length > 0) due.push({ episode, since, notice: next.notice });
    else if (isOver) over.push(episode);
  }
  due.sort((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1));
  if (dryRun) {
    return {
      ...NOTHING,
      faults,
      ...(due.length > 0 ? { wouldSend: preview(dependencies, customer, due, to, now) } : {}),
    };
  }
  await inPieces(over, WRITES_AT_ONCE, (episode) => episodes.close(episode));
  const report =
    due.length === 0 ? NOTHING : await mailCustomer(dependencies, customer, due, recipientsWithout, now);
  return { ...report, closed: over.length, faults: [...faults, ...report.faults] };
}

/** How the subjects stand now; of those that are gone nothing is worth saying. */
async function standingsNow<Item>(
  { subjects, settings }: AlertDependencies<Item>,
  customer: Customer,
  found: readonly Episode[],
  now: Instant,
): Promise<{ standings: Map<string, Standing>; faults: unknown[] }> {
  const items = await subjects.reread(
    customer.customerId,
    found.map(({ subjectId }) => subjectId),
  );
  const faults: unknown[] = [];
  const standings = new Map<string, Standing>(
    found.map(({ subjectId }) => [subjectId, { kind: 'silenced' }]),
  );
  const limits = limitsFor(customer, settings.limits);
  for (const judged of await judgeAll(subjects, items, now, () => limits)) {
    const { subjectId } = subjects.keyOf(judged.item);
    if ('standing' in judged) standings.set(subjectId, judged.standing);
    else {
      standings.delete(subjectId);
      faults.push(judged.fault);
    }
  }
  return { standings, faults };
}

type Judged<Item> = { item: Item; standing: Standing } | { item: Item; fault: unknown };

/** How items stand. One that cannot be judged does not stop the others. */
export async function judgeAll<Item>(
  subjects: ScanSubjects<Item>,
  items: readonly Item[],
  now: Instant,
  limitsOf: (customerId: string) => AlertLimits,
): Promise<Judged<Item>[]> {
  if (items.length === 0) return [];
  try {
    const standings = await subjects.standings(items, now, limitsOf);
    return items.map((item, index) => ({ item, standing: standings[index] ?? { kind: 'undecided' } }));
  } catch (fault) {
    const [item] = items;
    if (items.length === 1 && item !== undefined) return [{ item, fault }];
    const middle = Math.ceil(items.length / 2);
    return [
      ...(await judgeAll(subjects, items.slice(0, middle), now, limitsOf)),
      ...(await judgeAll(subjects, items.slice(middle), now, limitsOf)),
    ];
  }
}

/** Whether all who were told are out of reach, and there is somebody else by now. */
const hasReachedNobody = (
  said: Said | undefined,
  disabled: ReadonlySet<string>,
  to: readonly Recipient[],
): boolean =>
  said !== undefined &&
  said.to.every((address) => disabled.has(address)) &&
  to.some(({ email }) => !said.to.includes(email.toLowerCase()));

function preview<Item>(
  dependencies: AlertDependencies<Item>,
  customer: Customer,
  due: readonly Due[],
  to: readonly Recipient[],
  now: Instant,
): WouldSend {
  const [first] = to;
  return {
    customerId: customer.customerId,
    to: to.map(({ email }) => email),
    subject: first ? contentFor(dependencies, customer, due, first, now).subject : '',
    notices: due.map(({ episode: { subjectId }, notice: { notice, subject } }) => ({
      notice,
      step: subject.step,
      subjectId,
    })),
  };
}

/** By what a reader looks for it: the name of the host or of the installation. */
const labelOf = ({ episode, notice: { subject } }: Due): string => {
  const host = subject.kind === 'ending' ? undefined : subject.host;
  return `${host?.name ?? host?.id ?? ''} ${episode.subjectId}`;
};
