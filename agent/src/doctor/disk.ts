import { randomUUID } from 'node:crypto';
import { open, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../file/fs-error.ts';
import { MAX_FILE_BYTES } from '../file/license-file.ts';
import { notWritten } from '../file/not-written.ts';
import { whyNotOwned } from '../file/owner.ts';
import { printable } from '../file/printable.ts';
import { readBounded, UnsuitableFileError } from '../file/read-bounded.ts';
import { ok, problem, problemOfFault, type Finding } from './finding.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
};

const why = (error: unknown): string => {
  const code = systemCodeOf(error);
  if (code !== undefined) return WHY[code] === undefined ? code : `${WHY[code]} (${code})`;
  return error instanceof UnsuitableFileError ? error.message : 'unknown';
};

/** Root may read and write everything, so what it finds says little about the user of the service. */
const asWhom = (): string =>
  process.getuid?.() === 0 ? ' by root; run doctor as the user of the agent to be sure' : '';

/** Whether license files can be read. */
export async function examineFile(path: string): Promise<Finding> {
  const shown = printable(path);
  try {
    // A license file and some white space around it.
    const content = await readBounded(path, MAX_FILE_BYTES + 1024);
    if (content.toString('latin1').trim() === '') {
      return problem(
        'file',
        `${shown} is empty`,
        'Install the license file again, any older one of the license will do.',
      );
    }
    const notOwned = await whyNotOwned(path);
    return notOwned ? problemOfFault('file', notOwned) : ok('file', `${shown} is readable${asWhom()}`);
  } catch (error) {
    return problem(
      'file',
      `${shown} cannot be read: ${why(error)}`,
      'Name the license file as the vendor delivered it, and let the user of the agent read it and its folder.',
    );
  }
}

/** Whether a new license file could be stored: writes as much as one has, and removes it again. */
export async function examineFolder(folder: string): Promise<Finding> {
  const shown = printable(folder);
  const probe = join(folder, `.license-agent-${randomUUID()}.probe`);
  try {
    const handle = await open(probe, 'wx', 0o600);
    try {
      await handle.writeFile(Buffer.alloc(MAX_FILE_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return ok('folder', `${shown} is writable${asWhom()}`);
  } catch (error) {
    return problem(
      'folder',
      `${shown} is not writable: ${why(error)}`,
      (systemCodeOf(error) === 'ENOENT' ? undefined : notWritten(error, folder, folder)?.advice) ??
        'Make the folder, and let the user that runs the agent create files in it.',
    );
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Folders in which the files really are, behind symbolic links, each once. */
export async function foldersOf(files: readonly string[]): Promise<readonly string[]> {
  const folders = await Promise.all(
    files.map(async (file) => dirname(await realpath(file).catch(() => file))),
  );
  return [...new Set(folders)];
}
