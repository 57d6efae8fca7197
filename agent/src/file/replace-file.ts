import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, open, readdir, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentFault } from '../fault.ts';
import { systemCodeOf } from './fs-error.ts';
import { notWritten } from './not-written.ts';
import { printable } from './printable.ts';
import { readBounded } from './read-bounded.ts';

/** What has been done when `onStep` is called. Until `replaced` the old file is in place, from then on the new one. */
export type ReplaceStep =
  'cleaned' | 'created' | 'written' | 'owned' | 'flushed' | 'linked' | 'kept' | 'replaced' | 'settled';

export interface ReplaceOptions {
  /** Whether the replaced file is kept as `<file>.previous`; true unless given. */
  readonly keepPrevious?: boolean;
  /** Mode of a file that was not there before; 0600 unless given. */
  readonly mode?: number;
  /** Called after each step; tests stop the process there. */
  readonly onStep?: (step: ReplaceStep) => void;
}

/** More than any file that the agent replaces. */
const MAX_OLD_BYTES = 1_048_576;

/** Virus scanners on Windows hold a new file open for a moment. */
const RENAME_ATTEMPTS = 20;
const RENAME_PAUSE_MS = 100;

interface OldFile {
  readonly stats: Stats;
  /** The line feed at its end, or nothing. */
  readonly ending: string;
}

/**
 * Replaces a file by a new one with the same owner, mode and line feed at its end, so that whoever reads finds the old or the new one, whole, whatever
 * stops this process or the machine. Of a symbolic link the target is replaced. Call it under `withLock`: what killed runs left
 * beside the file is removed.
 * @throws {AgentFault} `not-written`; then the old file is in place, and nothing is left beside it
 */
export async function replaceFile(path: string, text: string, options: ReplaceOptions = {}): Promise<void> {
  const { keepPrevious = true, mode = 0o600, onStep = () => undefined } = options;
  const temporary: string[] = [];
  let real = path;
  try {
    real = await targetOf(path);
    const nextName = (): string => {
      const name = temporaryNameOf(real);
      temporary.push(name);
      return name;
    };
    await removeLeftovers(real);
    onStep('cleaned');
    const old = await describe(real);
    const fresh = nextName();
    await writeNew(
      fresh,
      text.endsWith('\n') ? text : `${text}${old?.ending ?? ''}`,
      old?.stats ?? mode,
      onStep,
    );
    if (old !== undefined && keepPrevious) await keep(real, old.stats, nextName(), onStep);
    await moveOver(fresh, real);
  } catch (error) {
    for (const name of temporary) await rm(name, { force: true }).catch(() => undefined);
    throw error instanceof AgentFault ? error : (notWritten(error, path, dirname(real)) ?? error);
  }
  onStep('replaced');
  // The new file is in place, so that nothing from here on is a failure.
  await flushFolder(dirname(real)).catch(() => undefined);
  onStep('settled');
}

/** The file behind links; in an existing folder, where there is no file yet. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    return join(await realpath(dirname(path)), basename(path));
  }
}

// Does not match `*.lic`, by which products and the agent itself look for license files.
const temporaryNameOf = (real: string): string =>
  join(dirname(real), `.${basename(real)}.${randomBytes(6).toString('hex')}.tmp`);

async function removeLeftovers(real: string): Promise<void> {
  const prefix = `.${basename(real)}.`;
  // What cannot be listed or removed is no reason to fail: the names are never used again.
  const names = await readdir(dirname(real)).catch(() => []);
  for (const name of names) {
    if (name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) {
      await rm(join(dirname(real), name), { force: true }).catch(() => undefined);
    }
  }
}

async function describe(real: string): Promise<OldFile | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new AgentFault('not-written', `${printable(real)} is not a regular file`, 'Name a regular file.');
    }
    const end = Buffer.alloc(2);
    const { bytesRead } = await handle.read(end, 0, 2, Math.max(0, stats.size - 2));
    const ending = /\r?\n$/.exec(end.toString('latin1', 0, bytesRead))?.[0] ?? '';
    return { stats, ending };
  } finally {
    await handle.close();
  }
}

/** @param like the file whose owner and mode it gets, or a mode */
async function writeNew(
  name: string,
  content: string | Buffer,
  like: Stats | number,
  onStep: (step: ReplaceStep) => void,
): Promise<void> {
  // Nobody else may read it before it has its owner, and nothing that is there already is followed or taken over.
  const handle = await open(name, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    onStep('created');
    await handle.writeFile(content);
    onStep('written');
    if (typeof like !== 'number') await takeOwner(handle, like);
    await takeMode(handle, typeof like === 'number' ? like : like.mode);
    onStep('owned');
    await handle.sync();
  } finally {
    await handle.close();
  }
  onStep('flushed');
}

async function takeOwner(handle: FileHandle, old: Stats): Promise<void> {
  const own = await handle.stat();
  if (process.platform === 'win32' || (own.uid === old.uid && own.gid === old.gid)) return;
  try {
    await handle.chown(old.uid, old.gid);
  } catch (error) {
    // Another group is harmless only where the group may no more than everybody: else the product could lose the file.
    const groupMatters = (old.mode & 0o070) >> 3 !== (old.mode & 0o007);
    if (own.uid !== old.uid || groupMatters) throw error;
  }
}

async function takeMode(handle: FileHandle, mode: number): Promise<void> {
  const own = await handle.stat();
  // File systems without modes refuse the call, and give all files the same one.
  if ((own.mode & 0o7777) !== (mode & 0o7777)) await handle.chmod(mode & 0o7777);
}

/** `<file>.previous` becomes another name of the old file; a copy where the file system or its rules allow no second name. */
async function keep(
  real: string,
  old: Stats,
  spare: string,
  onStep: (step: ReplaceStep) => void,
): Promise<void> {
  try {
    await link(real, spare);
  } catch {
    await writeNew(spare, await readBounded(real, MAX_OLD_BYTES), old, () => undefined);
  }
  onStep('linked');
  await moveOver(spare, `${real}.previous`);
  // Renaming one name of a file over another of the same file does nothing: so it is after a run that was killed here.
  await rm(spare, { force: true });
  onStep('kept');
}

async function moveOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const mayPass =
        process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(systemCodeOf(error) ?? '');
      if (!mayPass || attempt === RENAME_ATTEMPTS) throw error;
      await pause(RENAME_PAUSE_MS);
    }
  }
}

/** Until then a power cut may bring the old file back. Windows has no such call. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
