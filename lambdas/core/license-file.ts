import * as z from 'zod/mini';
import { openCompact, type KeyRing } from './jws.ts';

/** A quantity of an option on this host over a span; at most one window of an option applies at any instant. */
const windowSchema = z.object({
  option: z.string(),
  quantity: z.number(),
  /** NumericDate, inclusive. */
  from: z.number(),
  /** NumericDate, exclusive. */
  until: z.number(),
});

/** The claims of a license file. Unknown claims are kept out, so that a newer file can still be renewed by older code. */
const claimsSchema = z.object({
  iss: z.string(),
  /** The license id. */
  sub: z.string(),
  /** The serial. */
  jti: z.string(),
  seq: z.number(),
  replaces: z.optional(z.string()),
  iat: z.number(),
  exp: z.number(),
  customer: z.object({ id: z.string(), name: z.string() }),
  product: z.string(),
  installation: z.string(),
  /** Absent in a starter file. */
  host: z.optional(z.object({ id: z.string(), name: z.optional(z.string()) })),
  /** `endsAt` is absent for a contract without end. */
  contracts: z.array(z.object({ id: z.string(), endsAt: z.optional(z.number()) })),
  /** Absent where a contract without end entitles, and in a starter file. */
  entitledUntil: z.optional(z.number()),
  options: z.array(windowSchema),
  renewal: z.object({ url: z.string(), everySeconds: z.number() }),
});

export type OptionWindow = z.infer<typeof windowSchema>;
export type LicenseClaims = z.infer<typeof claimsSchema>;

/** A file that was proven to be ours. */
export interface GenuineFile {
  readonly claims: LicenseClaims;
  /** Signed without a host: binds an unbound license or takes over, and is never the current file. */
  readonly isStarter: boolean;
}

export type ReadFile =
  | { readonly kind: 'genuine'; readonly file: GenuineFile }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'not-genuine' };

/** Reads a presented license file: shape, algorithm and signature, without any call. */
export function readLicenseFile(text: string, keys: KeyRing): ReadFile {
  const opened = openCompact(text, keys);
  if (opened.kind !== 'genuine') return opened;
  const claims = claimsSchema.safeParse(opened.payload);
  if (!claims.success) return { kind: 'not-genuine' };
  return { kind: 'genuine', file: { claims: claims.data, isStarter: claims.data.host === undefined } };
}

/** Claims back from the payload of a record of ours. */
export const claimsOf = (payload: string): LicenseClaims => claimsSchema.parse(JSON.parse(payload));
