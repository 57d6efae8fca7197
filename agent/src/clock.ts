/** Seconds since 1970, UTC: a NumericDate, as in license files. */
export type Instant = number;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The time of this machine, and waiting. Tests move it. */
export interface Clock {
  /** Whole seconds. */
  now(): Instant;
  /** Resolves after so many seconds of running time, or at once when `signal` aborts; never rejects. */
  wait(seconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
  wait: (seconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(seconds * 1000, 2 ** 31 - 1));
      signal?.addEventListener('abort', done);
    }),
};

/** `2026-11-24T10:30:00Z`, for logs and JSON. */
export const isoOf = (instant: Instant): string =>
  new Date(instant * 1000).toISOString().replace('.000Z', 'Z');
