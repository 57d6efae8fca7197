import type { Instant } from '../../../agent/src/clock.ts';
import type { AttemptState } from '../../../agent/src/loop/attempt-state.ts';
import { watch, type Trouble, type WatchParts } from '../../../agent/src/loop/watch.ts';
import { NOW, randomOf } from './builders.ts';
import { memoryStore, SimulatedService } from './simulated-service.ts';
import { VirtualClock } from './virtual-clock.ts';

export const FILE = '/licenses/es.lic';

export interface Arranged {
  readonly seed?: number;
  readonly isOut?: (now: Instant) => boolean;
  readonly saysRenewAfter?: boolean;
  readonly parts?: Partial<WatchParts>;
}

/** A host whose agent starts at NOW with one file. */
export function arrange({ seed = 1, isOut, saysRenewAfter = true, parts = {} }: Arranged = {}) {
  const random = randomOf(seed);
  const clock = new VirtualClock(NOW);
  const service = new SimulatedService({ clock, random, saysRenewAfter, ...(isOut ? { isOut } : {}) });
  service.install(FILE);
  const states = new Map<string, AttemptState>();
  const troubles: Trouble[] = [];
  const start = () => {
    const stop = new AbortController();
    const ended = watch({
      files: service.list,
      renewOnce: service.renewOnce,
      read: service.read,
      store: memoryStore(states),
      clock,
      random,
      signal: stop.signal,
      onTrouble: (trouble) => troubles.push(trouble),
      ...parts,
    });
    return {
      stop: async () => {
        stop.abort();
        await ended;
      },
      kill: () => stop.abort(),
    };
  };
  return { clock, service, states, troubles, start };
}
