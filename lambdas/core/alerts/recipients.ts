import type { Contact, Customer } from '../customer.ts';
import { roleOf, type AlertKind, type Language } from './kinds.ts';

/** Kinds that contacts do not want any more, each as `muteOf` writes it. */
export type Mutes = ReadonlySet<string>;

export const muteOf = (kind: AlertKind, email: string): string => `${kind} ${email.toLowerCase()}`;

/** Somebody who gets an e-mail. */
export interface Recipient {
  readonly email: string;
  readonly language: Language;
  readonly timeZone: string;
  /** The vendor itself, because no contact of the customer can be reached. */
  readonly isVendor: boolean;
  /** Whether the e-mail offers to stop this kind. */
  readonly mutable: boolean;
}

type Vendor = Pick<Recipient, 'email' | 'language' | 'timeZone'>;

/** The contacts that a kind is for, whether or not they want it. */
export const contactsFor = (kind: AlertKind, contacts: readonly Contact[]): readonly Contact[] =>
  contacts.filter(({ roles }) => roles.includes(roleOf(kind)));

/** Whether a contact wants a kind: by what the vendor was told of it, and by what it has said itself. */
export const wants = (kind: AlertKind, { email, kinds }: Contact, mutes: Mutes): boolean =>
  (kinds?.includes(kind) ?? true) && !mutes.has(muteOf(kind, email));

/**
 * Who gets a kind: all contacts that it is for and that want it; if none of them can be reached, the other contacts; in the end
 * the vendor. Nobody gets it where all whom it is for do not want it; ends of contracts cannot be turned down by all.
 * @param disabled addresses in lower case.
 */
export function recipientsOf(
  kind: AlertKind,
  { contacts }: Pick<Customer, 'contacts'>,
  mutes: Mutes,
  disabled: ReadonlySet<string>,
  vendor: Vendor,
): readonly Recipient[] {
  const meant = contactsFor(kind, contacts);
  const willing = meant.filter((contact) => wants(kind, contact, mutes));
  const wanted = willing.length === 0 && kind === 'ending' ? meant : willing;
  // All who could be told have asked not to be.
  if (wanted.length === 0 && meant.length > 0) return [];

  const others = contacts.filter((contact) => !meant.includes(contact) && wants(kind, contact, mutes));
  const reachable = (candidates: readonly Contact[]) =>
    candidates.filter(({ email }) => !disabled.has(email.toLowerCase()));
  const told = [reachable(wanted), reachable(others)].find((candidates) => candidates.length > 0);
  if (!told) return [{ ...vendor, isVendor: true, mutable: false }];
  return unique(told).map(({ email, language, timeZone }) => ({
    email,
    language,
    timeZone,
    isVendor: false,
    mutable: true,
  }));
}

/** The same address named twice gets one e-mail. */
function unique(contacts: readonly Contact[]): readonly Contact[] {
  const seen = new Set<string>();
  return contacts.filter(({ email }) => {
    const address = email.toLowerCase();
    const isNew = !seen.has(address);
    seen.add(address);
    return isNew;
  });
}
