import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgentFault } from '../fault.ts';
import { readBounded } from '../file/read-bounded.ts';
import { findContainer } from './container.ts';

/** Runs a program without a shell and resolves to what it printed. */
type RunProgram = (program: string, parameters: readonly string[]) => Promise<string>;

export interface MachineOptions {
  /** That of this process unless given. */
  readonly platform?: NodeJS.Platform;
  /** What `/` is, for tests. */
  readonly root?: string;
  readonly run?: RunProgram;
  /** Where Windows is; `C:\Windows` unless given. */
  readonly systemRoot?: string;
}

/**
 * Machine ids that many machines have: that of Whonix and Kicksecure, which is meant to be shared, the MD5 sum of nothing, and what
 * boards without a serial number report.
 */
const SHARED = new Set([
  'b08dfa6083e7567a1921a715000001fb',
  'd41d8cd98f00b204e9800998ecf8427e',
  '03000200040005000006000700080009',
  '0123456789abcdef0123456789abcdef',
]);

const BY_HAND = 'or give the host an id of its own with --host-id';

const SYSTEM_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

const MAX_BYTES = 4096;

const execute = promisify(execFile);

const runProgram: RunProgram = async (program, parameters) => {
  const { stdout } = await execute(program, parameters, {
    timeout: 10_000,
    maxBuffer: 65_536,
    windowsHide: true,
  });
  return stdout;
};

/**
 * The id that the operating system gave this machine: 32 hexadecimal digits. It is confidential (machine-id(5)) and goes nowhere
 * but into a keyed hash.
 * @throws {AgentFault} `host-id` where there is none, or one that other machines have too
 */
export async function readMachineId(options: MachineOptions = {}): Promise<string> {
  const { platform = process.platform, root = '/', run = runProgram, systemRoot = 'C:\\Windows' } = options;
  if (platform === 'win32') {
    const key = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography';
    const reg = `${systemRoot}\\System32\\reg.exe`;
    // The 64-bit view, or a 32-bit program would see another key.
    const printed = await answerOf(run, reg, ['query', key, '/v', 'MachineGuid', '/reg:64']);
    return checked(/MachineGuid\s+REG_SZ\s+(\S+)/.exec(printed)?.[1], 'The MachineGuid in the registry');
  }
  if (platform === 'darwin') {
    const printed = await answerOf(run, '/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']);
    return checked(/"IOPlatformUUID" = "([^"]+)"/.exec(printed)?.[1], 'The IOPlatformUUID of this Mac');
  }
  return readSystemFiles(root);
}

async function readSystemFiles(root: string): Promise<string> {
  const container = await findContainer(root);
  let fault: AgentFault | undefined;
  for (const path of SYSTEM_FILES) {
    const content = await readBounded(join(root, path), MAX_BYTES).catch(() => undefined);
    if (content === undefined) continue;
    if (container !== undefined && !container.isMounted(path)) {
      // It is the same in every container of the image, or new in each.
      fault ??= inContainer(`${path} belongs to the image of this container and not to a machine`);
      continue;
    }
    try {
      return checked(content.toString('utf8'), path);
    } catch (error) {
      if (!(error instanceof AgentFault)) throw error;
      fault ??= error;
    }
  }
  if (fault !== undefined) throw fault;
  const message = `There is no machine id: ${SYSTEM_FILES.join(' and ')} are missing or unreadable`;
  throw container === undefined
    ? new AgentFault('host-id', message, `Run systemd-machine-id-setup, ${BY_HAND}.`)
    : inContainer(message);
}

const inContainer = (message: string): AgentFault =>
  new AgentFault(
    'host-id',
    message,
    `In a container, keep the state folder on a volume and give the id with --host-id, or mount /etc/machine-id of the machine read-only for the first start.`,
  );

function checked(given: string | undefined, source: string): string {
  const text = (given ?? '').trim().toLowerCase();
  const id = text.replaceAll('-', '');
  const why = whyUnusable(text, id);
  if (why === undefined) return id;
  throw new AgentFault(
    'host-id',
    `${source} ${why}`,
    `Let the system make a new one (systemd-machine-id-setup on Linux, sysprep on Windows), ${BY_HAND}.`,
  );
}

function whyUnusable(text: string, id: string): string | undefined {
  if (text === '') return 'is empty or missing';
  if (text === 'uninitialized') return 'is uninitialized: the first start of this system has not ended';
  if (!/^[0-9a-f]{32}$/.test(id)) return 'does not have 32 hexadecimal digits';
  if (/^(.)\1+$/.test(id) || SHARED.has(id)) return 'is one that many machines have, and tells none apart';
  return undefined;
}

async function answerOf(run: RunProgram, program: string, parameters: readonly string[]): Promise<string> {
  try {
    return await run(program, parameters);
  } catch (cause) {
    throw new AgentFault(
      'host-id',
      `The id of this machine cannot be read with ${program}`,
      `Let the user that runs the agent run that program, ${BY_HAND}.`,
      { cause },
    );
  }
}
