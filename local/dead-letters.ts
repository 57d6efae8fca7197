import * as z from 'zod/mini';
import type { State } from './data-folder.ts';

const letterSchema = z.object({
  id: z.string(),
  functionName: z.string(),
  /** How often the function failed on it, the last time that it was tried. */
  attempts: z.number(),
  /** What the function failed with. */
  error: z.string(),
  failedAt: z.string(),
  event: z.unknown(),
});

/** An event that a function failed on to the last. */
type DeadLetter = z.infer<typeof letterSchema>;

const PREFIX = 'dead-letters/';

/** The queue of dead letters on this machine. It outlives the run. */
export interface DeadLetters {
  put(letter: DeadLetter): Promise<void>;
  remove(id: string): Promise<void>;
  find(id: string): DeadLetter | undefined;
  newestFirst(): DeadLetter[];
}

export async function openDeadLetters(state: State): Promise<DeadLetters> {
  const letters = new Map(
    (await state.list(PREFIX)).map((value) => letterSchema.parse(value)).map((letter) => [letter.id, letter]),
  );
  return {
    async put(letter) {
      await state.put(PREFIX + letter.id, letter);
      // Put again at the end: the map keeps the order in which they failed.
      letters.delete(letter.id);
      letters.set(letter.id, letter);
    },
    async remove(id) {
      if (!letters.has(id)) return;
      await state.delete(PREFIX + id);
      letters.delete(id);
    },
    find: (id) => letters.get(id),
    newestFirst: () => [...letters.values()].reverse().sort((a, b) => b.failedAt.localeCompare(a.failedAt)),
  };
}
