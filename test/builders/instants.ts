import type { Instant } from '../../lambdas/core/instant.ts';

/** The instant that an ISO text names, `2026-11-24T12:00:00Z`. */
export const at = (iso: string): Instant => {
  const instant = Date.parse(iso) / 1000;
  if (!Number.isInteger(instant)) throw new RangeError(`Not a whole second: ${iso}`);
  return instant;
};

/** The present of the tests: noon UTC, so that half a day either way stays in the same UTC day. */
export const NOW = at('2026-11-24T12:00:00Z');
