import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { timed } from './steps.ts';

afterEach(() => vi.restoreAllMocks());

/** What keeps this process from running keeps its timers, too; the clock of the machine goes on. */
function block(seconds: number): void {
  const later = performance.now() + seconds * 1000;
  vi.spyOn(performance, 'now').mockReturnValue(later);
}

const atOnce = (seconds: number) => (): Promise<string> => {
  block(seconds);
  return Promise.resolve('done');
};
const afterwards = (seconds: number) => async (): Promise<string> => {
  await setTimeout(1);
  block(seconds);
  return 'done';
};

it('counts what keeps the work waiting, and hands on what it comes to', async () => {
  const { result, milliseconds } = await timed(() => setTimeout(300, 'done'));
  expect(result).toBe('done');
  expect(milliseconds).toBeGreaterThan(50);
  expect(milliseconds).toBeLessThanOrEqual(310);
});

it.each([atOnce, afterwards])(
  'does not count what a busy machine takes away, but for a bound',
  async (work) => {
    expect((await timed(work(15))).milliseconds).toBeLessThan(100);
    vi.restoreAllMocks();
    await expect(timed(work(30))).rejects.toThrow('It took 30 seconds');
  },
);

it('tells the fault of the work', async () => {
  await expect(timed(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
