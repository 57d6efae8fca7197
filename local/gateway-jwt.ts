import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { JwtAuthorizer } from './routes.ts';

export interface TokenCheck {
  readonly authorizer: JwtAuthorizer;
  /** Answers the issuer's public key for the `kid` of a token. */
  readonly keys: JWTVerifyGetKey | undefined;
  readonly now: Date;
}

/** The claims of a genuine token as HTTP API hands them to functions, or what it answers in `www-authenticate`. */
export type CheckedToken =
  { readonly claims: Readonly<Record<string, string>> } | { readonly challenge: string };

/** Checks the `Authorization` header as a JWT authorizer does; with or without `Bearer`, it is the token. */
export async function checkToken(header: string | undefined, check: TokenCheck): Promise<CheckedToken> {
  const token = header?.replace(/^Bearer(?:\s+|$)/i, '').trim() ?? '';
  if (token === '') return { challenge: 'Bearer' };
  const { authorizer, keys, now } = check;
  if (keys === undefined) throw new Error(`nobody has the keys of ${authorizer.issuer}`);
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      issuer: authorizer.issuer,
      currentDate: now,
      requiredClaims: ['exp'],
    });
    const fault = faultIn(payload, authorizer, now);
    return fault === undefined ? { claims: claimsAsText(payload) } : refused(fault);
  } catch (error) {
    // Anything else is a fault of the issuer or of ours, and says nothing about the token.
    if (!(error instanceof errors.JOSEError)) throw error;
    return refused('the token is not valid');
  }
}

const refused = (why: string): CheckedToken => ({
  challenge: `Bearer scope="" error="invalid_token" error_description="${why}"`,
});

function faultIn(
  { aud, client_id: clientId, iat }: JWTPayload,
  { audiences }: JwtAuthorizer,
  now: Date,
): string | undefined {
  // Cognito's access tokens name the client instead of an audience; where there are both, the audience counts.
  const named = aud === undefined ? [clientId] : [aud].flat();
  if (!named.some((name) => typeof name === 'string' && audiences.includes(name)))
    return 'the token does not have a valid audience';
  if (iat !== undefined && iat * 1000 > now.getTime()) return 'the token was issued in the future';
  return undefined;
}

/** Everything becomes text on the way to a function, a list as `[a b]`. */
const claimsAsText = (payload: JWTPayload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, asText(value)]));

function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${asText(member)}`).join(' ')}]`;
}
