import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AgentFault } from '../fault.ts';
import { systemCodeOf } from './fs-error.ts';
import { printable } from './printable.ts';

/**
 * The license files at some paths: files as they are given, whether they are there or not, and of folders all `*.lic` in them,
 * sorted, without those of folders below. A file that is named twice, or by a link too, comes once. Empty where folders are.
 * @param onFault says what to take for a folder that may not be listed; without it the fault is thrown
 * @throws {AgentFault} `file-unreadable`
 */
export async function findLicenseFiles(
  paths: readonly string[],
  onFault?: (path: string, fault: unknown) => readonly string[],
): Promise<string[]> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const files = await filesAt(path).catch((fault: unknown) => {
      if (onFault === undefined) throw fault;
      return onFault(path, fault);
    });
    for (const file of files) {
      const identity = await realpath(file).catch(() => resolve(file));
      if (!found.has(identity)) found.set(identity, file);
    }
  }
  return [...found.values()];
}

async function filesAt(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) return [path];
  let names: string[];
  try {
    names = await readdir(path);
  } catch (cause) {
    throw new AgentFault(
      'file-unreadable',
      `The folder ${printable(path)} cannot be listed: ${systemCodeOf(cause) ?? 'unknown'}`,
      'Give the user that runs the agent the right to read the folder.',
      { cause },
    );
  }
  // Names that begin with a dot are not meant for people: `._product.lic` is what macOS leaves on foreign disks.
  const files = names.filter((name) => /^[^.].*\.lic$/i.test(name)).sort();
  const kept: string[] = [];
  for (const name of files) {
    // A link to nowhere stays in, so that it is reported as missing.
    if (!(await isFolder(join(path, name)))) kept.push(join(path, name));
  }
  return kept;
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
