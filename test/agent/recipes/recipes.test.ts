import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings, SETTINGS, variableOf } from '../../../agent/src/settings.ts';

const folder = fileURLToPath(new URL('../../../agent/recipes', import.meta.url));
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

const recipes = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .sort();

const home = mkdtempSync(join(tmpdir(), 'agent-recipes-'));
afterAll(() => rmSync(home, { recursive: true }));

const hasTool = (tool: string, ...given: readonly string[]): boolean =>
  spawnSync(tool, given, { stdio: 'ignore' }).status === 0;

const notHere = (what: string): void => {
  it(`is not tried: ${what} is not on this machine`, (context) => {
    console.warn(context.task.name);
  });
};

const main = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url));
const COMMANDS = /^(watch|renew|status|doctor|enroll|verify|inspect)\b/;
const flagsIn = (call: string): string[] => call.match(/--[a-z][a-z0-9-]*/g) ?? [];

const matchesOf = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

describe('the settings that the recipes use', () => {
  const text = recipes.map(read).join('\n');

  it('are flags of the very command that they are given to', () => {
    const calls = matchesOf(
      text,
      /(?<=(?:license-agent|cli\.js")"?(?:, | )"?)([a-z]+\b(?:"?,? "?--[a-z0-9-]+[^\n`]*)?)/g,
    ).filter((call) => COMMANDS.test(call));
    const commands = new Set(calls.map((call) => /^[a-z]+/.exec(call)?.[0] ?? ''));
    expect([...commands].sort()).toEqual(['doctor', 'renew', 'status', 'watch']);
    for (const command of commands) {
      const help = execFileSync(process.execPath, ['--import', 'tsx', main, command, '--help'], {
        encoding: 'utf8',
      });
      const used = calls.filter((call) => call.startsWith(command)).flatMap(flagsIn);
      expect(used.filter((flag) => !flagsIn(help).includes(flag))).toEqual([]);
    }
    expect(new Set(calls.flatMap(flagsIn))).toEqual(new Set(['--config', '--quiet', '--check']));
  });

  it('start the program that the package has', () => {
    const { bin } = JSON.parse(read('../package.json')) as { bin: Record<string, string> };
    expect(bin).toEqual({ 'license-agent': 'dist/cli.js' });
    const named = matchesOf(text, /license-renewal-agent[\\/]([\w\\/.-]+\.m?js)/g);
    expect(named.map((path) => path.replaceAll('\\', '/'))).toEqual(['dist/cli.js']);
  });

  it('are variables of the agent', () => {
    const used = new Set(text.match(/LICENSE_AGENT_[A-Z0-9_]+/g));
    const known = ['LICENSE_AGENT_FILES', ...SETTINGS.map(variableOf)];
    expect(used.size).toBeGreaterThan(3);
    expect([...used].filter((variable) => !known.includes(variable))).toEqual([]);
  });

  const documents = [
    read('config.json'),
    read('windows/config.json'),
    ...matchesOf(read('README.md'), /^```json\n(.+?)^```$/gms),
  ];
  it.each(documents)('are taken from the configuration file: %s', (document) => {
    const configFile = join(home, 'config.json');
    writeFileSync(configFile, document);
    const { files, ...settings } = readSettings({ flags: {}, files: [], environment: {}, configFile });
    expect({ ...settings, ...(files.length > 0 ? { files } : {}) }).toEqual(JSON.parse(document));
  });
});

const SERVICES = ['systemd/license-agent.service', 'systemd/license-renewal.service'] as const;

describe.each(SERVICES)('%s', (path) => {
  const unit = read(path);

  it('has no root, no listener, and one folder to write to', () => {
    const lines = unit.split('\n');
    for (const line of [
      'User=license-agent',
      'NoNewPrivileges=true',
      'ProtectSystem=strict',
      'SocketBindDeny=any',
      'CapabilityBoundingSet=',
      'StateDirectory=license-agent',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.filter((line) => /^ReadWritePaths=/.test(line))).toEqual([]);
  });

  it('is as tight as the other one', () => {
    const sandboxOf = (text: string): string => text.slice(text.indexOf('User='), text.indexOf('TasksMax='));
    expect(SERVICES.map((one) => sandboxOf(read(one)))).toEqual([sandboxOf(unit), sandboxOf(unit)]);
  });
});

describe('the units for systemd', () => {
  if (!hasTool('systemd-analyze', 'security', '--offline=true', '--help')) {
    notHere('systemd-analyze from version 250 on');
    return;
  }
  // The agent is not installed here; `verify` wants the program of a unit to be there.
  mkdirSync(join(home, 'systemd'));
  const units = recipes
    .filter((path) => /\.(service|timer)$/.test(path))
    .map((path) => {
      const copy = join(home, 'systemd', basename(path));
      writeFileSync(copy, read(path).replace('ExecStart=license-agent ', `ExecStart=${process.execPath} `));
      return copy;
    });

  it('are without fault to systemd', () => {
    const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    // What else is installed on this machine is not ours.
    const faults = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('license-'));
    expect({ faults, status }).toEqual({ faults: [], status: 0 });
  });

  it.each(units.filter((unit) => unit.endsWith('.service')))('leave little exposed: %s', (unit) => {
    // In tenths, of 100; what has no sandbox at all has 96.
    const given = ['security', '--offline=true', '--threshold=15', unit];
    const { stdout, status } = spawnSync('systemd-analyze', given, { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });
});

describe('the recipes for containers', () => {
  const container = (kind: string): string => read(`container/${kind}`);

  it('agree on user, folders and a root file system that nothing writes to', () => {
    expect(container('Dockerfile')).toMatch(/^USER 1000:1000$/m);
    expect(container('Dockerfile')).toMatch(/^VOLUME \["\/license", "\/state"\]$/m);
    expect(container('compose.yaml')).toMatch(/user: '1000:1000'[^]*license:\/license\n[^]*state:\/state\n/);
    expect(container('compose.yaml')).toMatch(/read_only: true/);
    expect(container('kubernetes.yaml')).toMatch(/runAsNonRoot: true\n\s+runAsUser: 1000/);
    expect(container('kubernetes.yaml')).toMatch(/readOnlyRootFilesystem: true/);
  });

  it('bring the first license file to the volume once, and never over a renewed one', () => {
    const [script = ''] = matchesOf(container('kubernetes.yaml'), /'(cd \/license && [^]*?\})'/g);
    const [license, starter] = ['license', 'starter'].map((name) => join(home, name));
    mkdirSync(license!);
    mkdirSync(starter!);
    const run = (): void => {
      const here = script
        .replace(/\s+/g, ' ')
        .replaceAll('/license', license!)
        .replaceAll('/starter', starter!);
      execFileSync('sh', ['-c', here]);
    };
    writeFileSync(join(starter!, 'product.lic'), 'first');
    run();
    expect(readFileSync(join(license!, 'product.lic'), 'utf8')).toBe('first');
    writeFileSync(join(license!, 'product.lic'), 'renewed');
    run();
    expect(readFileSync(join(license!, 'product.lic'), 'utf8')).toBe('renewed');
    expect(readdirSync(license!)).toEqual(['product.lic']);
  });
});

describe('the documents in YAML and XML', () => {
  const isHere = hasTool('python3', '-c', 'import yaml');
  if (!isHere) {
    notHere('python3 with PyYAML');
    return;
  }
  const parsers = {
    yaml: 'import sys, yaml; print(len(list(yaml.safe_load_all(sys.stdin))))',
    xml: 'import sys, xml.dom.minidom as dom; dom.parseString(sys.stdin.buffer.read())',
  };

  it.each(recipes.filter((path) => /\.(yaml|xml)$/.test(path)))('are well-formed: %s', (path) => {
    const parser = path.endsWith('.xml') ? parsers.xml : parsers.yaml;
    const { status, stderr } = spawnSync('python3', ['-c', parser], { input: read(path), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the line for cron', () => {
  const [block = ''] = matchesOf(read('README.md'), /^```sh\n(minute=.+?)^```$/gms);

  it('gets a minute of its own on each machine', () => {
    const moments = Array.from({ length: 5 }, () => {
      const target = join(home, 'cron');
      execFileSync('sh', ['-c', block.replace('/etc/cron.d/license-agent', target)], { cwd: folder });
      const [line = ''] = readFileSync(target, 'utf8').trimEnd().split('\n').slice(-1);
      expect(line).toMatch(/^([1-5]?\d) (1?\d|2[0-3]) \* \* \* license-agent license-agent renew /);
      return line;
    });
    expect(new Set(moments).size).toBeGreaterThan(1);
  });
});

describe('agent/recipes/README.md', () => {
  it('names every recipe', () => {
    const page = read('README.md');
    const missing = recipes.filter((path) => path !== 'README.md' && !page.includes(basename(path)));
    expect(missing).toEqual([]);
  });
});
