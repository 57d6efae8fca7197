import type { NetOptions } from '../net/client.ts';
import { examineFile, examineFolder, foldersOf } from './disk.ts';
import type { Finding } from './finding.ts';
import { examineNetwork } from './network.ts';

export interface ExamineOptions {
  /** Where to renew; absent where no file says. */
  readonly url?: string;
  readonly net: NetOptions;
  /** License files; the folders they are in must be writable. */
  readonly files: readonly string[];
  /** More folders that must be writable, such as that of the state. */
  readonly folders?: readonly string[];
  /** What the caller has found already: keys, host id, licenses. Told first. */
  readonly ready?: readonly Finding[];
  readonly signal?: AbortSignal;
}

/**
 * Looks at everything that a renewal needs, changes nothing, and says of each what to do. All checks are in the answer, also
 * those that were skipped; the order is that of a renewal.
 * @throws the reason of `signal` where that gave up; nothing else
 */
export async function examine(options: ExamineOptions): Promise<readonly Finding[]> {
  const { url, net, files, folders = [], ready = [], signal = new AbortController().signal } = options;
  const all = new Set([...(await foldersOf(files)), ...folders]);
  return [
    ...ready,
    ...(await Promise.all(files.map(examineFile))),
    ...(await Promise.all([...all].map(examineFolder))),
    ...(await examineNetwork(url, net, signal)),
  ];
}
