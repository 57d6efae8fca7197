import type { Clock } from '../clock.ts';
import { AgentFault } from '../fault.ts';
import type { NetOptions } from '../net/client.ts';
import { createRenewer, type Renewer, type RenewerOptions } from '../renewer.ts';
import { readSettings, type Settings } from '../settings.ts';
import type { Terminal } from './output.ts';

/** What a command works with; tests give their own. */
export interface Context extends Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborts on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
}

/** Settings by flags, environment and configuration file. */
export const settingsOf = (
  { environment }: Pick<Context, 'environment'>,
  flags: Readonly<Record<string, unknown>>,
  files: readonly string[],
): Settings => {
  const { config } = flags;
  return readSettings({
    flags,
    files,
    environment,
    ...(typeof config === 'string' ? { configFile: config } : {}),
  });
};

export const netOf = ({
  proxy,
  caFile,
  timeout,
  ipv4,
  ipv6,
  allowHttp,
}: Settings): Omit<NetOptions, 'env'> => ({
  ...(proxy === undefined ? {} : { proxy }),
  ...(caFile === undefined ? {} : { extraCaFile: caFile }),
  ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
  ...(ipv4 === true ? { ipFamily: 4 } : ipv6 === true ? { ipFamily: 6 } : {}),
  ...(allowHttp === true ? { allowHttp } : {}),
});

/** @throws {AgentFault} `usage` without what every command needs */
export function renewerOf(settings: Settings, context: Context, log: (line: string) => void): Renewer {
  return createRenewer({
    ...renewerSettings(settings),
    files: pathsOf(settings),
    keySet: keySetOf(settings.keySet),
    net: netOf(settings),
    log,
    environment: context.environment,
    clock: context.clock,
    random: context.random,
  });
}

/**
 * The files and folders that were named.
 * @throws {AgentFault} `usage` where there are none
 */
export function pathsOf({ files }: Settings): readonly string[] {
  if (files.length === 0) {
    throw new AgentFault(
      'usage',
      'No license file is named',
      'Name a license file, or the folder that holds them, such as /var/lib/product.',
    );
  }
  return files;
}

/** @throws {AgentFault} `usage` */
export function keySetOf(keySet: string | undefined): string {
  if (keySet === undefined) {
    throw new AgentFault(
      'usage',
      'No key set is given',
      "Give --key-set the vendor's public keys: what the product comes with, or its /.well-known/jwks.json stored in a file.",
    );
  }
  return keySet;
}

function renewerSettings(settings: Settings): Partial<RenewerOptions> {
  const { hostId, product, url, stateFolder, dryRun, metricsFile, onRenewed, onExpiring } = settings;
  const mail = mailOf(settings);
  return {
    ...(hostId === undefined ? {} : { hostId }),
    ...(product === undefined ? {} : { product }),
    ...(url === undefined ? {} : { url }),
    ...(stateFolder === undefined ? {} : { stateFolder }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(metricsFile === undefined ? {} : { metricsFile }),
    ...(onRenewed === undefined ? {} : { onRenewed }),
    ...(onExpiring === undefined ? {} : { onExpiring }),
    ...(mail === undefined ? {} : { mail }),
  };
}

function mailOf({ smtpUrl, mailFrom, mailTo }: Settings): RenewerOptions['mail'] {
  const given = [smtpUrl, mailFrom, mailTo].filter((one) => one !== undefined);
  if (given.length === 0) return undefined;
  if (smtpUrl === undefined || mailFrom === undefined || mailTo === undefined) {
    throw new AgentFault(
      'settings',
      'Warnings by e-mail are set only half',
      'Give --smtp-url, --mail-from and --mail-to, or none of them.',
    );
  }
  return { url: smtpUrl, from: mailFrom, to: mailTo };
}
