import { describe, expect, it } from 'vitest';
import { startOfDay } from '../../lambdas/core/calendar.ts';
import type { OptionWindow } from '../../lambdas/core/license-file.ts';
import { claimsIn, useWorld, type Answer, type ProblemDocument } from '../integration/world.ts';

const world = useWorld();

/** The first instant of the UTC day that is this many days away. */
const dayStart = (offset: number) => startOfDay(world.day(offset), 'UTC');

const pool = (quantity: number, given: Record<string, unknown> = {}) => [
  { id: 'l1', option: 'render-engine', scope: 'pool', quantity, ...given },
];

/** What an option amounts to over the life of a file: `quantity from until`, as days from today on. */
function windowsOf(file: string, option = 'render-engine'): string[] {
  const today = dayStart(0);
  const days = (instant: number) => Math.max(0, Math.floor((instant - today) / 86_400));
  return claimsIn(file)
    .options.filter((window: OptionWindow) => window.option === option)
    .map(({ quantity, from, until }) => `${quantity} from ${days(from)} to ${days(until)}`);
}

const codeOf = ({ status, text }: Answer): string =>
  status === 200 ? 'renewed' : (JSON.parse(text) as ProblemDocument).code;

describe('with its next renewal a host has', () => {
  it('a successor under a new id and an add-on that overlaps it, and keeps its license', async () => {
    const { customerId, file, licenseId } = await world.licensedHost({
      endsOn: world.day(9),
      lines: pool(8),
    });
    await world.order(customerId, 'c-2', { startsOn: world.day(10), supersedes: 'c-1', lines: pool(10) });
    await world.order(customerId, 'c-3', {
      hosts: 0,
      startsOn: world.day(5),
      endsOn: world.day(14),
      lines: pool(2),
    });
    const renewed = await world.renewed(file);
    expect(claimsIn(renewed)).toMatchObject({ sub: licenseId, entitledUntil: dayStart(701) });
    expect(windowsOf(renewed)).toEqual([
      '8 from 0 to 5',
      '10 from 5 to 10',
      '12 from 10 to 15',
      '10 from 15 to 35',
    ]);
  });

  it('the successor alone from its first day on, also while the predecessor still runs', async () => {
    const { customerId, file } = await world.licensedHost({ lines: pool(8) });
    await world.order(customerId, 'c-2', { startsOn: world.day(3), supersedes: ['c-1'], lines: pool(5) });
    expect(windowsOf(await world.renewed(file))).toEqual(['8 from 0 to 3', '5 from 3 to 35']);
  });

  it('a temporary option, on the days it is ordered for', async () => {
    const { customerId, file } = await world.licensedHost({ lines: pool(8) });
    const temporary = { id: 'l2', option: 'render-engine', scope: 'pool', quantity: 4 };
    const lines = [...pool(8), { ...temporary, startsOn: world.day(2), endsOn: world.day(4) }];
    await world.order(customerId, 'c-1', { revision: 2, lines });
    expect(windowsOf(await world.renewed(file))).toEqual([
      '8 from 0 to 2',
      '12 from 2 to 5',
      '8 from 5 to 35',
    ]);
  });

  it('the terms of a revision', async () => {
    const { customerId, file } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, validityDays: 100, renewEverySeconds: 3600 });
    const answer = await world.renew(file);
    const { iat, exp, renewal } = claimsIn(answer.text);
    expect([exp - iat, renewal.everySeconds]).toEqual([100 * 86_400, 3600]);
    expect(Number(answer.headers['renew-after'])).toBeLessThanOrEqual(3600);
  });

  it('the new name of its customer', async () => {
    const { customerId, file } = await world.licensedHost();
    await world.vendor('PUT', `/v1/customers/${customerId}`, { name: 'Acme Press', contacts: [] });
    expect(claimsIn(await world.renewed(file)).customer.name).toBe('Acme Press');
  });
});

describe('a contract that is', () => {
  it('suspended refuses renewal, unless another entitles, and heals once it is active again', async () => {
    const { customerId, file } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, status: 'suspended' });
    expect(codeOf(await world.renew(file))).toBe('contract-suspended');
    await world.order(customerId, 'c-2', { lines: pool(1) });
    expect(windowsOf(await world.renewed(file))).toEqual(['1 from 0 to 35']);
    await world.order(customerId, 'c-1', { revision: 3 });
    expect(windowsOf(await world.renewed(file))).toEqual(['9 from 0 to 35']);
  });

  it('cancelled ends when the order is received, with grace', async () => {
    const { customerId, file } = await world.licensedHost({ graceDays: 5 });
    const now = Math.floor(world.now().getTime() / 1000);
    await world.order(customerId, 'c-1', { revision: 2, graceDays: 5, status: 'cancelled' });
    const renewed = await world.renewed(file);
    const { entitledUntil = 0, exp } = claimsIn(renewed);
    expect(entitledUntil - now).toBeLessThan(60);
    expect(exp).toBe(entitledUntil + 5 * 86_400);
    expect(exp).toBeLessThan(claimsIn(file).exp);
    await world.advanceDays(6);
    expect(codeOf(await world.renew(renewed))).toBe('contract-ended');
  });

  it('reactivated after its cancellation goes on as ordered', async () => {
    const { customerId, file } = await world.licensedHost();
    await world.order(customerId, 'c-1', { revision: 2, status: 'cancelled' });
    await world.advanceDays(30);
    expect(codeOf(await world.renew(file))).toBe('contract-ended');
    await world.order(customerId, 'c-1', { revision: 3 });
    expect(codeOf(await world.renew(file))).toBe('renewed');
  });

  it('at its end renews in grace, is refused after it, and revives when it is extended', async () => {
    const { customerId, file } = await world.licensedHost({ endsOn: world.day(1) });
    await world.advanceDays(3);
    const inGrace = await world.renewed(file);
    expect(claimsIn(inGrace).exp).toBe(claimsIn(file).exp);
    await world.advanceDays(14);
    expect(codeOf(await world.renew(inGrace))).toBe('contract-ended');
    await world.order(customerId, 'c-1', { revision: 2, startsOn: world.day(-60), endsOn: world.day(60) });
    expect(codeOf(await world.renew(inGrace))).toBe('renewed');
  });

  it('followed after a gap refuses in the gap and renews behind it', async () => {
    const { customerId, file } = await world.licensedHost({ endsOn: world.day(1), graceDays: 0 });
    await world.order(customerId, 'c-2', { startsOn: world.day(5), supersedes: 'c-1' });
    const before = await world.renewed(file);
    expect(claimsIn(before).exp).toBe(dayStart(2));
    await world.advanceDays(3);
    expect(codeOf(await world.renew(before))).toBe('contract-ended');
    await world.advanceDays(2);
    expect(codeOf(await world.renew(before))).toBe('renewed');
  });

  it('a trial ends without grace, and is converted by what supersedes it', async () => {
    const trial = { kind: 'trial', endsOn: world.day(10) };
    const { customerId, file, licenseId } = await world.licensedHost(trial);
    expect(claimsIn(file).exp).toBe(dayStart(11));
    await world.order(customerId, 'c-2', { startsOn: world.day(0), supersedes: 'c-1', lines: pool(20) });
    const converted = await world.renewed(file);
    expect(claimsIn(converted)).toMatchObject({ sub: licenseId, contracts: [{ id: 'c-2' }] });
    expect(windowsOf(converted)).toEqual(['20 from 0 to 35']);
  });

  it('perpetual has no end', async () => {
    const { file } = await world.licensedHost({ kind: 'perpetual', endsOn: undefined });
    expect(claimsIn(file)).not.toHaveProperty('entitledUntil');
    expect(claimsIn(file).contracts).toEqual([{ id: 'c-1' }]);
  });
});
