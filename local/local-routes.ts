import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { parseDuration, type ServiceClock } from './clock.ts';
import { readBody, sendJson } from './http.ts';
import type { Mailbox } from './mailbox.ts';
import { renderPage } from './page.ts';

const PREFIX = '/_local';
const MAX_BODY = 64 * 1024;
const advanceSchema = z.strictObject({ advance: z.string() });

export interface LocalRoutesOptions {
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  /** Why the clock cannot be moved, where it cannot. */
  readonly clockFixedBecause?: string | undefined;
}

export const isLocalPath = (url: string | undefined): boolean => /^\/_local(?:[/?]|$)/.test(url ?? '');

/** What the local run offers beside the service: mailbox and clock, for people and for other programs. */
export function createLocalRoutes({ clock, mailbox, clockFixedBecause }: LocalRoutesOptions) {
  const advance = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (clockFixedBecause !== undefined) return problem(response, 409, 'The clock cannot be moved', clockFixedBecause);
    const milliseconds = durationIn(await readBody(request, MAX_BODY));
    if (milliseconds === undefined) {
      const detail = 'Send {"advance": "16d"}: days, hours, minutes and seconds such as 1d12h, forward, a century at most.';
      return problem(response, 400, 'The duration is not valid', detail);
    }
    await clock.advance(milliseconds);
    sendJson(response, 200, { now: clock.now().toISOString() });
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!comesFromHere(request)) {
      const detail = 'These pages answer only requests that are made to this machine, by its own pages and programs.';
      return problem(response, 403, 'Not from this machine', detail);
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const path = (request.url ?? '').split('?')[0]?.slice(PREFIX.length) ?? '';
    switch (`${method} ${path}`) {
      case 'GET ':
        response.writeHead(308, { location: `${PREFIX}/`, 'content-length': 0 }).end();
        return;
      case 'GET /':
        return sendPage(response, renderPage({ now: clock.now(), mails: mailbox.newestFirst(), clockFixedBecause }));
      case 'GET /mail':
        return sendJson(response, 200, mailbox.newestFirst());
      case 'GET /clock':
        return sendJson(response, 200, { now: clock.now().toISOString() });
      case 'POST /clock':
        return advance(request, response);
      default:
        return path.startsWith('/run/')
          ? problem(response, 404, 'No such schedule', 'The template has no schedule of this name.')
          : problem(response, 404, 'No such page', 'See /_local/ for what there is.');
    }
  };
}

const problem = (response: ServerResponse, status: number, title: string, detail: string): void =>
  sendJson(response, status, { type: 'about:blank', title, status, detail }, 'application/problem+json');

function durationIn(body: Buffer | undefined): number | undefined {
  try {
    const parsed = advanceSchema.safeParse(JSON.parse(body?.toString() ?? ''));
    return parsed.success ? parseDuration(parsed.data.advance) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A page of another site must neither read the mailbox through a name that it points at this machine (DNS rebinding) nor
 * post to the clock.
 */
function comesFromHere({ headers: { host, origin } }: IncomingMessage): boolean {
  const isLoopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(host ?? '');
  return isLoopback && (origin === undefined || origin === `http://${host ?? ''}`);
}

function sendPage(response: ServerResponse, { html, scriptHash }: ReturnType<typeof renderPage>): void {
  const bytes = Buffer.from(html);
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src '${scriptHash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  response.end(bytes);
}
