import { open, rename, rm } from 'node:fs/promises';

/** Writes that are under way, the last of each path: files that are renewed at once share their metrics file. */
const writing = new Map<string, Promise<void>>();

/**
 * Writes a file that others may read at any time: they see the old one or the new one, whole. For what can be made again,
 * so a power cut may lose it. Of several at once in this process the last one stays.
 * @throws {Error} of the file system, such as `EACCES` or `ENOSPC`; the old file is then still there
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const before = writing.get(path) ?? Promise.resolve();
  const written = before.catch(() => undefined).then(() => write(path, text));
  writing.set(path, written);
  try {
    await written;
  } finally {
    if (writing.get(path) === written) writing.delete(path);
  }
}

async function write(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    // What a killed process of this id left behind, or a link that somebody laid there.
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
