import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Episode } from '../../../lambdas/core/alerts/episode.ts';
import { nextNotice, type NoticeFacts } from '../../../lambdas/core/alerts/next-notice.ts';
import type { Standing } from '../../../lambdas/core/alerts/standing.ts';
import { DAY, type Instant } from '../../../lambdas/core/instant.ts';
import { NOW } from '../../builders/instants.ts';

const STEPS = ['silent', 'silent-10-days', 'silent-20-days', 'expired'] as const;

/** Offline since NOW; the rungs are this many days later. */
const offline = (days: readonly number[] = [4, 10, 20, 42]): Standing => ({
  kind: 'offline',
  since: NOW,
  ladder: days.map((day, index) => ({ step: STEPS[index]!, at: NOW + day * DAY })),
  about: {
    kind: 'offline',
    licenseId: 'license-1',
    product: 'ES',
    installation: 'main',
    contracts: [],
    lastSeenAt: NOW,
    expiresAt: NOW + 35 * DAY,
  },
});

const subject = { ...(offline() as Extract<Standing, { kind: 'offline' }>).about, step: 'silent' as const };

const said = (at: Instant, since = NOW): Pick<Episode, 'since' | 'said'> => ({
  since,
  said: { at, subject: { ...subject, kind: 'offline' }, to: ['ops@acme.example'] },
});

function ask(day: number, facts: Partial<NoticeFacts> = {}) {
  const all = { standing: offline(), episode: undefined, alertsFrom: 0, ...facts };
  const next = nextNotice('offline', all, NOW + day * DAY);
  return next.kind === 'say' ? `${next.notice.notice} ${next.notice.subject.step}` : next.kind;
}

describe('a trouble', () => {
  it('is opened once its first rung is due', () => {
    expect(ask(3.99)).toBe('nothing');
    expect(ask(4)).toBe('open silent');
  });

  it('is said once, and again when the next rung is due', () => {
    expect(ask(4, { episode: said(NOW + 4 * DAY) })).toBe('nothing');
    expect(ask(9.99, { episode: said(NOW + 4.2 * DAY) })).toBe('nothing');
    expect(ask(10, { episode: said(NOW + 4.2 * DAY) })).toBe('remind silent-10-days');
  });

  it('of which several rungs have passed is said with the latest only', () => {
    expect(ask(30)).toBe('open silent-20-days');
    expect(ask(50, { episode: said(NOW + 5 * DAY) })).toBe('remind expired');
  });

  it('is another one where it began anew', () => {
    expect(ask(4, { episode: said(NOW - 10 * DAY, NOW - 20 * DAY) })).toBe('open silent');
  });

  it('is said to the next contact where nobody heard of it', () => {
    expect(ask(5, { episode: said(NOW + 4 * DAY), undelivered: true })).toBe('open silent');
  });

  it('that was due before the customer wanted alerts is not said, its later rungs are', () => {
    expect(ask(5, { alertsFrom: NOW + 5 * DAY })).toBe('nothing');
    expect(ask(10, { alertsFrom: NOW + 5 * DAY })).toBe('open silent-10-days');
    expect(ask(400, { alertsFrom: NOW + 300 * DAY })).toBe('nothing');
  });
});

describe('what is over', () => {
  it('is worth a word if it was worth one before', () => {
    const standing = { kind: 'healthy', lastSeenAt: NOW + 5 * DAY } as const;
    expect(ask(5, { standing, episode: said(NOW + 4 * DAY) })).toBe('recover silent');
    expect(ask(5, { standing, episode: { since: NOW } })).toBe('close');
    expect(ask(5, { standing })).toBe('nothing');
  });

  it('by other settings, with nothing heard of it, closes without a word', () => {
    expect(ask(5, { standing: { kind: 'healthy', lastSeenAt: NOW }, episode: said(NOW + 4 * DAY) })).toBe(
      'close',
    );
  });

  it('because another kind has taken over, or because it is silenced, closes without a word', () => {
    for (const kind of ['silenced', 'not-installed'] as const) {
      expect(ask(5, { standing: { kind }, episode: said(NOW) })).toBe('close');
    }
    const { about, ...trouble } = offline() as Extract<Standing, { kind: 'offline' }>;
    const expiring: Standing = {
      ...trouble,
      kind: 'expiring',
      ladder: [],
      about: { ...about, kind: 'expiring', connection: 'online' },
    };
    expect(ask(21, { standing: expiring, episode: said(NOW) })).toBe('close');
  });

  it('or not is not decided as long as it is undecided', () => {
    expect(ask(5, { standing: { kind: 'undecided' }, episode: said(NOW) })).toBe('nothing');
  });
});

it('asked at any times, says each rung at most once, in order, and never misses the last that is due', () => {
  const ladder = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
  const times = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(ladder, times, fc.integer({ min: 0, max: 40 }), (days, asked, from) => {
      const standing = offline(days.toSorted((a, b) => a - b));
      const steps: string[] = [];
      let episode: Pick<Episode, 'since' | 'said'> | undefined;
      for (const day of asked.toSorted((a, b) => a - b)) {
        const now = NOW + day * DAY;
        const facts = { standing, alertsFrom: NOW + from * DAY };
        const next = nextNotice('offline', { ...facts, episode }, now);
        if (next.kind === 'say') {
          steps.push(next.notice.subject.step);
          episode = said(now);
        }
        expect(nextNotice('offline', { ...facts, episode }, now).kind).toBe('nothing');
      }
      expect(new Set(steps).size).toBe(steps.length);
      expect(steps).toEqual([...steps].sort((a, b) => STEPS.indexOf(a as never) - STEPS.indexOf(b as never)));
      const last = Math.max(...asked);
      const due = days.toSorted((a, b) => a - b).findLastIndex((day) => day <= last && day >= from);
      if (due >= 0) expect(steps.at(-1)).toBe(STEPS[due]);
      else expect(steps).toEqual([]);
    }),
  );
});
