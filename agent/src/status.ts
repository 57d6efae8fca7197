import { isoOf, type Clock, type Instant } from './clock.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { AgentFault } from './fault.ts';
import { isStarter, type GenuineFile } from './license.ts';
import type { AttemptState } from './loop/attempt-state.ts';
import type { StateStore } from './loop/state-store.ts';
import { exitCodeOfWarning, warningOf, type Warning } from './warning/expiry-warning.ts';

/** How a license file stands. */
export interface FileStatus {
  readonly path: string;
  readonly state: 'valid' | 'expiring' | 'expired' | 'starter' | 'damaged' | 'missing';
  /** Absent where it could not be verified. */
  readonly file?: GenuineFile;
  /** Why it could not be verified. */
  readonly fault?: AgentFault;
  /** Where the file cannot be verified: of what was last verified of it. */
  readonly warning?: Warning;
  readonly renewal: AttemptState;
}

export interface StatusParts {
  readonly read: (path: string) => Promise<GenuineFile>;
  readonly store: StateStore;
  readonly clock: Clock;
}

/** Looks at a license file and at what is remembered of it. Changes nothing and needs no network. Never rejects. */
export async function statusOf(path: string, { read, store, clock }: StatusParts): Promise<FileStatus> {
  const renewal = await store.read(path);
  const now = clock.now();
  try {
    const file = await read(path);
    const warning = warningOf(file, renewal, now);
    const state = stateOf(file, warning, now);
    return { path, state, file, renewal, ...(warning ? { warning } : {}) };
  } catch (error) {
    const fault =
      error instanceof AgentFault
        ? error
        : new AgentFault('file-unreadable', `${path} cannot be read`, 'See the cause.', { cause: error });
    const state = fault.code === 'file-missing' ? 'missing' : 'damaged';
    const { lastVerified } = renewal;
    const warning = lastVerified && warningOf({ claims: lastVerified }, renewal, now);
    return { path, state, fault, renewal, ...(warning ? { warning } : {}) };
  }
}

function stateOf(file: GenuineFile, warning: Warning | undefined, now: Instant): FileStatus['state'] {
  if (now >= file.claims.exp) return 'expired';
  if (isStarter(file)) return 'starter';
  return warning ? 'expiring' : 'valid';
}

/** Worst first. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.expired,
  EXIT.file,
  EXIT.expiringUnrenewed,
  EXIT.expiringByContract,
];

const exitCodeOf = ({ state, warning }: FileStatus): ExitCode => {
  if (state === 'damaged' || state === 'missing') {
    return warning?.kind === 'expired' ? EXIT.expired : EXIT.file;
  }
  if (state === 'expired') return EXIT.expired;
  return warning ? exitCodeOfWarning(warning) : EXIT.ok;
};

/** That of the worst file. */
export function exitCodeOfStatus(all: readonly FileStatus[]): ExitCode {
  const codes = all.map(exitCodeOf);
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.ok;
}

/** As `status --json` prints it; docs/product-contract.md describes the members. */
export const statusDocument = (all: readonly FileStatus[], now: Instant): object => ({
  files: all.map((status) => fileDocument(status, now)),
  exitCode: exitCodeOfStatus(all),
});

function fileDocument({ path, state, file, fault, warning, renewal }: FileStatus, now: Instant): object {
  return {
    file: path,
    state,
    ...(file ? claimsDocument(file, now) : {}),
    ...(fault ? { fault: { code: fault.code, detail: fault.message, advice: fault.advice } } : {}),
    ...(warning ? { warning: { kind: warning.kind, text: warning.lines.join(' ') } } : {}),
    renewal: renewalDocument(renewal),
  };
}

export function claimsDocument({ claims }: Pick<GenuineFile, 'claims'>, now: Instant): object {
  const { entitledUntil, host, exp } = claims;
  return {
    product: claims.product,
    installation: claims.installation,
    license: claims.sub,
    ...(host ? { host } : {}),
    customer: claims.customer,
    seq: claims.seq,
    issuedAt: isoOf(claims.iat),
    expiresAt: isoOf(exp),
    ...(entitledUntil === undefined ? {} : { entitledUntil: isoOf(entitledUntil) }),
    contracts: claims.contracts.map(({ id, endsAt }) => ({
      id,
      ...(endsAt === undefined ? {} : { endsAt: isoOf(endsAt) }),
    })),
    options: claims.options.map(({ option, quantity, from, until }) => ({
      option,
      quantity,
      from: isoOf(from),
      until: isoOf(until),
      inForce: from <= now && now < until && now < exp,
    })),
  };
}

function renewalDocument(state: AttemptState): object {
  const { lastAttemptAt, lastRenewedAt, nextAttemptAt, failingSince, failuresInRow, lastFailure } = state;
  const instants = { lastAttemptAt, lastRenewedAt, nextAttemptAt, failingSince };
  return {
    ...Object.fromEntries(
      Object.entries(instants).flatMap(([name, at]) => (at === undefined ? [] : [[name, isoOf(at)]])),
    ),
    failuresInRow,
    ...(lastFailure ? { lastFailure: { ...lastFailure, at: isoOf(lastFailure.at) } } : {}),
  };
}
