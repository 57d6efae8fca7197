import { CommanderError } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { AgentFault } from '../fault.ts';
import { printable } from '../file/printable.ts';
import type { Context } from './context.ts';
import { exitCodeOfError } from './looking.ts';
import { jsonOf } from './output.ts';
import { createProgram } from './program.ts';

/**
 * Runs the command line. Never rejects.
 * @param parameters without the names of node and the program
 * @returns the exit code
 */
export async function run(version: string, parameters: readonly string[], context: Context): Promise<number> {
  let code: number = EXIT.internal;
  const program = createProgram(version, context, (given) => (code = given));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.out(text.trimEnd()),
      writeErr: (text) => context.err(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(parameters, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const exitCode = error instanceof CommanderError ? EXIT.usage : exitCodeOfError(error);
    const fault = faultIn(error);
    // Whoever reads a plugin or a document gets one, whatever went wrong.
    if (parameters.includes('--check')) {
      context.out(`LICENSE UNKNOWN - ${fault.detail.replaceAll('|', '/')}`);
      return NAGIOS_UNKNOWN;
    }
    if (parameters.includes('--json')) context.out(jsonOf({ fault, exitCode }));
    else if (!(error instanceof CommanderError)) context.err(`${fault.detail}. ${fault.advice}`.trim());
    return exitCode;
  }
}

const NAGIOS_UNKNOWN = 3;

function faultIn(error: unknown): { code: string; detail: string; advice: string } {
  if (error instanceof AgentFault) return { code: error.code, detail: error.message, advice: error.advice };
  const text = printable(error instanceof Error ? (error.stack ?? error.message) : String(error), 2000);
  if (error instanceof CommanderError) {
    return { code: 'usage', detail: printable(error.message), advice: '--help shows what there is.' };
  }
  return { code: 'internal', detail: `A fault of the agent: ${text}`, advice: '' };
}
