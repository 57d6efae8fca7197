import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../../lambdas/core/api/license-views.ts';
import { cursorOf } from '../../../lambdas/core/api/paging.ts';
import { licenseTimeline } from '../../../lambdas/core/customer-view/timeline.ts';
import type {
  CustomerViewStore,
  FileRecord,
  RefusalCount,
} from '../../../lambdas/core/customer-view/view-store.ts';
import { DAY, HOUR, utcDayOf } from '../../../lambdas/core/instant.ts';
import { someClaims } from '../../builders/genuine-file.ts';
import { NOW } from '../../builders/instants.ts';

type Store = Pick<CustomerViewStore, 'filesBefore' | 'refusalsBefore'>;

/** Records as the table gives them, in the order of its keys. */
function storeOf(files: readonly FileRecord[], refusals: readonly RefusalCount[]): Store {
  return {
    filesBefore: (_id, seq, count) =>
      Promise.resolve(
        files
          .filter(({ claims }) => claims.seq < seq)
          .sort((a, b) => b.claims.seq - a.claims.seq)
          .slice(0, count),
      ),
    refusalsBefore: (_id, before, count) =>
      Promise.resolve(
        refusals
          .filter(({ record }) => before === undefined || record < before)
          .sort((a, b) => (a.record < b.record ? 1 : -1))
          .slice(0, count),
      ),
  };
}

const aFileOf = (seq: number, iat: number, given: Partial<FileRecord> = {}): FileRecord => ({
  outcome: 'renewed',
  claims: someClaims({ seq, iat, exp: iat + 35 * DAY, jti: `serial-${seq}` }),
  ...given,
});

function aRefusal(day: string, code = 'host-mismatch', by: 'bound' | 'other' = 'other'): RefusalCount {
  return { record: `refusal#${day}#${code}#${by}`, day, code, by, count: 1 };
}

const LICENSE = { licenseId: 'license-1', seq: 1_000 };

async function everything(store: Store, limit: number): Promise<TimelineItem[]> {
  const items: TimelineItem[] = [];
  for (let after: string | undefined, pages = 0; pages < 500; pages += 1) {
    const page = await licenseTimeline(store, LICENSE, { limit, after });
    items.push(...page.items);
    if (page.next === undefined) return items;
    expect(page.items).toHaveLength(limit);
    after = page.next;
  }
  throw new Error('the pages never end');
}

describe('the time line', () => {
  it('says how late a file came and how long there was none', async () => {
    const files = [aFileOf(1, NOW), aFileOf(2, NOW + 40 * DAY), aFileOf(3, NOW + 40 * DAY + 22 * HOUR)];
    const [third, second, first] = await everything(storeOf(files, []), 10);
    expect(third).toMatchObject({ secondsSincePrevious: 22 * HOUR, lateSeconds: 0, gapSeconds: 0 });
    expect(second).toMatchObject({ lateSeconds: 39 * DAY, gapSeconds: 5 * DAY });
    expect(first).not.toHaveProperty('lateSeconds');
  });

  it('does not count how long a starter file waited', async () => {
    const files = [aFileOf(0, NOW, { outcome: 'starter' }), aFileOf(1, NOW + 20 * DAY, { outcome: 'bound' })];
    const [bound] = await everything(storeOf(files, []), 10);
    expect(bound).toMatchObject({ outcome: 'bound' });
    expect(bound).not.toHaveProperty('lateSeconds');
  });

  it('leaves out files above the current one, which nobody got', async () => {
    const store = storeOf([aFileOf(1_000, NOW), aFileOf(1_001, NOW + 1)], []);
    expect(await everything(store, 10)).toMatchObject([{ seq: 1_000 }]);
    const forged = cursorOf([Number.MAX_SAFE_INTEGER, null]);
    expect((await licenseTimeline(store, LICENSE, { limit: 10, after: forged })).items).toHaveLength(1);
  });

  it('is the same whatever the size of its pages, complete, and in order of time', async () => {
    const days = fc.integer({ min: 0, max: 30 });
    const history = fc.record({
      files: fc.uniqueArray(days, { maxLength: 20 }),
      refusals: fc.uniqueArray(
        fc.record({
          day: days,
          code: fc.constantFrom('host-mismatch', 'contract-ended'),
          by: fc.constantFrom('bound' as const, 'other' as const),
        }),
        { maxLength: 20, selector: ({ day, code, by }) => `${day}${code}${by}` },
      ),
      limit: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ files, refusals, limit }) => {
        const store = storeOf(
          files.sort((a, b) => a - b).map((day, index) => aFileOf(index + 1, NOW + day * DAY)),
          refusals.map(({ day, code, by }) => aRefusal(utcDayOf(NOW + day * DAY), code, by)),
        );
        const whole = await everything(store, 200);
        expect(await everything(store, limit)).toEqual(whole);
        expect(whole).toHaveLength(files.length + refusals.length);
        const dayOf = (item: TimelineItem) => (item.kind === 'file' ? item.at.slice(0, 10) : item.day);
        expect(whole.map(dayOf)).toEqual(whole.map(dayOf).toSorted().reverse());
      }),
    );
  });
});
