import { createHash } from 'node:crypto';
import type { Customer } from '../customer.ts';
import { MINUTE, utcDayOf, type Instant } from '../instant.ts';
import { composeNotices } from '../mail/compose-notices.ts';
import { MailRejected, type Mailer } from '../mail/mail.ts';
import type { Episode } from './episode.ts';
import { inPieces } from './in-pieces.ts';
import type { AlertKind } from './kinds.ts';
import type { AlertLimits } from './limits.ts';
import type { AlertedCustomers, Claim, ClaimStore, EpisodeStore, ScanSubjects } from './ports.ts';
import type { RecipientStore } from './recipient-ports.ts';
import type { Recipient } from './recipients.ts';
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
  readonly recipients: Pick<RecipientStore, 'readDisabled' | 'haveRoom' | 'countMail'>;
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

/** What is due to be said of one subject. */
export interface Due {
  readonly episode: Episode;
  /** Which trouble is spoken of. */
  readonly since: Instant;
  readonly notice: Notice;
}

export const NOTHING: CustomerReport = { mails: 0, notices: 0, closed: 0, delayed: 0, faults: [] };

/**
 * Says what is due, in one e-mail per recipient. What was said is noted after it was sent: a crash in between sends again, never
 * too little.
 * @param recipientsWithout who is to be told if these addresses cannot be, in lower case
 */
export async function mailCustomer<Item>(
  dependencies: AlertDependencies<Item>,
  customer: Customer,
  found: readonly Due[],
  recipientsWithout: (refused: ReadonlySet<string>) => readonly Recipient[],
  now: Instant,
): Promise<CustomerReport> {
  const { subjects, claims } = dependencies;
  const claim: Claim = {
    customerId: customer.customerId,
    about: subjects.kind,
    token: dependencies.newToken(),
    digest: digestOf(found),
  };
  const taken = await claims.take(claim, now, now + CLAIM_SECONDS);
  if (taken === 'busy') return { ...NOTHING, delayed: 1 };
  try {
    const mailing = { claim, customer, found, sentTo: taken.sentTo, recipientsWithout, now };
    const { isFinished, report } = await mailClaimed(dependencies, mailing);
    await (isFinished ? claims.release(claim) : claims.giveUp(claim));
    return report;
  } catch (fault) {
    // The next run need not wait for the claim to end. It knows from it whom was sent to.
    await claims.giveUp(claim).catch(() => undefined);
    throw fault;
  }
}

interface Mailing {
  readonly claim: Claim;
  readonly customer: Customer;
  readonly found: readonly Due[];
  /** Addresses that a run which did not finish has sent the same to. */
  readonly sentTo: readonly string[];
  readonly recipientsWithout: (refused: ReadonlySet<string>) => readonly Recipient[];
  readonly now: Instant;
}

/** Not finished: the rest waits, and whom was sent to has to be remembered. */
async function mailClaimed<Item>(
  dependencies: AlertDependencies<Item>,
  { claim, customer, found, sentTo, recipientsWithout, now }: Mailing,
): Promise<{ isFinished: boolean; report: CustomerReport }> {
  const { episodes, claims, recipients, settings } = dependencies;
  // Another run may have said it between our reading and our claim.
  const versions = new Map(
    (await episodes.read(found.map(({ episode }) => episode))).map((one) => [one.subjectId, one.version]),
  );
  const due = found.filter(({ episode }) => versions.get(episode.subjectId) === episode.version);
  if (due.length === 0) return { isFinished: true, report: NOTHING };

  const day = utcDayOf(now);
  const refused = new Set<string>();
  const told = new Set(
    recipientsWithout(refused)
      .map(addressOf)
      .filter((address) => sentTo.includes(address)),
  );
  const toldBefore = told.size;
  const faults: unknown[] = [];
  // Where an address is refused and nobody was told, those come next who would be told without it.
  for (let isRefused = true; isRefused;) {
    isRefused = false;
    const missing = recipientsWithout(refused).filter((recipient) => !told.has(addressOf(recipient)));
    // The vendor hears of every customer that cannot be reached.
    const counted = missing.filter(({ isVendor }) => !isVendor).map(addressOf);
    if (counted.length > 0 && !(await recipients.haveRoom(counted, day, settings.dailyLimit))) {
      return { isFinished: false, report: { ...NOTHING, delayed: 1, faults } };
    }
    for (const recipient of missing) {
      const address = addressOf(recipient);
      if (refused.has(address)) continue;
      try {
        await send(dependencies, customer, due, recipient, now);
      } catch (fault) {
        // Any other fault may pass: the next run sends the rest.
        if (!(fault instanceof MailRejected)) throw fault;
        faults.push(fault);
        refused.add(address);
        isRefused = true;
        continue;
      }
      told.add(address);
      await claims.noteSent(claim, address);
      if (!recipient.isVendor) await recipients.countMail(address, day);
    }
    if (told.size > 0) break;
  }
  if (told.size > 0) {
    await inPieces(due, WRITES_AT_ONCE, ({ episode, since, notice }) =>
      notice.notice === 'recover'
        ? episodes.close(episode)
        : episodes.say(episode, since, { at: now, subject: notice.subject, to: [...told] }),
    );
  }
  return {
    isFinished: true,
    report: {
      ...NOTHING,
      mails: told.size - toldBefore,
      notices: told.size > 0 ? due.length : 0,
      faults,
    },
  };
}

const addressOf = ({ email }: Recipient): string => email.toLowerCase();

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

/** What an e-mail to a recipient says. */
export const contentFor = <Item>(
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

/** A fingerprint of what is said, whatever the order. */
const digestOf = (due: readonly Due[]): string => {
  const said = due.map(
    ({ episode, since, notice: { notice, subject } }) =>
      `${episode.subjectId} ${since} ${notice} ${subject.step}`,
  );
  return createHash('sha256').update(said.sort().join('\n')).digest('base64url');
};
