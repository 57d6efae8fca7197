import { describe, expect, it } from 'vitest';
import { decideDeclaration, declareDistribution } from '../../lambdas/core/customer-distribution/declare.ts';
import {
  parseDeclaration,
  parseWhatIf,
  type WhatIf,
} from '../../lambdas/core/customer-distribution/distribution-request.ts';
import {
  distributionOf,
  previewOf,
  whatIfOf,
  type Situation,
} from '../../lambdas/core/customer-distribution/view.ts';
import { installationIf } from '../../lambdas/core/customer-distribution/what-if.ts';
import { shareWindows } from '../../lambdas/core/distribution.ts';
import { DAY, HOUR, isoOf, type Instant } from '../../lambdas/core/instant.ts';
import type { Installation } from '../../lambdas/core/installation.ts';
import type { License } from '../../lambdas/core/license.ts';
import type { HeldFile } from '../../lambdas/core/overlap.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { aContract, anInstallation, DEFAULTS, licensesNamed } from '../builders/installation.ts';
import { at, NOW } from '../builders/instants.ts';
import { aCurrentFile, aLicense } from '../builders/license.ts';

const cluster = (given: Partial<Installation> = {}): Installation =>
  anInstallation({ contracts: [aContract({ hosts: 3 })], licenses: licensesNamed('a', 'b', 'c'), ...given });

type Options = Record<string, Record<string, number> | null>;

const bodyOf = (options: Options, given: object = {}) => ({ version: 3, options, ...given });

const decide = (installation: Installation, options: Options, given: object = {}, now = NOW) =>
  decideDeclaration(installation, parseDeclaration(bodyOf(options, given), now), now, DEFAULTS);

/** The faults of a refused body, or the code of another problem. */
function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code !== 'body-invalid') return [error.code];
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
  throw new Error('Nothing was refused');
}

const ENGINES = { a: 5, b: 2, c: 1 };
const DEFAULT = NOW + 25 * HOUR;

describe('a declaration', () => {
  it('takes effect in 25 hours, so that every host that renews daily has it by then', () => {
    expect(decide(cluster(), { 'render-engine': ENGINES })).toEqual({
      kind: 'write',
      effectiveAt: DEFAULT,
      declarations: [{ option: 'render-engine', effectiveAt: DEFAULT, quantities: ENGINES }],
    });
  });

  it('waits an hour longer than an interval that is longer', () => {
    const weekly = cluster({ contracts: [aContract({ hosts: 3, renewEverySeconds: 7 * DAY })] });
    expect(decide(weekly, { 'render-engine': ENGINES }).effectiveAt).toBe(NOW + 7 * DAY + HOUR);
  });

  it.each([
    ['now', NOW],
    ['2026-12-24T06:00:00Z', at('2026-12-24T06:00:00Z')],
    ['2026-12-24T07:00:00+01:00', at('2026-12-24T06:00:00Z')],
    ['2026-12-24T05:59:59.001Z', at('2026-12-24T06:00:00Z')],
  ])('takes effect %s where it says so', (effective, effectiveAt) => {
    expect(decide(cluster(), { 'render-engine': ENGINES }, { effective })).toMatchObject({ effectiveAt });
  });

  it.each(['2026-11-24T12:00:00Z', '2027-12-29T12:00:01Z'])('cannot take effect %s', (effective) => {
    expect(faultsOf(() => decide(cluster(), { 'render-engine': ENGINES }, { effective }))).toEqual([
      'effective: must be in the future and at most 400 days away',
    ]);
  });

  it.each([
    [{ version: 0, options: {} }, 'version: must be a whole number from 1 to 9007199254740991'],
    [{ version: 3, options: {} }, 'options: must name 1 to 200 options'],
    [{ version: 3, options: { x: { a: -1 } } }, 'options.x.a: must be a whole number from 0 to 1000000'],
    [{ version: 3, options: { x: { a: 1.5 } } }, 'options.x.a: must be a whole number from 0 to 1000000'],
    [{ version: 3, options: { x: [] } }, 'options.x: must be quantities by license, or null'],
    [
      { version: 3, options: { x: {} }, effective: 'soon' },
      'effective: must be default, now, or an instant such as 2026-03-10T06:00:00Z',
    ],
    [{ version: 3, options: { x: {} }, more: 1 }, 'more: is not a member of this document'],
    [[], ': must be a declaration'],
  ])('is refused as %j', (body, fault) => {
    expect(faultsOf(() => parseDeclaration(body, NOW))).toEqual([fault]);
  });

  it('names hostile keys without harm', () => {
    const body: unknown = JSON.parse('{"version":3,"options":{"__proto__":{"a":1}}}');
    expect(() => parseDeclaration(body, NOW)).toThrow(Problem);
    const contracts = [aContract({ hosts: 3, lines: [{ option: 'constructor' }] })];
    const { declarations } = decide(cluster({ contracts }), { constructor: { a: 1 } });
    expect(declarations).toMatchObject([{ option: 'constructor', quantities: { a: 1 } }]);
  });

  it('must be of options in a pool, of licenses that are there then, and fit what is contracted then', () => {
    const installation = cluster({
      contracts: [aContract({ hosts: 3, lines: [{}, { option: 'hardworker', scope: 'every-host' }] })],
      licenses: [
        ...licensesNamed('a', 'b'),
        { id: 'soon-retired', retiresAt: NOW + DAY },
        { id: 'lapses-later', lapsesAt: NOW + 2 * DAY },
      ],
    });
    const quantities = { a: 6, 'soon-retired': 1, 'lapses-later': 1, unknown: 1 };
    const wanted = { 'render-engine': quantities, hardworker: { a: 1 }, nothing: { a: 0 } };
    const gone = 'is no license of this installation, or is retired or lapsed then';
    const noOption = 'is no option of a pool, neither then nor later';
    expect(faultsOf(() => decide(installation, wanted))).toEqual([
      `options.render-engine.soon-retired: ${gone}`,
      `options.render-engine.unknown: ${gone}`,
      'options.render-engine: declares 9, and 8 are contracted at 2026-11-25T13:00:00Z',
      `options.hardworker: ${noOption}`,
      `options.nothing: ${noOption}`,
    ]);
  });

  it('may be of an option that comes later, from then on', () => {
    const line = { option: 'hardworker', quantity: 2, from: NOW + 10 * DAY };
    const installation = cluster({ contracts: [aContract({ hosts: 3, lines: [{}, line] })] });
    const options = { hardworker: { a: 2 } };
    expect(faultsOf(() => decide(installation, options))).toEqual([
      'options.hardworker: declares 2, and 0 are contracted at 2026-11-25T13:00:00Z',
    ]);
    expect(decide(installation, options, { effective: isoOf(line.from) }).kind).toBe('write');
  });

  it('replaces those of the option that would come later, and keeps the others', () => {
    const known = [
      { option: 'hardworker', effectiveAt: NOW + 9 * DAY, quantities: { a: 1 } },
      { option: 'render-engine', effectiveAt: NOW - 9 * DAY, quantities: { a: 1 } },
      { option: 'render-engine', effectiveAt: NOW - 8 * DAY, quantities: { a: 2 } },
      { option: 'render-engine', effectiveAt: NOW + HOUR, quantities: { a: 3 } },
      { option: 'render-engine', effectiveAt: NOW + 9 * DAY, quantities: { a: 4 } },
    ];
    const { declarations } = decide(cluster({ declarations: known }), { 'render-engine': ENGINES });
    // The one of nine days ago is not in force any more.
    expect(declarations.map(({ option, effectiveAt }) => [option, effectiveAt])).toEqual([
      ['hardworker', NOW + 9 * DAY],
      ['render-engine', NOW - 8 * DAY],
      ['render-engine', NOW + HOUR],
      ['render-engine', DEFAULT],
    ]);
  });

  it('is withdrawn by null: at its instant, and without a trace where nothing was to withdraw', () => {
    const declarations = [{ option: 'render-engine', effectiveAt: NOW - DAY, quantities: ENGINES }];
    const installation = cluster({ declarations });
    expect(decide(installation, { 'render-engine': null }).declarations).toEqual([
      ...declarations,
      { option: 'render-engine', effectiveAt: DEFAULT, quantities: {} },
    ]);
    expect(decide(installation, { 'render-engine': null }, { effective: 'now' }).declarations).toEqual([]);
    expect(decide(cluster(), { 'render-engine': null })).toMatchObject({
      kind: 'unchanged',
      declarations: [],
    });
  });

  it('of an option that is ordered no more can be withdrawn', () => {
    const declarations = [{ option: 'gone', effectiveAt: NOW - DAY, quantities: { a: 1 } }];
    const decision = decide(cluster({ declarations }), { gone: null }, { effective: 'now' });
    expect(decision).toMatchObject({ kind: 'write', declarations: [] });
  });

  it('is one of four to come at the most', () => {
    let installation = cluster();
    for (let day = 2; day <= 5; day += 1) {
      const effective = isoOf(NOW + day * DAY);
      const { declarations } = decide(installation, { 'render-engine': { a: day } }, { effective });
      installation = { ...installation, declarations };
    }
    const later = { effective: isoOf(NOW + 6 * DAY) };
    expect(faultsOf(() => decide(installation, { 'render-engine': { a: 1 } }, later))).toEqual([
      'options.render-engine: would have more than 4 declarations to come',
    ]);
    // An earlier one replaces all four.
    expect(decide(installation, { 'render-engine': { a: 1 } }).declarations).toHaveLength(1);
  });

  it('is refused where all of them would make the item too large', () => {
    const licenses = Array.from({ length: 2_000 }, (_, index) => ({ id: `l${index}` }));
    const lines = Array.from({ length: 40 }, (_, index) => ({ option: `o${index}` }));
    const installation = cluster({ licenses, contracts: [aContract({ hosts: 2_000, lines })] });
    const options = (count: number) =>
      Object.fromEntries(lines.slice(0, count).map(({ option }) => [option, { l0: 1 }]));
    expect(decide(installation, options(25)).kind).toBe('write');
    expect(faultsOf(() => decide(installation, options(40)))).toEqual([
      'options: would make more declarations than the service keeps for one installation',
    ]);
    const many = Array.from({ length: 5_000 }, (_, index) => ({ id: `l${index}`, hostId: 'x'.repeat(100) }));
    expect(faultsOf(() => decide({ ...installation, licenses: many }, options(1)))).toHaveLength(1);
  });
});

describe('the version', () => {
  const declared = (effectiveAt: Instant, quantities: Record<string, number> = ENGINES) =>
    cluster({ version: 4, declarations: [{ option: 'render-engine', effectiveAt, quantities }] });

  it('must be the one that was seen', () => {
    const installation = declared(NOW - DAY, { a: 1 });
    for (const version of [3, 5]) {
      expect(() => decide(installation, { 'render-engine': ENGINES }, { version })).toThrow(
        expect.objectContaining({
          code: 'version-outdated',
          status: 409,
          detail: expect.stringContaining('is at version 4 now') as string,
        }),
      );
    }
  });

  it('may be outdated by the first attempt of the same request', () => {
    const options = { 'render-engine': ENGINES };
    expect(decide(declared(DEFAULT - 5), options).kind).toBe('unchanged');
    expect(decide(declared(NOW - 5), options, { effective: 'now' }).kind).toBe('unchanged');
    expect(decide(declared(DEFAULT), options, { effective: isoOf(DEFAULT) }).kind).toBe('unchanged');
    expect(decide(declared(NOW, {}), { 'render-engine': null }).kind).toBe('unchanged');
  });

  it.each([
    ['other quantities', declared(DEFAULT - 5, { ...ENGINES, a: 4 }), {}],
    ['fewer licenses', declared(DEFAULT - 5, { a: 5, b: 2 }), {}],
    ['a later instant', declared(DEFAULT + 5), {}],
    ['another instant than the one named', declared(DEFAULT - 5), { effective: isoOf(DEFAULT) }],
    ['something that is still to come', declared(DEFAULT), { effective: 'now' }],
  ])('is outdated where the stored state says %s', (_what, installation, given) => {
    expect(faultsOf(() => decide(installation, { 'render-engine': ENGINES }, given))).toEqual([
      'version-outdated',
    ]);
  });

  it('that a racing writer bumped first is found at the second look', async () => {
    let stored = cluster();
    const lists = {
      read: () => Promise.resolve(stored),
      readAll: () => Promise.resolve([stored]),
      write: () => {
        stored = { ...stored, version: stored.version + 1 };
        return Promise.resolve('conflict' as const);
      },
    };
    const request = parseDeclaration(bodyOf({ 'render-engine': ENGINES }), NOW);
    const answerOf = () => Promise.resolve('answer');
    await expect(declareDistribution(lists, stored, request, NOW, DEFAULTS, answerOf)).rejects.toMatchObject({
      code: 'version-outdated',
    });
  });
});

it('a declaration is written only once its answer is there: a request that cannot be answered changes nothing', async () => {
  const stored = cluster();
  const written: unknown[] = [];
  const lists = {
    read: () => Promise.resolve(stored),
    readAll: () => Promise.resolve([stored]),
    write: (...given: unknown[]) => {
      written.push(given);
      return Promise.resolve('written' as const);
    },
  };
  const request = parseDeclaration(bodyOf({ 'render-engine': ENGINES }), NOW);
  const declare = (after?: string) =>
    declareDistribution(lists, stored, request, NOW, DEFAULTS, (installation) =>
      Promise.resolve(distributionOf({ ...situationOf(installation, {}), now: NOW }, { limit: 2, after })),
    );
  await expect(declare('WyJ4Il0')).rejects.toMatchObject({ code: 'query-invalid' });
  expect(written).toEqual([]);
  await expect(declare()).resolves.toMatchObject({
    outcome: 'write',
    answer: { version: 4, pending: [{ quantities: ENGINES }] },
  });
  expect(written).toHaveLength(1);
});

/** An installation whose hosts all renewed at these ages of their files, in hours. */
function situationOf(
  installation: Installation,
  ages: Record<string, number>,
  gone: HeldFile[] = [],
): Situation {
  const files: HeldFile[] = [...gone];
  const licenses = new Map<string, License>();
  for (const [licenseId, hours] of Object.entries(ages)) {
    const issuedAt = NOW - hours * HOUR;
    const expiresAt = issuedAt + 35 * DAY;
    const host = { id: `host-of-${licenseId}`, name: `rip-${licenseId}` };
    licenses.set(
      licenseId,
      aLicense({ licenseId, host, site: 'Hall 1', current: aCurrentFile({ issuedAt, expiresAt }) }),
    );
    const windows = shareWindows(installation, licenseId, { from: issuedAt, until: expiresAt }, DEFAULTS);
    files.push({ licenseId, hostId: host.id, hostName: host.name, windows, expiresAt, kind: 'current' });
  }
  return { installation, held: { licenses, files }, now: NOW, defaults: DEFAULTS };
}

const ALL = { limit: 50 };

describe('the distribution', () => {
  it('says what is contracted, declared, carried and delivered', () => {
    const before = situationOf(cluster(), { a: 1, b: 2, c: 30 });
    const { declarations } = decide(cluster(), { 'render-engine': ENGINES });
    const shown = distributionOf({ ...before, installation: cluster({ version: 4, declarations }) }, ALL);
    expect(shown).toMatchObject({
      version: 4,
      hostsAllowed: 3,
      notRenewed: ['a', 'b', 'c'],
      notRenewedInAll: 3,
      overlap: [],
      pending: [{ option: 'render-engine', effectiveAt: isoOf(DEFAULT), quantities: ENGINES }],
    });
    const [engines] = shown.options;
    expect(engines).toMatchObject({ option: 'render-engine', contracted: { pool: 8, everyHost: 0 } });
    expect(engines).not.toHaveProperty('declaredSince');
    expect(engines?.shares.map(({ windows, ...share }) => share)).toEqual([
      { licenseId: 'a', share: 3, shareAfterPending: 5, delivered: 3 },
      { licenseId: 'b', share: 3, shareAfterPending: 2, delivered: 3 },
      { licenseId: 'c', share: 2, shareAfterPending: 1, delivered: 2 },
    ]);
    expect(engines?.shares[0]?.windows).toMatchObject([
      { quantity: 3, from: isoOf(NOW), until: isoOf(DEFAULT) },
      { quantity: 5, from: isoOf(DEFAULT) },
    ]);
    expect(shown.hosts.map(({ host, site, file }) => [host?.name, site, file?.renewsBy])).toEqual([
      ['rip-a', 'Hall 1', isoOf(NOW + 24 * HOUR)],
      ['rip-b', 'Hall 1', isoOf(NOW + 23 * HOUR)],
      // Late: nobody knows when it renews.
      ['rip-c', 'Hall 1', undefined],
    ]);
  });

  it('names the hosts that have not renewed since a change, and the overlap that they make', () => {
    const even = situationOf(cluster(), { a: 20, b: 20, c: 20 });
    const declarations = [{ option: 'render-engine', effectiveAt: NOW - HOUR, quantities: ENGINES }];
    const changed = situationOf(cluster({ declarations }), { a: 0 });
    const files = [...changed.held.files, ...even.held.files.filter(({ licenseId }) => licenseId !== 'a')];
    const shown = distributionOf({ ...changed, held: { licenses: even.held.licenses, files } }, ALL);
    expect(shown).toMatchObject({
      notRenewed: ['b', 'c'],
      overlap: [
        {
          tooMuch: 2,
          from: isoOf(NOW),
          holdersInAll: 2,
          holders: [
            { licenseId: 'b', host: { id: 'host-of-b', name: 'rip-b' }, kind: 'current', tooMuch: 1 },
            { licenseId: 'c', tooMuch: 1 },
          ],
        },
      ],
    });
    expect(shown.options[0]).toMatchObject({
      declaredSince: isoOf(NOW - HOUR),
      shares: [{ declared: 5 }, {}, {}],
    });
  });

  it('compares a full file as far as it says anything, and always with what is in force', () => {
    const optionsOf = (starts: (index: number) => Instant, quantity = 3) =>
      cluster({
        contracts: [
          aContract({
            hosts: 3,
            lines: Array.from({ length: 80 }, (_, index) => ({
              option: `o-${index}`,
              quantity,
              from: starts(index),
            })),
          }),
        ],
      });
    const ages = { a: 1, b: 1, c: 1 };
    const shown = (issued: Installation, installation: Installation) =>
      distributionOf({ ...situationOf(issued, ages), installation }, ALL).notRenewed;
    const ahead = optionsOf((index) => NOW + (index + 1) * HOUR);
    expect(shown(ahead, ahead)).toEqual([]);
    const inForce = optionsOf(() => NOW - DAY);
    expect(shown(inForce, inForce)).toEqual([]);
    expect(
      shown(
        inForce,
        optionsOf(() => NOW - DAY, 6),
      ),
    ).toEqual(['a', 'b', 'c']);
  });

  it('shows the hosts page by page, in order of declaration', () => {
    const situation = situationOf(cluster(), { a: 1, b: 1, c: 1 });
    const first = distributionOf(situation, { limit: 2 });
    expect(first.hosts.map(({ licenseId }) => licenseId)).toEqual(['a', 'b']);
    expect(first.options[0]?.shares).toHaveLength(2);
    const second = distributionOf(situation, { limit: 2, after: first.next });
    expect(second.hosts.map(({ licenseId }) => licenseId)).toEqual(['c']);
    expect(second).not.toHaveProperty('next');
    expect(faultsOf(() => distributionOf(situation, { limit: 2, after: 'WyJ4Il0' }))).toEqual([
      'query-invalid',
    ]);
  });

  it('of an installation with nothing contracted is empty', () => {
    const shown = distributionOf(situationOf(cluster({ contracts: [] }), {}), ALL);
    expect(shown).toMatchObject({ hostsAllowed: 0, options: [], overlap: [], notRenewedInAll: 0 });
  });
});

describe('a preview', () => {
  const move: Options = { 'render-engine': { a: 0, b: 6, c: 2 } };
  const preview = (situation: Situation, options: Options, given: object = {}) =>
    previewOf(situation, decide(situation.installation, options, given), ALL);

  it('says before and after of the hosts that change, and of no other', () => {
    const { hosts, effectiveAt, version } = preview(situationOf(cluster(), { a: 1, b: 1, c: 1 }), move);
    const until = isoOf(NOW + 314 * DAY);
    expect({ version, effectiveAt }).toEqual({ version: 3, effectiveAt: isoOf(DEFAULT) });
    const window = (quantity: number, from: Instant, to: string) => ({
      quantity,
      from: isoOf(from),
      until: to,
    });
    expect(hosts).toEqual([
      {
        licenseId: 'a',
        host: { id: 'host-of-a', name: 'rip-a' },
        options: [
          {
            option: 'render-engine',
            before: [window(3, NOW, until)],
            after: [window(3, NOW, isoOf(DEFAULT))],
          },
        ],
      },
      {
        licenseId: 'b',
        host: { id: 'host-of-b', name: 'rip-b' },
        options: [
          {
            option: 'render-engine',
            before: [window(3, NOW, until)],
            after: [window(3, NOW, isoOf(DEFAULT)), window(6, DEFAULT, until)],
          },
        ],
      },
    ]);
  });

  it('has no overlap by default while all hosts renew', () => {
    expect(preview(situationOf(cluster(), { a: 1, b: 12, c: 23 }), move).overlap).toEqual([]);
  });

  it('has one of a change that comes now: from the first host that renews to the last that has to', () => {
    expect(
      preview(situationOf(cluster(), { a: 1, b: 12, c: 23 }), move, { effective: 'now' }).overlap,
    ).toMatchObject([
      {
        tooMuch: 3,
        from: isoOf(NOW),
        until: isoOf(NOW + 24 * HOUR),
        holders: [{ licenseId: 'a', tooMuch: 3, until: isoOf(NOW + 24 * HOUR) }],
      },
    ]);
  });

  it('has one of a host that is late, or renews by hand, until its file expires', () => {
    const late = { tooMuch: 3, from: isoOf(DEFAULT), holders: [{ licenseId: 'a' }] };
    expect(preview(situationOf(cluster(), { a: 100, b: 1, c: 1 }), move).overlap).toMatchObject([
      { ...late, until: isoOf(NOW - 100 * HOUR + 35 * DAY) },
    ]);
    const manual = cluster({ contracts: [aContract({ hosts: 3, connection: 'manual' })] });
    expect(preview(situationOf(manual, { a: 1, b: 1, c: 1 }), move).overlap).toMatchObject([
      { ...late, until: isoOf(NOW - HOUR + 35 * DAY) },
    ]);
  });
});

describe('what if', () => {
  const ask = (question: WhatIf, installation = cluster()) =>
    whatIfOf(
      situationOf(installation, { a: 1, b: 1, c: 1 }),
      installationIf(installation, question, NOW, DEFAULTS),
      ALL,
    ).hosts.map(({ licenseId, options }) => [
      licenseId,
      ...options.flatMap(({ after }) =>
        after.map(({ quantity, from, until }) => `${quantity} ${from} ${until}`),
      ),
    ]);
  const END = isoOf(NOW + 314 * DAY);
  const TODAY = isoOf(NOW);

  it('4 more engines come for two weeks: in days of the zone of the contract', () => {
    const contracts = [aContract({ hosts: 3, timeZone: 'Europe/Berlin' })];
    const line = { option: 'render-engine', scope: 'pool', quantity: 4 } as const;
    const [from, until] = ['2027-03-09T23:00:00Z', '2027-03-24T23:00:00Z'];
    expect(
      ask({ lines: [{ ...line, startsOn: '2027-03-10', endsOn: '2027-03-24' }] }, cluster({ contracts })),
    ).toEqual([
      ['a', `3 ${TODAY} ${from}`, `4 ${from} ${until}`, `3 ${until} ${END}`],
      ['b', `3 ${TODAY} ${from}`, `4 ${from} ${until}`, `3 ${until} ${END}`],
      ['c', `2 ${TODAY} ${from}`, `4 ${from} ${until}`, `2 ${until} ${END}`],
    ]);
  });

  it('a line has no days: it is that of the contract, grace included', () => {
    const installation = cluster({ licenses: licensesNamed('a') });
    expect(
      ask({ lines: [{ option: 'hardworker', scope: 'every-host', quantity: 2 }] }, installation),
    ).toEqual([['a', `2 ${TODAY} ${END}`]]);
  });

  it('a host dies: the others carry its share at once', () => {
    expect(ask({ retire: ['b'] })).toEqual([['a', `4 ${TODAY} ${END}`], ['b'], ['c', `4 ${TODAY} ${END}`]]);
  });

  it('there are more hosts: the new ones take their part', () => {
    expect(ask({ hosts: 5 })).toEqual([
      ['a', `2 ${TODAY} ${END}`],
      ['b', `2 ${TODAY} ${END}`],
      ['new-1', `1 ${TODAY} ${END}`],
      ['new-2', `1 ${TODAY} ${END}`],
    ]);
  });

  it('a host dies and a new one takes its place', () => {
    expect(ask({ retire: ['b'], hosts: 3 })).toEqual([
      ['b'],
      ['c', `3 ${TODAY} ${END}`],
      ['new-1', `2 ${TODAY} ${END}`],
    ]);
  });

  it('there are fewer hosts: the last ones have a grace', () => {
    const graceUntil = isoOf(NOW + 14 * DAY);
    expect(ask({ hosts: 2 })).toEqual([
      ['a', `3 ${TODAY} ${graceUntil}`, `4 ${graceUntil} ${END}`],
      ['b', `3 ${TODAY} ${graceUntil}`, `4 ${graceUntil} ${END}`],
      ['c', `2 ${TODAY} ${graceUntil}`],
    ]);
  });

  it('nothing changes: nobody is named, also where one contract followed another lately', () => {
    expect(ask({})).toEqual([]);
    const contracts = [aContract({ hosts: 3, until: NOW - DAY }), aContract({ hosts: 3, from: NOW - DAY })];
    expect(ask({ hosts: 3 }, cluster({ contracts }))).toEqual([]);
  });

  it('is refused where it cannot be', () => {
    const line = { option: 'x', scope: 'pool', quantity: 1 } as const;
    expect(faultsOf(() => ask({ lines: [{ ...line, endsOn: '2026-11-23' }], retire: ['nobody'] }))).toEqual([
      'lines[0]: lies outside of all that is contracted from now on',
      'retire[0]: is no license of this installation',
    ]);
    const ended = cluster({ contracts: [aContract({ until: NOW - DAY })] });
    expect(faultsOf(() => ask({ hosts: 2 }, ended))).toEqual([
      'hosts: cannot be counted: nothing is contracted from now on',
    ]);
    expect(faultsOf(() => parseWhatIf({ lines: [{ ...line, startsOn: '2027-02-30' }] }))).toHaveLength(1);
    expect(
      faultsOf(() => parseWhatIf({ lines: [{ ...line, startsOn: '2027-02-02', endsOn: '2027-02-01' }] })),
    ).toEqual(['lines[0].endsOn: must not be before startsOn']);
  });
});
