/** Seconds since 1970-01-01T00:00:00Z, the NumericDate of RFC 7519. Every instant in the domain and in the tables is one. */
export type Instant = number;

/** A span of time; `until` is exclusive, `null` means without end. */
export interface Span {
  readonly from: Instant;
  readonly until: Instant | null;
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const endOf = (span: Span): Instant => span.until ?? Number.POSITIVE_INFINITY;

export const covers = (span: Span, instant: Instant): boolean =>
  span.from <= instant && instant < endOf(span);

export const isoOf = (instant: Instant): string =>
  new Date(instant * 1000).toISOString().replace('.000Z', 'Z');

/** The UTC day of an instant, `2026-11-24`. */
export const utcDayOf = (instant: Instant): string => isoOf(instant).slice(0, 10);
