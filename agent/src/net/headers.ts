import { DAY, type Instant } from '../clock.ts';

/** Headers of an answer, names in lower case; of a header that came several times, all values. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longer waits than this are not believed. */
const MAX_WAIT = 7 * DAY;

/** One value; undefined where the header is absent, or came more than once and thus says nothing. */
export function single(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.slice(0, 1024).trim() : undefined;
}

/** `text/html` of `text/html; charset=utf-8`; undefined where there is none. */
export const mediaTypeOf = (headers: Headers): string | undefined =>
  single(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() || undefined;

/** Seconds since 1970 of an HTTP-date in its only current form (RFC 9110, 5.6.7); undefined for anything else. */
function httpDate(text: string | undefined): Instant | undefined {
  if (text === undefined || !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) {
    return undefined;
  }
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Seconds by which this clock is ahead of the server's; negative where it is behind. */
export function clockAheadOf(headers: Headers, now: Instant): number | undefined {
  const date = httpDate(single(headers, 'date'));
  return date === undefined ? undefined : Math.round(now - date);
}

/** Whole seconds of a header, at most 7 days; undefined where it is no count. */
export function secondsOf(headers: Headers, name: string): number | undefined {
  const text = single(headers, name);
  return text !== undefined && /^\d{1,400}$/.test(text) ? Math.min(Number(text), MAX_WAIT) : undefined;
}

/**
 * `Retry-After` in seconds, 0 to 7 days, from seconds or an HTTP-date. A date is compared to the `Date` of the same answer where
 * there is one, because this clock may be wrong.
 */
export function retryAfterOf(headers: Headers, now: Instant): number | undefined {
  const seconds = secondsOf(headers, 'retry-after');
  if (seconds !== undefined) return seconds;
  const until = httpDate(single(headers, 'retry-after'));
  if (until === undefined) return undefined;
  const from = httpDate(single(headers, 'date')) ?? now;
  return Math.min(Math.max(until - from, 0), MAX_WAIT);
}
