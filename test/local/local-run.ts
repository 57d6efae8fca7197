import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A local run in a process of its own, as people start it. */
export interface LocalRun {
  readonly child: ChildProcess;
  /** What it printed so far, on both streams. */
  output(): string;
  /** Resolves with its address when it is ready; rejects with its output if it ends before. */
  readonly ready: Promise<string>;
  /** Resolves when it has ended, with its exit code or signal. */
  readonly ended: Promise<number | string>;
}

const running = new Set<ChildProcess>();

/** Starts `local/main.ts` with the synthesized stage; `launcher: 'npm'` starts it as `npm start`. */
export function startRun(
  environment: Readonly<Record<string, string>>,
  launcher: 'node' | 'npm' = 'node',
): LocalRun {
  const fault = inject('synthesisFault');
  if (fault !== '') throw new Error(`The stage local could not be synthesized: ${fault}`);
  const [command, options] =
    launcher === 'npm' ? ['npm', ['start']] : [process.execPath, ['--import', 'tsx', 'local/main.ts']];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:AWS|DYNAMODB|LOCAL)_|^PORT$|^npm_/.test(name),
  );
  const child = spawn(command, options, {
    cwd: root,
    env: { ...Object.fromEntries(inherited), LOCAL_ASSEMBLY: inject('assembly'), PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  const ready = new Promise<string>((resolve, reject) => {
    const read = (text: string): void => {
      output += text;
      const url = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    void ended.then((code) => reject(new Error(`ended with ${code} before it was ready: ${output}`)));
  });
  // Runs that are meant to fail are asked for `ended` only.
  ready.catch(() => undefined);
  return { child, output: () => output, ready, ended };
}

/** Ends what a failed test left behind. */
export function endRuns(): void {
  for (const child of running) child.kill('SIGKILL');
}
