import { spawn } from 'node:child_process';
import { printable } from '../file/printable.ts';

const USUAL_LIMIT_SECONDS = 60;
/** After the limit the command is asked to end; so much later it is ended. */
const KILL_AFTER_MS = 2_000;
/** Output that comes after the end of the command, from what it has left running, is not waited for. */
const DRAIN_MS = 200;
const MAX_OUTPUT = 4_096;

export interface Hook {
  /** As the customer has configured it; run by the shell. */
  readonly command: string;
  /** Added to the environment. The values may come from outside. */
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long it may take; 60 by default. */
  readonly limitSeconds?: number;
}

/** How a command has ended. `output` is the beginning of what it wrote, for the log: on one line, at most 500 characters. */
export type HookResult =
  | { readonly kind: 'ok'; readonly output: string }
  | { readonly kind: 'failed'; readonly detail: string; readonly output: string };

/**
 * Runs a command of the customer by the shell. Nothing but the command itself is on the command line. It gets no input, and
 * after its time all its processes are ended. Never rejects.
 */
export function runHook({
  command,
  variables,
  environment,
  limitSeconds = USUAL_LIMIT_SECONDS,
}: Hook): Promise<HookResult> {
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    let child;
    try {
      child = spawn(command, {
        shell: true,
        // A group of its own, so that what the shell has started ends with it.
        detached: !isWindows,
        windowsHide: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...environment, ...harmless(variables) },
      });
    } catch (error) {
      resolve({ kind: 'failed', detail: startFault(error), output: '' });
      return;
    }
    const { pid } = child;
    const chunks: Buffer[] = [];
    let length = 0;
    const keep = (chunk: Buffer): void => {
      if (length < MAX_OUTPUT) chunks.push(chunk.subarray(0, MAX_OUTPUT - length));
      length += chunk.length;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);

    let isTimedOut = false;
    const signalAll = (signal: NodeJS.Signals): void => {
      try {
        if (pid !== undefined && !isWindows) process.kill(-pid, signal);
        else child.kill(signal);
      } catch {
        // It has ended meanwhile.
      }
    };
    let killer: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      isTimedOut = true;
      signalAll('SIGTERM');
      killer = setTimeout(() => signalAll('SIGKILL'), KILL_AFTER_MS);
    }, limitSeconds * 1000);

    let isDone = false;
    const done = (detail: string | undefined): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(limit);
      if (isTimedOut) signalAll('SIGKILL');
      clearTimeout(killer);
      child.stdout.destroy();
      child.stderr.destroy();
      const output = printable(Buffer.concat(chunks).toString('utf8').trim(), 500);
      resolve(detail === undefined ? { kind: 'ok', output } : { kind: 'failed', detail, output });
    };
    child.on('error', (error) => done(startFault(error)));
    child.on('exit', (code, signal) => {
      const detail = isTimedOut
        ? `it took longer than ${limitSeconds} s and was ended`
        : code === 0
          ? undefined
          : code === null
            ? `it was ended by ${signal ?? 'a signal'}`
            : `it ended with code ${code}`;
      child.on('close', () => done(detail));
      setTimeout(() => done(detail), DRAIN_MS);
    });
  });
}

const startFault = (error: unknown): string =>
  `it could not be started (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;

/**
 * Values that are data to every shell, even where a script forgets its quotes: `cmd.exe` puts variables into a line before it
 * reads the line. Paths are the customer's own and must stay as they are.
 */
function harmless(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      name === 'LICENSE_FILE'
        ? value.replaceAll('\0', '')
        : printable(value, 500).replace(/["'`$&|<>^%!\\;*?~{}]/g, ' '),
    ]),
  );
}
