import { atTheEdge, jsonResponse, type Edge } from '../adapters/http.ts';
import { jwkOf, type KeyRing } from '../core/jws.ts';

/** Verifiers may keep the set this long; a new key is published far longer before its first use. */
const MAX_AGE_SECONDS = 3600;

export interface KeysHandlerDependencies extends Edge {
  readonly keyRing: () => Promise<KeyRing>;
}

/** `GET /.well-known/jwks.json`: the public keys that verify license files, as a JWK set. */
export const createHandler = ({ keyRing, ...edge }: KeysHandlerDependencies) =>
  atTheEdge(edge, async () => {
    const keys = [...(await keyRing()).values()].map(jwkOf);
    return jsonResponse(200, { keys }, { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` });
  });
