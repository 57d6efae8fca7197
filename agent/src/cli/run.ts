import { CommanderError } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { AgentFault } from '../fault.ts';
import { printable } from '../file/printable.ts';
import type { Context } from './context.ts';
import { exitCodeOfError } from './looking.ts';
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
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof AgentFault) context.err(`${error.message}. ${error.advice}`);
    else
      context.err(
        `A fault of the agent: ${printable(error instanceof Error ? (error.stack ?? error.message) : String(error), 2000)}`,
      );
    return exitCodeOfError(error);
  }
}
