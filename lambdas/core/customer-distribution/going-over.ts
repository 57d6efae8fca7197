import { entitlementAt } from '../entitlement.ts';
import { HOUR, type Instant } from '../instant.ts';
import type { OptionWindow } from '../license-file.ts';
import type { License } from '../license.ts';
import { overlapsIn, type HeldFile, type Overlap } from '../overlap.ts';
import { stepsUntil, windowsIn, type ShareStep } from '../share-steps.ts';
import { renewEverySecondsOf } from './declare.ts';
import type { Situation } from './view.ts';
import { clipped, quantityAt, windowsOf } from './windows.ts';

/**
 * The worst that can come while hosts go over to a new distribution: whoever gets more has it at once, whoever gets less holds
 * what it has until it is to have renewed, or until the file expires where that does not come by itself.
 */
export function overlapsWhileGoingOver(situation: Situation, after: readonly ShareStep[]): Overlap[] {
  const { held, installation, now } = situation;
  const current = new Map(
    held.files.flatMap((file) => (file.kind === 'current' ? [[file.licenseId, file]] : [])),
  );
  const gone = held.files.filter(({ kind }) => kind !== 'current');
  const holding = installation.licenses.map(({ id }) => {
    const file = current.get(id);
    const license = held.licenses.get(id);
    const renewsBy = license && renewsByOf(license, situation);
    return { id, file, until: file ? Math.min(file.expiresAt, renewsBy ?? file.expiresAt) : now };
  });
  // Then the last file from before is gone: what all hosts hold is what they are to hold.
  const end = [...holding.map(({ until }) => until), ...gone.map(({ expiresAt }) => expiresAt)].reduce(
    (latest, instant) => Math.max(latest, instant),
    now,
  );
  const steps = stepsUntil(after, end);
  const options = new Set(held.files.flatMap(({ windows }) => windows.map(({ option }) => option)));
  // One option after the other: the windows of all hosts and options together take more memory than there is.
  return [...options].sort().flatMap((option) => {
    const begun = steps.map((step) => ({ begun: step.begun.filter((one) => one.option === option) }));
    const own = begun.filter((step) => step.begun.length > 0);
    const worst = holding.map(({ id, file, until }): HeldFile => {
      const before = clipped(windowsOf(file?.windows ?? [], option), { from: now, until });
      return {
        ...(file ?? { licenseId: id, hostId: id, kind: 'current' }),
        expiresAt: end,
        windows: largerOf(windowsIn(own, id), before),
      };
    });
    const left = gone.map((file) => ({ ...file, windows: windowsOf(file.windows, option) }));
    return overlapsIn([...worst, ...left], steps);
  });
}

/**
 * When a host is to have renewed its current file: an interval after it was issued, with an hour to spare. Undefined where
 * that does not come by itself: it is late already, renews by hand, or would be refused.
 */
export function renewsByOf(
  license: License,
  { installation, now, defaults }: Situation,
): Instant | undefined {
  const { current, state, failingSince } = license;
  const entitlement = entitlementAt(installation.contracts, now, defaults);
  const isOnline =
    entitlement.kind === 'entitled' &&
    entitlement.contracts.some(({ connection }) => connection === 'online');
  if (!current || !isOnline || state !== 'active' || failingSince !== undefined) return undefined;
  const renewsBy = current.issuedAt + renewEverySecondsOf(installation, now, defaults) + HOUR;
  return renewsBy > now ? renewsBy : undefined;
}

/** The larger quantity of one option at every instant of both. */
function largerOf(a: readonly OptionWindow[], b: readonly OptionWindow[]): readonly OptionWindow[] {
  const [first] = b;
  if (!first) return a;
  const { option } = first;
  const instants = [...new Set([...a, ...b].flatMap(({ from, until }) => [from, until]))].sort(
    (x, y) => x - y,
  );
  return instants.slice(0, -1).map((from, index) => ({
    option,
    quantity: Math.max(quantityAt(a, option, from), quantityAt(b, option, from)),
    from,
    until: instants[index + 1] ?? from,
  }));
}
