import { createHash } from 'node:crypto';
import type { Claim, ClaimStore } from './alerts/ports.ts';
import type { RecipientStore } from './alerts/recipient-ports.ts';
import type { Recipient } from './alerts/recipients.ts';
import { MINUTE, utcDayOf, type Instant } from './instant.ts';
import type { Customer } from './customer.ts';
import { composeOrderChange } from './mail/order-change.ts';
import { MailRejected, type Mailer } from './mail/mail.ts';
import { groupedBy } from './mail/voice.ts';
import type { LicenseHosts, ShrinkNotice } from './order-changes.ts';
import type { CustomerStore } from './order-ports.ts';

/** Longer than the e-mails of one order take. */
const CLAIM_SECONDS = 2 * MINUTE;

/** Two revisions of one contract can come at the same time: the e-mails of the first one are gone within a second or two. */
const CLAIM_ATTEMPTS = 12;
const CLAIM_PAUSE_MS = 250;

/** What customers are still to be told of orders. */
export interface NoticeOutbox {
  /** The same notice again replaces it. */
  note(notice: ShrinkNotice): Promise<void>;
  /** What is unsent of any revision of a contract, strongly consistent. */
  read(customerId: string, contractId: string): Promise<readonly ShrinkNotice[]>;
  /** Ends a notice, once it was sent. */
  remove(notice: ShrinkNotice): Promise<void>;
}

export interface OrderNoticeDependencies {
  readonly customers: Pick<CustomerStore, 'read'>;
  readonly outbox: NoticeOutbox;
  readonly claims: ClaimStore;
  readonly licenseHosts: LicenseHosts;
  readonly recipients: Pick<RecipientStore, 'readDisabled'>;
  readonly mailer: Mailer;
  /** Random, never used twice. */
  readonly newToken: () => string;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly settings: { readonly vendorAddress: string; readonly portalUrl?: string };
}

/** What came of telling a customer. What was not sent stays noted: the next order for the contract, or the same again, sends it. */
export interface NoticeOutcome {
  /** What may go well when it is tried again. */
  readonly faults: readonly unknown[];
  /** False where the mail service will take it for nobody, not even for the vendor. */
  readonly isDeliverable: boolean;
}

/**
 * Tells a customer what orders for a contract have taken away: one e-mail per revision and contact. Notices end only after they
 * were sent, so that a crash sends again, never too little.
 */
export async function sendOrderNotices(
  dependencies: OrderNoticeDependencies,
  customerId: string,
  contractId: string,
  now: Instant,
): Promise<NoticeOutcome> {
  const unsent = await dependencies.outbox.read(customerId, contractId);
  if (unsent.length === 0) return { faults: [], isDeliverable: true };
  const customer = await dependencies.customers.read(customerId);
  const faults: unknown[] = [];
  let isDeliverable = true;
  for (const notices of groupedBy(unsent, ({ revision }) => String(revision))) {
    try {
      isDeliverable = (await sendRevision(dependencies, customer, notices, now)) && isDeliverable;
    } catch (fault) {
      faults.push(fault);
      // All revisions share one claim: waiting for it once is enough.
      if (fault instanceof Busy) break;
    }
  }
  return { faults, isDeliverable };
}

class Busy extends Error {}

/** @returns whether anybody can be sent it */
async function sendRevision(
  dependencies: OrderNoticeDependencies,
  customer: Customer | undefined,
  notices: readonly ShrinkNotice[],
  now: Instant,
): Promise<boolean> {
  const { outbox, claims } = dependencies;
  const [first] = notices;
  if (!first) return true;
  if (!customer || utcDayOf(first.notedAt) < (customer.alertsFrom ?? '')) {
    await endAll(outbox, notices);
    return true;
  }
  const claim: Claim = {
    customerId: first.customerId,
    // One per contract: what a crash leaves behind is taken over by the next notice.
    about: `change#${first.contractId}`,
    token: dependencies.newToken(),
    digest: digestOf(notices),
  };
  const taken = await takePatiently(dependencies, claim, now);
  // Whoever sends it may not get to the end: the vendor's system asks again.
  if (taken === 'busy') throw new Busy('Somebody else is sending the notice of this order');
  try {
    // Another run may have sent them between our reading and our claim.
    const left = new Set((await outbox.read(first.customerId, first.contractId)).map(idOf));
    const due = notices.filter((notice) => left.has(idOf(notice)));
    const sentTo = new Set(taken.sentTo);
    const isSent =
      due.length === 0 || (await sendToAll(dependencies, { claim, customer, notices: due, sentTo, now }));
    if (isSent) await endAll(outbox, due);
    await claims.release(claim);
    return isSent;
  } catch (fault) {
    // To whom was sent stays known.
    await claims.giveUp(claim).catch(() => undefined);
    throw fault;
  }
}

async function takePatiently(
  { claims, pause }: OrderNoticeDependencies,
  claim: Claim,
  now: Instant,
): ReturnType<ClaimStore['take']> {
  for (let attempt = 1; ; attempt += 1) {
    const taken = await claims.take(claim, now, now + CLAIM_SECONDS);
    if (taken !== 'busy' || attempt === CLAIM_ATTEMPTS) return taken;
    await pause(CLAIM_PAUSE_MS);
  }
}

const endAll = async (outbox: NoticeOutbox, notices: readonly ShrinkNotice[]): Promise<void> => {
  for (const notice of notices) await outbox.remove(notice);
};

interface Sending {
  readonly claim: Claim;
  readonly customer: Customer;
  readonly notices: readonly ShrinkNotice[];
  /** In lower case. */
  readonly sentTo: Set<string>;
  readonly now: Instant;
}

/** All contacts; where none can be reached, the vendor. */
async function sendToAll(dependencies: OrderNoticeDependencies, sending: Sending): Promise<boolean> {
  const { recipients, licenseHosts, settings } = dependencies;
  const { customer, notices, sentTo } = sending;
  const contacts = new Map(customer.contacts.map((contact) => [contact.email.toLowerCase(), contact]));
  const disabled = await recipients.readDisabled([...contacts.keys()]);
  const ids = notices.flatMap(({ refused, shares }) =>
    [...refused, ...shares].map(({ licenseId }) => licenseId),
  );
  const hosts = await licenseHosts.readHosts([...new Set(ids)]);
  for (const [address, { email, language, timeZone }] of contacts) {
    if (disabled.has(address) || sentTo.has(address)) continue;
    await sendTo(dependencies, sending, hosts, { email, language, timeZone, isVendor: false });
  }
  if (sentTo.size > 0) return true;
  const vendor = { email: settings.vendorAddress, language: 'en', timeZone: 'UTC', isVendor: true } as const;
  return sendTo(dependencies, sending, hosts, vendor);
}

/** @returns whether the mail service took it; false where it never will */
async function sendTo(
  { mailer, claims, settings: { portalUrl } }: OrderNoticeDependencies,
  { claim, customer, notices, sentTo, now }: Sending,
  hosts: ReadonlyMap<string, { readonly id: string; readonly name?: string }>,
  { email, language, timeZone, isVendor }: Omit<Recipient, 'mutable'>,
): Promise<boolean> {
  const { customerId } = customer;
  const content = composeOrderChange(
    { customer, notices, hosts },
    { language, timeZone },
    { now, vendorIsReader: isVendor, ...(portalUrl === undefined ? {} : { portalUrl }) },
  );
  try {
    await mailer.send({
      ...content,
      to: email,
      tags: { kind: 'change', customer: customerId.replaceAll('.', '_') },
    });
  } catch (fault) {
    if (fault instanceof MailRejected) return false;
    throw fault;
  }
  sentTo.add(email.toLowerCase());
  await claims.noteSent(claim, email.toLowerCase());
  return true;
}

/** A fingerprint of what is said, whatever the order. */
const digestOf = (notices: readonly ShrinkNotice[]): string =>
  createHash('sha256').update(notices.map(idOf).sort().join('\n')).digest('base64url');

/** What tells the notices of a contract apart. */
const idOf = ({ revision, product, installation, version }: ShrinkNotice): string =>
  `${revision}#${product}#${installation}#${version}`;
