import type { Roster } from './member.ts';

/** Members as they are stored. The roster is the truth; links only say where to look for an address. */
export interface MemberStore {
  /** Strongly consistent; a customer without members has an empty roster. */
  read(customerId: string): Promise<Roster>;
  /** Writes if the stored version is still `roster.version`, and bumps it. */
  write(roster: Roster): Promise<'written' | 'conflict'>;
  /** Notes that an address may be a member of a customer. */
  link(email: string, customerId: string): Promise<void>;
  /** Takes that back. */
  unlink(email: string, customerId: string): Promise<void>;
}

/** What signing in looks up. */
export interface Memberships {
  /** Customers of which an address may be a member, strongly consistent. */
  customersOf(email: string): Promise<readonly string[]>;
  read(customerId: string): Promise<Roster>;
}
