import type { DistributionAnswer, PreviewAnswer, WhatIfAnswer } from '../api/distribution-operations.ts';
import { cursorInvalid, cursorOf, cursorParts } from '../api/paging.ts';
import { declarationAt } from '../distribution.ts';
import { sharingAt } from '../hosts-allowed.ts';
import { isoOf, type Instant } from '../instant.ts';
import type { Declaration, Installation, LicenseEntry, TermDefaults } from '../installation.ts';
import type { OptionWindow } from '../license-file.ts';
import type { License } from '../license.ts';
import { overlapsIn, type HeldFile, type Overlap } from '../overlap.ts';
import { shareIn, shareSteps, stepsUntil, windowsIn, type ShareStep } from '../share-steps.ts';
import type { DeclarationDecision } from './declare.ts';
import { overlapsWhileGoingOver, renewsByOf } from './going-over.ts';
import type { HeldFiles } from './held-files.ts';
import { horizonOf } from './what-if.ts';
import { clipped, quantityAt, textOf, windowsOf } from './windows.ts';

/** As many holders of an overlap are named. */
const MAX_HOLDERS = 50;
const MAX_OVERLAPS = 100;
const MAX_NOT_RENEWED = 200;

/** A file carries at most so many windows; of what starts after the last of them it says nothing. */
const MAX_WINDOWS = 64;

/** What a page of hosts is cut by. */
export interface HostPage {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** What is known at the time of an answer. */
export interface Situation {
  readonly installation: Installation;
  readonly held: HeldFiles;
  readonly now: Instant;
  readonly defaults: TermDefaults;
}

export function distributionOf(situation: Situation, page: HostPage): DistributionAnswer {
  const { installation, held, now, defaults } = situation;
  const { declarations = [], licenses, product, version } = installation;
  const steps = stepsOf(installation, situation);
  const { entries, next } = pageOf(licenses, page);
  const files = new Map(
    held.files.flatMap((file) => (file.kind === 'left-behind' ? [] : [[file.licenseId, file]])),
  );
  const sharing = new Set(sharingAt(installation, now, defaults).map(({ id }) => id));
  const windows = new Map(entries.map(({ id }) => [id, windowsIn(steps, id)]));
  const outdated = new Set(
    [...files.values()].filter((file) => !isUpToDate(file, steps, now)).map(({ licenseId }) => licenseId),
  );
  // A retired host renews no more: its file is reported as an overlap, as long as it says too much.
  const notRenewed = licenses.filter(({ id }) => outdated.has(id) && files.get(id)?.kind === 'current');
  return {
    product,
    installation: installation.installation,
    version,
    until: isoOf(endOf(steps, situation)),
    hostsAllowed: steps[0]?.hostsAllowed ?? 0,
    options: optionsOf(steps, declarations).map((option) => {
      const inForce = declarationAt(declarations, option, now);
      const last = pendingOf(declarations, now).findLast((pending) => pending.option === option);
      const afterPending =
        last && steps.find(({ from, until }) => from <= last.effectiveAt && last.effectiveAt < until);
      return {
        option,
        contracted: { pool: 0, everyHost: 0, ...steps[0]?.contracted.get(option) },
        windows: contractedWindows(steps, option),
        ...(inForce && Object.keys(inForce.quantities).length > 0
          ? { declaredSince: isoOf(inForce.effectiveAt) }
          : {}),
        shares: entries.map(({ id }) => {
          const file = files.get(id);
          return {
            licenseId: id,
            ...(inForce && Object.hasOwn(inForce.quantities, id) ? { declared: inForce.quantities[id] } : {}),
            share: shareIn(steps[0], option, id),
            ...(afterPending ? { shareAfterPending: shareIn(afterPending, option, id) } : {}),
            ...(file ? { delivered: quantityAt(file.windows, option, now) } : {}),
            windows: isoWindows(windowsOf(windows.get(id) ?? [], option)),
          };
        }),
      };
    }),
    hosts: entries.map((entry) => memberOf(entry, held.licenses.get(entry.id), sharing, outdated, situation)),
    ...(next === undefined ? {} : { next }),
    pending: pendingOf(declarations, now).map(({ option, effectiveAt, quantities }) => ({
      option,
      effectiveAt: isoOf(effectiveAt),
      quantities: Object.keys(quantities).length > 0 ? quantities : null,
    })),
    notRenewed: notRenewed.slice(0, MAX_NOT_RENEWED).map(({ id }) => id),
    notRenewedInAll: notRenewed.length,
    overlap: overlapView(overlapsIn(held.files, stepsUntil(steps, lastExpiryOf(held.files)))),
  };
}

/** What a declaration would change, and the most that could overlap while hosts go over to it. */
export function previewOf(
  situation: Situation,
  { effectiveAt, declarations }: Pick<DeclarationDecision, 'effectiveAt' | 'declarations'>,
  page: HostPage,
): PreviewAnswer {
  const { installation } = situation;
  const { before, after, until } = stepsOfBoth({ ...installation, declarations }, situation);
  return {
    version: installation.version,
    until: isoOf(until),
    effectiveAt: isoOf(effectiveAt),
    ...changedHosts(installation.licenses, situation, before, after, page),
    overlap: overlapView(overlapsWhileGoingOver(situation, after)),
  };
}

export function whatIfOf(situation: Situation, changed: Installation, page: HostPage): WhatIfAnswer {
  const { before, after, until } = stepsOfBoth(changed, situation);
  return {
    version: situation.installation.version,
    until: isoOf(until),
    ...changedHosts(changed.licenses, situation, before, after, page),
  };
}

const stepsOf = (installation: Installation, { now, defaults }: Situation): ShareStep[] =>
  shareSteps(installation, { from: now, until: horizonOf(now) }, defaults);

/** As it is and as it would be, as far ahead as both could be computed. */
function stepsOfBoth(changed: Installation, situation: Situation) {
  const [before, after] = [stepsOf(situation.installation, situation), stepsOf(changed, situation)];
  const until = Math.min(endOf(before, situation), endOf(after, situation));
  return { before: stepsUntil(before, until), after: stepsUntil(after, until), until };
}

const endOf = (steps: readonly ShareStep[], { now }: Situation): Instant => steps.at(-1)?.until ?? now;

/** Hosts in order of declaration; a cursor names the last one shown. */
function pageOf(
  licenses: readonly LicenseEntry[],
  { limit, after }: HostPage,
): { entries: readonly LicenseEntry[]; next?: string } {
  const [last] = after === undefined ? [] : cursorParts(after, 1);
  const start = after === undefined ? 0 : licenses.findIndex(({ id }) => id === last) + 1;
  if (after !== undefined && start === 0) throw cursorInvalid();
  const entries = licenses.slice(start, start + limit);
  const end = entries.at(-1);
  return {
    entries,
    ...(end && start + limit < licenses.length ? { next: cursorOf([end.id]) } : {}),
  };
}

const optionsOf = (steps: readonly ShareStep[], declarations: readonly Declaration[]): string[] =>
  [
    ...new Set([
      ...steps.flatMap(({ contracted }) => [...contracted.keys()]),
      ...declarations.map(({ option }) => option),
    ]),
  ].sort();

const pendingOf = (declarations: readonly Declaration[], now: Instant): Declaration[] =>
  declarations
    .filter(({ effectiveAt }) => effectiveAt > now)
    .sort((a, b) => a.effectiveAt - b.effectiveAt || (a.option < b.option ? -1 : 1));

function contractedWindows(steps: readonly ShareStep[], option: string) {
  const windows: { pool: number; everyHost: number; from: Instant; until: Instant }[] = [];
  for (const { from, until, contracted } of steps) {
    const { pool, everyHost } = contracted.get(option) ?? { pool: 0, everyHost: 0 };
    if (pool + everyHost === 0) continue;
    const previous = windows.at(-1);
    if (previous?.until === from && previous.pool === pool && previous.everyHost === everyHost) {
      previous.until = until;
    } else {
      windows.push({ pool, everyHost, from, until });
    }
  }
  return windows.map(({ from, until, ...contracted }) => ({
    ...contracted,
    from: isoOf(from),
    until: isoOf(until),
  }));
}

function memberOf(
  { id, lapsesAt, retiresAt }: LicenseEntry,
  license: License | undefined,
  sharing: ReadonlySet<string>,
  outdated: ReadonlySet<string>,
  situation: Situation,
): DistributionAnswer['hosts'][number] {
  const current = license?.current;
  const renewsBy = license && renewsByOf(license, situation);
  return {
    licenseId: id,
    ...hostOf(license),
    ...(license?.site === undefined ? {} : { site: license.site }),
    isSharing: sharing.has(id),
    ...(lapsesAt === undefined ? {} : { lapsesAt: isoOf(lapsesAt) }),
    ...(retiresAt === undefined ? {} : { retiresAt: isoOf(retiresAt) }),
    ...(current && current.expiresAt > situation.now
      ? {
          file: {
            issuedAt: isoOf(current.issuedAt),
            expiresAt: isoOf(current.expiresAt),
            isUpToDate: !outdated.has(id),
            ...(renewsBy === undefined ? {} : { renewsBy: isoOf(renewsBy) }),
          },
        }
      : {}),
  };
}

function hostOf(license: License | undefined): { host?: { id: string; name?: string } } {
  const host = license?.host;
  if (!host) return {};
  return { host: { id: host.id, ...(host.name === undefined ? {} : { name: host.name }) } };
}

/** From then on nobody holds anything of today. */
const lastExpiryOf = (files: readonly HeldFile[]): Instant =>
  files.reduce((latest, { expiresAt }) => Math.max(latest, expiresAt), 0);

/** Whether a file says of the rest of its life what a renewal would say now; where it is full, as far as it says anything. */
function isUpToDate(
  { licenseId, windows, expiresAt }: HeldFile,
  steps: readonly ShareStep[],
  now: Instant,
): boolean {
  const until =
    windows.length < MAX_WINDOWS ? expiresAt : Math.max(now + 1, ...windows.map(({ from }) => from));
  // Steps may end early where there are too many.
  const span = { from: now, until: Math.min(until, expiresAt, steps.at(-1)?.until ?? now) };
  return textOf(clipped(windows, span)) === textOf(clipped(windowsIn(steps, licenseId), span));
}

function changedHosts(
  licenses: readonly LicenseEntry[],
  { held }: Situation,
  before: readonly ShareStep[],
  after: readonly ShareStep[],
  page: HostPage,
): Pick<PreviewAnswer, 'hosts' | 'next'> {
  const { entries, next } = pageOf(licenses, page);
  const hosts = entries.flatMap(({ id }) => {
    const [old, fresh] = [before, after].map((steps) => windowsIn(steps, id));
    const options = [...new Set([...(old ?? []), ...(fresh ?? [])].map(({ option }) => option))].sort();
    const changes = options.flatMap((option) => {
      const [was, is] = [old, fresh].map((windows = []) => windowsOf(windows, option));
      if (textOf(was ?? []) === textOf(is ?? [])) return [];
      return [{ option, before: isoWindows(was ?? []), after: isoWindows(is ?? []) }];
    });
    return changes.length > 0 ? [{ licenseId: id, ...hostOf(held.licenses.get(id)), options: changes }] : [];
  });
  return { hosts, ...(next === undefined ? {} : { next }) };
}

const isoWindows = (windows: readonly OptionWindow[]) =>
  windows.map(({ quantity, from, until }) => ({ quantity, from: isoOf(from), until: isoOf(until) }));

const overlapView = (overlaps: readonly Overlap[]): DistributionAnswer['overlap'] =>
  overlaps.slice(0, MAX_OVERLAPS).map(({ option, from, until, tooMuch, holders }) => ({
    option,
    from: isoOf(from),
    until: isoOf(until),
    tooMuch,
    holders: holders.slice(0, MAX_HOLDERS).map(({ file, ...holder }) => ({
      licenseId: file.licenseId,
      host: { id: file.hostId, ...(file.hostName === undefined ? {} : { name: file.hostName }) },
      kind: file.kind,
      tooMuch: holder.tooMuch,
      from: isoOf(holder.from),
      until: isoOf(holder.until),
    })),
    holdersInAll: holders.length,
  }));
