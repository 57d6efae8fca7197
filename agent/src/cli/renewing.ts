import { isoOf } from '../clock.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable } from '../file/printable.ts';
import type { RenewalReport, Renewer } from '../renewer.ts';
import type { Settings } from '../settings.ts';
import { renewerOf, type Context } from './context.ts';
import { noFiles } from './proving.ts';
import { exitCodeOfAll, isSuccess, jsonOf, lineOf, reportDocument } from './output.ts';

type Work = (renewer: Renewer) => Promise<readonly RenewalReport[]>;

/** `renew` and `enroll`: one attempt, told file by file. */
async function once(settings: Settings, context: Context, work: Work): Promise<ExitCode> {
  const { dryRun = false, json = false, quiet = false } = settings;
  const renewer = renewerOf(settings, context, context.err);
  renewer.on('trouble', ({ message }) => context.err(message));
  try {
    const reports = await work(renewer).catch((error: unknown) => {
      if (context.signal.aborted) return [];
      throw error;
    });
    if (reports.length === 0 && !context.signal.aborted) throw noFiles();
    const code = context.signal.aborted ? EXIT.internal : exitCodeOfAll(reports);
    if (context.signal.aborted) context.err('Ended before all files were renewed.');
    if (json) {
      const files = reports.map((report) => reportDocument(report, dryRun));
      context.out(jsonOf({ files, exitCode: code }));
      return code;
    }
    for (const report of reports) {
      const line = lineOf(report, dryRun);
      if (!isSuccess(report)) context.err(line);
      else if (!quiet) context.out(line);
    }
    return code;
  } finally {
    await renewer.close();
  }
}

export const renew = (settings: Settings, context: Context): Promise<ExitCode> =>
  once(settings, context, (renewer) => renewer.renew(context.signal));

export const enroll = (settings: Settings, context: Context): Promise<ExitCode> =>
  once(settings, context, async (renewer) => {
    const reports: RenewalReport[] = [];
    for (const path of await renewer.files()) reports.push(await renewer.enroll(path, context.signal));
    return reports;
  });

/** `watch`: until it is told to end. */
export async function watchFiles(settings: Settings, context: Context): Promise<ExitCode> {
  const { json = false, quiet = false, dryRun = false } = settings;
  const { clock, signal } = context;
  const stamped = (line: string): string => `${isoOf(clock.now())} ${line}`;
  const renewer = renewerOf(settings, context, (line) => context.err(stamped(line)));
  renewer.on('trouble', ({ message }) => context.err(stamped(message)));
  renewer.on('attempt', (report) => {
    const line = json
      ? JSON.stringify({ at: isoOf(clock.now()), ...reportDocument(report, dryRun) })
      : stamped(`${lineOf(report, dryRun)}${nextOf(report)}`);
    if (json) context.out(line);
    else if (!isSuccess(report)) context.err(line);
    else if (!quiet) context.out(line);
  });
  try {
    if (!quiet && !json) {
      const files = await renewer.files();
      const names = files.map((file) => printable(file)).join(', ');
      context.out(stamped(`watching ${files.length === 0 ? 'for license files to appear' : names}`));
    }
    renewer.start();
    await aborted(signal);
    return EXIT.ok;
  } finally {
    await renewer.close();
  }
}

const nextOf = ({ state: { nextAttemptAt } }: RenewalReport): string =>
  nextAttemptAt === undefined ? '' : `; next attempt ${isoOf(nextAttemptAt)}`;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
