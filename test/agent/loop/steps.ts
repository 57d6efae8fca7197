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
/** More than a busy machine takes away from work that is done in two or three seconds. */
const LONGEST_MS = 20_000;

/**
 * What some work comes to, and how many milliseconds it takes, counted in turns of a timer of this process. What keeps the work
 * waiting is counted; what keeps this process from running at all, as on a busy machine, stops the timer as well. So does work
 * that blocks the process: that is bounded by the clock of the machine.
 * @param work started here, so that what it does at once is measured, too
 * @throws {Error} where the work has taken more than 20 seconds by that clock.
 */
export async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly milliseconds: number }> {
  const began = performance.now();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), TURN_MS);
  try {
    const result = await work();
    const passed = performance.now() - began;
    if (passed > LONGEST_MS)
      throw new Error(`It took ${Math.round(passed / 1000)} seconds of the machine's clock`);
    return { result, milliseconds: turns * TURN_MS };
  } finally {
    clearInterval(timer);
  }
}
