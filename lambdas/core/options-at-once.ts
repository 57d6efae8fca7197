import { covers, type Instant } from './instant.ts';
import type { ContractTerms } from './installation.ts';

/** Different options that a license file carries at once for certain, whatever their names. */
export const MAX_OPTIONS = 64;

/** The most different options that are ordered at one instant from `from` on. */
export function mostOptionsAtOnce(contracts: readonly ContractTerms[], from: Instant): number {
  const lines = contracts.filter(({ suspended }) => !suspended).flatMap((contract) => contract.lines);
  const starts = new Set([from, ...lines.map((line) => Math.max(from, line.from))]);
  return Math.max(
    ...[...starts].map(
      (instant) => new Set(lines.filter((line) => covers(line, instant)).map(({ option }) => option)).size,
    ),
  );
}
