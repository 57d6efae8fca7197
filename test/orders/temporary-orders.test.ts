import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractedAt, shareAt, shareWindows } from '../../lambdas/core/distribution.ts';
import { hostsAllowedAt } from '../../lambdas/core/hosts-allowed.ts';
import type { Contract, ContractDocument } from '../../lambdas/core/contract.ts';
import { DAY, HOUR, type Instant } from '../../lambdas/core/instant.ts';
import { unite } from '../../lambdas/core/united-contracts.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { at, NOW } from '../builders/instants.ts';

type Line = ContractDocument['lines'][number];

const engines = (quantity: number, startsOn?: string, endsOn?: string): Line => ({
  id: `l-${startsOn ?? 'all'}-${endsOn ?? 'all'}-${quantity}`,
  option: 'render-engine',
  scope: 'pool',
  quantity,
  ...(startsOn === undefined ? {} : { startsOn }),
  ...(endsOn === undefined ? {} : { endsOn }),
});

/** The subscription of three hosts and eight render engines, with other lines where they are given. */
const base = (...lines: Line[]) => anOrderedContract('base', { lines: [engines(8), ...lines] });

const addOn = (id: string, given: Partial<ContractDocument>) => anOrderedContract(id, { hosts: 0, ...given });

const installationOf = (contracts: readonly Contract[], now = NOW, ...licenses: string[]) => ({
  contracts: unite(contracts, now),
  licenses: licensesNamed(...licenses),
});

/** The render engines in the pool at noon of a day in Berlin. */
const poolOn = (contracts: readonly Contract[], day: string): number =>
  contractedAt(installationOf(contracts), at(`${day}T11:00:00Z`), DEFAULTS).get('render-engine')?.pool ?? 0;

describe('a temporary option', () => {
  it('is ordered ahead, and counts from the first to the last of its days', () => {
    const contracts = [base(engines(4, '2027-03-10', '2027-03-24'))];
    expect(poolOn(contracts, '2027-03-09')).toBe(8);
    expect(poolOn(contracts, '2027-03-10')).toBe(12);
    expect(poolOn(contracts, '2027-03-24')).toBe(12);
    expect(poolOn(contracts, '2027-03-25')).toBe(8);
  });

  it('starts and ends at midnight of the zone of its contract, in a file that was signed long before', () => {
    const installation = installationOf([base(engines(4, '2026-12-10', '2026-12-24'))], NOW, 'a');
    const windows = shareWindows(installation, 'a', { from: NOW, until: NOW + 35 * DAY }, DEFAULTS);
    expect(windows.slice(1)).toEqual([
      {
        option: 'render-engine',
        quantity: 12,
        from: at('2026-12-09T23:00:00Z'),
        until: at('2026-12-24T23:00:00Z'),
      },
      { option: 'render-engine', quantity: 8, from: at('2026-12-24T23:00:00Z'), until: NOW + 35 * DAY },
    ]);
  });

  it('is extended by a new order for the days after it, with no gap in between', () => {
    const extension = addOn('more', {
      startsOn: '2026-12-25',
      endsOn: '2026-12-31',
      lines: [engines(4)],
    });
    const installation = installationOf([base(engines(4, '2026-12-10', '2026-12-24')), extension], NOW, 'a');
    const windows = shareWindows(installation, 'a', { from: NOW, until: NOW + 60 * DAY }, DEFAULTS);
    expect(windows[1]).toEqual({
      option: 'render-engine',
      quantity: 12,
      from: at('2026-12-09T23:00:00Z'),
      until: at('2026-12-31T23:00:00Z'),
    });
  });

  it('adds up where orders overlap: whoever means the same days twice has to revise the first', () => {
    const contracts = [
      base(engines(4, '2027-03-10', '2027-03-24')),
      addOn('more', { startsOn: '2027-03-20', endsOn: '2027-03-31', lines: [engines(4)] }),
    ];
    expect(poolOn(contracts, '2027-03-19')).toBe(12);
    expect(poolOn(contracts, '2027-03-22')).toBe(16);
    expect(poolOn(contracts, '2027-03-30')).toBe(12);
  });

  it('has no grace: the contract that it stands in goes on', () => {
    const contracts = [
      base(),
      addOn('more', { startsOn: '2026-11-20', endsOn: '2026-11-24', lines: [engines(4)] }),
    ];
    expect(poolOn(contracts, '2026-11-24')).toBe(12);
    expect(poolOn(contracts, '2026-11-25')).toBe(8);
  });

  it('ends with its contract, whatever its own days say', () => {
    const contracts = [
      anOrderedContract('base', {
        endsOn: '2026-12-31',
        lines: [engines(8), engines(4, '2026-12-01', '2027-06-30')],
      }),
    ];
    const next = anOrderedContract('next', { startsOn: '2027-01-01', lines: [engines(8)] });
    expect(poolOn([...contracts, next], '2026-12-31')).toBe(12);
    expect(poolOn([...contracts, next], '2027-01-01')).toBe(8);
  });

  it('of a superseded contract is not taken over: the successor orders what it wants', () => {
    const successor = anOrderedContract('next', {
      startsOn: '2027-03-15',
      supersedes: 'base',
      lines: [engines(10)],
    });
    const contracts = [base(engines(4, '2027-03-10', '2027-03-24')), successor];
    expect(poolOn(contracts, '2027-03-14')).toBe(12);
    expect(poolOn(contracts, '2027-03-15')).toBe(10);
  });
});

describe('a line that is dated back', () => {
  const before = [base()];
  const after = [base(engines(4, '2026-11-01', '2026-12-24'))];

  it('counts from now on, at once, and hosts find it begun', () => {
    const [window] = shareWindows(
      installationOf(after, NOW, 'a'),
      'a',
      { from: NOW, until: NOW + DAY },
      DEFAULTS,
    );
    expect(window).toEqual({
      option: 'render-engine',
      quantity: 12,
      from: at('2026-10-31T23:00:00Z'),
      until: NOW + DAY,
    });
  });

  it('leaves alone what files in the field say of the time after it', () => {
    for (const day of ['2026-12-25', '2027-06-01']) expect(poolOn(after, day)).toBe(poolOn(before, day));
  });

  it('and over already orders nothing any more', () => {
    const over = [base(engines(4, '2026-10-01', '2026-10-31'))];
    const span = { from: NOW, until: NOW + 35 * DAY };
    const quantities = (contracts: readonly Contract[]) =>
      shareWindows(installationOf(contracts, NOW, 'a'), 'a', span, DEFAULTS).map(({ quantity }) => quantity);
    expect(quantities(over)).toEqual(quantities(before));
  });

  it('may begin before its contract: it counts from the first day of that', () => {
    const contracts = [
      addOn('more', { startsOn: '2026-11-20', endsOn: '2026-12-31', lines: [engines(4, '2026-01-01')] }),
      base(),
    ];
    expect(poolOn(contracts, '2026-11-19')).toBe(8);
    expect(poolOn(contracts, '2026-11-20')).toBe(12);
  });
});

describe('temporary hosts', () => {
  const hosts = (graceDays?: number) =>
    addOn('fair', {
      hosts: 2,
      startsOn: '2026-12-01',
      endsOn: '2026-12-10',
      lines: [engines(6)],
      ...(graceDays === undefined ? {} : { graceDays }),
    });
  const allowedOn = (contracts: readonly Contract[], day: string) =>
    hostsAllowedAt(installationOf(contracts), at(`${day}T11:00:00Z`), DEFAULTS);

  it('of an add-on without grace run on its days alone, and the hosts that were declared last go', () => {
    const contracts = [base(), hosts(0)];
    expect(
      ['2026-11-30', '2026-12-01', '2026-12-10', '2026-12-11'].map((day) => allowedOn(contracts, day)),
    ).toEqual([3, 5, 5, 3]);
    const installation = installationOf(contracts, NOW, 'a', 'b', 'c', 'd', 'e');
    const shares = (day: string) =>
      installation.licenses.map(
        ({ id }) => shareAt(installation, id, at(`${day}T11:00:00Z`), DEFAULTS).get('render-engine') ?? 0,
      );
    expect(shares('2026-12-10')).toEqual([3, 3, 3, 3, 2]);
    expect(shares('2026-12-11')).toEqual([3, 3, 2, 0, 0]);
  });

  it('go on through the grace of their contract where it has one, without its options', () => {
    const contracts = [base(), hosts()];
    expect(allowedOn(contracts, '2026-12-24')).toBe(5);
    expect(allowedOn(contracts, '2026-12-25')).toBe(3);
    expect(poolOn(contracts, '2026-12-11')).toBe(8);
  });
});

describe('orders that overlap in any way', () => {
  const FIRST = Date.parse('2026-10-01T00:00:00Z') / 1000;
  const dayOf = (index: number) => new Date((FIRST + index * DAY) * 1000).toISOString().slice(0, 10);
  const span = fc
    .tuple(fc.nat(120), fc.nat(60))
    .map(([start, length]) => [dayOf(start), dayOf(start + length)] as const);
  const line = fc.record({
    option: fc.constantFrom('render-engine', 'hardworker'),
    scope: fc.constantFrom('pool' as const, 'every-host' as const),
    quantity: fc.integer({ min: 1, max: 9 }),
    days: fc.option(span, { nil: undefined }),
  });
  const orders = fc.array(
    fc.record({
      days: span,
      zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Auckland'),
      lines: fc.array(line, { maxLength: 4 }),
    }),
    { maxLength: 4 },
  );
  const contractsOf = (drawn: typeof orders extends fc.Arbitrary<infer Drawn> ? Drawn : never): Contract[] =>
    drawn.map(({ days: [startsOn, endsOn], zone, lines }, index) =>
      addOn(`add-on-${index}`, {
        startsOn,
        endsOn,
        timeZone: zone,
        lines: lines.map(({ days, ...rest }, at) => ({
          id: `l${at}`,
          ...rest,
          ...(days === undefined ? {} : { startsOn: days[0], endsOn: days[1] }),
        })),
      }),
    );

  /** The day on the calendar of a zone: days of this form can be compared as text. */
  const dayIn = (zone: string, instant: Instant): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant * 1000);

  it('give at every hour the sum of the lines whose days it is in', () => {
    fc.assert(
      fc.property(orders, fc.array(fc.nat(200 * 24), { minLength: 20, maxLength: 20 }), (drawn, hours) => {
        const contracts = contractsOf(drawn);
        const installation = installationOf([base(), ...contracts], at('2026-10-01T00:00:00Z'));
        for (const hour of hours) {
          const instant = FIRST + hour * HOUR;
          const contracted = contractedAt(installation, instant, DEFAULTS);
          const expected = { 'render-engine pool': 8 } as Record<string, number>;
          for (const { document } of contracts) {
            const today = dayIn(document.timeZone, instant);
            const isIn = ({ startsOn = '0000', endsOn = '9999' }: { startsOn?: string; endsOn?: string }) =>
              startsOn <= today && today <= endsOn;
            for (const one of document.lines) {
              if (
                !isIn(document as { startsOn: string; endsOn: string }) ||
                !isIn(one as { startsOn?: string; endsOn?: string })
              )
                continue;
              const key = `${one.option} ${one.scope}`;
              expected[key] = (expected[key] ?? 0) + one.quantity;
            }
          }
          for (const option of ['render-engine', 'hardworker']) {
            const { pool = 0, everyHost = 0 } = contracted.get(option) ?? {};
            expect({ hour, option, pool, everyHost }).toEqual({
              hour,
              option,
              pool: expected[`${option} pool`] ?? 0,
              everyHost: expected[`${option} every-host`] ?? 0,
            });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are in force at once where they are dated back, and say nothing of what is over', () => {
    fc.assert(
      fc.property(orders, (drawn) => {
        const installation = installationOf([base(), ...contractsOf(drawn)], NOW, 'a', 'b');
        for (const { id } of installation.licenses) {
          const windows = shareWindows(
            installation,
            id,
            { from: NOW, until: NOW + 35 * DAY },
            DEFAULTS,
            10_000,
          );
          for (const { until } of windows) expect(until).toBeGreaterThan(NOW);
          // Whatever was ordered back in time is there at once.
          const now = new Map(
            windows.filter(({ from }) => from <= NOW).map(({ option, quantity }) => [option, quantity]),
          );
          expect(now).toEqual(shareAt(installation, id, NOW, DEFAULTS));
        }
      }),
      { numRuns: 150 },
    );
  });
});
