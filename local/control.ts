import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseDuration, type ServiceClock } from './clock.ts';
import { controlPage } from './control-page.ts';
import type { RequestHandler } from './gateway.ts';
import { LOOPBACK, readBody, sendJson } from './http.ts';
import type { Mailbox } from './mailbox.ts';

const MAX_BODY = 4096;

export interface ControlOptions {
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  readonly url: string;
  /** An outside endpoint has a clock of its own, which cannot be moved. */
  readonly clockIsFixed: boolean;
}

/** `/_local/…`: what exists on one machine only: the mailbox, the clock, and a page for people. */
export function createControl({ clock, mailbox, url, clockIsFixed }: ControlOptions): RequestHandler {
  const now = () => ({ now: clock.now().toISOString() });

  const advance = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (clockIsFixed) {
      const detail = 'The clock of an outside endpoint cannot be moved. Run without AWS_ENDPOINT_URL.';
      return sendProblem(response, 409, 'clock-is-fixed', detail);
    }
    const milliseconds = durationIn((await readBody(request, MAX_BODY))?.toString() ?? '');
    if (milliseconds === undefined) {
      const detail = 'Send {"advance": "16d"}: days, hours, minutes and seconds as in 1d12h30m, more than nothing.';
      return sendProblem(response, 400, 'duration-invalid', detail);
    }
    await clock.advance(milliseconds);
    sendJson(response, 200, now());
  };

  return async (request, response) => {
    if (!comesFromHere(request, url)) {
      return sendProblem(response, 403, 'foreign-origin', 'Only pages and programs of this machine may call this.');
    }
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = `${request.method ?? ''} ${path}`;
    switch (route) {
      case 'GET /_local':
      case 'GET /_local/':
        response.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'",
        });
        response.end(controlPage({ now: clock.now(), mails: mailbox.newestFirst(), clockIsFixed }));
        return;
      case 'GET /_local/page.js':
        response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' });
        response.end(PAGE_SCRIPT);
        return;
      case 'GET /_local/mail':
        return sendJson(response, 200, mailbox.newestFirst());
      case 'GET /_local/clock':
        return sendJson(response, 200, now());
      case 'POST /_local/clock':
        return advance(request, response);
      default:
        if (route.startsWith('POST /_local/run/')) {
          return sendProblem(response, 404, 'schedule-not-found', 'The template has no schedule of this name.');
        }
        return sendProblem(response, 404, 'route-not-found', 'Open /_local/ for what there is.');
    }
  };
}

/** Buttons that move the clock; a file of its own, so that the page needs no inline script. */
const PAGE_SCRIPT = `for (const button of document.querySelectorAll('button[data-advance]')) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    await fetch('/_local/clock', { method: 'POST', body: JSON.stringify({ advance: button.dataset.advance }) });
    location.reload();
  });
}
`;

function durationIn(body: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('advance' in parsed)) return undefined;
    return typeof parsed.advance === 'string' ? parseDuration(parsed.advance) : undefined;
  } catch {
    return undefined;
  }
}

/** A page from elsewhere must not move the clock through the browser of whoever runs the service. */
function comesFromHere({ headers }: IncomingMessage, url: string): boolean {
  const { port } = new URL(url);
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  const fromHere = headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
  return fromHere && hosts.includes(headers.host ?? '');
}

const sendProblem = (response: ServerResponse, status: number, code: string, detail: string): void =>
  sendJson(response, status, { title: code, status, code, detail }, 'application/problem+json');
