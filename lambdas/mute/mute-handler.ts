import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { atTheEdge, bodyOf, type Request, type Response } from '../adapters/http.ts';
import type { MuteTokens } from '../adapters/mute-key.ts';
import type { Observability } from '../adapters/observability.ts';
import { changeMute, muteStateOf, type MuteStore } from '../core/alerts/mutes.ts';
import { LANGUAGES, type Language } from '../core/alerts/kinds.ts';
import { Problem } from '../core/problem.ts';
import { invalidPage, mutePage, unavailablePage } from './pages.ts';

/** Longer than the form of the page, and than what mail programs post. */
const MAX_BODY_BYTES = 4096;

export interface MuteHandlerDependencies {
  readonly customers: MuteStore;
  readonly tokens: Pick<MuteTokens, 'read'>;
  readonly documentationUrl: string;
  readonly observability: Observability;
}

/**
 * The page behind the link in an e-mail, for people, and the address that mail programs post to (RFC 8058). Scanners follow
 * every link: nothing changes unless it is posted.
 */
export function createHandler(dependencies: MuteHandlerDependencies): APIGatewayProxyHandlerV2 {
  const { observability, documentationUrl } = dependencies;
  const answer = atTheEdge({ logger: observability.logger, documentationUrl }, (event) =>
    respond(dependencies, event),
  );
  return async (event, context, callback) => {
    const response = await answer(event, context, callback);
    // People read this, so a fault is a page too.
    const worked = typeof response === 'object' && response.statusCode !== 503;
    return worked ? response : unavailablePage(languageOf(event));
  };
}

async function respond(
  { customers, tokens, observability }: MuteHandlerDependencies,
  event: Request,
): Promise<Response> {
  const { routeKey } = event;
  if (routeKey !== 'GET /v1/mute' && routeKey !== 'POST /v1/mute') throw new Problem('route-not-found');

  const contact = await tokens.read(event.queryStringParameters?.['token'] ?? '');
  const known = contact && (await customers.readWithMutes(contact.customerId));
  if (!known) return invalidPage(languageOf(event));
  const { language = languageOf(event) } =
    known.customer.contacts.find(({ email }) => email.toLowerCase() === contact.email) ?? {};
  const shown = { language, ...contact, customerName: known.customer.name };
  if (routeKey === 'GET /v1/mute') return mutePage({ ...shown, state: muteStateOf(known, contact) });

  const wish = asksToUndo(event) ? 'unmute' : 'mute';
  const state = await changeMute(customers, contact, known, wish);
  if (state === undefined) return invalidPage(language);
  observability.logger.info('mute', { customerId: contact.customerId, kind: contact.kind, wish, state });
  return mutePage({ ...shown, state, posted: true });
}

/** Whether the button that takes it back was pressed. Whatever else is posted asks to stop the e-mails. */
function asksToUndo(event: Request): boolean {
  const body = bodyOf(event, MAX_BODY_BYTES)?.toString() ?? '';
  return new URLSearchParams(body).has('undo');
}

/** The first language of the browser that the pages are written in. */
function languageOf({ headers }: Request): Language {
  const wanted = (headers['accept-language'] ?? '').toLowerCase().split(',');
  const known = wanted.flatMap((tag) => LANGUAGES.find((language) => tag.trim().startsWith(language)) ?? []);
  return known[0] ?? 'en';
}
