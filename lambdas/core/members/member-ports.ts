import type { Roster } from './member.ts';

/** Members as they are stored. The roster is the truth; links only say where to look for an address. */
export interface MemberStore {
  /** Strongly consistent; a customer without members has an empty roster. */
  read(customerId: string): Promise<Roster>;
  /** Writes if the stored version is still `roster.version`, and bumps it. */
  write(roster: Roster): Promise<'written' | 'conflict'>;
  /** Notes that an address may be a member of a customer. */
  link(email: string, customerId: string): Promise<void>;
  /**
   * Takes that back, and the choice of that customer with it.
   * @returns whether the address may still be a member of others
   */
  unlink(email: string, customerId: string): Promise<'others' | 'none'>;
}

/** Thrown where an address can never have an account, whatever is asked again. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The accounts that members sign in with. */
export interface SignInAccounts {
  /**
   * Makes the account of an address, unless it is there; only a code that is mailed to the address opens it.
   * @throws {AddressRefused} and whatever fault the service has at the moment.
   */
  create(email: string): Promise<void>;
  /** Deletes the account of an address, if there is one; whoever is signed in with it gets no more tokens. */
  delete(email: string): Promise<void>;
}

/** Where to look when an address signs in. */
export interface AddressLinks {
  /** Customers of which it may be a member. */
  readonly customers: readonly string[];
  /** The one that it chose to act for; it may have left it since. */
  readonly chosen?: string;
}

/** What signing in looks up. */
export interface Memberships {
  /** Strongly consistent. */
  linksOf(email: string): Promise<AddressLinks>;
  read(customerId: string): Promise<Roster>;
}

/** Members choose for which of their customers they act. */
export interface MembershipChoices extends Memberships {
  /** Notes which customer an address acts for from its next token on, if it still has a link to it. */
  choose(email: string, customerId: string): Promise<'chosen' | 'not-linked'>;
}
