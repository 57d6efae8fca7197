import type { Customer } from '../customer.ts';
import type { AlertKind } from './kinds.ts';
import type { AlertedCustomers } from './ports.ts';
import { contactsFor, wants } from './recipients.ts';

export interface MuteStore extends AlertedCustomers {
  /** Idempotent; false where there is no such customer. */
  mute(customerId: string, kind: AlertKind, email: string): Promise<boolean>;
  /** Idempotent; false where there is no such customer. */
  unmute(customerId: string, kind: AlertKind, email: string): Promise<boolean>;
}

/** Whom it is about: an address, in lower case, and the kind of e-mail that it may stop. */
export interface MuteWish {
  readonly customerId: string;
  readonly email: string;
  readonly kind: AlertKind;
}

/** `last`: nobody else would be told of the end of a contract, so this one has to. `unknown`: no such customer. */
export type MuteOutcome = 'muted' | 'unmuted' | 'last' | 'unknown';

/**
 * Mutes a kind of e-mail for an address, or takes that back. Of two last contacts that mute at the same moment both succeed;
 * then neither mute counts (see `recipientsOf`).
 */
export async function changeMute(
  store: MuteStore,
  { customerId, email, kind }: MuteWish,
  wish: 'mute' | 'unmute',
): Promise<MuteOutcome> {
  if (wish === 'unmute') return (await store.unmute(customerId, kind, email)) ? 'unmuted' : 'unknown';
  const known = await store.readWithMutes(customerId);
  if (!known) return 'unknown';
  if (kind === 'ending' && !isToldToOthers(known.customer, known.mutes, email)) return 'last';
  return (await store.mute(customerId, kind, email)) ? 'muted' : 'unknown';
}

const isToldToOthers = ({ contacts }: Customer, mutes: ReadonlySet<string>, email: string): boolean =>
  contactsFor('ending', contacts).some(
    (contact) => contact.email.toLowerCase() !== email && wants('ending', contact, mutes),
  );
