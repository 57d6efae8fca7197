import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { Bounces } from './bounces.ts';
import { parseDuration, type ServiceClock } from './clock.ts';
import { controlPage, type ControlPage } from './control-page.ts';
import type { EventRoutes } from './event-control.ts';
import type { RequestHandler } from './gateway.ts';
import { jsonAnswer, readBody, type HttpAnswer } from './http.ts';
import type { Mailbox } from './mailbox.ts';
import type { LocalIssuer } from './oidc.ts';
import type { Schedules } from './schedules.ts';

const PREFIX = '/_local';
const MAX_BODY = 64 * 1024;
const advanceSchema = z.strictObject({ advance: z.string() });
const addressSchema = z.strictObject({
  address: z.string().check(z.regex(/^[^\s@<>]+@[^\s@<>]+$/), z.maxLength(320)),
  kind: z._default(z.enum(['bounce', 'complaint']), 'bounce'),
});

const tokenSchema = z.strictObject({
  // Whoever asks may have any id in a token: what is none, the API has to refuse itself.
  customer: z.string().check(z.minLength(1), z.maxLength(256)),
  role: z._default(z.enum(['viewer', 'manager']), 'viewer'),
  shape: z._default(z.enum(['client_id', 'aud']), 'client_id'),
  email: z.optional(z.string().check(z.minLength(1), z.maxLength(320))),
});

export interface ControlOptions {
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  readonly bounces: Bounces;
  readonly schedules: Omit<Schedules, 'stop'>;
  readonly events: EventRoutes;
  /** Signs people in; absent where no route takes a token. */
  readonly token?: LocalIssuer['token'];
  /** Why the clock cannot be moved, where it cannot. */
  readonly clockFixedBecause?: string | undefined;
}

export const isControlPath = (url: string | undefined): boolean => /^\/_local(?:[/?]|$)/.test(url ?? '');

/** What the local run offers beside the service: mailbox, clock and schedules, for people and for other programs. */
export function createControl(options: ControlOptions): RequestHandler {
  const { clock, mailbox, bounces, schedules, events, clockFixedBecause } = options;

  const advance = async (request: IncomingMessage): Promise<HttpAnswer> => {
    if (clockFixedBecause !== undefined) return problem(409, 'The clock cannot be moved', clockFixedBecause);
    const wanted = advanceSchema.safeParse(await jsonIn(request));
    const milliseconds = wanted.success ? parseDuration(wanted.data.advance) : undefined;
    if (milliseconds === undefined) return problem(400, 'The duration is not valid', DURATIONS);
    const ran = await schedules.advance(milliseconds);
    return jsonAnswer(200, { now: clock.now().toISOString(), ran });
  };

  const sendToken = async (query: string): Promise<HttpAnswer> => {
    if (options.token === undefined) return problem(404, 'No tokens', 'No route of the template takes one.');
    const wanted = tokenSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
    if (!wanted.success) return problem(400, 'The token cannot be made', TOKENS);
    const { customer, role, shape, email } = wanted.data;
    return jsonAnswer(200, await options.token(customer, role, { shape, ...(email && { email }) }));
  };

  const run = async (name: string, request: IncomingMessage): Promise<HttpAnswer> => {
    const event = await jsonIn(request);
    if (event === FAULTY)
      return problem(400, 'The event is not valid', 'Send the event as JSON, or no body for its own.');
    const result = await schedules.run(name, event);
    if (result === undefined) {
      const names = schedules.list().map((schedule) => schedule.name);
      const known = names.length === 0 ? 'The template has no schedules.' : `There are ${names.join(', ')}.`;
      return problem(404, 'No such schedule', known);
    }
    if (result.kind === 'answered') return jsonAnswer(200, result.value ?? null);
    const why = result.error.split('\n')[0] ?? '';
    return problem(500, 'The run failed', `${why} (see the logs in the data folder)`);
  };

  const changeBounces = async (request: IncomingMessage): Promise<HttpAnswer> => {
    const wanted = addressSchema.safeParse(await jsonIn(request));
    if (!wanted.success) return problem(400, 'The address is not valid', ADDRESSES);
    const { address, kind } = wanted.data;
    if (request.method === 'POST') await bounces.add(address, kind);
    else await bounces.remove(address);
    return jsonAnswer(200, bounces.list());
  };

  return async (request) => {
    if (!comesFromHere(request)) {
      const detail = 'Only pages and programs of this machine may ask this, under the name of this machine.';
      return problem(403, 'Not from this machine', detail);
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const [address = '', query = ''] = (request.url ?? '').split('?');
    const path = address.slice(PREFIX.length);
    switch (`${method} ${path}`) {
      case 'GET ':
        return { status: 308, headers: { location: `${PREFIX}/` }, body: '' };
      case 'GET /':
        return pageAnswer(
          controlPage({
            now: clock.now(),
            mails: mailbox.newestFirst(),
            schedules: schedules.list(),
            clockFixedBecause,
          }),
        );
      case 'GET /mail':
        return jsonAnswer(200, mailbox.newestFirst());
      case 'GET /clock':
        return jsonAnswer(200, { now: clock.now().toISOString() });
      case 'POST /clock':
        return advance(request);
      case 'GET /token':
        return sendToken(query);
      case 'GET /schedules':
        return jsonAnswer(200, schedules.list());
      case 'GET /bounces':
        return jsonAnswer(200, bounces.list());
      case 'POST /bounces':
      case 'DELETE /bounces':
        return changeBounces(request);
    }
    const name = /^\/run\/(.+)$/.exec(path)?.[1];
    if (name !== undefined && method === 'POST') return run(decoded(name), request);
    return (
      (await events(method, path, request)) ?? problem(404, 'No such page', 'See /_local/ for what there is.')
    );
  };
}

const DURATIONS =
  'Send {"advance": "16d"}: days, hours, minutes and seconds such as 1d12h, forward, a century at most.';
const TOKENS =
  'Ask for ?customer=acme&role=manager, with email=ops@acme.example or shape=aud where they are wanted.';
const ADDRESSES = 'Send {"address": "ops@acme.example"}, with "kind": "complaint" where it shall complain.';

const problem = (status: number, title: string, detail: string): HttpAnswer =>
  jsonAnswer(status, { type: 'about:blank', title, status, detail }, 'application/problem+json');

const FAULTY = Symbol('no JSON');

/** The body; undefined where it is empty. */
async function jsonIn(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, MAX_BODY);
  if (body === undefined) return FAULTY;
  const text = body.toString();
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return FAULTY;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
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
