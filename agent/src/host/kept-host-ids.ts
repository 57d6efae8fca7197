import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentFault } from '../fault.ts';
import { systemCodeOf } from '../file/fs-error.ts';
import { printable } from '../file/printable.ts';
import { readBounded } from '../file/read-bounded.ts';
import { replaceFile } from '../file/replace-file.ts';

/** 1 to 128 visible ASCII characters, as the service takes a `Host-Id`. */
export const isHostId = (text: string): boolean => /^[\x21-\x7e]{1,128}$/.test(text);

/** A host id with the machine that it was made on, as keyed hashes. */
export interface KeptHostId {
  readonly hostId: string;
  readonly machine: string;
  readonly hardware: readonly string[];
}

/** By product: several may share the folder. */
export type KeptHostIds = ReadonlyMap<string, KeptHostId>;

const MAX_BYTES = 65_536;

const pathIn = (folder: string): string => join(folder, 'host-id.json');

/**
 * The ids that are kept in a folder; none where there is no such file.
 * @throws {AgentFault} `host-id` where the file is damaged or may not be read: another id in its place would be another host
 */
export async function readKeptHostIds(folder: string): Promise<KeptHostIds> {
  const path = pathIn(folder);
  let why: string;
  try {
    const kept = keptOf(JSON.parse((await readBounded(path, MAX_BYTES)).toString('utf8')) as unknown);
    if (kept !== undefined) return kept;
    why = 'it is damaged';
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return new Map();
    why = code ?? 'it is damaged';
  }
  throw new AgentFault(
    'host-id',
    `The kept host id in ${printable(path)} cannot be read: ${why}`,
    'Let this user read the file, restore it from a backup, or give the id that the license file names with --host-id; remove the file only on a host without a license.',
  );
}

/** @throws {AgentFault} `not-written` */
export async function keepHostIds(folder: string, kept: KeptHostIds): Promise<void> {
  const path = pathIn(folder);
  // A folder that cannot be made shows when the file is written.
  await mkdir(folder, { recursive: true }).catch(() => undefined);
  const text = `${JSON.stringify({ hosts: Object.fromEntries(kept) }, undefined, 2)}\n`;
  // Readable for all: root may enroll a host, and another user renew on it. An id is no secret.
  await replaceFile(path, text, { keepPrevious: false, mode: 0o644 });
}

function keptOf(document: unknown): KeptHostIds | undefined {
  if (!isObject(document) || !isObject(document['hosts'])) return undefined;
  const kept = new Map<string, KeptHostId>();
  for (const [product, entry] of Object.entries(document['hosts'])) {
    if (!isObject(entry)) return undefined;
    const { hostId, machine, hardware } = entry;
    if (typeof hostId !== 'string' || !isHostId(hostId) || typeof machine !== 'string') return undefined;
    const isList = Array.isArray(hardware) && hardware.every((one): one is string => typeof one === 'string');
    if (!isList) return undefined;
    kept.set(product, { hostId, machine, hardware });
  }
  return kept;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
