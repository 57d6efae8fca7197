import { ClassicLevel } from 'classic-level';
import { codeOf, LocalRunError } from './local-run-error.ts';

/** The code of the cause tells what is wrong; the error itself is always `LEVEL_DATABASE_NOT_OPEN`. */
const reasonOf = (error: unknown): string | undefined =>
  (error instanceof Error ? codeOf(error.cause) : undefined) ?? codeOf(error);

/**
 * Opens a LevelDB folder. It belongs to one process at a time: the operating system holds the lock and gives it back even
 * after `kill -9`. Damage is reported, never skipped.
 */
export async function openLevel(folder: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(folder, { paranoidChecks: true });
  try {
    await level.open();
    return level;
  } catch (error) {
    switch (reasonOf(error)) {
      case 'LEVEL_LOCKED':
        throw new LocalRunError(`the data folder is in use by another run (${folder})`, { cause: error });
      case 'LEVEL_CORRUPTION':
        throw new LocalRunError(`the data folder is damaged (${folder}): move it away and start again`, { cause: error });
      default:
        throw new LocalRunError(`the data folder cannot be used (${folder}): ${causeOf(error)}`, { cause: error });
    }
  }
}

const causeOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);

/** Finds damage in a folder that somebody else is about to open. */
export async function checkLevel(folder: string): Promise<void> {
  const level = await openLevel(folder);
  await level.close();
}
