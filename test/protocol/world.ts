import type { GenuineFile } from '../../lambdas/core/license-file.ts';
import { claimsOf } from '../../lambdas/core/license-file.ts';
import { DAY, utcDayOf } from '../../lambdas/core/instant.ts';
import type { Installation, InstallationKey } from '../../lambdas/core/installation.ts';
import type { License } from '../../lambdas/core/license.ts';
import { Problem } from '../../lambdas/core/problem.ts';
import { MAX_SERIALS_PER_DAY } from '../../lambdas/core/renewal-decision.ts';
import { renewLicense, type RenewalResult } from '../../lambdas/core/renew-license.ts';
import { copyTables, emptyTables, keyText, MemoryStore, type Schedule, type Tables } from './memory-store.ts';

const key: InstallationKey = { customerId: 'acme', product: 'ES', installation: 'main' };
const LICENSE_ID = 'lic-1';
const START = 1_800_000_000;
const settings = {
  issuer: 'https://vendor.example',
  renewalUrl: 'https://api.vendor.example/v1/licenses/renew',
  defaults: { validityDays: 35, graceDays: 14, renewEverySeconds: 86_400 },
};

/** Hosts that hold files of the one license. `clone` is a copy of H-1's machine: same id, own copy of the files. */
const holders = ['H-1', 'H-2', 'clone', 'stranger'] as const;
export type Holder = (typeof holders)[number];
const hostIdOf = (holder: Holder): string => (holder === 'clone' ? 'H-1' : holder);

export type SimpleDeed =
  'order' | 'revoke' | 'reinstate' | 'snapshot' | 'restore' | 'lose-license' | 'copy-machine';

export type Action =
  | { readonly do: 'renew'; readonly holder: Holder; readonly nth: number; readonly withHeader: boolean }
  | {
      readonly do: 'step';
      readonly pick: number;
      readonly fate: 'plain' | 'crash-before' | 'crash-after' | 'retried';
    }
  | { readonly do: 'wait'; readonly seconds: number }
  | {
      readonly do:
        'order' | 'revoke' | 'reinstate' | 'snapshot' | 'restore' | 'lose-license' | 'copy-machine';
    }
  | { readonly do: 'transfer'; readonly to: 'H-1' | 'H-2' | 'none' };

interface PendingCall {
  readonly request: number;
  readonly run: (fate: 'plain' | 'retried') => void;
}

/**
 * One license in a world of racing requests, crashes and restores. The protocol under test is the real one; only the tables
 * are in memory, and every access to them is a step that the test orders. What must never happen is asserted where it would.
 */
export class World {
  readonly violations: string[] = [];
  readonly seen = { delivered: 0, redelivered: 0, refused: 0, adopted: 0, takenOver: 0, restored: 0 };

  private tables: Tables = emptyTables();
  private snapshots: Tables[] = [];
  private now = START;
  private staleness = 0;
  private serials = 0;
  private requests = 0;
  private pending: PendingCall[] = [];
  private restored = false;
  private readonly dead = new Set<number>();
  private readonly committedSerials = new Set<string>();
  private readonly firstOfSeq = new Map<number, string>();
  private readonly freeSerialsPerDay = new Map<string, number>();
  /** Files that each holder received, oldest first. */
  private readonly files = new Map<Holder, GenuineFile[]>(holders.map((holder) => [holder, []]));

  constructor(startsBound: boolean) {
    const installation: Installation = {
      ...key,
      customerName: 'Acme',
      version: 1,
      contracts: [
        {
          id: 'c-1',
          kind: 'perpetual',
          suspended: false,
          from: START - DAY,
          until: null,
          hosts: 1,
          connection: 'online',
          lines: [{ option: 'render-engine', scope: 'pool', quantity: 8, from: START - DAY, until: null }],
        },
      ],
      licenses: [
        startsBound ? { id: LICENSE_ID, hostId: 'H-1' } : { id: LICENSE_ID, lapsesAt: START + 30 * DAY },
      ],
    };
    this.tables.installations.set(keyText(key), [installation]);
    this.tables.licenses.set(LICENSE_ID, {
      ...key,
      licenseId: LICENSE_ID,
      version: 1,
      state: 'active',
      createdAt: START,
      lapsesAt: START + 30 * DAY,
      ...(startsBound ? { host: { id: 'H-1' } } : {}),
      formerHosts: [],
      seq: 0,
    });
    const starter: GenuineFile = {
      isStarter: true,
      claims: {
        iss: settings.issuer,
        sub: LICENSE_ID,
        jti: 'starter',
        seq: 0,
        iat: START,
        exp: START + 30 * DAY,
        customer: { id: 'acme', name: 'Acme' },
        product: 'ES',
        installation: 'main',
        contracts: [],
        options: [],
        renewal: { url: settings.renewalUrl, everySeconds: 86_400 },
      },
    };
    // A stranger who came by the starter of an unbound license would be its host: whoever binds first is.
    for (const holder of holders)
      if (startsBound || holder !== 'stranger') this.files.get(holder)?.push(starter);
  }

  /** Performs one action and lets everything that follows from it settle up to the next access to the tables. */
  async perform(action: Action): Promise<void> {
    switch (action.do) {
      case 'renew':
        this.startRenewal(action.holder, action.nth, action.withHeader);
        break;
      case 'step':
        this.step(action.pick, action.fate);
        break;
      case 'wait':
        this.now += action.seconds;
        break;
      case 'order':
        this.changeInstallation();
        break;
      case 'revoke':
        this.changeLicense((license) => ({ ...license, state: 'revoked' }));
        break;
      case 'reinstate':
        this.changeLicense((license) => ({ ...license, state: 'active' }));
        break;
      case 'transfer':
        this.changeLicense(({ transfer, ...license }) =>
          action.to === 'none' || license.host?.id === action.to
            ? license
            : { ...license, transfer: { hostId: action.to } },
        );
        break;
      case 'snapshot':
        this.snapshots.push(copyTables(this.tables));
        break;
      case 'restore':
        this.restore();
        break;
      case 'lose-license':
        this.endAll();
        this.tables.licenses.delete(LICENSE_ID);
        break;
      case 'copy-machine':
        this.files.set('clone', [...(this.files.get('H-1') ?? [])]);
        break;
    }
    await settled();
  }

  /** Runs all that is under way to its end without faults. */
  async drain(): Promise<void> {
    for (let steps = 0; this.pending.length > 0; steps += 1) {
      if (steps > 5_000) throw new Error('The protocol does not come to an end');
      await this.perform({ do: 'step', pick: 0, fate: 'plain' });
    }
  }

  /** The bound host tries with its newest file until it has an answer; the license is active and nothing else happens. */
  async boundHostRenews(): Promise<void> {
    await this.drain();
    await this.perform({ do: 'reinstate' });
    const host = this.tables.licenses.get(LICENSE_ID)?.host?.id;
    if (host !== 'H-1' && host !== 'H-2') return;
    const before = this.seen.delivered;
    this.startRenewal(host, 0, true);
    await settled();
    await this.drain();
    if (this.seen.delivered === before)
      this.violations.push(`the bound host ${host} was left without a file`);
  }

  get forkSeenAt(): number | undefined {
    return this.tables.licenses.get(LICENSE_ID)?.forkSeenAt;
  }

  private startRenewal(holder: Holder, nth: number, withHeader: boolean): void {
    const files = this.files.get(holder) ?? [];
    const file = files[Math.max(0, files.length - 1 - nth)];
    if (!file) return;
    const request = this.requests++;
    const hostId = hostIdOf(holder);
    const dependencies = {
      store: this.storeOf(request),
      signer: {
        describe: () => Promise.resolve({ alg: 'ES256' as const, kid: 'k' }),
        sign: () => this.scheduleOf(request)('sign', () => new Uint8Array([1])),
      },
      newSerial: () => `serial-${this.serials++}-of-${request}`,
      settings,
    };
    renewLicense(dependencies, {
      file,
      ...(withHeader ? { hostId } : {}),
      sourceIp: '192.0.2.1',
      now: this.now,
    }).then(
      (result) => {
        if (!this.dead.has(request)) this.judge(holder, file, result, request);
      },
      (error: unknown) => {
        if (!(error instanceof Problem)) this.violations.push(`fault: ${String(error)}`);
      },
    );
  }

  private judge(holder: Holder, presented: GenuineFile, result: RenewalResult, request: number): void {
    if (result.kind === 'refused') {
      this.seen.refused += 1;
      return;
    }
    const { claims } = result;
    this.seen.delivered += 1;
    if (result.outcome === 'redelivered') this.seen.redelivered += 1;
    else if (!claims.jti.endsWith(`-of-${request}`)) this.seen.adopted += 1;
    if (result.outcome === 'taken-over') this.seen.takenOver += 1;
    this.never(
      claims.host?.id !== hostIdOf(holder),
      `${holder} was given the file of ${String(claims.host?.id)}`,
    );
    this.never(holder === 'stranger', 'a stranger was given a file');
    this.never(!this.committedSerials.has(claims.jti), `${claims.jti} was delivered but never committed`);
    this.never(claims.seq < presented.claims.seq, 'an older file than the presented one was delivered');
    this.files.get(holder)?.push({ claims, isStarter: false });
  }

  private storeOf(request: number): MemoryStore {
    return new MemoryStore(this.scheduleOf(request), {
      staleness: () => this.staleness,
      recorded: (record) => {
        const { jti } = claimsOf(record.payload);
        this.never(record.claims.jti !== jti, 'a record does not hold what was signed');
      },
      refused: () => undefined,
      committed: (license, before) => this.onCommit(license, before),
    });
  }

  private onCommit(license: License, before: License | undefined): void {
    const { current } = license;
    if (!current) return void this.violations.push('a commit without a file');
    this.committedSerials.add(current.serial);
    const record = [...this.tables.records.values()].find(({ claims }) => claims.jti === current.serial);
    this.never(record?.claims.host?.id !== license.host?.id, 'a license points to a record of another host');
    this.never(
      record?.licenseVersion !== (before?.version ?? 0),
      'a record decided on another state was committed',
    );
    this.never(before?.state === 'revoked', 'a revoked license was renewed');
    this.never(before !== undefined && license.version !== before.version + 1, 'a version was skipped');
    this.never(before !== undefined && license.seq <= before.seq, 'a sequence number was not increased');
    const moved = before?.host !== undefined && before.host.id !== license.host?.id;
    const declared = before?.transfer?.hostId === license.host?.id;
    this.never(moved && !declared && !this.restored, 'a license moved without a declared transfer');
    if (this.restored) return;
    const first = this.firstOfSeq.get(license.seq);
    this.never(
      first !== undefined && first !== current.serial,
      `two current files with sequence number ${license.seq}`,
    );
    this.firstOfSeq.set(license.seq, current.serial);
    const unchanged = !moved && before?.current?.installationVersion === current.installationVersion;
    if (unchanged) {
      const day = utcDayOf(this.now);
      const count = (this.freeSerialsPerDay.get(day) ?? 0) + 1;
      this.freeSerialsPerDay.set(day, count);
      this.never(count > MAX_SERIALS_PER_DAY, 'more new serials on a day than allowed');
    }
  }

  private scheduleOf(request: number): Schedule {
    return (_name, access) =>
      new Promise((resolve, reject) => {
        const run = (fate: 'plain' | 'retried') => {
          try {
            const first = access(this.tables);
            // A retry by the SDK: the first attempt took effect, its reply was lost, the second is answered.
            resolve(fate === 'retried' ? access(this.tables) : first);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        // A dead function makes no further call.
        if (!this.dead.has(request)) this.pending.push({ request, run });
      });
  }

  private step(pick: number, fate: Extract<Action, { do: 'step' }>['fate']): void {
    const index = pick % Math.max(1, this.pending.length);
    const call = this.pending[index];
    if (!call) return;
    this.pending.splice(index, 1);
    this.staleness = pick % 3;
    if (fate === 'crash-before' || fate === 'crash-after') this.crash(call.request);
    if (fate !== 'crash-before') call.run(fate === 'retried' ? 'retried' : 'plain');
  }

  /** The function dies: its calls that are under way take no effect and nobody gets its answer. */
  private crash(request: number): void {
    this.dead.add(request);
    this.pending = this.pending.filter((call) => call.request !== request);
  }

  private changeLicense(change: (license: License) => License): void {
    const license = this.tables.licenses.get(LICENSE_ID);
    if (license) this.tables.licenses.set(LICENSE_ID, { ...change(license), version: license.version + 1 });
  }

  private changeInstallation(): void {
    const versions = this.tables.installations.get(keyText(key));
    const last = versions?.at(-1);
    if (last) versions?.push({ ...last, version: last.version + 1 });
  }

  private restore(): void {
    const snapshot = this.snapshots.pop();
    if (!snapshot) return;
    this.endAll();
    this.tables = copyTables(snapshot);
  }

  /** The service stands still while its database is restored. */
  private endAll(): void {
    this.restored = true;
    this.seen.restored += 1;
    for (const { request } of this.pending) this.dead.add(request);
    this.pending = [];
  }

  private never(happened: boolean, what: string): void {
    if (happened) this.violations.push(what);
  }
}

/** Lets promise reactions run until the next access to the tables is pending. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
