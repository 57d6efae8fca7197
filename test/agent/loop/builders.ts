import { DAY, type Instant } from '../../../agent/src/clock.ts';
import type { GenuineFile, LicenseClaims } from '../../../agent/src/license.ts';
import type { Outcome, Unreachable } from '../../../agent/src/outcome.ts';

/** 2026-11-24T10:00:00Z. */
export const NOW: Instant = 1_795_514_400;

/** A file as if it had been verified: valid for 35 days from NOW, of a contract without end. */
export function genuineFile(claims: Partial<LicenseClaims> = {}): GenuineFile {
  const iat = claims.iat ?? NOW;
  return {
    text: `file.${claims.seq ?? 1}`,
    kid: 'key',
    claims: {
      iss: 'https://licensing.vendor.example',
      sub: 'lic_1',
      jti: `serial-${claims.seq ?? 1}`,
      seq: 1,
      exp: iat + 35 * DAY,
      customer: { id: 'c-1', name: 'Acme' },
      product: 'ES',
      installation: 'main',
      host: { id: 'H-1' },
      contracts: [{ id: 'k-1' }],
      options: [],
      renewal: { url: 'https://licensing.vendor.example/v1/licenses/renew', everySeconds: DAY },
      ...claims,
      iat,
    },
  };
}

export const renewedTo = (file: GenuineFile, renewAfter?: number): Outcome => ({
  kind: 'renewed',
  before: genuineFile(),
  file,
  ...(renewAfter === undefined ? {} : { renewAfter }),
});

export const unreachable = (more: Partial<Unreachable> = {}): Unreachable => ({
  kind: 'unreachable',
  obstacle: 'connect',
  detail: 'The connection was refused.',
  ...more,
});

/** Numbers from 0 to below 1, the same for one seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
