import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../../agent/src/clock.ts';
import { CLOCK_TOLERANCE, whyNotAccepted } from '../../../agent/src/file/acceptance.ts';
import type { GenuineFile, LicenseClaims } from '../../../agent/src/license.ts';
import { NOW } from '../../builders/instants.ts';
import { opened, someClaims, starterClaims } from './support.ts';

const current = opened(someClaims());
const successor = (claims: Partial<LicenseClaims> = {}): GenuineFile =>
  opened(someClaims({ jti: 'serial-8', seq: 8, iat: NOW, exp: NOW + 35 * DAY, ...claims }));
const aStarter = (claims: Partial<LicenseClaims> = {}): GenuineFile => opened(starterClaims(claims));
const reasonOf = (from: GenuineFile, to: GenuineFile, hostId?: string, now = NOW): string | undefined => {
  const verdict = whyNotAccepted(from, to, hostId, now);
  return typeof verdict === 'object' ? verdict.reason : verdict;
};

describe('the file that the service delivers', () => {
  it('is accepted as the successor of the current one', () => {
    expect(reasonOf(current, successor())).toBeUndefined();
    expect(reasonOf(current, successor(), 'H-1')).toBeUndefined();
  });

  it('is accepted with an earlier end than before', () => {
    expect(reasonOf(current, successor({ exp: NOW + DAY }))).toBeUndefined();
  });

  it('is the same to the letter, even if it expired long ago', () => {
    expect(reasonOf(current, { ...current }, 'other', NOW + 400 * DAY)).toBe('same');
  });

  it.each([
    ['other-license', { sub: 'license-2' }],
    ['other-license', { product: 'XX' }],
    ['other-host', { host: { id: 'H-2' } }],
    ['older', { seq: 7 }],
    ['older', { seq: 6 }],
    ['older', { seq: 0 }],
    ['older', { iat: current.claims.iat - 1 }],
    ['expired', { exp: NOW - DAY - 1 }],
  ] as const)('is rejected as %s with %j', (reason, claims) => {
    expect(reasonOf(current, successor(claims))).toBe(reason);
  });

  it('is for the host that is given rather than for the one before, as after a declared move', () => {
    expect(reasonOf(current, successor({ host: { id: 'H-2' } }), 'H-2')).toBeUndefined();
    expect(reasonOf(current, successor(), 'H-2')).toBe('other-host');
  });

  it('binds a starter file to the given host, or to any where none is given, and never to none', () => {
    expect(reasonOf(aStarter(), successor({ seq: 1 }), 'H-1')).toBeUndefined();
    expect(reasonOf(aStarter(), successor({ seq: 1 }))).toBeUndefined();
    expect(reasonOf(aStarter(), successor({ seq: 1 }), 'H-2')).toBe('other-host');
    expect(reasonOf(aStarter(), aStarter({ seq: 1 }), 'H-1')).toBe('no-host');
    expect(reasonOf(current, aStarter({ seq: 9 }))).toBe('no-host');
  });

  it('is not rejected for a clock that is off by a day, and the clock is named beyond', () => {
    const short = successor({ exp: NOW + DAY });
    expect(reasonOf(current, short, 'H-1', NOW + 2 * DAY)).toBeUndefined();
    expect(reasonOf(current, short, 'H-1', NOW - 4000 * DAY)).toBeUndefined();
    const verdict = whyNotAccepted(current, short, 'H-1', NOW + 3 * DAY);
    expect(verdict).toMatchObject({
      reason: 'expired',
      detail: expect.stringMatching(/48 hours ago.*check the clock/) as unknown,
    });
  });
});

const claimsArbitrary = fc.record({
  sub: fc.constantFrom('license-1', 'license-2'),
  product: fc.constantFrom('ES', 'XX'),
  jti: fc.constantFrom('a', 'b', 'c', 'd'),
  seq: fc.nat(4),
  iat: fc.integer({ min: NOW - 3, max: NOW + 3 }),
  exp: fc.integer({ min: NOW - 3 * DAY, max: NOW + 35 * DAY }),
  host: fc.constantFrom({ id: 'H-1' }, { id: 'H-2' }, undefined),
});
const fileArbitrary = claimsArbitrary.map(({ host, ...claims }) =>
  host === undefined ? aStarter(claims) : opened(someClaims({ ...claims, host })),
);
const hostArbitrary = fc.constantFrom('H-1', 'H-2', undefined);
const nowArbitrary = fc.integer({ min: NOW - 2 * DAY, max: NOW + 40 * DAY });

describe('whatever two files there are', () => {
  it('the accepted one is of the same license and product, for this host, newer, and not long expired', () => {
    fc.assert(
      fc.property(fileArbitrary, fileArbitrary, hostArbitrary, nowArbitrary, (from, to, hostId, now) => {
        const expected = hostId ?? from.claims.host?.id ?? to.claims.host?.id;
        const isBetter =
          to.claims.sub === from.claims.sub &&
          to.claims.product === from.claims.product &&
          to.claims.host !== undefined &&
          to.claims.host.id === expected &&
          to.claims.seq > from.claims.seq &&
          to.claims.iat >= from.claims.iat &&
          now <= to.claims.exp + CLOCK_TOLERANCE;
        const verdict = whyNotAccepted(from, to, hostId, now);
        expect(verdict === undefined).toBe(isBetter);
        expect(verdict === 'same').toBe(from.text === to.text);
      }),
      { numRuns: 3000 },
    );
  });

  it('no two replace each other in turn, whatever the clock says', () => {
    fc.assert(
      fc.property(fileArbitrary, fileArbitrary, hostArbitrary, nowArbitrary, (one, other, hostId, now) => {
        const there = whyNotAccepted(one, other, hostId, now);
        const back = whyNotAccepted(other, one, hostId, now);
        expect(there === undefined && back === undefined).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('a file that is valid by the time of the service is not rejected by a clock within a day of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 * DAY }),
        fc.integer({ min: -DAY, max: DAY }),
        (validity, skew) => {
          const next = successor({ exp: NOW + validity });
          expect(whyNotAccepted(current, next, 'H-1', NOW + skew)).toBeUndefined();
        },
      ),
    );
  });
});
