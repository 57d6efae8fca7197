import { setImmediate as turn } from 'node:timers/promises';
import { NOW } from '../../builders/instants.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Of an agent at rest two loops wait: the one that lists the files, and the one of its file. */
const ONE_FILE = 2;

/**
 * A clock from NOW on for an agent that works with real disks and sockets. It stands still while the agent is at work, so that
 * nothing depends on how fast this machine is.
 * @param isAtRest whether the clock may go on, by how many loops of the agent wait for it. @default - those of one file
 */
export function steppedClock(isAtRest = (waiting: number): boolean => waiting >= ONE_FILE): VirtualClock {
  const clock: VirtualClock = new VirtualClock(NOW, () => until(() => isAtRest(clock.waiting)));
  return clock;
}

/** Until something has come to be that takes no time of the agent's clock. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('It has not come to be');
    await turn();
  }
}

const TURN_MS = 10;

/**
 * Milliseconds that some work takes, counted in turns of a timer of this process. What keeps the work waiting is counted; what
 * keeps this process from running at all, as on a busy machine, stops the timer as well.
 */
export async function millisecondsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), TURN_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  return turns * TURN_MS;
}
