import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Instant } from '../clock.ts';
import { printable } from '../file/printable.ts';
import { readBounded } from '../file/read-bounded.ts';
import { FRESH_STATE, type AttemptState, type Failure } from './attempt-state.ts';
import { MAX_INSTANT, type KnownClaims } from './last-verified.ts';
import { writeAtomically } from './write-atomically.ts';

const VERSION = 1;
const MAX_BYTES = 65_536;
const KINDS = ['refused', 'unreachable', 'rejected', 'not-written', 'fault'] as const;

/** Where the state of license files is kept. */
export interface StateStore {
  /** Never rejects: what cannot be read is a fresh state. */
  readonly read: (file: string) => Promise<AttemptState>;
  /** Rejects where the state cannot be stored. */
  readonly write: (file: string, state: AttemptState) => Promise<void>;
}

/** `<file>.state.json`; in a folder, with a hash of the whole path, for files of one name in different folders. */
export function statePathOf(file: string, folder?: string): string {
  if (folder === undefined) return `${file}.state.json`;
  const hash = createHash('sha256').update(resolve(file)).digest('hex').slice(0, 16);
  return join(folder, `${basename(file).slice(0, 100)}.${hash}.state.json`);
}

export const stateStore = (folder?: string): StateStore => ({
  read: (file) => readState(statePathOf(file, folder)),
  write: async (file, state) => {
    // Only a folder that was asked for: a license file with a typing error, or below a missing mount, must not make any.
    if (folder !== undefined) await mkdir(folder, { recursive: true });
    await writeState(statePathOf(file, folder), state);
  },
});

/**
 * The state in the file at `path`. A file that is missing, unreadable, damaged or of another version is a fresh state; a
 * damaged member is one that is not known. Never rejects.
 */
export async function readState(path: string): Promise<AttemptState> {
  try {
    const json: unknown = JSON.parse((await readBounded(path, MAX_BYTES)).toString('utf8'));
    if (!isRecord(json) || json['version'] !== VERSION) return FRESH_STATE;
    return stateOf(json);
  } catch {
    return FRESH_STATE;
  }
}

/**
 * Stores the state as JSON by temp and rename.
 * @throws {Error} of the file system
 */
export async function writeState(path: string, state: AttemptState): Promise<void> {
  await writeAtomically(path, `${JSON.stringify({ version: VERSION, ...state }, undefined, 2)}\n`);
}

function stateOf(json: Record<string, unknown>): AttemptState {
  const failingSince = instantOf(json['failingSince']);
  return {
    ...present({
      lastAttemptAt: instantOf(json['lastAttemptAt']),
      lastRenewedAt: instantOf(json['lastRenewedAt']),
      failingSince,
      lastFailure: failureOf(json['lastFailure']),
      nextAttemptAt: instantOf(json['nextAttemptAt']),
      unfinished: countOf(json['unfinished']),
      lockedSince: instantOf(json['lockedSince']),
      lastVerified: verifiedOf(json['lastVerified']),
      warnedOn: dayOf(json['warnedOn']),
      mailedOn: dayOf(json['mailedOn']),
      clockAhead: clockAheadOf(json['clockAhead']),
    }),
    // Failing without a count is failing once.
    failuresInRow: countOf(json['failuresInRow']) ?? (failingSince === undefined ? 0 : 1),
  };
}

function failureOf(value: unknown): Failure | undefined {
  if (!isRecord(value)) return undefined;
  const kind = KINDS.find((one) => one === value['kind']);
  const at = instantOf(value['at']);
  const { code, detail } = value;
  if (kind === undefined || at === undefined) return undefined;
  if (typeof code !== 'string' || typeof detail !== 'string') return undefined;
  return { kind, code: printable(code, 64), detail: printable(detail), at };
}

/** Undefined unless it is whole: half of a file would give half of a warning. */
function verifiedOf(value: unknown): KnownClaims | undefined {
  if (!isRecord(value)) return undefined;
  const { host, contracts, renewal } = value;
  const [sub, jti, product] = [nameOf(value['sub']), nameOf(value['jti']), nameOf(value['product'])];
  const [iat, exp] = [instantOf(value['iat']), instantOf(value['exp'])];
  const everySeconds = isRecord(renewal) ? instantOf(renewal['everySeconds']) : undefined;
  const hostId = isRecord(host) ? nameOf(host['id']) : undefined;
  if (sub === undefined || jti === undefined || product === undefined) return undefined;
  if (iat === undefined || exp === undefined || everySeconds === undefined) return undefined;
  if ((host !== undefined && hostId === undefined) || !Array.isArray(contracts)) return undefined;
  const ids = contracts.flatMap((one: unknown) => (isRecord(one) ? (nameOf(one['id']) ?? []) : []));
  return {
    sub,
    jti,
    product,
    iat,
    exp,
    contracts: ids.map((id) => ({ id })),
    renewal: { everySeconds },
    ...(hostId === undefined ? {} : { host: { id: hostId } }),
    ...present({ entitledUntil: instantOf(value['entitledUntil']) }),
  };
}

/** As long as an id in a license file may be. */
const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? printable(value, 256) : undefined;

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out the members that are undefined. */
function present<T extends Record<string, unknown>>(members: T): Present<T> {
  // The entries that are left are those whose values are not undefined.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const instantOf = (value: unknown): Instant | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INSTANT
    ? value
    : undefined;

const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000
    ? value
    : undefined;

const clockAheadOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_INSTANT ? value : undefined;

const dayOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
