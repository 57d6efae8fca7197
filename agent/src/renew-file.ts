import type { Instant } from './clock.ts';
import { AgentFault } from './fault.ts';
import { printable } from './file/printable.ts';
import type { GenuineFile } from './license.ts';
import { isStarter } from './license.ts';
import type { Answer, Outcome, Rejection } from './outcome.ts';

/** What a renewal needs; the parts that touch the disk and the network. */
export interface RenewalParts {
  /** @throws {AgentFault} `file-missing`, `file-unreadable`, `file-damaged` */
  readonly read: (path: string) => Promise<GenuineFile>;
  /** Opens an answer; a rejection where it is not a genuine file. */
  readonly open: (
    text: string,
  ) => Promise<GenuineFile | { readonly reason: Rejection; readonly detail: string }>;
  readonly whyNotAccepted: (
    current: GenuineFile,
    next: GenuineFile,
    hostId: string | undefined,
    now: Instant,
  ) => 'same' | { readonly reason: Rejection; readonly detail: string } | undefined;
  /** What is known beforehand to keep a new file from being stored. */
  readonly whyNotReplaceable: (path: string) => Promise<AgentFault | undefined>;
  /** @throws {AgentFault} `not-written` */
  readonly replace: (path: string, text: string) => Promise<void>;
  /**
   * The work gets a signal that aborts if the lock was lost.
   * @throws {AgentFault} `locked`
   */
  readonly lock: <Result>(path: string, work: (lost: AbortSignal) => Promise<Result>) => Promise<Result>;
  readonly ask: (
    url: string,
    file: string,
    host: { readonly id?: string; readonly name?: string },
    signal?: AbortSignal,
  ) => Promise<Answer>;
  readonly now: () => Instant;
}

export interface RenewalOptions {
  /** Sent as `Host-Id`; absent: the service takes the one in the file. Needed to bind a starter file. */
  readonly hostId?: string;
  /** Sent as `Host-Name`, for display. */
  readonly hostName?: string;
  /** Where to renew; absent: as the file says. */
  readonly url?: string;
  /** Asks and verifies, but changes nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Renews one license file. Under the lock it is read again: of two agents at once the second one finds what the first has
 * written, and is done. Whatever happens, the file on disk is the old one or a verified newer one.
 * @throws {AgentFault} where the service could not even be asked
 */
export async function renewFile(
  path: string,
  parts: RenewalParts,
  options: RenewalOptions = {},
): Promise<Outcome> {
  const { hostId, hostName, url, dryRun = false, signal } = options;
  const seen = await parts.read(path).catch(() => undefined);
  return parts.lock(path, async (lost) => {
    const before = await parts.read(path);
    if (seen !== undefined && isSuccessor(before, seen, hostId)) return { kind: 'unchanged', file: before };
    if (isStarter(before) && hostId === undefined) {
      throw new AgentFault(
        'host-id',
        `${path} is a starter file, which is bound to a host by its first renewal`,
        'Run enroll, or give the id of this host with --host-id or --product.',
      );
    }
    // Not asked in vain: the service would take a host for healthy whose file stays as it is.
    const hindrance = dryRun ? undefined : await parts.whyNotReplaceable(path);
    if (hindrance) return notWritten(hindrance);
    const host = {
      ...(hostId === undefined ? {} : { id: hostId }),
      ...(hostName === undefined ? {} : { name: hostName }),
    };
    const answer = await parts.ask(url ?? before.claims.renewal.url, before.text, host, signal);
    if (answer.kind !== 'file') return answer;

    const clockAhead = answer.clockAhead === undefined ? {} : { clockAhead: answer.clockAhead };
    const renewAfter = answer.renewAfter === undefined ? {} : { renewAfter: answer.renewAfter };
    const next = await parts.open(answer.text);
    if ('reason' in next) return { kind: 'rejected', ...next, ...clockAhead };
    // By the service's clock where it is told: one that is wrong here must not keep new files out.
    const now = parts.now() - (answer.clockAhead ?? 0);
    // The lock may be lost while the machine sleeps, before anybody notices: the answer has to be newer than what is there now.
    const current = await parts.read(path).catch(() => (lost.aborted ? undefined : before));
    if (current === undefined) throw changedMeanwhile(path);
    const verdict = parts.whyNotAccepted(current, next, hostId, now);
    if (verdict === 'same') return { kind: 'unchanged', file: current, ...renewAfter, ...clockAhead };
    if (verdict !== undefined && current.text !== before.text) {
      if (isSuccessor(current, before, hostId)) return { kind: 'unchanged', file: current, ...clockAhead };
      throw changedMeanwhile(path);
    }
    if (verdict !== undefined) return { kind: 'rejected', ...verdict, ...clockAhead };
    if (!dryRun) {
      try {
        await parts.replace(path, next.text);
      } catch (fault) {
        if (!(fault instanceof AgentFault) || fault.code !== 'not-written') throw fault;
        return notWritten(fault);
      }
    }
    return { kind: 'renewed', before: current, file: next, ...renewAfter, ...clockAhead };
  });
}

const notWritten = ({ message, advice }: AgentFault): Outcome => ({
  kind: 'not-written',
  detail: `${message}. ${advice}`,
});

const changedMeanwhile = (path: string): AgentFault =>
  new AgentFault(
    'locked',
    `Somebody else is at work on ${printable(path)}, which changed while the service was asked`,
    'Let it finish; the next attempt goes by what is there then.',
  );

const isSuccessor = ({ claims }: GenuineFile, { claims: earlier }: GenuineFile, hostId?: string): boolean =>
  claims.sub === earlier.sub &&
  claims.seq > earlier.seq &&
  claims.host !== undefined &&
  (hostId === undefined || claims.host.id === hostId);
