import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHardware } from '../../../agent/src/host/hardware.ts';
import { readMachineId } from '../../../agent/src/host/machine-id.ts';

const ID = '3f2a1b0c9d8e7f605142331425160798';

/** A root folder with some files in it. */
function aRoot(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'agent-root-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const linux = (files: Readonly<Record<string, string>>): Promise<string> =>
  readMachineId({ platform: 'linux', root: aRoot(files) });

const mount = (point: string, source = '/var/lib/x'): string =>
  `900 800 254:1 ${source} ${point} ro,relatime master:1 - ext4 /dev/vda1 rw\n`;

describe('on Linux', () => {
  it('is that of systemd, or that of D-Bus where there is none that can be used', async () => {
    expect(await linux({ 'etc/machine-id': `${ID}\n`, 'var/lib/dbus/machine-id': 'f'.repeat(32) })).toBe(ID);
    expect(await linux({ 'var/lib/dbus/machine-id': `${ID.toUpperCase()}\n` })).toBe(ID);
    expect(await linux({ 'etc/machine-id': '', 'var/lib/dbus/machine-id': ID })).toBe(ID);
  });

  it.each([
    ['', /empty/],
    ['\n', /empty/],
    ['uninitialized\n', /uninitialized/],
    ['0'.repeat(32), /many machines/],
    ['f'.repeat(32), /many machines/],
    ['b08dfa6083e7567a1921a715000001fb\n', /many machines/],
    ['d41d8cd98f00b204e9800998ecf8427e\n', /many machines/],
    [ID.slice(1), /32 hexadecimal/],
    [`${ID}\n${ID}`, /32 hexadecimal/],
    ['\u001b[2J', /32 hexadecimal/],
  ])('is refused when it is %j', async (content, why) => {
    await expect(linux({ 'etc/machine-id': content })).rejects.toMatchObject({
      code: 'host-id',
      message: expect.stringMatching(why) as unknown,
      advice: expect.stringMatching(/systemd-machine-id-setup.*--host-id/) as unknown,
    });
  });

  it('is missing with advice, and never the name of the host', async () => {
    await expect(linux({ 'etc/hostname': 'rip-01' })).rejects.toMatchObject({
      code: 'host-id',
      message: expect.stringContaining('no machine id') as unknown,
      advice: expect.stringContaining('--host-id') as unknown,
    });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['Docker', { '.dockerenv': '' }],
    ['Podman', { 'run/.containerenv': '' }],
    ['Kubernetes', { 'proc/1/cgroup': '11:memory:/kubepods/burstable/pod1\n' }],
    [
      'containerd',
      { 'proc/self/mountinfo': `1 0 0:1 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/1\n` },
    ],
    ['Kubernetes without other marks', { 'proc/self/mountinfo': mount('/dev/termination-log') }],
  ])('is not that of an image: %s', async (_name, marks) => {
    const fault = {
      code: 'host-id',
      advice: expect.stringMatching(/volume.*--host-id.*mount \/etc\/machine-id/) as unknown,
    };
    await expect(linux({ ...marks, 'etc/machine-id': ID })).rejects.toMatchObject(fault);
    await expect(linux(marks)).rejects.toMatchObject(fault);
  });

  it('is that of the machine in a container where it is mounted, and checked there too', async () => {
    const container = { '.dockerenv': '', 'proc/self/mountinfo': mount('/') + mount('/etc/machine-id') };
    expect(await linux({ ...container, 'etc/machine-id': ID })).toBe(ID);
    await expect(linux({ ...container, 'etc/machine-id': '' })).rejects.toMatchObject({ code: 'host-id' });
  });

  it('is that of a machine that runs containers, and of a system container', async () => {
    const overlay = `2 1 0:2 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw,lowerdir=/var/lib/docker/2\n`;
    const host = { 'proc/self/mountinfo': mount('/', '/') + overlay, 'proc/1/cgroup': '0::/init.scope\n' };
    expect(await linux({ ...host, 'etc/machine-id': ID })).toBe(ID);
    expect(await linux({ 'proc/1/cgroup': '1:name=systemd:/lxc/one\n', 'etc/machine-id': ID })).toBe(ID);
  });
});

describe('on Windows', () => {
  const answer = (guid: string): string =>
    `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    ${guid}\r\n\r\n`;

  it('is the MachineGuid, from the 64-bit registry and by the program of the system', async () => {
    const calls: unknown[] = [];
    const id = await readMachineId({
      platform: 'win32',
      run: (program, parameters) => {
        calls.push([program, ...parameters]);
        return Promise.resolve(answer('3F2A1B0C-9D8E-7F60-5142-331425160798'));
      },
    });
    expect(id).toBe(ID);
    expect(calls).toEqual([
      [
        'C:\\Windows\\System32\\reg.exe',
        'query',
        'HKLM\\SOFTWARE\\Microsoft\\Cryptography',
        '/v',
        'MachineGuid',
        '/reg:64',
      ],
    ]);
  });

  it.each([answer('00000000-0000-0000-0000-000000000000'), answer('x'), '', 'ERROR: Access is denied.'])(
    'is refused: %j',
    async (printed) => {
      const id = readMachineId({ platform: 'win32', run: () => Promise.resolve(printed) });
      await expect(id).rejects.toMatchObject({ code: 'host-id' });
    },
  );
});

describe('on a Mac', () => {
  it('is the UUID of the board', async () => {
    const printed = `  "IOPlatformSerialNumber" = "X"\n  "IOPlatformUUID" = "3F2A1B0C-9D8E-7F60-5142-331425160798"\n`;
    expect(await readMachineId({ platform: 'darwin', run: () => Promise.resolve(printed) })).toBe(ID);
  });

  it('is a fault where the program is missing, by a real attempt to run it', async () => {
    if (process.platform === 'darwin') return;
    await expect(readMachineId({ platform: 'darwin' })).rejects.toMatchObject({
      code: 'host-id',
      message: expect.stringContaining('ioreg') as unknown,
    });
  });
});

describe('the serial numbers of the hardware', () => {
  it('are the own addresses of real cards and the id of the board', async () => {
    const card = (name: string, address: string, type: string): Record<string, string> => ({
      [`sys/class/net/${name}/address`]: `${address}\n`,
      [`sys/class/net/${name}/addr_assign_type`]: `${type}\n`,
    });
    const root = aRoot({
      ...card('eth0', '52:54:00:AA:00:01', '0'),
      ...card('wlan0', '52:54:00:aa:00:02', '3'),
      ...card('eth1', '00:00:00:00:00:00', '0'),
      ...card('docker0', '02:42:00:aa:00:03', '0'),
      'sys/class/dmi/id/product_uuid': '3F2A1B0C\n',
    });
    for (const name of ['eth0', 'wlan0', 'eth1'])
      symlinkSync('/', join(root, `sys/class/net/${name}/device`));
    expect(await readHardware(root)).toEqual(['3f2a1b0c', '52:54:00:aa:00:01']);
    expect(await readHardware(aRoot({}))).toEqual([]);
  });
});
