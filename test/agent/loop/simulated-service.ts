import { DAY, type Clock, type Instant } from '../../../agent/src/clock.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import type { GenuineFile } from '../../../agent/src/license.ts';
import { FRESH_STATE, type AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import type { StateStore } from '../../../agent/src/loop/state-store.ts';
import type { Obstacle, Outcome } from '../../../agent/src/outcome.ts';
import { genuineFile, unreachable } from './builders.ts';

const OBSTACLES: readonly Obstacle[] = ['dns', 'connect', 'timeout', 'tls', 'proxy', 'http'];

interface Options {
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether the service cannot be reached. */
  readonly isOut?: (now: Instant) => boolean;
  readonly saysRenewAfter?: boolean;
}

/** Hosts with one license file each, and a service that gives them files of 35 days, with a network in between. */
export class SimulatedService {
  readonly files = new Map<string, GenuineFile>();
  /** Of each path, when it was tried. */
  readonly attempts: { readonly path: string; readonly at: Instant; readonly isOut: boolean }[] = [];
  /** How often a renewal found that its file had expired already. */
  lapses = 0;
  readonly #options: Options;
  #seq = 1;

  constructor(options: Options) {
    this.#options = options;
  }

  install(path: string): void {
    this.files.set(path, genuineFile({ iat: this.#options.clock.now() }));
  }

  readonly list = (): Promise<readonly string[]> => Promise.resolve([...this.files.keys()]);

  readonly read = (path: string): Promise<GenuineFile> => {
    const file = this.files.get(path);
    return file === undefined
      ? Promise.reject(new AgentFault('file-missing', `${path} is missing`, 'Put it there.'))
      : Promise.resolve(file);
  };

  readonly renewOnce = async (path: string): Promise<Outcome> => {
    const { clock, random, isOut, saysRenewAfter = true } = this.#options;
    const before = await this.read(path);
    const now = clock.now();
    const out = isOut?.(now) ?? false;
    this.attempts.push({ path, at: now, isOut: out });
    if (now >= before.claims.exp) this.lapses += 1;
    if (out) {
      const obstacle = OBSTACLES[Math.floor(random() * OBSTACLES.length)] ?? 'http';
      // Gateways ask for anything.
      const retryAfter = [undefined, 0, 60, 3600, 1e9][Math.floor(random() * 5)];
      return unreachable({ obstacle, ...(retryAfter === undefined ? {} : { retryAfter }) });
    }
    this.#seq += 1;
    const file = genuineFile({ seq: this.#seq, iat: now });
    this.files.set(path, file);
    const renewAfter = Math.floor(DAY * (0.85 + 0.15 * random()));
    return { kind: 'renewed', before, file, ...(saysRenewAfter ? { renewAfter } : {}) };
  };
}

/** Remembers in memory, so that simulated days do not wait for a disk. */
export function memoryStore(states = new Map<string, AttemptState>()): StateStore {
  return {
    read: (path) => Promise.resolve(states.get(path) ?? FRESH_STATE),
    write: (path, state) => {
      states.set(path, state);
      return Promise.resolve();
    },
  };
}
