import { Command, Option } from 'commander';
import { EXIT } from '../exit-codes.ts';
import {
  defaultConfig,
  flagOf,
  SETTINGS,
  variableOf,
  type SettingDefinition,
  type SettingName,
} from '../settings.ts';
import { completionScript, SHELLS } from './completion.ts';
import { settingsOf, type Context } from './context.ts';
import { doctor, status } from './looking.ts';
import { inspect, verify } from './proving.ts';
import { enroll, renew, watchFiles } from './renewing.ts';

const KEYS = ['keySet'] as const;
const IDENTITY = ['hostId', 'product', 'stateFolder'] as const;
const NETWORK = ['url', 'proxy', 'caFile', 'timeout', 'ipv4', 'ipv6', 'allowHttp'] as const;
const OUTPUT = ['json', 'quiet'] as const;
const REPORTING = ['metricsFile', 'onRenewed', 'onExpiring', 'smtpUrl', 'mailFrom', 'mailTo'] as const;
const RENEWING = [...KEYS, ...IDENTITY, ...NETWORK, ...OUTPUT, 'dryRun', ...REPORTING] as const;

const FILES = 'license files, and folders of files named *.lic';

const EXIT_CODES = `Exit codes:
  0   all is well
  1   a fault of the agent; with doctor: something has to be done
  2   wrong usage or settings
  3   a license file or the key set is missing, unreadable or damaged
  4   the id of this host cannot be told
  5   another agent is at work on the file
  6   the new file could not be stored; the old one is still there
  10  the service refused the renewal
  20  DNS   21 connection   22 time-out   23 TLS   24 proxy   25 HTTP: the service was not reached
  30  the answer was no acceptable license file
  40  a license expires within 10 days, and renewal fails
  41  a license expires within 10 days, as its contract ends
  42  a license has expired
Of several files that of the first failure. With status --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.`;

/**
 * The command line. Each command ends by `done` with its exit code.
 * @param version of the agent
 */
export function createProgram(version: string, context: Context, done: (code: number) => void): Command {
  const program = new Command('license-agent')
    .description(
      'Keeps the license files of a product fresh: one request a day, verified before it replaces anything.',
    )
    .version(version)
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      `
Every option is a setting: as --key-set, as LICENSE_AGENT_KEY_SET, or as "keySet" in the configuration file. The option wins over
the variable, the variable over the file. Files come as arguments, LICENSE_AGENT_FILES, or "files".

Examples:
  license-agent enroll /var/lib/product/product.lic --key-set keys.json --host-id H-7
  license-agent renew /var/lib/product --key-set keys.json
  license-agent watch /var/lib/product --key-set keys.json --on-renewed 'systemctl reload product'
  license-agent status --check /var/lib/product --key-set keys.json
  license-agent doctor /var/lib/product --key-set keys.json

${EXIT_CODES}`,
    );

  const command = (
    name: string,
    description: string,
    settings: readonly SettingName[],
    act: (given: ReturnType<typeof settingsOf>, flags: Record<string, unknown>) => Promise<number>,
    example: string,
  ): Command => {
    const made = program
      .command(name)
      .description(description)
      .argument('[files...]', FILES)
      .option(
        '--config <file>',
        `configuration in JSON (${defaultConfig(context.environment)}) [LICENSE_AGENT_CONFIG]`,
      )
      .addHelpText('after', `\nExample:\n  license-agent ${example}`);
    for (const definition of definitionsOf(settings)) made.addOption(optionOf(definition));
    made.action(async (files: string[], flags: Record<string, unknown>) => {
      done(await act(settingsOf(context, flags, files), flags));
    });
    return made;
  };

  command(
    'renew',
    'renew each license file once, now: for cron or a timer',
    RENEWING,
    (settings) => renew(settings, context),
    'renew /var/lib/product --key-set keys.json',
  );
  command(
    'watch',
    'keep the license files fresh until the process is ended: for services and containers',
    RENEWING,
    (settings) => watchFiles(settings, context),
    "watch /var/lib/product --key-set keys.json --on-renewed 'systemctl reload product'",
  );
  command(
    'enroll',
    'bind a starter file to this host, or take over a license that was moved to it',
    RENEWING,
    (settings) => enroll(settings, context),
    'enroll starter.lic --key-set keys.json --host-id H-7',
  );
  command(
    'status',
    'how the license files stand, and when they are renewed next; needs no network',
    [...KEYS, 'stateFolder', ...OUTPUT],
    (settings, { check }) => status(settings, context, check === true),
    'status --check /var/lib/product --key-set keys.json',
  ).option('--check', 'one line and exit code for Nagios, Icinga or Zabbix');
  command(
    'inspect',
    'what a license file says; without --key-set nothing of it is verified',
    [...KEYS, 'json'],
    (settings) => inspect(settings, context),
    'inspect product.lic',
  );
  command(
    'verify',
    'whether license files are genuine and valid',
    [...KEYS, ...OUTPUT],
    (settings) => verify(settings, context),
    'verify product.lic --key-set keys.json',
  );
  command(
    'doctor',
    'look at everything that a renewal needs, and say what to do',
    [...KEYS, ...IDENTITY, ...NETWORK, ...OUTPUT],
    (settings) => doctor(settings, context),
    'doctor /var/lib/product --key-set keys.json',
  );
  program
    .command('completion')
    .description('print the completion of a shell')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText(
      'after',
      '\nExample:\n  license-agent completion bash > /etc/bash_completion.d/license-agent',
    )
    .action((shell: string) => {
      const script = completionScript(shell, program);
      if (script === undefined) {
        context.err(
          `There is no completion for ${shell.slice(0, 20)}; there is one for ${SHELLS.join(', ')}.`,
        );
        done(EXIT.usage);
        return;
      }
      context.out(script);
      done(EXIT.ok);
    });
  return program;
}

const definitionsOf = (names: readonly SettingName[]): SettingDefinition[] =>
  SETTINGS.filter(({ name }) => names.includes(name));

function optionOf(definition: SettingDefinition): Option {
  const { value, help } = definition;
  const flag = flagOf(definition);
  const described = `${help} [${variableOf(definition)}]`;
  return new Option(value === undefined ? flag : `${flag} <${value}>`, described);
}
