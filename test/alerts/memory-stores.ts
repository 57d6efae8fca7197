import type { Episode, EpisodeKey, Said } from '../../lambdas/core/alerts/episode.ts';
import type { AlertKind } from '../../lambdas/core/alerts/kinds.ts';
import type {
  Claim,
  ClaimStore,
  CustomerToAlert,
  EpisodeStore,
  ScanState,
  ScanStore,
} from '../../lambdas/core/alerts/ports.ts';
import type { Instant } from '../../lambdas/core/instant.ts';

const keyOf = ({ customerId, kind, subjectId }: EpisodeKey): string => `${customerId} ${kind}#${subjectId}`;

/** Open episodes with the conditions of the real table; two episodes to a page, so that customers run over its edge. */
export class MemoryEpisodes implements EpisodeStore {
  readonly items = new Map<string, Episode>();

  read(keys: readonly EpisodeKey[]): Promise<readonly Episode[]> {
    return Promise.resolve(keys.flatMap((key) => this.items.get(keyOf(key)) ?? []));
  }

  open(episode: Episode): Promise<'opened' | 'open already'> {
    if (this.items.has(keyOf(episode))) return Promise.resolve('open already');
    this.items.set(keyOf(episode), structuredClone(episode));
    return Promise.resolve('opened');
  }

  page(
    kind: AlertKind,
    cursor: string | undefined,
  ): Promise<{ episodes: readonly Episode[]; next?: string }> {
    const behind = [...this.items]
      .filter(([key]) => key > (cursor ?? ''))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = behind.slice(0, 2);
    const last = page.at(-1);
    const episodes = page.map(([, episode]) => episode).filter((episode) => episode.kind === kind);
    return Promise.resolve({ episodes, ...(last && behind.length > 2 ? { next: last[0] } : {}) });
  }

  cursorBehind(key: EpisodeKey): string {
    return keyOf(key);
  }

  say(episode: Episode, since: Instant, said: Said): Promise<'written' | 'conflict'> {
    return this.ifUnchanged(episode, () => {
      const changed = { ...episode, since, said, version: episode.version + 1 };
      this.items.set(keyOf(episode), structuredClone(changed));
    });
  }

  close(episode: Episode): Promise<'written' | 'conflict'> {
    return this.ifUnchanged(episode, () => this.items.delete(keyOf(episode)));
  }

  private ifUnchanged(episode: Episode, write: () => unknown): Promise<'written' | 'conflict'> {
    if (this.items.get(keyOf(episode))?.version !== episode.version) return Promise.resolve('conflict');
    write();
    return Promise.resolve('written');
  }
}

interface Held {
  token?: string;
  until?: Instant;
  sentTo: Set<string>;
}

export class MemoryClaims implements ClaimStore {
  readonly items = new Map<string, Held>();

  take(claim: Claim, now: Instant, until: Instant): Promise<{ readonly sentTo: readonly string[] } | 'busy'> {
    const held = this.items.get(idOf(claim));
    if (held?.until !== undefined && held.until > now && held.token !== claim.token) {
      return Promise.resolve('busy');
    }
    const sentTo = held?.sentTo ?? new Set<string>();
    this.items.set(idOf(claim), { token: claim.token, until, sentTo });
    const same = `${claim.digest} `;
    return Promise.resolve({
      sentTo: [...sentTo].filter((sent) => sent.startsWith(same)).map((sent) => sent.slice(same.length)),
    });
  }

  noteSent(claim: Claim, address: string): Promise<void> {
    const held = this.items.get(idOf(claim));
    if (held?.token !== claim.token) return Promise.reject(new Error('The claim was lost'));
    held.sentTo.add(`${claim.digest} ${address}`);
    return Promise.resolve();
  }

  giveUp(claim: Claim): Promise<void> {
    const held = this.items.get(idOf(claim));
    if (held?.token === claim.token) this.items.set(idOf(claim), { sentTo: held.sentTo });
    return Promise.resolve();
  }

  release(claim: Claim): Promise<void> {
    if (this.items.get(idOf(claim))?.token === claim.token) this.items.delete(idOf(claim));
    return Promise.resolve();
  }
}

const idOf = ({ customerId, about }: Claim): string => `${customerId} ${about}`;

export class MemoryScans implements ScanStore {
  readonly items = new Map<string, { token?: string; until?: Instant; state: string }>();

  take(scan: string, token: string, now: Instant, until: Instant): Promise<ScanState | 'busy'> {
    const item = this.items.get(scan) ?? { state: '{}' };
    if (item.until !== undefined && item.until > now && item.token !== token) return Promise.resolve('busy');
    this.items.set(scan, { ...item, token, until });
    return this.read(scan);
  }

  read(scan: string): Promise<ScanState> {
    return Promise.resolve(JSON.parse(this.items.get(scan)?.state ?? '{}') as ScanState);
  }

  release(scan: string, token: string, state: ScanState): Promise<void> {
    if (this.items.get(scan)?.token === token) this.items.set(scan, { state: JSON.stringify(state) });
    return Promise.resolve();
  }
}

export class MemoryCustomers {
  readonly items = new Map<string, CustomerToAlert>();
  /** Customers of which the stored item is damaged. */
  readonly damaged = new Set<string>();

  readWithMutes(customerId: string): Promise<CustomerToAlert | undefined> {
    if (this.damaged.has(customerId)) return Promise.reject(new TypeError('Damaged'));
    return Promise.resolve(this.items.get(customerId));
  }
}

export class MemoryRecipients {
  readonly disabled = new Set<string>();
  private readonly counts = new Map<string, number>();

  readDisabled(addresses: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(addresses.filter((address) => this.disabled.has(address))));
  }

  haveRoom(addresses: readonly string[], day: string, limit: number): Promise<boolean> {
    return Promise.resolve(addresses.every((address) => (this.counts.get(`${address} ${day}`) ?? 0) < limit));
  }

  countMail(address: string, day: string): Promise<void> {
    this.counts.set(`${address} ${day}`, (this.counts.get(`${address} ${day}`) ?? 0) + 1);
    return Promise.resolve();
  }
}

/** Thrown out of a call, as the end of the function would end it. */
export class Crash extends Error {}

/** Counts the calls that are made through it and ends one of them, before it has any effect or after. */
export class CrashPlan {
  calls = 0;
  /** The calls of the function that runs, by name. */
  readonly names: string[] = [];
  private fatal: { call: number; when: 'before' | 'after' } | undefined;
  private dead = false;

  /** The next function ends at its `call`-th call, counted from 1. */
  arm(call: number, when: 'before' | 'after'): void {
    this.calls = 0;
    this.fatal = { call, when };
  }

  /** A new function, which does not crash. */
  disarm(): void {
    this.calls = 0;
    this.names.length = 0;
    this.fatal = undefined;
    this.dead = false;
  }

  /** The same object, whose promises can fail by the plan. */
  through<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return (...input: unknown[]): unknown => {
          const call = () => Reflect.apply(member, object, input) as unknown;
          return name === 'cursorBehind' || name === 'keyOf' ? call() : this.perform(String(name), call);
        };
      },
    });
  }

  private async perform(name: string, call: () => unknown): Promise<unknown> {
    // A function that has ended makes no further call.
    if (this.dead) throw new Crash();
    this.calls += 1;
    this.names.push(name);
    const fatal = this.calls === this.fatal?.call ? this.fatal.when : undefined;
    if (fatal) this.dead = true;
    if (fatal === 'before') throw new Crash();
    const result: unknown = await call();
    if (fatal === 'after') throw new Crash();
    return result;
  }

  /** Whether the function ended. */
  get crashed(): boolean {
    return this.dead;
  }
}
