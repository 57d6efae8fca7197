import type { LicenseClaims } from '../license.ts';

/** What warnings and metrics need to know of a license file, by the names of its claims. */
export interface KnownClaims extends Pick<
  LicenseClaims,
  'sub' | 'jti' | 'product' | 'iat' | 'exp' | 'entitledUntil'
> {
  /** Absent in a starter file. */
  readonly host?: { readonly id: string };
  readonly contracts: readonly { readonly id: string }[];
  readonly renewal: { readonly everySeconds: number };
}

/** A license file that was verified, now or before. */
export interface KnownFile {
  readonly claims: KnownClaims;
}

/** More contracts than that are not named in warnings. */
const MAX_CONTRACTS = 3;

/** The end of the year 9999: later instants have no ISO 8601 form of the usual length. */
export const MAX_INSTANT = 253_402_300_799;

/** What is remembered of a verified file; times in whole seconds. */
export function knownOf(claims: LicenseClaims): KnownClaims {
  const { sub, jti, product, host, iat, exp, entitledUntil, contracts, renewal } = claims;
  return {
    sub,
    jti,
    product,
    ...(host === undefined ? {} : { host: { id: host.id } }),
    iat: Math.floor(iat),
    exp: Math.floor(exp),
    ...(entitledUntil === undefined ? {} : { entitledUntil: Math.floor(entitledUntil) }),
    contracts: contracts.slice(0, MAX_CONTRACTS).map(({ id }) => ({ id })),
    renewal: { everySeconds: Math.min(renewal.everySeconds, MAX_INSTANT) },
  };
}
