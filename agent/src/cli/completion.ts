import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly { readonly long: string; readonly help: string; readonly takesValue: boolean }[];
}

/** The completion of a shell, made of the commands that there are; undefined for a shell that is not known. */
export function completionScript(shell: string, program: Command): string | undefined {
  const name = program.name();
  const commands = program.commands.map((command): Completed => ({
    name: command.name(),
    description: command.description(),
    flags: command.options.flatMap(({ long, description, required }) =>
      long == null ? [] : [{ long, help: description, takesValue: required }],
    ),
  }));
  switch (shell) {
    case 'bash':
      return bash(name, commands);
    case 'zsh':
      // zsh runs the completions of bash.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(name, commands)}`;
    case 'fish':
      return fish(name, commands);
    default:
      return undefined;
  }
}

const wordsOf = (commands: readonly Completed[]): string => commands.map(({ name }) => name).join(' ');

function bash(name: string, commands: readonly Completed[]): string {
  const cases = commands.map(
    (command) => `    ${command.name}) words="${command.flags.map(({ long }) => long).join(' ')} --help" ;;`,
  );
  return `_license_agent() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words IFS=$' \\n'
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${wordsOf(commands)} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *)
      if [ "\${COMP_WORDS[1]}" = completion ]; then
        COMPREPLY=($(compgen -W "${SHELLS.join(' ')}" -- "$current"))
      else
        # One name a line, spaces and all.
        IFS=$'\\n'
        COMPREPLY=($(compgen -f -- "$current"))
      fi ;;
  esac
}
complete -o filenames -F _license_agent ${name}`;
}

function fish(name: string, commands: readonly Completed[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return commands
    .flatMap((command) => [
      `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.description)}`,
      ...command.flags.map(
        ({ long, help, takesValue }) =>
          `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -l ${long.slice(2)}${
            takesValue ? ' -r' : ''
          } -d ${quoted(help)}`,
      ),
    ])
    .join('\n');
}
