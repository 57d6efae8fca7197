import { DAY, HOUR, type Instant } from '../../lambdas/core/instant.ts';
import type { ContractTerms, LicenseEntry, Line } from '../../lambdas/core/installation.ts';
import { HORIZON_HOURS } from './arbitrary-contracts.ts';
import { NOW } from './instants.ts';

const isIn = ({ from, until }: { from: Instant; until: Instant | null }, instant: Instant): boolean =>
  instant >= from && (until === null || instant < until);

/**
 * The rules of entitlement in their slowest form: it asks of every instant which contracts are in force, and finds an end by
 * walking hour by hour. It shares no code with what it judges.
 */
export class NaiveEntitlement {
  private readonly active: readonly ContractTerms[];
  private readonly defaultGraceDays: number;
  /** Every end of the united entitlement with the end of its grace. */
  private readonly ends: readonly { at: Instant; graceUntil: Instant }[];

  constructor(contracts: readonly ContractTerms[], defaultGraceDays: number) {
    this.active = contracts.filter(({ suspended }) => !suspended);
    this.defaultGraceDays = defaultGraceDays;
    const ends: { at: Instant; graceUntil: Instant }[] = [];
    for (let hours = -HORIZON_HOURS; hours <= 2 * HORIZON_HOURS; hours += 1) {
      const at = NOW + hours * HOUR;
      if (this.isCovered(at - 1) && !this.isCovered(at)) ends.push({ at, graceUntil: at + this.graceAt(at) });
    }
    this.ends = ends;
  }

  /** Whether a contract that orders hosts is in force. */
  isCovered(instant: Instant): boolean {
    return this.active.some((contract) => contract.hosts > 0 && isIn(contract, instant));
  }

  isEntitled(instant: Instant): boolean {
    return this.isCovered(instant) || this.graceEndsOf(instant).length > 0;
  }

  /** The latest end whose grace runs; undefined while a contract is in force. */
  endInGrace(instant: Instant): Instant | undefined {
    return this.isCovered(instant) ? undefined : this.graceEndsOf(instant).at(-1)?.at;
  }

  /** The lines in force: the ordered ones, and in grace those that ended where the entitlement ended. */
  linesAt(instant: Instant): Line[] {
    const end = this.endInGrace(instant);
    return this.active
      .flatMap(({ lines }) => lines)
      .filter((line) => isIn(line, instant) || (end !== undefined && line.until === end));
  }

  /** Those that are left, in order of declaration, up to the hosts of now or of a contract whose grace runs. */
  sharingAt(licenses: readonly LicenseEntry[], instant: Instant): LicenseEntry[] {
    const hostsAt = (moment: Instant) =>
      this.active.reduce((sum, contract) => sum + (isIn(contract, moment) ? contract.hosts : 0), 0);
    const allowed = this.active
      .filter(({ hosts }) => hosts > 0)
      .flatMap(({ until }) => (until === null ? [] : [until]))
      .filter((end) => end <= instant && instant < end + this.graceAt(end))
      .map((end) => hostsAt(end - 1));
    return licenses
      .filter(
        ({ lapsesAt, retiresAt }) =>
          !(lapsesAt !== undefined && lapsesAt <= instant) &&
          !(retiresAt !== undefined && retiresAt <= instant),
      )
      .slice(0, Math.max(hostsAt(instant), ...allowed));
  }

  private graceEndsOf(instant: Instant): { at: Instant; graceUntil: Instant }[] {
    return this.ends.filter(({ at, graceUntil }) => at <= instant && instant < graceUntil);
  }

  private graceAt(end: Instant): number {
    const days = this.active
      .filter(({ hosts, until }) => hosts > 0 && until === end)
      .map(({ graceDays }) => graceDays ?? this.defaultGraceDays);
    return Math.max(...days) * DAY;
  }
}
