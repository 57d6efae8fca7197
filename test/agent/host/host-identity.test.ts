import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AgentFault } from '../../../agent/src/fault.ts';
import { hostIdentity, type HostIdentityOptions } from '../../../agent/src/host/host-identity.ts';

const MACHINE = '3f2a1b0c9d8e7f605142331425160798';
const OTHER = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-host-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const on = (machineId: string, ...hardware: readonly string[]): Omit<HostIdentityOptions, 'folder'> => ({
  product: 'ES',
  readMachineId: () => Promise.resolve(machineId),
  readHardware: () => Promise.resolve(hardware),
});
const nowhere = {
  product: 'ES',
  readMachineId: () => Promise.reject(new AgentFault('host-id', 'There is no machine id', 'Make one.')),
};

describe('the id of this host', () => {
  it('is the given one, whatever is kept or wrong', async () => {
    const folder = aFolder();
    await hostIdentity({ folder, ...on(MACHINE) });
    const given = await hostIdentity({ folder, ...nowhere, given: 'rip-01' });
    expect(given).toEqual({ hostId: 'rip-01', source: 'given', changedMachine: false });
  });

  it.each(['', 'with space', 'ümlaut', 'a'.repeat(129), 'a\n', '\u001b[2J'])(
    'is never %j, though it is given',
    async (given) => {
      const fault = hostIdentity({ folder: aFolder(), ...on(MACHINE), given });
      await expect(fault).rejects.toMatchObject({ code: 'host-id' });
    },
  );

  it('is the HMAC of the machine id with the name of the product, in hexadecimal, and is kept', async () => {
    const folder = join(aFolder(), 'made', 'when needed');
    const identity = await hostIdentity({ folder, ...on(MACHINE) });
    const expected = createHmac('sha256', MACHINE).update('ES').digest('hex').slice(0, 32);
    expect(identity).toEqual({ hostId: expected, source: 'machine', changedMachine: false });
    const kept = readFileSync(join(folder, 'host-id.json'), 'utf8');
    expect(kept).toContain(expected);
    expect(kept).not.toContain(MACHINE);
    expect(statSync(join(folder, 'host-id.json')).mode & 0o777).toBe(0o644);
  });

  it('is another for each product and each machine, and the same on the same', async () => {
    const idOf = async (machine: string, product: string): Promise<string> =>
      (await hostIdentity({ folder: aFolder(), ...on(machine), product })).hostId;
    const ids = [await idOf(MACHINE, 'ES'), await idOf(MACHINE, 'XX'), await idOf(OTHER, 'ES')];
    expect(new Set(ids).size).toBe(3);
    expect(await idOf(MACHINE, 'ES')).toBe(ids[0]);
  });

  it('is kept for several products in one folder', async () => {
    const folder = aFolder();
    const first = await hostIdentity({ folder, ...on(MACHINE) });
    const second = await hostIdentity({ folder, ...on(MACHINE), product: '__proto__' });
    expect(await hostIdentity({ folder, ...on(MACHINE) })).toEqual({ ...first, source: 'kept' });
    expect(await hostIdentity({ folder, ...on(MACHINE), product: '__proto__' })).toEqual({
      ...second,
      source: 'kept',
    });
  });

  it('survives the restart of a container on a volume, without a machine id', async () => {
    const folder = aFolder();
    const { hostId } = await hostIdentity({ folder, ...on(MACHINE) });
    const kept = { hostId, source: 'kept', changedMachine: false };
    expect(await hostIdentity({ folder, ...nowhere })).toEqual(kept);
  });

  it('stays on another machine, which is said with both explanations', async () => {
    const folder = aFolder();
    const { hostId } = await hostIdentity({ folder, ...on(MACHINE) });
    const moved = await hostIdentity({ folder, ...on(OTHER) });
    expect(moved).toMatchObject({ hostId, source: 'kept', changedMachine: true });
    expect(moved.warning).toMatch(/another machine id.*has moved here.*--host-id.*is a copy.*enroll again/);
    expect(await hostIdentity({ folder, ...on(OTHER) })).toEqual(moved);
  });

  it('stays on a copy with the same machine id, which other hardware gives away', async () => {
    const folder = aFolder();
    const { hostId } = await hostIdentity({ folder, ...on(MACHINE, '52:54:00:00:00:01', 'board-1') });
    const oneCardLess = await hostIdentity({ folder, ...on(MACHINE, '52:54:00:00:00:01', 'board-2') });
    expect(oneCardLess).toEqual({ hostId, source: 'kept', changedMachine: false });
    expect(await hostIdentity({ folder, ...on(MACHINE) })).toMatchObject({ changedMachine: false });
    const copy = await hostIdentity({ folder, ...on(MACHINE, '52:54:00:00:00:02', 'board-2') });
    expect(copy).toMatchObject({ hostId, source: 'kept', changedMachine: true });
    expect(copy.warning).toMatch(/same machine id but other hardware.*systemd-machine-id-setup/);
    expect(readFileSync(join(folder, 'host-id.json'), 'utf8')).not.toContain('52:54');
  });

  it('is a fault where there is no machine id, and nothing is made up or kept', async () => {
    const folder = aFolder();
    await expect(hostIdentity({ folder, ...nowhere })).rejects.toMatchObject({ code: 'host-id' });
    expect(existsSync(join(folder, 'host-id.json'))).toBe(false);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"hosts": 1}',
    '{"hosts": {"ES": {"hostId": "a b", "machine": "m", "hardware": []}}}',
    '{"hosts": {"ES": {"hostId": "a", "machine": "m", "hardware": [1]}}}',
    '{"hosts": {"ES": null}}',
    'x'.repeat(100_000),
  ])('is a fault where the kept one is damaged: another would be another host (%#)', async (content) => {
    const folder = aFolder();
    writeFileSync(join(folder, 'host-id.json'), content);
    await expect(hostIdentity({ folder, ...on(MACHINE) })).rejects.toMatchObject({
      code: 'host-id',
      advice: expect.stringContaining('backup') as unknown,
    });
    expect(readFileSync(join(folder, 'host-id.json'), 'utf8')).toBe(content);
  });

  it('is used with a warning where it cannot be kept', async () => {
    const file = join(aFolder(), 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const identity = await hostIdentity({ folder: join(file, 'state'), ...on(MACHINE) });
    expect(identity).toMatchObject({ source: 'machine', changedMachine: false });
    expect(identity.warning).toContain('is not kept');
  });
});
