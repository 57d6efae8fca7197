import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { AgentFault } from '../fault.ts';
import { printable } from '../file/printable.ts';
import { isHostId, keepHostIds, readKeptHostIds, type KeptHostId } from './kept-host-ids.ts';

export interface HostIdentityOptions {
  /** Name of the product: one machine has another id for each, by which nobody can follow it. */
  readonly product: string;
  /** Where the id is kept; in a container, a folder on a volume. */
  readonly folder: string;
  /** From the product or the settings; wins over everything and is not kept. */
  readonly given?: string;
  /** 32 hexadecimal digits; throws AgentFault `host-id` where there are none. */
  readonly readMachineId: () => Promise<string>;
  /** Whether an id that is made is kept; true unless given. */
  readonly keep?: boolean;
  /** Serial numbers of the machine, by which a copy with the same machine id shows. */
  readonly readHardware?: () => Promise<readonly string[]>;
}

export interface HostIdentity {
  readonly hostId: string;
  readonly source: 'given' | 'kept' | 'machine';
  /** The kept id was made on another machine: this is a copy of it, or the disk or volume has moved. */
  readonly changedMachine: boolean;
  /** For people: what is odd and what to do; absent where all is well. */
  readonly warning?: string;
}

/**
 * The id of this host: the given one, else the one that is kept in the folder, else one made of the machine id, which is kept.
 * It is never the host name, which changes and repeats.
 * @throws {AgentFault} `host-id`
 */
export async function hostIdentity(options: HostIdentityOptions): Promise<HostIdentity> {
  const { product, folder, given, keep = true } = options;
  if (given !== undefined) {
    if (!isHostId(given)) {
      throw new AgentFault(
        'host-id',
        'The given host id is not 1 to 128 visible ASCII characters',
        'Give one without spaces and umlauts.',
      );
    }
    return { hostId: given, source: 'given', changedMachine: false };
  }
  const all = await readKeptHostIds(folder);
  const kept = all.get(product);
  if (kept !== undefined) return compare(kept, options);

  const made = await makeHostId(options);
  const identity = { hostId: made.hostId, source: 'machine', changedMachine: false } as const;
  if (!keep) return identity;
  try {
    await keepHostIds(folder, new Map([...all, [product, made]]));
  } catch (fault) {
    if (!(fault instanceof AgentFault)) throw fault;
    // The same machine gives the same id: only what comes later is in danger.
    const warning = `The host id is not kept, and changes with the machine id: ${fault.message}. ${fault.advice}`;
    return { ...identity, warning };
  }
  return identity;
}

async function makeHostId({
  product,
  readMachineId,
  readHardware,
}: HostIdentityOptions): Promise<KeptHostId> {
  const machineId = await readMachineId();
  const hardware = (await readHardware?.()) ?? [];
  return {
    hostId: keyedHash(machineId, product),
    machine: keyedHash(machineId, '\0machine'),
    hardware: hardware.map((serial) => keyedHash(machineId, `\0hardware ${serial}`)),
  };
}

/** 128 bits in hexadecimal; the machine id is the key, and cannot be found from the hash. */
const keyedHash = (machineId: string, text: string): string =>
  createHmac('sha256', machineId).update(text).digest('hex').slice(0, 32);

async function compare(kept: KeptHostId, options: HostIdentityOptions): Promise<HostIdentity> {
  const identity = { hostId: kept.hostId, source: 'kept' } as const;
  let here: KeptHostId;
  try {
    here = await makeHostId(options);
  } catch (fault) {
    // A container that was started again without a machine id: the volume has the id.
    if (!(fault instanceof AgentFault)) throw fault;
    return { ...identity, changedMachine: false };
  }
  const hasOtherHardware =
    kept.hardware.length > 0 &&
    here.hardware.length > 0 &&
    !here.hardware.some((serial) => kept.hardware.includes(serial));
  const isOther = here.machine !== kept.machine;
  if (!isOther && !hasOtherHardware) return { ...identity, changedMachine: false };
  const path = printable(join(options.folder, 'host-id.json'));
  const what = isOther ? 'another machine id' : 'the same machine id but other hardware';
  const warning =
    `The host id in ${path} was made on a machine with ${what}. It is still used. ` +
    `If the disk, the volume or the container has moved here, all is well: --host-id ${kept.hostId} says so for good. ` +
    `If this is a copy of a machine that still runs, both now use one license: give this one a license of its own, ` +
    `${isOther ? '' : 'make a new machine id with systemd-machine-id-setup, '}remove ${path} and enroll again.`;
  return { ...identity, changedMachine: true, warning };
}
