import { createHash, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { OAuth2Server } from 'oauth2-mock-server';
import type { ServiceClock } from './clock.ts';
import type { State } from './data-folder.ts';
import { LocalRunError } from './local-run-error.ts';
import type { JwtAuthorizer } from './routes.ts';

const KEY = 'oidc/key';

/** As the user pool of a deployment gives them. */
const TOKEN_SECONDS = 900;

export interface TokenOptions {
  /** Which claim names the portal: Cognito's access tokens have `client_id`, those of others `aud`. @default client_id */
  readonly shape?: 'client_id' | 'aud';
  /** Address of the person. @default - the token names none */
  readonly email?: string;
  /** Put over what a sound token says; undefined takes a claim away. For tests of what is refused. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Signs people in who do not exist, for the customers' API of one machine. */
export interface LocalIssuer {
  /** A token for somebody of a customer, valid from now on by the service's clock. */
  readonly token: (customer: string, role: string, options?: TokenOptions) => Promise<IssuedToken>;
  /** Its public keys, over HTTP as from any issuer. */
  readonly keys: JWTVerifyGetKey;
  /** Address at which it serves OpenID Connect on this machine; its tokens name the issuer of the template. */
  readonly url: () => Promise<string>;
  stop(): Promise<void>;
}

interface IssuedToken {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

/**
 * The issuer that the template names, played by a real OpenID Connect server. It starts with the first token that is asked
 * for or checked; its key is kept, so that tokens survive a restart.
 */
export function createLocalIssuer(
  { issuer, audiences: [audience = ''] }: JwtAuthorizer,
  { state, clock }: { readonly state: State; readonly clock: ServiceClock },
): LocalIssuer {
  let starting: Promise<Running> | undefined;
  const running = (): Promise<Running> => (starting ??= start(issuer, state));

  return {
    async token(customer, role, { shape = 'client_id', email, claims } = {}) {
      const { server } = await running();
      const now = Math.floor(clock.now().getTime() / 1000);
      const access_token = await server.issuer.buildToken({
        scopesOrTransform: (_header, payload) => {
          Object.assign(payload, {
            sub: subjectOf(email ?? `${role} of ${customer}`),
            iat: now,
            nbf: now,
            exp: now + TOKEN_SECONDS,
            jti: randomUUID(),
            token_use: 'access',
            [shape]: audience,
            customer,
            role,
            ...(email === undefined ? {} : { email }),
            ...claims,
          });
        },
      });
      return { access_token, token_type: 'Bearer', expires_in: TOKEN_SECONDS };
    },
    keys: async (header, token) => (await running()).keys(header, token),
    url: async () => (await running()).url,
    async stop() {
      // What could not start has told whoever asked for it, and leaves nothing to stop.
      await starting?.then(
        ({ server }) => server.stop(),
        () => undefined,
      );
    },
  };
}

interface Running {
  readonly server: OAuth2Server;
  readonly url: string;
  readonly keys: JWTVerifyGetKey;
}

async function start(issuer: string, state: State): Promise<Running> {
  // Imported late: most runs of tests need no token, and it brings a web framework.
  const { OAuth2Server } = await import('oauth2-mock-server');
  const server = new OAuth2Server();
  const stored = await state.get(KEY);
  if (stored === undefined) {
    const key = await server.issuer.keys.generate('RS256');
    await state.put(KEY, key);
  } else {
    await server.issuer.keys.add(stored as Record<string, unknown>).catch((error: unknown) => {
      throw new LocalRunError('the stored key of the issuer is damaged: move the data folder away', {
        cause: error,
      });
    });
  }
  server.issuer.url = issuer;
  await server.start(0, '127.0.0.1');
  const url = `http://127.0.0.1:${server.address().port}`;
  return { server, url, keys: createRemoteJWKSet(new URL(`${url}/jwks`)) };
}

/** The same person has the same id in every token. */
function subjectOf(person: string): string {
  const digest = createHash('sha256').update(person).digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
