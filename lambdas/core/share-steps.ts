import {
  changeInstants,
  contractedAt,
  declarationAt,
  divide,
  type Contracted,
  type Distributable,
} from './distribution.ts';
import { hostsAllowedAt, sharingAt } from './hosts-allowed.ts';
import type { Instant } from './instant.ts';
import type { TermDefaults } from './installation.ts';
import type { OptionWindow } from './license-file.ts';

/** The whole distribution of an installation over a span in which nothing changes. */
export interface ShareStep {
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
  readonly hostsAllowed: number;
  /** By option. */
  readonly contracted: ReadonlyMap<string, Contracted>;
  /** By option, then by license id. */
  readonly shares: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface ClosedSpan {
  readonly from: Instant;
  readonly until: Instant;
}

/**
 * The distribution over a span, step by step: the same rules as `shareWindows`, for all licenses in one go. What one license
 * gets takes looking at all of them anyway.
 */
export function shareSteps(
  installation: Distributable,
  span: ClosedSpan,
  defaults: TermDefaults,
): ShareStep[] {
  const inside = changeInstants(installation, defaults).filter(
    (instant) => span.from < instant && instant < span.until,
  );
  const starts = span.from < span.until ? [span.from, ...inside] : [];
  return starts.map((from, index) => {
    const sharing = sharingAt(installation, from, defaults);
    const contracted = contractedAt(installation, from, defaults);
    const shares = [...contracted].map(([option, { pool, everyHost }]): [string, Map<string, number>] => {
      const declared = declarationAt(installation.declarations ?? [], option, from)?.quantities;
      const parts = divide(pool, sharing, declared);
      return [option, new Map(sharing.map(({ id }, place) => [id, everyHost + (parts[place] ?? 0)]))];
    });
    return {
      from,
      until: starts[index + 1] ?? span.until,
      hostsAllowed: hostsAllowedAt(installation, from, defaults),
      contracted,
      shares: new Map(shares),
    };
  });
}

/** What a license carries of an option in a step. */
export const shareIn = (step: ShareStep | undefined, option: string, licenseId: string): number =>
  step?.shares.get(option)?.get(licenseId) ?? 0;

/** All that is contracted of an option in a step. Lines without a host that may run give nothing. */
export function totalIn({ contracted, hostsAllowed }: ShareStep, option: string): number {
  const { pool, everyHost } = contracted.get(option) ?? { pool: 0, everyHost: 0 };
  return hostsAllowed === 0 ? 0 : pool + everyHost * hostsAllowed;
}

/** The share of a license as windows, clipped to the steps; adjacent equal ones are one. */
export function windowsIn(steps: readonly ShareStep[], licenseId: string): OptionWindow[] {
  const windows: OptionWindow[] = [];
  const open = new Map<string, OptionWindow>();
  for (const { from, until, shares } of steps) {
    for (const [option, byLicense] of shares) {
      const quantity = byLicense.get(licenseId) ?? 0;
      if (quantity === 0) continue;
      const previous = open.get(option);
      if (previous?.until === from && previous.quantity === quantity) {
        previous.until = until;
      } else {
        const window = { option, quantity, from, until };
        open.set(option, window);
        windows.push(window);
      }
    }
  }
  return windows;
}
