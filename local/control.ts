import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import { parseDuration, type ServiceClock } from './clock.ts';
import { jsonAnswer, readBody, type HttpAnswer } from './http.ts';
import type { Mailbox } from './mailbox.ts';
import { controlPage, type ControlPage } from './control-page.ts';
import type { RequestHandler } from './gateway.ts';

const PREFIX = '/_local';
const MAX_BODY = 64 * 1024;
const advanceSchema = z.strictObject({ advance: z.string() });

export interface ControlOptions {
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  /** Why the clock cannot be moved, where it cannot. */
  readonly clockFixedBecause?: string | undefined;
}

export const isControlPath = (url: string | undefined): boolean => /^\/_local(?:[/?]|$)/.test(url ?? '');

/** What the local run offers beside the service: mailbox and clock, for people and for other programs. */
export function createControl({ clock, mailbox, clockFixedBecause }: ControlOptions): RequestHandler {
  const now = (): HttpAnswer => jsonAnswer(200, { now: clock.now().toISOString() });

  const advance = async (request: IncomingMessage): Promise<HttpAnswer> => {
    if (clockFixedBecause !== undefined) return problem(409, 'The clock cannot be moved', clockFixedBecause);
    const milliseconds = durationIn(await readBody(request, MAX_BODY));
    if (milliseconds === undefined) return problem(400, 'The duration is not valid', DURATIONS);
    await clock.advance(milliseconds);
    return now();
  };

  return async (request) => {
    if (!comesFromHere(request)) {
      const detail = 'Only pages and programs of this machine may ask this, under the name of this machine.';
      return problem(403, 'Not from this machine', detail);
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const path = (request.url ?? '').split('?')[0]?.slice(PREFIX.length) ?? '';
    switch (`${method} ${path}`) {
      case 'GET ':
        return { status: 308, headers: { location: `${PREFIX}/` }, body: '' };
      case 'GET /':
        return pageAnswer(controlPage({ now: clock.now(), mails: mailbox.newestFirst(), clockFixedBecause }));
      case 'GET /mail':
        return jsonAnswer(200, mailbox.newestFirst());
      case 'GET /clock':
        return now();
      case 'POST /clock':
        return advance(request);
    }
    if (path.startsWith('/run/'))
      return problem(404, 'No such schedule', 'The template has no schedule of this name.');
    return problem(404, 'No such page', 'See /_local/ for what there is.');
  };
}

const DURATIONS =
  'Send {"advance": "16d"}: days, hours, minutes and seconds such as 1d12h, forward, a century at most.';

const problem = (status: number, title: string, detail: string): HttpAnswer =>
  jsonAnswer(status, { type: 'about:blank', title, status, detail }, 'application/problem+json');

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

const pageAnswer = ({ html, scriptHash }: ControlPage): HttpAnswer => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src '${scriptHash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  },
  body: html,
});
