import type { Instant } from './clock.ts';

/** A quantity of an option over a time: in force where `from <= now < until`. */
export interface OptionWindow {
  readonly option: string;
  readonly quantity: number;
  readonly from: Instant;
  readonly until: Instant;
}

/** What a license file says. Members that are not named here are kept and ignored. */
export interface LicenseClaims {
  readonly iss: string;
  /** License id. */
  readonly sub: string;
  /** Serial of the file. */
  readonly jti: string;
  /** Grows with every file of the license; 0 in a starter file. */
  readonly seq: number;
  readonly iat: Instant;
  readonly exp: Instant;
  readonly customer: { readonly id: string; readonly name: string };
  readonly product: string;
  readonly installation: string;
  /** Absent in a starter file. */
  readonly host?: { readonly id: string; readonly name?: string };
  readonly contracts: readonly { readonly id: string; readonly endsAt?: Instant }[];
  /** End of the entitlement without grace; absent where it has none. */
  readonly entitledUntil?: Instant;
  readonly options: readonly OptionWindow[];
  readonly renewal: { readonly url: string; readonly everySeconds: number };
}

/** A license file of which the signature was checked against the pinned keys. */
export interface GenuineFile {
  /** As it is stored, without white space around it. */
  readonly text: string;
  readonly kid: string;
  readonly claims: LicenseClaims;
}

export const isStarter = ({ claims }: GenuineFile): boolean => claims.host === undefined;
