import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideDeclaration } from '../../lambdas/core/customer-distribution/declare.ts';
import { shareAt } from '../../lambdas/core/distribution.ts';
import { entitlementAt } from '../../lambdas/core/entitlement.ts';
import { DAY, HOUR, type Instant } from '../../lambdas/core/instant.ts';
import type { ContractTerms, Installation, LicenseEntry } from '../../lambdas/core/installation.ts';
import { composeClaims } from '../../lambdas/core/license-composition.ts';
import { overlapsOf, type HeldFile } from '../../lambdas/core/overlap.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { arbitraryContracts } from '../builders/arbitrary-contracts.ts';
import { aContract, anInstallation, DEFAULTS } from '../builders/installation.ts';
import { aPlan, SETTINGS } from '../builders/issue-plan.ts';
import { NOW } from '../builders/instants.ts';
import { aLicense } from '../builders/license.ts';
import { NaiveEntitlement } from '../builders/naive-entitlement.ts';

const defaults = { ...DEFAULTS, graceDays: 2, validityDays: 6 };
const settings = { ...SETTINGS, defaults };
const OPTIONS = ['render-engine', 'hardworker'];

/** Longer than any file of these histories is valid. */
const HORIZON = 21 * 24;

const base = fc
  .record({
    hosts: fc.integer({ min: 1, max: 4 }),
    hours: fc.integer({ min: 60, max: 190 }),
    pool: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ hosts, hours, pool }) =>
    aContract({
      id: 'base',
      hosts,
      from: NOW - 100 * HOUR,
      until: NOW + hours * HOUR,
      lines: pool > 0 ? [{ quantity: pool }] : [],
    }),
  );
const orders = fc.tuple(base, arbitraryContracts).map(([first, more]) => [first, ...more.slice(0, 2)]);
const place = fc.nat({ max: 4 });
const event = fc.oneof(
  fc.record({ kind: fc.constant('renew' as const), place }),
  fc.record({ kind: fc.constant('renew' as const), place }),
  fc.record({ kind: fc.constant('renew-all' as const) }),
  fc.record({ kind: fc.constant('order' as const), contracts: orders }),
  fc.record({ kind: fc.constant('add' as const) }),
  fc.record({ kind: fc.constant('transfer' as const), place }),
  fc.record({ kind: fc.constant('retire' as const), place, inHours: fc.constantFrom(0, 25) }),
  fc.record({
    kind: fc.constant('declare' as const),
    option: fc.constantFrom(...OPTIONS),
    quantities: fc.option(fc.dictionary(fc.constantFrom('l0', 'l1', 'l2', 'l3'), fc.nat({ max: 4 })), {
      freq: 5,
    }),
    effective: fc.oneof(fc.constantFrom('default' as const, 'now' as const), fc.integer({ min: 1, max: 60 })),
  }),
);
type Event = typeof event extends fc.Arbitrary<infer One> ? One : never;

const history = fc.record({
  contracts: orders,
  licenses: fc.integer({ min: 1, max: 4 }),
  events: fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), event), { maxLength: 14 }),
});

/** An installation with its hosts, as a history leaves them: what they hold is kept here and not derived from anything. */
class World {
  now: Instant = NOW;
  installation: Installation;
  held: HeldFile[] = [];
  private hosts = 0;
  private readonly hostOf = new Map<string, string>();

  constructor(contracts: readonly ContractTerms[], licenses: number) {
    this.installation = anInstallation({ contracts, licenses: [] });
    for (let added = 0; added < licenses; added += 1) this.take({ kind: 'add' });
  }

  take(event: Event): void {
    const { installation, now } = this;
    const { licenses, contracts } = installation;
    const entry = 'place' in event ? licenses[event.place % licenses.length] : undefined;
    switch (event.kind) {
      case 'add': {
        const id = `l${licenses.length}`;
        this.hostOf.set(id, `host-${this.hosts++}`);
        this.change({ licenses: [...licenses, { id }] });
        this.renew(id);
        return undefined;
      }
      case 'renew':
        this.renew(entry?.id ?? '');
        return undefined;
      case 'renew-all': {
        licenses.forEach(({ id }) => this.renew(id));
        return;
      }
      case 'order': {
        const [before, after] = [contracts, event.contracts].map((ordered) => hostsOrdered(ordered, now));
        const kept = (before ?? 0) > (after ?? 0) ? [{ hosts: before ?? 0, endedAt: now }] : [];
        const keptHosts = [...(installation.keptHosts ?? []), ...kept];
        this.change({ contracts: event.contracts, ...(keptHosts.length > 0 ? { keptHosts } : {}) });
        return;
      }
      case 'transfer': {
        const id = entry?.id ?? '';
        const former = this.held.find((file) => file.licenseId === id && file.kind === 'current');
        const host = this.hostOf.get(id) ?? '';
        this.hostOf.set(id, `host-${this.hosts++}`);
        if (!this.renew(id)) {
          this.hostOf.set(id, host);
        } else if (former) {
          this.held.push({ ...former, kind: 'left-behind' });
        }
        return undefined;
      }
      case 'retire': {
        const retired = licenses.map((one) =>
          one === entry && one.retiresAt === undefined
            ? { ...one, retiresAt: now + event.inHours * HOUR }
            : one,
        );
        this.change({ licenses: retired });
        return;
      }
      case 'declare': {
        this.declare(event);
        return;
      }
    }
  }

  private declare({ option, quantities, effective }: Event & { kind: 'declare' }): void {
    try {
      const request = {
        version: this.installation.version,
        effective: typeof effective === 'number' ? this.now + effective * HOUR : effective,
        options: new Map([[option, quantities && new Map(Object.entries(quantities))]]),
      };
      const { kind, declarations } = decideDeclaration(this.installation, request, this.now, defaults);
      if (kind === 'write') this.change({ declarations });
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'body-invalid')) throw error;
    }
  }

  private change(changed: Partial<Installation>): void {
    this.installation = { ...this.installation, ...changed, version: this.installation.version + 1 };
  }

  /** A file as a renewal composes it, if nothing refuses one. */
  private renew(id: string): boolean {
    const { installation, now } = this;
    const entitlement = entitlementAt(installation.contracts, now, defaults);
    if (entitlement.kind === 'none' || !new Oracle(installation).sharingAt(now).some((one) => one.id === id))
      return false;
    const host = { id: this.hostOf.get(id) ?? '' };
    const plan = aPlan({ license: aLicense({ licenseId: id, host }), installation, entitlement, host });
    const { options, exp } = composeClaims(plan, { seq: 1, serial: 's', now }, settings);
    this.held = this.held.filter((file) => file.licenseId !== id || file.kind !== 'current');
    this.held.push({ licenseId: id, hostId: host.id, windows: options, expiresAt: exp, kind: 'current' });
    return true;
  }

  /** What is in the field now. */
  files(): HeldFile[] {
    const retired = new Set(
      this.installation.licenses.flatMap(({ id, retiresAt }) =>
        retiresAt !== undefined && retiresAt <= this.now ? [id] : [],
      ),
    );
    return this.held
      .filter(({ expiresAt }) => expiresAt > this.now)
      .map((file) =>
        file.kind === 'current' && retired.has(file.licenseId) ? { ...file, kind: 'retired' } : file,
      );
  }
}

const hostsOrdered = (contracts: readonly ContractTerms[], instant: Instant): number =>
  contracts.reduce(
    (sum, { suspended, hosts, from, until }) =>
      !suspended && from <= instant && (until === null || instant < until) ? sum + hosts : sum,
    0,
  );

/** The rules of shares in their slowest form; of what it judges it shares the naive entitlement of the tests alone. */
class Oracle {
  private readonly installation: Installation;
  private readonly naive: NaiveEntitlement;
  private readonly keptDays: number;

  constructor(installation: Installation) {
    this.installation = installation;
    this.naive = new NaiveEntitlement(installation.contracts, defaults.graceDays);
    const days = installation.contracts
      .filter(({ suspended, hosts }) => !suspended && hosts > 0)
      .map(({ graceDays }) => graceDays ?? defaults.graceDays);
    this.keptDays = days.length > 0 ? Math.max(...days) : defaults.graceDays;
  }

  hostsAllowedAt(instant: Instant): number {
    // As many as would share if there were a great many licenses.
    const many = Array.from({ length: 50 }, (_, index): LicenseEntry => ({ id: String(index) }));
    const kept = (this.installation.keptHosts ?? [])
      .filter(({ endedAt }) => endedAt <= instant && instant < endedAt + this.keptDays * DAY)
      .map(({ hosts }) => hosts);
    return Math.max(this.naive.sharingAt(many, instant).length, ...kept);
  }

  sharingAt(instant: Instant): LicenseEntry[] {
    const left = this.installation.licenses.filter(
      ({ retiresAt }) => retiresAt === undefined || instant < retiresAt,
    );
    return left.slice(0, this.hostsAllowedAt(instant));
  }

  private quantityAt(instant: Instant, option: string, scope: string): number {
    let sum = 0;
    for (const line of this.naive.linesAt(instant)) {
      if (line.option === option && line.scope === scope) sum += line.quantity;
    }
    return sum;
  }

  contractedAt(instant: Instant, option: string): number {
    const hosts = this.hostsAllowedAt(instant);
    if (hosts === 0) return 0;
    return this.quantityAt(instant, option, 'pool') + hosts * this.quantityAt(instant, option, 'every-host');
  }

  /** Hands out a pool one by one where it can: the license that lacks most of what it is due gets the next. */
  sharesAt(instant: Instant, option: string): Map<string, number> {
    const ids = this.sharingAt(instant).map(({ id }) => id);
    const pool = this.quantityAt(instant, option, 'pool');
    const everyHost = this.quantityAt(instant, option, 'every-host');
    let declared: Readonly<Record<string, number>> = {};
    let since = Number.NEGATIVE_INFINITY;
    for (const declaration of this.installation.declarations ?? []) {
      const { effectiveAt } = declaration;
      if (declaration.option === option && effectiveAt <= instant && effectiveAt > since) {
        since = effectiveAt;
        declared = declaration.quantities;
      }
    }
    const wanted = ids.map((id) => declared[id] ?? 0);
    const sum = wanted.reduce((total, one) => total + one, 0);
    const given = ids.map(() => 0);
    if (sum > pool) {
      const due = wanted.map((one) => (one * pool) / sum);
      due.forEach((one, index) => (given[index] = Math.floor(one + 1e-9)));
      for (let left = pool - given.reduce((total, one) => total + one, 0); left > 0; left -= 1) {
        let most = 0;
        due.forEach((one, index) => {
          if (one - given[index]! > due[most]! - given[most]! + 1e-9) most = index;
        });
        given[most]! += 1;
      }
    } else if (ids.length > 0) {
      wanted.forEach((one, index) => (given[index] = one));
      const unnamed = ids.filter((id) => !(id in declared));
      const wanting = ids.filter((id) => (declared[id] ?? 0) > 0);
      const takers = unnamed.length > 0 ? unnamed : wanting.length > 0 ? wanting : ids;
      for (let turn = 0; turn < pool - sum; turn += 1)
        given[ids.indexOf(takers[turn % takers.length]!)]! += 1;
    }
    return new Map(ids.map((id, index) => [id, given[index]! + everyHost]));
  }
}

test('a current share never exceeds what is contracted, and is what a naive reading of the rules gives', () => {
  fc.assert(
    fc.property(history, ({ contracts, licenses, events }) => {
      const world = played(contracts, licenses, events);
      const { installation, now } = world;
      const oracle = new Oracle(installation);
      for (let hours = -30; hours < HORIZON; hours += 1) {
        const instant = now + hours * HOUR;
        const shares = new Map(
          installation.licenses.map(({ id }) => [id, shareAt(installation, id, instant, defaults)]),
        );
        for (const option of OPTIONS) {
          const expected = oracle.sharesAt(instant, option);
          let sum = 0;
          for (const { id } of installation.licenses) {
            const share = shares.get(id)?.get(option) ?? 0;
            sum += share;
            if (share !== (expected.get(id) ?? 0))
              expect.fail(`${id} has ${share} of ${option}, not ${expected.get(id)}, at +${hours} h`);
          }
          if (sum > oracle.contractedAt(instant, option))
            expect.fail(`${sum} of ${oracle.contractedAt(instant, option)} ${option} at +${hours} h`);
        }
      }
    }),
    { numRuns: 80 },
  );
});

test('the overlap of the files in the field is reported hour by hour as a naive sum finds it, with who holds too much', () => {
  let overlaps = 0;
  fc.assert(
    fc.property(history, ({ contracts, licenses, events }) => {
      const world = played(contracts, licenses, events);
      const { installation, now } = world;
      const oracle = new Oracle(installation);
      const files = world.files();
      const report = overlapsOf(files, installation, now, now + HORIZON * HOUR, defaults);
      overlaps += report.length;
      for (const option of OPTIONS) {
        const reported = report.filter((overlap) => overlap.option === option);
        const expected = naiveOverlaps(oracle, files, option, now);
        expect(
          reported.map(({ from, until, tooMuch, holders }) => ({
            from,
            until,
            tooMuch,
            holders: holders
              .map(({ file, ...holder }) => ({ host: file.hostId, kind: file.kind, ...holder }))
              .sort((a, b) => (a.host < b.host ? -1 : 1)),
          })),
        ).toEqual(expected);
        // Somebody is always to blame, and those named hold at least what is too much.
        for (const { tooMuch, holders } of reported)
          expect(holders.reduce((sum, holder) => sum + holder.tooMuch, 0)).toBeGreaterThanOrEqual(tooMuch);
      }
    }),
    { numRuns: 300 },
  );
  // The histories are not tame.
  expect(overlaps).toBeGreaterThan(50);
});

test('there is no overlap once every host has renewed and none was left behind', () => {
  fc.assert(
    fc.property(history, ({ contracts, licenses, events }) => {
      const tame = events.filter(([, { kind }]) => kind !== 'transfer' && kind !== 'retire');
      const world = played(contracts, licenses, tame);
      world.take({ kind: 'renew-all' });
      const { installation, now } = world;
      const sharing = new Set(new Oracle(installation).sharingAt(now).map(({ id }) => id));
      const isEntitled = entitlementAt(installation.contracts, now, defaults).kind === 'entitled';
      const renewed = world.files().filter(({ licenseId }) => isEntitled && sharing.has(licenseId));
      expect(overlapsOf(renewed, installation, now, now + HORIZON * HOUR, defaults)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

function played(
  contracts: readonly ContractTerms[],
  licenses: number,
  events: readonly [number, Event][],
): World {
  const world = new World(contracts, licenses);
  for (const [hours, event] of events) {
    world.now += hours * HOUR;
    world.take(event);
  }
  return world;
}

interface NaiveOverlap {
  from: Instant;
  until: Instant;
  tooMuch: number;
  holders: { host: string; kind: string; tooMuch: number; from: Instant; until: Instant }[];
}

/** Hour by hour: sums up what all valid files say, and compares each with the share of its license. */
function naiveOverlaps(
  oracle: Oracle,
  files: readonly HeldFile[],
  option: string,
  now: Instant,
): NaiveOverlap[] {
  const found: NaiveOverlap[] = [];
  for (let instant = now; instant < now + HORIZON * HOUR; instant += HOUR) {
    const quantities = files.map(({ windows, expiresAt }) => {
      const window = windows.find(
        (one) => one.option === option && one.from <= instant && instant < one.until,
      );
      return instant < expiresAt ? (window?.quantity ?? 0) : 0;
    });
    const tooMuch = quantities.reduce((sum, one) => sum + one, 0) - oracle.contractedAt(instant, option);
    if (tooMuch <= 0) continue;
    let overlap = found.at(-1);
    if (overlap?.until !== instant) {
      overlap = { from: instant, until: instant, tooMuch: 0, holders: [] };
      found.push(overlap);
    }
    overlap.until = instant + HOUR;
    overlap.tooMuch = Math.max(overlap.tooMuch, tooMuch);
    const shares = oracle.sharesAt(instant, option);
    files.forEach(({ licenseId, hostId, kind }, index) => {
      const above = quantities[index]! - (kind === 'current' ? (shares.get(licenseId) ?? 0) : 0);
      if (above <= 0) return;
      let holder = overlap.holders.find(({ host }) => host === hostId);
      if (!holder) {
        holder = { host: hostId, kind, tooMuch: 0, from: instant, until: instant };
        overlap.holders.push(holder);
      }
      holder.tooMuch = Math.max(holder.tooMuch, above);
      holder.until = instant + HOUR;
    });
  }
  for (const { holders } of found) holders.sort((a, b) => (a.host < b.host ? -1 : 1));
  return found;
}
