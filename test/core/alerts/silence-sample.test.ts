import { describe, expect, it } from 'vitest';
import { SilenceSample } from '../../../lambdas/core/alerts/silence-sample.ts';
import { DAY, HOUR } from '../../../lambdas/core/instant.ts';
import { NOW } from '../../builders/instants.ts';

/** Customers of which each was last heard of that long ago. */
function sampleOf(...groups: readonly (readonly [customers: number, silentFor: number])[]): SilenceSample {
  const sample = new SilenceSample();
  groups.forEach(([customers, silentFor], group) => {
    for (let index = 0; index < customers; index += 1) sample.observe(`c-${group}-${index}`, NOW - silentFor);
  });
  return sample;
}

const together = (sample: SilenceSample) => sample.fellSilentTogether(NOW - 72 * HOUR, NOW - 35 * DAY, DAY);

describe('customers fall silent together', () => {
  it('where more than half of them do', () => {
    expect(together(sampleOf([11, 80 * HOUR], [10, HOUR]))).toBe(true);
    expect(together(sampleOf([10, 80 * HOUR], [10, HOUR]))).toBe(false);
  });

  it('where there are ten at least', () => {
    expect(together(sampleOf([10, 80 * HOUR]))).toBe(true);
    expect(together(sampleOf([9, 80 * HOUR]))).toBe(false);
  });

  it('where it was within one interval, however long ago', () => {
    expect(together(sampleOf([6, 80 * HOUR], [6, 80 * HOUR + DAY]))).toBe(true);
    expect(together(sampleOf([6, 80 * HOUR], [6, 81 * HOUR + DAY]))).toBe(false);
    expect(together(sampleOf([12, 30 * DAY]))).toBe(true);
  });

  it('but not where they went one by one, or are gone', () => {
    const oneByOne = Array.from({ length: 30 }, (_, index) => [1, (4 + index) * DAY] as const);
    expect(together(sampleOf(...oneByOne))).toBe(false);
    expect(together(sampleOf([40, 36 * DAY], [12, HOUR]))).toBe(false);
  });

  it('where their last host does: one that is heard of speaks for its customer', () => {
    const sample = sampleOf([20, 80 * HOUR]);
    for (let index = 0; index < 12; index += 1) sample.observe(`c-0-${index}`, NOW - HOUR);
    expect(together(sample)).toBe(false);
  });
});

it('goes on from what was stored, in any order of the parts', () => {
  const whole = sampleOf([11, 80 * HOUR], [10, HOUR]);
  const resumed = new SilenceSample();
  resumed.observe('c-0-0', NOW - HOUR);
  resumed.restore(whole.stored());
  expect(together(whole)).toBe(true);
  expect(together(resumed)).toBe(false);
});

it('of very many customers keeps a fair sample, which does not grow', () => {
  const sample = sampleOf([60_000, 80 * HOUR], [40_000, HOUR]);
  const stored = sample.stored();
  expect(stored.length).toBe(4_096);
  const silent = stored.filter(([, lastSeenAt]) => lastSeenAt < NOW - DAY).length;
  expect(silent / stored.length).toBeGreaterThan(0.57);
  expect(silent / stored.length).toBeLessThan(0.63);
  expect(together(sample)).toBe(true);
});
