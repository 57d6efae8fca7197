import { EXIT, exitCodeOfFault, type ExitCode } from '../exit-codes.ts';
import { AgentFault } from '../fault.ts';
import { readKeySet } from '../file/key-set.ts';
import {
  LicenseFileError,
  openLicenseFile,
  peekClaims,
  readLicenseFile,
  readLicenseText,
} from '../file/license-file.ts';
import { findLicenseFiles } from '../file/license-folder.ts';
import { printable } from '../file/printable.ts';
import type { Settings } from '../settings.ts';
import { minuteOf } from '../warning/last-day.ts';
import { keySetOf, pathsOf, type Context } from './context.ts';
import { claimLines, inspectDocument, jsonOf } from './output.ts';

/** What is found of one file. */
interface Found {
  readonly code: ExitCode;
  readonly document: object;
  readonly lines: readonly string[];
}

/** Looks at each file: one that cannot be read stops no other. The exit code is that of the first that is not well. */
async function tellOfEach(
  settings: Settings,
  context: Context,
  look: (path: string) => Promise<Found>,
): Promise<ExitCode> {
  const documents: object[] = [];
  let code: ExitCode = EXIT.ok;
  const paths = await findLicenseFiles(pathsOf(settings));
  if (paths.length === 0) throw noFiles();
  for (const path of paths) {
    let found: Found;
    try {
      found = await look(path);
    } catch (error) {
      if (!(error instanceof AgentFault)) throw error;
      const { code: fault, message: detail, advice } = error;
      found = {
        code: exitCodeOfFault(fault),
        document: { fault: { code: fault, detail, advice } },
        lines: [],
      };
      if (settings.json !== true) context.err(`${detail}. ${advice}`);
    }
    if (code === EXIT.ok) code = found.code;
    documents.push({ file: path, ...found.document });
    const isWanted = settings.json !== true && (found.code !== EXIT.ok || settings.quiet !== true);
    if (isWanted && found.lines.length > 0) context.out(found.lines.join('\n'));
  }
  if (settings.json === true) context.out(jsonOf({ files: documents, exitCode: code }));
  return code;
}

/** Folders without a license file are no success: the license may be gone, or the folder be the wrong one. */
export const noFiles = (): AgentFault =>
  new AgentFault(
    'file-missing',
    'There is no license file in the named folders',
    'Put the license file there, named *.lic, or name another folder.',
  );

/** `inspect`: what a file says, genuine or not. */
export const inspect = (settings: Settings, context: Context): Promise<ExitCode> =>
  tellOfEach(settings, context, async (path) => {
    const now = context.clock.now();
    const text = await readLicenseText(path);
    const genuine = settings.keySet !== undefined;
    try {
      const file =
        settings.keySet === undefined
          ? peekClaims(text)
          : await openLicenseFile(text, await readKeySet(settings.keySet));
      const proof = genuine ? 'verified' : 'NOT verified: give --key-set to check who says this';
      return {
        code: EXIT.ok,
        document: inspectDocument(file, genuine, now),
        lines: [`${printable(path)} (${proof})`, ...claimLines(file, now)],
      };
    } catch (error) {
      if (!(error instanceof LicenseFileError)) throw error;
      const advice = 'Look at the file: it may be cut off, or be something else.';
      throw new AgentFault('file-damaged', `${printable(path)}: ${error.message}`, advice, { cause: error });
    }
  });

/** `verify`: whether a file is genuine, and valid now. */
export async function verify(settings: Settings, context: Context): Promise<ExitCode> {
  const keys = await readKeySet(keySetOf(settings.keySet));
  return tellOfEach(settings, context, async (path) => {
    const now = context.clock.now();
    const file = await readLicenseFile(path, keys);
    const expired = now >= file.claims.exp;
    return {
      code: expired ? EXIT.expired : EXIT.ok,
      document: { expired, ...inspectDocument(file, true, now) },
      lines: [
        `${printable(path)}: genuine, ${expired ? 'expired' : 'valid until'} ${minuteOf(file.claims.exp)}`,
      ],
    };
  });
}
