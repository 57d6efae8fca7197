import type { AlertKind } from './kinds.ts';
import type { CustomerToAlert } from './ports.ts';
import { contactsFor, muteOf, wants } from './recipients.ts';

/** A contact and a kind of e-mail. */
export interface MutedContact {
  readonly customerId: string;
  /** In lower case. */
  readonly email: string;
  readonly kind: AlertKind;
}

/** Mutes as they are stored; both are false where there is no such customer, and change nothing the second time. */
export interface MuteStore {
  readWithMutes(customerId: string): Promise<CustomerToAlert | undefined>;
  mute(customerId: string, kind: AlertKind, email: string): Promise<boolean>;
  unmute(customerId: string, kind: AlertKind, email: string): Promise<boolean>;
}

/** How a kind of e-mail stands for a contact; `needed`: it is the last one that still gets it, and somebody has to. */
export type MuteState = 'muted' | 'unmuted' | 'needed';

/**
 * How a kind stands for a contact. Of two last contacts that leave at the same moment both get away; the e-mails then go to
 * both again (see `recipientsOf`), so that nothing depends on this being exact.
 */
export function muteStateOf({ customer, mutes }: CustomerToAlert, { email, kind }: MutedContact): MuteState {
  if (mutes.has(muteOf(kind, email))) return 'muted';
  if (kind !== 'ending') return 'unmuted';
  const willing = contactsFor(kind, customer.contacts).filter((contact) => wants(kind, contact, mutes));
  const addresses = new Set(willing.map((contact) => contact.email.toLowerCase()));
  return addresses.size === 1 && addresses.has(email) ? 'needed' : 'unmuted';
}

/** Stops a kind for a contact, or takes that back; answers how it stands then, undefined where the customer is not known. */
export async function changeMute(
  store: MuteStore,
  contact: MutedContact,
  known: CustomerToAlert,
  wish: 'mute' | 'unmute',
): Promise<MuteState | undefined> {
  const { customerId, kind, email } = contact;
  const state = muteStateOf(known, contact);
  if (wish === 'unmute') return (await store.unmute(customerId, kind, email)) ? 'unmuted' : undefined;
  if (state !== 'unmuted') return state;
  return (await store.mute(customerId, kind, email)) ? 'muted' : undefined;
}
