import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf, LocalRunError, messageOf } from './local-run-error.ts';

/** LevelDB repairs a damaged log by leaving out what it cannot read, once; this keeps the loss from being overlooked later. */
const DAMAGED = 'DAMAGED';

/**
 * Opens a LevelDB folder. It belongs to one process at a time: the operating system holds the lock and gives it back even
 * after `kill -9`.
 * @throws {LocalRunError} where the folder is in use, damaged or cannot be used.
 */
export async function openLevel(folder: string): Promise<ClassicLevel> {
  if (existsSync(join(folder, DAMAGED))) throw damaged(folder);
  const level = new ClassicLevel(folder);
  try {
    await level.open();
  } catch (error) {
    // The error itself only says that the folder is not open.
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (codeOf(cause) === 'LEVEL_LOCKED') {
      throw new LocalRunError(`the data folder is in use by another run (${folder})`, { cause: error });
    }
    if (/permission denied|read-only|no space/i.test(messageOf(cause))) {
      throw new LocalRunError(`the data folder cannot be written (${folder}): ${messageOf(cause)}`, {
        cause: error,
      });
    }
    throw damaged(folder, error);
  }
  if (hasDropped(folder)) {
    writeFileSync(join(folder, DAMAGED), 'Records of this folder were lost.\n');
    await level.close();
    throw damaged(folder);
  }
  return level;
}

const damaged = (folder: string, cause?: unknown): LocalRunError =>
  new LocalRunError(`the data folder is damaged (${folder}): move it away and start again`, { cause });

/** What opening reported: `LOG` is written anew each time. */
const hasDropped = (folder: string): boolean =>
  existsSync(join(folder, 'LOG')) && /: dropping \d+ bytes/.test(readFileSync(join(folder, 'LOG'), 'utf8'));

/** Finds damage in a folder that somebody else is about to open, by reading all of it. */
export async function checkLevel(folder: string): Promise<void> {
  const level = await openLevel(folder);
  try {
    for await (const key of level.keys()) if (key === '') break;
  } catch (error) {
    throw damaged(folder, error);
  } finally {
    await level.close();
  }
}
