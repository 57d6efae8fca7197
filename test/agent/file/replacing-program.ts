import { readFileSync } from 'node:fs';
import { withLock } from '../../../agent/src/file/file-lock.ts';
import { whyNotOwned } from '../../../agent/src/file/owner.ts';
import { replaceFile } from '../../../agent/src/file/replace-file.ts';
import { AgentFault } from '../../../agent/src/fault.ts';
import { createRenewer } from '../../../agent/src/renewer.ts';
import { isWhole, numbered } from './numbered.ts';

/** Somebody who owns nothing. */
const NOBODY = 65_534;

// Else the limit of a file's size ends the process instead of failing the write.
process.on('SIGXFSZ', () => undefined);

function becomeNobody(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

const [command = '', path = '', ...rest] = process.argv.slice(2);

/** Does one thing in a process of its own, so that it can be killed, limited or run as another user. */
const commands: Readonly<Record<string, () => Promise<void>>> = {
  /** `replace PATH TEXT [STEP]`: is killed at the step. */
  replace: () => {
    const [text = '', killAt] = rest;
    return replaceFile(path, text, {
      onStep: (step) => {
        if (step === killAt) process.kill(process.pid, 'SIGKILL');
      },
    });
  },

  /** `replace-as-nobody PATH TEXT` */
  'replace-as-nobody': async () => {
    becomeNobody();
    await replaceFile(path, rest[0] ?? '');
  },

  /** `own-as-nobody PATH` */
  'own-as-nobody': async () => {
    becomeNobody();
    const fault = await whyNotOwned(path);
    if (fault) throw fault;
  },

  /** `renew-as-nobody PATH FOLDER`: prints what came of each, and the troubles of watching them. */
  'renew-as-nobody': async () => {
    becomeNobody();
    const renewer = createRenewer({ files: [path, ...rest], keySet: 'none.json', dryRun: true });
    const troubles: string[] = [];
    renewer.on('trouble', ({ message }) => troubles.push(message));
    const reports = await renewer.renew();
    const files = [...(await renewer.files()), ...(await renewer.files())];
    await renewer.close();
    const outcomes = reports.map((report) => [report.path, 'code' in report.attempt && report.attempt.code]);
    console.log(JSON.stringify({ outcomes, files, troubles }));
  },

  /** `repeat PATH COUNT`: counts the file up under the lock. */
  repeat: async () => {
    for (let count = Number(rest[0]); count > 0; count -= 1) {
      await withLock(path, async () => {
        const text = readFileSync(path, 'utf8');
        if (!isWhole(text)) throw new Error('The file is not whole');
        await replaceFile(path, numbered(Number(text.split(' ')[0]) + 1));
      });
    }
  },

  /** `die-locked PATH` */
  'die-locked': () =>
    withLock(path, () => {
      process.kill(process.pid, 'SIGKILL');
      return Promise.resolve();
    }),
};

commands[command]?.().catch((error: unknown) => {
  if (!(error instanceof AgentFault)) throw error;
  console.log(`${error.code}|${error.message}|${error.advice}`);
  process.exitCode = 7;
});
