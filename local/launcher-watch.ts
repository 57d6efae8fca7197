import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const EVERY_MS = 250;
/** npm, its shell and tsx. */
const MAX_LAUNCHERS = 4;

/**
 * Calls `onEnd` when one of the programs that launched this process is gone. `npm start` puts npm, a shell and tsx before
 * it, and `kill -9` on one of them would leave the service behind, with its port.
 */
export function watchLaunchers(onEnd: () => void): void {
  const launchers = findLaunchers();
  if (launchers.length === 0) return;
  const timer = setInterval(() => {
    if (launchers.every(isAlive)) return;
    clearInterval(timer);
    onEnd();
  }, EVERY_MS);
  timer.unref();
}

/** Process ids up to npm; none where npm did not launch this. */
function findLaunchers(): number[] {
  const found: number[] = [];
  try {
    for (let pid = process.ppid; pid > 1 && found.length < MAX_LAUNCHERS;) {
      const { parent, command } = describeProcess(pid);
      found.push(pid);
      if (/(?:^|[/\s])npm\b/.test(command)) return found;
      pid = parent;
    }
  } catch {
    // Nothing to ask here: the service then ends by its own signals only.
  }
  return [];
}

function describeProcess(pid: number): { parent: number; command: string } {
  if (process.platform === 'linux') {
    // The name in brackets may hold spaces; what follows it does not.
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return {
      parent: Number(afterName[1]),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
    };
  }
  const line = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return { parent: Number.parseInt(line, 10), command: line.replace(/^\d+\s*/, '') };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
