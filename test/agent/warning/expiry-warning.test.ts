import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../agent/src/clock.ts';
import type { GenuineFile, LicenseClaims } from '../../../agent/src/license.ts';
import {
  FRESH_STATE,
  stateAfter,
  type Attempt,
  type AttemptState,
} from '../../../agent/src/loop/attempt-state.ts';
import { exitCodeOfWarning, warningOf } from '../../../agent/src/warning/expiry-warning.ts';
import { lastDayBefore } from '../../../agent/src/warning/last-day.ts';
import { genuineFile, NOW, unreachable } from '../loop/builders.ts';

/** Failing since so many seconds before NOW. */
const failing = (seconds: number, attempt: Attempt = unreachable()): AttemptState =>
  stateAfter(FRESH_STATE, attempt, NOW - seconds);

const refused = (code: string, detail: string): Attempt => ({ kind: 'refused', code, detail });

/** Issued so many days ago, for so many days. */
const aged = (days: number, validity = 35, claims: Partial<LicenseClaims> = {}): GenuineFile =>
  genuineFile({ iat: NOW - days * DAY, exp: NOW + (validity - days) * DAY, ...claims });

describe('no warning', () => {
  it('comes while more than 10 days are left, whatever fails', () => {
    expect(warningOf(aged(24.9), failing(24 * DAY), NOW)).toBeUndefined();
  });

  it.each([1, 2, 3, 5, 9])('comes about a file that is valid for %i days and renewed in time', (validity) => {
    const every = Math.min(DAY, (validity * DAY) / 3);
    for (let age = 0; age <= every; age += HOUR) {
      const file = aged(age / DAY, validity, {
        entitledUntil: NOW + 300 * DAY,
        renewal: { url: 'https://licensing.vendor.example', everySeconds: every },
      });
      expect(warningOf(file, FRESH_STATE, NOW), `after ${age} s`).toBeUndefined();
    }
  });

  it('comes about a first failure of a file of a short life, but about the following ones', () => {
    expect(warningOf(aged(1, 5), failing(MINUTE), NOW)).toBeUndefined();
    expect(warningOf(aged(2.1, 5), failing(DAY), NOW)?.kind).toBe('renewal-fails');
  });

  it('comes about a good file only because the clock of the machine is weeks ahead', () => {
    const state: AttemptState = { failuresInRow: 0, lastRenewedAt: NOW, clockAhead: 30 * DAY };
    expect(warningOf(aged(30), state, NOW)).toBeUndefined();
  });
});

describe('a warning that renewals fail', () => {
  it('says since when, how often and why, what it means and what to do', () => {
    const state = { ...failing(26 * DAY), failuresInRow: 29 };
    const warning = warningOf(aged(26), state, NOW);
    expect(warning).toMatchObject({
      kind: 'renewal-fails',
      cause: 'renewal-fails',
      expiresAt: NOW + 9 * DAY,
    });
    expect(warning?.lines).toEqual([
      'The license file of ES (license lic_1) expires in 9 days, on 2026-12-03 10:00 UTC.',
      'The renewal fails since 2026-10-29 10:00 UTC (29 times in a row): The connection was refused [connect].',
      'After that ES has no valid license.',
      'To do: run license-agent doctor on this machine; it shows where the way to the service breaks.',
    ]);
    expect(exitCodeOfWarning(warning!)).toBe(40);
  });

  it('names the refusal, and the vendor who can help', () => {
    const state = failing(26 * DAY, refused('license-transferred', 'This host had the license before.'));
    const lines = warningOf(aged(26), state, NOW)?.lines.join('\n');
    expect(lines).toContain('This host had the license before [license-transferred].');
    expect(lines).toContain('ask the vendor');
  });

  it('has advice of its own for each cause', () => {
    const attempts: readonly Attempt[] = [
      unreachable(),
      refused('license-revoked', 'It was revoked.'),
      { kind: 'rejected', reason: 'unknown-key', detail: 'The key is not known.' },
      { kind: 'not-written', detail: 'The disk is full.' },
      { kind: 'fault', code: 'host-id', detail: 'There is no machine id.' },
    ];
    const advice = attempts.map((attempt) =>
      warningOf(aged(26), failing(25 * DAY, attempt), NOW)?.lines.at(-1),
    );
    expect(new Set(advice).size).toBe(attempts.length);
  });

  it('comes also where no agent has tried at all', () => {
    const warning = warningOf(aged(28), { failuresInRow: 0, lastRenewedAt: NOW - 28 * DAY }, NOW);
    expect(warning?.kind).toBe('renewal-fails');
    expect(warning?.lines[1]).toBe('No newer file has come since 2026-10-27 10:00 UTC.');
  });

  it('comes also where the service delivers the same file for weeks', () => {
    expect(warningOf(aged(28), { failuresInRow: 0, lastRenewedAt: NOW }, NOW)?.kind).toBe('renewal-fails');
  });

  it('mentions that the contract ends at that time as well', () => {
    const warning = warningOf(
      aged(26, 35, { entitledUntil: NOW + 5 * DAY - 10 * HOUR }),
      failing(25 * DAY),
      NOW,
    );
    expect(warning?.kind).toBe('renewal-fails');
    expect(warning?.lines[2]).toBe('The contract ends as well, on 2026-11-28, its last day.');
  });

  it('shows no control characters of what came from outside, and not all of it', () => {
    const state = failing(
      26 * DAY,
      refused('license-revoked', `\u001b]0;owned\u0007\r\n${'x'.repeat(9000)}`),
    );
    const lines = warningOf(aged(26, 35, { product: 'E\u202eS\n' }), state, NOW)?.lines ?? [];
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines.join('').length).toBeLessThan(1000);
  });

  it('says that the clock is wrong, where it is', () => {
    const ahead = { ...failing(26 * DAY), clockAhead: 20 * DAY };
    expect(warningOf(aged(46, 55), ahead, NOW)?.lines.at(-1)).toBe(
      'The clock of this machine is about 20 days ahead of the clock of the service: correct it.',
    );
    expect(warningOf(aged(26), { ...ahead, clockAhead: -5 * HOUR }, NOW)?.lines.at(-1)).toContain(
      '5 hours behind',
    );
  });
});

describe('a warning that the contract ends', () => {
  /** Ends with 2026-11-30 in Berlin; renewed an hour ago. */
  const ending = aged(1 / 24, 6 + 13 / 24 + 1 / 24, { entitledUntil: NOW + 6 * DAY + 13 * HOUR });

  it('names its last day, while renewals succeed', () => {
    const warning = warningOf(ending, { failuresInRow: 0, lastRenewedAt: NOW - HOUR }, NOW);
    expect(warning).toMatchObject({ kind: 'contract-ends', cause: 'contract-ends' });
    expect(warning?.lines).toEqual([
      'The license file of ES (license lic_1) expires in 6 days, on 2026-11-30 23:00 UTC.',
      'The contract (k-1) ends on 2026-11-30, its last day. Renewals succeed.',
      'After that ES has no valid license.',
      'To do: extend the contract with the vendor. The next renewal then brings the longer license by itself.',
    ]);
    expect(exitCodeOfWarning(warning!)).toBe(41);
  });

  it('is not changed by a renewal that fails for a moment', () => {
    expect(warningOf(ending, failing(MINUTE), NOW)?.kind).toBe('contract-ends');
  });

  it('comes in the grace as well, and says that the contract has ended', () => {
    const file = aged(0.5, 5, { entitledUntil: NOW - 3 * DAY });
    const warning = warningOf(file, FRESH_STATE, NOW);
    expect(warning?.kind).toBe('contract-ends');
    expect(warning?.lines[1]).toContain('ended on 2026-11-20');
  });

  it('comes where the service says so itself, in its words', () => {
    const state = failing(20 * DAY, refused('contract-suspended', 'The contract is suspended.'));
    const warning = warningOf(aged(26), state, NOW);
    expect(warning?.kind).toBe('contract-ends');
    expect(warning?.lines[1]).toBe('The service gives no new license: The contract is suspended.');
  });
});

describe('a warning that the file has expired', () => {
  it('begins at the second of its expiry, and keeps its cause', () => {
    const file = aged(35);
    expect(warningOf(file, failing(30 * DAY), NOW - 1)?.kind).toBe('renewal-fails');
    const warning = warningOf(file, failing(30 * DAY), NOW);
    expect(warning).toMatchObject({ kind: 'expired', cause: 'renewal-fails' });
    expect(warning?.lines[0]).toBe('The license file of ES (license lic_1) expired on 2026-11-24 10:00 UTC.');
    expect(warning?.lines).toContain('ES has no valid license.');
    expect(exitCodeOfWarning(warning!)).toBe(42);
  });

  it('knows months later that it was the contract', () => {
    const file = aged(101, 1, { entitledUntil: NOW - 100 * DAY });
    expect(warningOf(file, FRESH_STATE, NOW)).toMatchObject({ kind: 'expired', cause: 'contract-ends' });
  });

  it('comes for any file at +36 and +400 days, and not at +1', () => {
    const file = genuineFile();
    const kindAt = (days: number): string | undefined => warningOf(file, FRESH_STATE, NOW + days * DAY)?.kind;
    expect([1, 24, 34, 36, 400].map(kindAt)).toEqual([
      undefined,
      undefined,
      'renewal-fails',
      'expired',
      'expired',
    ]);
  });

  it('says of a starter file what it is', () => {
    const { host, ...claims } = genuineFile({ iat: NOW - 29 * DAY, exp: NOW + DAY, seq: 0 }).claims;
    expect(host).toBeDefined();
    const lines = warningOf({ claims }, FRESH_STATE, NOW)?.lines;
    expect(lines?.[0]).toContain('The starter file of ES (license lic_1) expires in 24 hours');
    expect(lines).toContain('After that it cannot be exchanged for a license any more.');
  });
});

describe('the last day of a contract', () => {
  it.each([
    ['2027-12-31', '2028-01-01T00:00:00Z', 'London'],
    ['2027-12-31', '2027-12-31T23:00:00Z', 'Berlin'],
    ['2027-12-31', '2027-12-31T15:00:00Z', 'Tokyo'],
    ['2027-12-31', '2027-12-31T18:30:00Z', 'Kolkata'],
    ['2027-12-31', '2027-12-31T11:00:00Z', 'Auckland in summer'],
    ['2027-12-31', '2028-01-01T08:00:00Z', 'Los Angeles'],
    ['2027-12-31', '2028-01-01T10:00:00Z', 'Honolulu'],
    ['2027-12-31', '2027-12-31T09:17:23Z', 'a cancellation'],
  ])('is %s where it ends at %s (%s)', (day, end) => {
    expect(lastDayBefore(Date.parse(end) / 1000)).toBe(day);
  });
});
