import type { Clock, Instant } from '../../../agent/src/clock.ts';

/** Lets everything run that is ready to; enough where nothing waits for a disk or a network. */
const untilIdle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that tests move. Waiting takes running time; sleep of the machine and setting the clock move the wall clock alone. */
export class VirtualClock implements Clock {
  #running = 0;
  #wall: Instant;
  readonly #waiting = new Set<{ readonly at: number; readonly wake: () => void }>();
  readonly #settle: () => Promise<void>;

  constructor(start: Instant, settle = untilIdle) {
    this.#wall = start;
    this.#settle = settle;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiting.size;
  }

  now(): Instant {
    return Math.floor(this.#wall + this.#running);
  }

  wait(seconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const one = {
        at: this.#running + seconds,
        wake: (): void => {
          this.#waiting.delete(one);
          signal?.removeEventListener('abort', one.wake);
          resolve();
        },
      };
      this.#waiting.add(one);
      signal?.addEventListener('abort', one.wake);
    });
  }

  /** The machine sleeps, or somebody sets the clock. */
  jump(seconds: number): void {
    this.#wall += seconds;
  }

  /** Lets so many seconds pass. */
  async run(seconds: number): Promise<void> {
    const end = this.#running + seconds;
    for (;;) {
      await this.#settle();
      let at = Infinity;
      for (const one of this.#waiting) at = Math.min(at, one.at);
      if (at > end) break;
      this.#running = at;
      for (const one of [...this.#waiting]) if (one.at === at) one.wake();
    }
    this.#running = end;
  }
}
