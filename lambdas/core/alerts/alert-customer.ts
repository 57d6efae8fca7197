import { createHash } from 'node:crypto';
import type { Customer } from '../customer.ts';
import { MINUTE, utcDayOf, type Instant } from '../instant.ts';
import { composeNotices } from '../mail/compose-notices.ts';
import { MailRejected, type Mailer } from '../mail/mail.ts';
import { alertsFromOf, limitsFor } from './customer-limits.ts';
import type { Episode, Said } from './episode.ts';
import { inPieces } from './in-pieces.ts';
import type { AlertKind } from './kinds.ts';
import type { AlertLimits } from './limits.ts';
import { nextNotice } from './next-notice.ts';
import type { AlertedCustomers, Claim, ClaimStore, EpisodeStore, ScanSubjects } from './ports.ts';
import type { RecipientStore } from './recipient-ports.ts';
import { recipientsOf, type Recipient } from './recipients.ts';
import { troubleOf, type Standing } from './standing.ts';
import type { Notice } from './subjects.ts';

/** How long a customer is reserved: longer than mailing takes, short enough to try again with the next run. */
const CLAIM_SECONDS = 10 * MINUTE;

/** Writes to one customer's episodes that are under way at a time. */
const WRITES_AT_ONCE = 16;

export interface AlertDependencies<Item> {
  readonly subjects: ScanSubjects<Item>;
  readonly episodes: EpisodeStore;
  readonly claims: ClaimStore;
  readonly customers: AlertedCustomers;
  readonly recipients: Pick<RecipientStore, 'readDisabled' | 'countMail'>;
  readonly mailer: Mailer;
  /** Address that takes a contact off a kind of e-mail. */
  readonly muteUrlFor: (contact: { customerId: string; email: string; kind: AlertKind }) => Promise<string>;
  /** Random, never used twice. */
  readonly newToken: () => string;
  readonly settings: {
    readonly limits: AlertLimits;
    /** The vendor's own address: told where no contact of a customer can be. */
    readonly vendorAddress: string;
    /** E-mails per address and UTC day. */
    readonly dailyLimit: number;
    readonly portalUrl?: string;
  };
}

/** An e-mail that a dry run would have sent. */
export interface WouldSend {
  readonly customerId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly notices: readonly { readonly notice: string; readonly step: string; readonly subjectId: string }[];
}

/** What came of one customer. */
export interface CustomerReport {
  readonly mails: number;
  readonly notices: number;
  readonly closed: number;
  /** Put off to the next run: another one holds the claim, or a recipient has had enough for today. */
  readonly delayed: number;
  /** Addresses that the mail service refuses, and subjects that could not be judged. */
  readonly faults: readonly unknown[];
  readonly wouldSend?: WouldSend;
}

interface Due {
  readonly episode: Episode;
  /** Which trouble is spoken of. */
  readonly since: Instant;
  readonly notice: Notice;
}

const NOTHING: CustomerReport = { mails: 0, notices: 0, closed: 0, delayed: 0, faults: [] };

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
  const to = recipientsOf(subjects.kind, customer, known?.mutes ?? new Set(), disabled, vendor);

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
  const report = due.length === 0 ? NOTHING : await say(dependencies, customer, due, to, now);
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

async function say<Item>(
  dependencies: AlertDependencies<Item>,
  customer: Customer,
  found: readonly Due[],
  to: readonly Recipient[],
  now: Instant,
): Promise<CustomerReport> {
  const { subjects, episodes, claims } = dependencies;
  const { customerId } = customer;
  const claim: Claim = {
    customerId,
    about: subjects.kind,
    token: dependencies.newToken(),
    digest: digestOf(found),
  };
  const taken = await claims.take(claim, now, now + CLAIM_SECONDS);
  if (taken === 'busy') return { ...NOTHING, delayed: 1 };

  // Another run may have said it between our reading and our claim.
  const versions = new Map(
    (await episodes.read(found.map(({ episode }) => episode))).map((one) => [one.subjectId, one.version]),
  );
  const due = found.filter(({ episode }) => versions.get(episode.subjectId) === episode.version);
  const before = to.filter(({ email }) => taken.sentTo.includes(email.toLowerCase()));
  const missing = to.filter((recipient) => !before.includes(recipient));
  if (due.length === 0 || (await someoneHasEnough(dependencies, missing, now))) {
    await claims.release(claim);
    return { ...NOTHING, delayed: due.length === 0 ? 0 : 1 };
  }

  const told = before.map(({ email }) => email.toLowerCase());
  const faults: unknown[] = [];
  for (const recipient of missing) {
    try {
      await send(dependencies, customer, due, recipient, now);
    } catch (fault) {
      // Any other fault may pass: the claim stays with what was sent so far, and the next run sends the rest.
      if (!(fault instanceof MailRejected)) throw fault;
      faults.push(fault);
      continue;
    }
    told.push(recipient.email.toLowerCase());
    await claims.noteSent(claim, recipient.email.toLowerCase());
  }
  if (told.length > 0) {
    await inPieces(due, WRITES_AT_ONCE, ({ episode, since, notice }) =>
      notice.notice === 'recover'
        ? episodes.close(episode)
        : episodes.say(episode, since, { at: now, subject: notice.subject, to: told }),
    );
  }
  await claims.release(claim);
  return {
    ...NOTHING,
    mails: told.length - before.length,
    notices: told.length > 0 ? due.length : 0,
    faults,
  };
}

/** Counts an e-mail for each recipient. Whoever has had enough for today delays all: nothing is dropped. */
async function someoneHasEnough<Item>(
  { recipients, settings }: AlertDependencies<Item>,
  to: readonly Recipient[],
  now: Instant,
): Promise<boolean> {
  for (const { email, isVendor } of to) {
    // The vendor hears of every customer that cannot be reached.
    if (isVendor) continue;
    const counted = await recipients.countMail(email.toLowerCase(), utcDayOf(now), settings.dailyLimit);
    if (counted === 'limit') return true;
  }
  return false;
}

async function send<Item>(
  dependencies: AlertDependencies<Item>,
  customer: Customer,
  due: readonly Due[],
  recipient: Recipient,
  now: Instant,
): Promise<void> {
  const { subjects, mailer, muteUrlFor } = dependencies;
  const { customerId } = customer;
  const { kind } = subjects;
  const muteUrl = recipient.mutable
    ? await muteUrlFor({ customerId, email: recipient.email.toLowerCase(), kind })
    : undefined;
  await mailer.send({
    ...contentFor(dependencies, customer, due, recipient, now, muteUrl),
    to: recipient.email,
    tags: { kind, customer: customerId.replaceAll('.', '_') },
    ...(muteUrl === undefined ? {} : { muteUrl }),
  });
}

const contentFor = <Item>(
  { subjects, settings }: AlertDependencies<Item>,
  customer: Customer,
  due: readonly Due[],
  { language, timeZone, isVendor }: Recipient,
  now: Instant,
  muteUrl?: string,
) =>
  composeNotices(
    { kind: subjects.kind, customer, notices: due.map(({ notice }) => notice) },
    { language, timeZone },
    {
      now,
      vendorIsReader: isVendor,
      ...(settings.portalUrl === undefined ? {} : { portalUrl: settings.portalUrl }),
      ...(muteUrl === undefined ? {} : { muteUrl }),
    },
  );

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

/** A fingerprint of what is said, whatever the order. */
const digestOf = (due: readonly Due[]): string => {
  const said = due.map(
    ({ episode, since, notice: { notice, subject } }) =>
      `${episode.subjectId} ${since} ${notice} ${subject.step}`,
  );
  return createHash('sha256').update(said.sort().join('\n')).digest('base64url');
};
