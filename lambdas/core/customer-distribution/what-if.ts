import { endOfDay, startOfDay } from '../calendar.ts';
import { bodyInvalid } from '../body.ts';
import { counts, entitlementAt, hostsAt, periodsOf, type Period } from '../entitlement.ts';
import { leavesAt } from '../hosts-allowed.ts';
import { DAY, endOf, type Instant } from '../instant.ts';
import type { ContractTerms, Installation, LicenseEntry, Line, TermDefaults } from '../installation.ts';
import type { BodyFault } from '../problem.ts';
import { HORIZON_DAYS, type WhatIf } from './distribution-request.ts';

/** Contracts that exist nowhere: their ids are none that an ERP can give. */
const NO_CONTRACT = '#what-if';

/**
 * The installation as it would be if lines were ordered, licenses retired now and the number of hosts were another. Hosts
 * above those that have a license get one, `new-1` and on: so the answer says what each would carry.
 * @throws {Problem} `body-invalid`
 */
export function installationIf(
  installation: Installation,
  { lines = [], retire = [], hosts }: WhatIf,
  now: Instant,
  defaults: TermDefaults,
): Installation {
  const faults: BodyFault[] = [];
  const periods = periodsOf(installation.contracts, defaults).filter((period) => endOf(period) > now);
  const timeZone = zoneOf(installation.contracts, now, defaults);
  const ordered = lines.flatMap((line, index) => {
    const placed = periods
      .flatMap((period) => lineIn(period, line, timeZone))
      .filter((part) => endOf(part) > now);
    if (placed.length === 0) {
      faults.push({ path: `lines[${index}]`, message: 'lies outside of all that is contracted from now on' });
    }
    return placed;
  });
  retire.forEach((licenseId, index) => {
    if (!installation.licenses.some(({ id }) => id === licenseId)) {
      faults.push({ path: `retire[${index}]`, message: 'is no license of this installation' });
    }
  });
  if (hosts !== undefined && periods.length === 0) {
    faults.push({ path: 'hosts', message: 'cannot be counted: nothing is contracted from now on' });
  }
  if (faults.length > 0) throw bodyInvalid(faults);

  const licenses = installation.licenses.map((entry) =>
    retire.includes(entry.id) && now < leavesAt(entry) ? { ...entry, retiresAt: now } : entry,
  );
  const withLines = {
    ...installation,
    licenses,
    contracts: [...installation.contracts, addOnOf(ordered, now)],
  };
  return hosts === undefined ? withLines : withHosts(withLines, hosts, now, defaults);
}

/** The part of a line that a period has, as an order clips it to its contract. */
function lineIn(
  period: Period,
  { startsOn, endsOn, ...line }: NonNullable<WhatIf['lines']>[number],
  timeZone: string,
): Line[] {
  const from = Math.max(period.from, startsOn === undefined ? period.from : startOfDay(startsOn, timeZone));
  const until = Math.min(endOf(period), endsOn === undefined ? endOf(period) : endOfDay(endsOn, timeZone));
  return from < until ? [{ ...line, from, until: Number.isFinite(until) ? until : null }] : [];
}

/** The zone in whose days the customer orders: that of the contract in force that ends last. */
function zoneOf(contracts: readonly ContractTerms[], now: Instant, defaults: TermDefaults): string {
  const entitlement = entitlementAt(contracts, now, defaults);
  const candidates = entitlement.kind === 'entitled' ? entitlement.contracts : contracts;
  const last = candidates
    .toSorted((a, b) => endOf(b) - endOf(a))
    .find(({ timeZone }) => timeZone !== undefined);
  return last?.timeZone ?? 'UTC';
}

const addOnOf = (lines: readonly Line[], now: Instant): ContractTerms => ({
  id: NO_CONTRACT,
  kind: 'perpetual',
  suspended: false,
  from: now,
  until: null,
  hosts: 0,
  connection: 'online',
  lines,
});

/** The same periods, each with another number of hosts from now on. Where they get fewer, the grace of an order begins. */
function withHosts(
  installation: Installation,
  hosts: number,
  now: Instant,
  defaults: TermDefaults,
): Installation {
  const { contracts, keptHosts = [], licenses } = installation;
  const before = hostsAt(contracts, now);
  const counting = contracts.map((contract) =>
    counts(contract) && endOf(contract) > now ? { ...contract, hosts: 0 } : contract,
  );
  const ordered = periodsOf(contracts, defaults)
    .filter((period) => endOf(period) > now)
    .map(({ from, until, graceUntil }): ContractTerms => ({
      ...addOnOf([], Math.max(from, now)),
      until,
      hosts,
      ...(until === null || graceUntil === null ? {} : { graceDays: (graceUntil - until) / DAY }),
    }));
  const taken = licenses.filter((entry) => now < leavesAt(entry)).length;
  const added = Array.from({ length: Math.max(0, hosts - taken) }, (_, index): LicenseEntry => ({
    id: `new-${index + 1}`,
  }));
  return {
    ...installation,
    contracts: [...counting, ...ordered],
    licenses: [...licenses, ...added],
    ...(hosts < before ? { keptHosts: [...keptHosts, { hosts: before, endedAt: now }] } : {}),
  };
}

/** How far ahead answers look. */
export const horizonOf = (now: Instant): Instant => now + HORIZON_DAYS * DAY;
