import { AgentFault } from '../fault.ts';
import { systemCallOf, systemCodeOf } from './fs-error.ts';
import { printable } from './printable.ts';

/**
 * Says why a file could not be stored and what helps. Undefined where the file system did not say anything: that is a fault of
 * the program.
 * @param folder where the file would have been
 */
export function notWritten(error: unknown, path: string, folder: string): AgentFault | undefined {
  const code = systemCodeOf(error);
  if (code === undefined) return undefined;
  const [why, advice] =
    systemCallOf(error) === 'fchown'
      ? [
          'its owner and group could not be kept',
          'Run the agent as the user that owns the file, who is also in its group.',
        ]
      : reasonOf(code, printable(folder));
  const message = `${printable(path)} was not changed: ${why} (${code})`;
  return new AgentFault('not-written', message, advice, { cause: error });
}

function reasonOf(code: string, folder: string): readonly [string, string] {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return [
        code === 'ENOSPC' ? 'the disk is full' : 'the quota or the limit of the user is reached',
        `Free some space for ${folder}, or raise the limit; the renewal is tried again.`,
      ];
    case 'EROFS':
      return [
        'the disk is read-only',
        `Make ${folder} writable: remount it, mount the volume without :ro, or name it in ReadWritePaths of the systemd service.`,
      ];
    case 'EACCES':
    case 'EPERM':
      return [
        'this user may not write there',
        `Let the user that runs the agent create files in ${folder}: a file is replaced by a new one beside it, so that the right to write the file alone is not enough.`,
      ];
    case 'EBUSY':
      return [
        'it is in use, or mounted by itself',
        `Mount the folder ${folder} rather than the single file, and close programs that hold the file open.`,
      ];
    default:
      return ['the file system refused it', `Look at the disk of ${folder}.`];
  }
}
