import { DAY, HOUR, isoOf, type Instant } from '../clock.ts';
import type { GenuineFile } from '../license.ts';
import type { Rejection } from '../outcome.ts';
import { printable } from './printable.ts';

/** Why a genuine file does not take the place of the current one. */
export interface Refusal {
  readonly reason: Extract<Rejection, 'other-license' | 'other-host' | 'no-host' | 'older' | 'expired'>;
  /** For people. */
  readonly detail: string;
}

/** The clock of a host is no reason to refuse what the service issued, unless it is off by more than this. */
export const CLOCK_TOLERANCE = DAY;

/**
 * Whether a file that the service delivered takes the place of the current one: undefined if it does, `same` if it is the
 * current one to the letter, which is a success that changes nothing.
 *
 * The files are compared with each other, by the times that the service put into them. The clock of this machine decides on
 * nothing but a file that expired more than 24 hours ago; give `now` as the server's time where the answer told it. An earlier
 * `exp` than before is accepted: contracts end.
 * @param hostId the id of this host, where it is known; else the one in the current file counts
 */
export function whyNotAccepted(
  current: GenuineFile,
  next: GenuineFile,
  hostId: string | undefined,
  now: Instant,
): Refusal | 'same' | undefined {
  if (next.text === current.text) return 'same';
  const from = current.claims;
  const to = next.claims;
  if (to.sub !== from.sub) {
    return refusal('other-license', `it is license ${to.sub}, and this one is ${from.sub}`);
  }
  if (to.product !== from.product) {
    return refusal(
      'other-license',
      `it is for the product ${to.product}, and this one is for ${from.product}`,
    );
  }
  if (to.host === undefined) {
    return refusal('no-host', 'it names no host: it is a starter file, which lets nothing run');
  }
  const expected = hostId ?? from.host?.id;
  if (expected !== undefined && to.host.id !== expected) {
    return refusal('other-host', `it is for the host ${to.host.id}, and this one is ${expected}`);
  }
  if (to.seq <= from.seq) {
    return refusal('older', `its number is ${to.seq}, and the current file has ${from.seq}`);
  }
  if (to.iat < from.iat) {
    return refusal('older', `it was issued at ${isoOf(to.iat)}, and the current file at ${isoOf(from.iat)}`);
  }
  if (now - to.exp > CLOCK_TOLERANCE) {
    const hours = Math.floor((now - to.exp) / HOUR);
    return refusal(
      'expired',
      `it expired at ${isoOf(to.exp)}, which is ${hours} hours ago if it is ${isoOf(now)} now: check the clock of this machine`,
    );
  }
  return undefined;
}

const refusal = (reason: Refusal['reason'], detail: string): Refusal => ({
  reason,
  detail: printable(detail, 700),
});
