import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceClock } from './clock.ts';
import { openDeadLetters, type DeadLetters } from './dead-letters.ts';
import type { State } from './data-folder.ts';
import { matchesPattern, type EventRule } from './event-rules.ts';
import type { Invocation } from './function-pool.ts';
import { DEFAULT_BUS, DEFAULT_RETRIES } from './template.ts';

/** Where Lambda waits one minute, then two, before it starts a function again that failed. */
const FIRST_PAUSE_MS = 250;

/** What a sender says of an event; the rest of it is made here. */
export interface EventEntry {
  /** Name of the bus. @default - the bus that every account has */
  readonly bus?: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  /** @default - now, by the service's clock */
  readonly time?: string;
}

/** How one function came through with one event. */
export interface Delivery {
  readonly functionName: string;
  readonly attempts: number;
  /** Absent where the function took it. */
  readonly deadLetter?: { readonly id: string; readonly error: string };
}

export interface EventBus {
  /** Names of the buses of the template, and of the one that every account has. */
  readonly names: readonly string[];
  /** Resolves when every function that a rule starts took the event, or failed on it to the last. */
  readonly put: (
    entry: EventEntry,
  ) => Promise<{ readonly eventId: string; readonly deliveries: readonly Delivery[] }>;
  /** Starts the function of a dead letter again with its event; undefined where there is no such letter. */
  replay(id: string): Promise<Delivery | undefined>;
  readonly deadLetters: Pick<DeadLetters, 'newestFirst'>;
  /** Resolves when no function is busy with an event. */
  settled(): Promise<void>;
}

export interface EventBusOptions {
  readonly rules: readonly EventRule[];
  /** Names of the buses of the template. */
  readonly names: readonly string[];
  /** Of functions, where it is not what Lambda does by itself. */
  readonly retries: ReadonlyMap<string, number>;
  readonly region: string;
  readonly account: string;
  readonly clock: ServiceClock;
  readonly state: State;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
}

/**
 * EventBridge for one machine: events start the functions of the rules that they match, several times where they fail, and
 * then become dead letters, which outlive the run. Who puts an event waits for all that: so none that was taken gets lost.
 */
export async function openEventBus(options: EventBusOptions): Promise<EventBus> {
  const { rules, names, retries, region, account, clock, state, invoke } = options;
  const deadLetters = await openDeadLetters(state);
  const busy = new Set<Promise<unknown>>();

  const attempt = async (functionName: string, event: unknown) => {
    const most = 1 + (retries.get(functionName) ?? DEFAULT_RETRIES);
    for (let attempts = 1; ; attempts += 1) {
      const invocation = await invoke(functionName, event);
      if (invocation.kind === 'answered') return { attempts };
      if (attempts >= most) return { attempts, error: invocation.error };
      await sleep(FIRST_PAUSE_MS * attempts);
    }
  };
  const deliver = async (functionName: string, event: unknown, id: string): Promise<Delivery> => {
    const { attempts, error } = await attempt(functionName, event);
    if (error === undefined) {
      await deadLetters.remove(id);
      return { functionName, attempts };
    }
    await deadLetters.put({ id, functionName, attempts, error, failedAt: clock.now().toISOString(), event });
    return { functionName, attempts, deadLetter: { id, error } };
  };
  const waitedFor = <T>(work: Promise<T>): Promise<T> => {
    busy.add(work);
    return work.finally(() => busy.delete(work));
  };

  return {
    names: [...new Set([DEFAULT_BUS, ...names])],
    deadLetters,
    async put({ bus = DEFAULT_BUS, source, detailType, detail, resources = [], time }) {
      const eventId = randomUUID();
      const event = {
        version: '0',
        id: eventId,
        'detail-type': detailType,
        source,
        account,
        time:
          time ??
          clock
            .now()
            .toISOString()
            .replace(/\.\d+Z$/, 'Z'),
        region,
        resources,
        detail,
      };
      const targets = rules
        .filter((rule) => rule.bus === bus && matchesPattern(rule.pattern, event))
        .flatMap(({ functionNames }) => functionNames);
      const work = Promise.all(targets.map((name) => deliver(name, event, randomUUID())));
      return { eventId, deliveries: await waitedFor(work) };
    },
    async replay(id) {
      const letter = deadLetters.find(id);
      return letter && waitedFor(deliver(letter.functionName, letter.event, id));
    },
    async settled() {
      while (busy.size > 0) await Promise.allSettled(busy);
    },
  };
}
