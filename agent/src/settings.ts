import { accessSync, constants, readFileSync } from 'node:fs';
import { win32 } from 'node:path';
import { AgentFault } from './fault.ts';

/** One setting: as flag, environment variable and member of the configuration file. */
export interface SettingDefinition {
  /** Member of the configuration file; the flag and the variable follow from it. */
  readonly name: string;
  /** `<file>` in `--key-set <file>`; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  /** Checks and converts what was given; throws an Error that says what is expected. */
  readonly parse?: (text: string) => unknown;
}

const seconds = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 600) throw new Error('must be 1 to 600 seconds');
  return count;
};

const address = (text: string): string => {
  if (!/^[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}$/.test(text)) throw new Error('must be an e-mail address');
  return text;
};

const urlOf =
  (...protocols: readonly string[]) =>
  (text: string): string => {
    const isGood = URL.canParse(text) && protocols.includes(new URL(text).protocol);
    // The value is not shown: it may carry a password.
    if (!isGood)
      throw new Error(`must be a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`);
    return text;
  };

const hostIdText = (text: string): string => {
  if (!/^[\x21-\x7e]{1,128}$/.test(text)) throw new Error('must be 1 to 128 visible ASCII characters');
  return text;
};

/** All settings, in the order in which the help shows them. */
export const SETTINGS = [
  {
    name: 'keySet',
    value: 'file',
    help: 'the pinned public keys that license files are verified with (JWK set)',
  },
  {
    name: 'url',
    value: 'url',
    help: 'where to renew; without it, where the license file says',
    parse: urlOf('https:', 'http:'),
  },
  { name: 'hostId', value: 'id', help: 'the id of this host, as the product knows it', parse: hostIdText },
  {
    name: 'product',
    value: 'name',
    help: 'the product, from whose name and the machine id a host id is made',
  },
  {
    name: 'stateFolder',
    value: 'folder',
    help: 'where to keep what is remembered; without it, beside the license file',
  },
  {
    name: 'proxy',
    value: 'url',
    help: 'the proxy to the service; without it, HTTPS_PROXY and NO_PROXY',
    parse: urlOf('http:', 'https:'),
  },
  {
    name: 'caFile',
    value: 'file',
    help: 'more certificate authorities to trust (PEM), such as that of an inspecting proxy',
  },
  { name: 'timeout', value: 'seconds', help: 'how long one request may take (30)', parse: seconds },
  { name: 'ipv4', help: 'connect by IPv4 only' },
  { name: 'ipv6', help: 'connect by IPv6 only' },
  { name: 'allowHttp', help: 'accept a service without TLS, for trials' },
  { name: 'dryRun', help: 'ask and verify, but change nothing' },
  { name: 'json', help: 'answer in JSON' },
  { name: 'quiet', help: 'print only what is wrong' },
  { name: 'metricsFile', value: 'file', help: 'write metrics for Prometheus, for the textfile collector' },
  { name: 'onRenewed', value: 'command', help: 'run after a license file has really changed' },
  { name: 'onExpiring', value: 'command', help: 'run once a day from 10 days before a license expires' },
  {
    name: 'smtpUrl',
    value: 'url',
    help: 'relay for warnings by e-mail: smtp://user:password@host:587',
    parse: urlOf('smtp:', 'smtps:'),
  },
  { name: 'mailFrom', value: 'address', help: 'sender of the warnings', parse: address },
  { name: 'mailTo', value: 'address', help: 'receiver of the warnings', parse: address },
] as const satisfies readonly SettingDefinition[];

export type SettingName = (typeof SETTINGS)[number]['name'];

type Switch = 'ipv4' | 'ipv6' | 'allowHttp' | 'dryRun' | 'json' | 'quiet';

/** What was given, by whatever way; switches are true or absent. */
export type Settings = Readonly<
  Partial<
    Record<Exclude<SettingName, Switch | 'timeout'>, string> & Record<Switch, true> & { timeout: number }
  >
> & {
  /** License files and folders of them. */
  readonly files: readonly string[];
};

const definitions: readonly SettingDefinition[] = SETTINGS;

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `--key-set`. */
export const flagOf = ({ name }: Pick<SettingDefinition, 'name'>): string => `--${kebab(name)}`;

/** `LICENSE_AGENT_KEY_SET`. */
export const variableOf = ({ name }: Pick<SettingDefinition, 'name'>): string =>
  `LICENSE_AGENT_${kebab(name).replaceAll('-', '_').toUpperCase()}`;

/**
 * Looked for where neither flag nor variable names another. Only administrators may write there: a configuration names commands,
 * and on Windows anybody may make folders at the root of a drive.
 */
export const defaultConfig = (
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string =>
  platform === 'win32'
    ? win32.join(environment['ProgramData'] ?? 'C:\\ProgramData', 'License agent', 'config.json')
    : '/etc/license-agent/config.json';

const MAX_CONFIG_BYTES = 65_536;

export interface GivenSettings {
  /** Of the command line, by name; wins over all others. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--config`; must exist. */
  readonly configFile?: string;
}

/**
 * Flags win over the environment, the environment over the configuration file.
 * @throws {AgentFault} `settings`, naming each setting that is wrong and where it comes from
 */
export function readSettings({ flags, files, environment, configFile }: GivenSettings): Settings {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const named = configFile ?? given('LICENSE_AGENT_CONFIG');
  const path = named ?? defaultConfig(environment);
  const config = named !== undefined || isReadable(path) ? readConfig(path) : {};
  const faults = Object.keys(config)
    .filter((name) => name !== 'files' && !definitions.some((definition) => definition.name === name))
    .map((name) => `${path}: there is no setting ${JSON.stringify(name.slice(0, 40))}`);

  const settings: Record<string, unknown> = {};
  for (const definition of definitions) {
    const variable = variableOf(definition);
    const sources: readonly (readonly [string, unknown])[] = [
      [flagOf(definition), flags[definition.name]],
      [variable, given(variable)],
      [`${path}: ${definition.name}`, config[definition.name]],
    ];
    const source = sources.find(([, value]) => value !== undefined);
    if (source === undefined) continue;
    try {
      const value = valueOf(definition, source[1]);
      if (value !== undefined) settings[definition.name] = value;
    } catch (error) {
      faults.push(`${source[0]} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const paths = files.length > 0 ? files : listOf(given('LICENSE_AGENT_FILES') ?? config['files'], faults);
  if (settings['ipv4'] === true && settings['ipv6'] === true)
    faults.push('--ipv4 and --ipv6 exclude each other');
  if (faults.length > 0) {
    throw new AgentFault('settings', faults.join('; '), 'Correct the settings; --help lists them.');
  }
  // Each member was checked by its definition.
  return { ...settings, files: paths };
}

function valueOf({ value, parse }: SettingDefinition, given: unknown): unknown {
  if (value === undefined) {
    if (given === true || given === 'true' || given === '1') return true;
    if (given === false || given === 'false' || given === '0') return undefined;
    throw new Error('must be true or false');
  }
  const text = typeof given === 'number' ? String(given) : given;
  if (typeof text !== 'string' || text === '') throw new Error(`needs a ${value}`);
  if (/[\0\r\n]/.test(text)) throw new Error('must be one line');
  return parse ? parse(text) : text;
}

function listOf(given: unknown, faults: string[]): readonly string[] {
  if (given === undefined) return [];
  if (typeof given === 'string') return given.split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
  if (Array.isArray(given) && given.every((one): one is string => typeof one === 'string')) return given;
  faults.push('files must be a list of paths');
  return [];
}

/** The usual configuration may hold passwords and be for the agent's own user: whoever else looks at a status goes without. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function readConfig(path: string): Record<string, unknown> {
  const advice =
    'Give --config a JSON file that you may read, such as {"keySet": "/etc/license-agent/keys.json"}.';
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_CONFIG_BYTES) throw new Error('it is larger than 64 KiB');
    const config: unknown = JSON.parse(text);
    if (typeof config !== 'object' || config === null || Array.isArray(config))
      throw new Error('it is not an object');
    return config as Record<string, unknown>;
  } catch (cause) {
    // The message of JSON.parse quotes the text, which may hold a password.
    const why = cause instanceof SyntaxError ? 'it is not JSON' : cause instanceof Error ? cause.message : '';
    throw new AgentFault('settings', `The configuration ${path} cannot be read: ${why}`, advice, { cause });
  }
}
