import type { DistributionAnswer, PreviewAnswer, WhatIfAnswer } from '../api/distribution-operations.ts';
import { cursorInvalid, cursorOf, cursorParts } from '../api/paging.ts';
import { declarationAt } from '../distribution.ts';
import { entitlementAt } from '../entitlement.ts';
import { sharingAt } from '../hosts-allowed.ts';
import { HOUR, isoOf, type Instant } from '../instant.ts';
import type { Declaration, Installation, LicenseEntry, TermDefaults } from '../installation.ts';
import type { OptionWindow } from '../license-file.ts';
import type { License } from '../license.ts';
import { overlapsIn, type HeldFile, type Overlap } from '../overlap.ts';
import { shareIn, shareSteps, windowsIn, type ShareStep } from '../share-steps.ts';
import { renewEverySecondsOf, type DeclarationDecision } from './declare.ts';
import type { HeldFiles } from './held-files.ts';
import { horizonOf } from './what-if.ts';

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
            ...(last ? { shareAfterPending: shareIn(afterPending, option, id) } : {}),
            ...(file ? { delivered: quantityAt(file.windows, option, now) } : {}),
            windows: isoWindows((windows.get(id) ?? []).filter((window) => window.option === option)),
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
    overlap: overlapView(overlapsIn(held.files, steps)),
  };
}

/** What a declaration would change, and the most that could overlap while hosts go over to it. */
export function previewOf(
  situation: Situation,
  { effectiveAt, declarations }: Pick<DeclarationDecision, 'effectiveAt' | 'declarations'>,
  page: HostPage,
): PreviewAnswer {
  const { installation, held } = situation;
  const [before, after] = [installation, { ...installation, declarations }].map((one) =>
    stepsOf(one, situation),
  );
  const worst = worstFiles(situation, after ?? []);
  return {
    version: installation.version,
    effectiveAt: isoOf(effectiveAt),
    ...changedHosts(installation.licenses, held, before ?? [], after ?? [], page),
    overlap: overlapView(overlapsIn(worst, after ?? [])),
  };
}

export function whatIfOf(situation: Situation, changed: Installation, page: HostPage): WhatIfAnswer {
  const { installation, held } = situation;
  const [before, after] = [installation, changed].map((one) => stepsOf(one, situation));
  return {
    version: installation.version,
    ...changedHosts(changed.licenses, held, before ?? [], after ?? [], page),
  };
}

const stepsOf = (installation: Installation, { now, defaults }: Situation): ShareStep[] =>
  shareSteps(installation, { from: now, until: horizonOf(now) }, defaults);

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

/**
 * When a host is to have renewed its current file: an interval after it was issued, with an hour to spare. Undefined where
 * that does not come by itself: it is late already, renews by hand, or would be refused.
 */
function renewsByOf(license: License, { installation, now, defaults }: Situation): Instant | undefined {
  const { current, state, failingSince } = license;
  const entitlement = entitlementAt(installation.contracts, now, defaults);
  const isOnline =
    entitlement.kind === 'entitled' &&
    entitlement.contracts.some(({ connection }) => connection === 'online');
  if (!current || !isOnline || state !== 'active' || failingSince !== undefined) return undefined;
  const renewsBy = current.issuedAt + renewEverySecondsOf(installation, now, defaults) + HOUR;
  return renewsBy > now ? renewsBy : undefined;
}

/** Whether a file says of the rest of its life what a renewal would say now. */
function isUpToDate(
  { licenseId, windows, expiresAt }: HeldFile,
  steps: readonly ShareStep[],
  now: Instant,
): boolean {
  const until = windows.length < MAX_WINDOWS ? expiresAt : Math.max(...windows.map(({ from }) => from));
  const span = { from: now, until: Math.min(until, expiresAt) };
  return textOf(clipped(windows, span)) === textOf(clipped(windowsIn(steps, licenseId), span));
}

const clipped = (windows: readonly OptionWindow[], span: { from: Instant; until: Instant }): OptionWindow[] =>
  windows
    .map((window) => ({
      ...window,
      from: Math.max(window.from, span.from),
      until: Math.min(window.until, span.until),
    }))
    .filter(({ from, until }) => from < until);

/** Windows as one text, whatever their order. */
const textOf = (windows: readonly OptionWindow[]): string =>
  windows
    .map(({ option, quantity, from, until }) => `${option} ${quantity} ${from} ${until}`)
    .sort()
    .join('\n');

const quantityAt = (windows: readonly OptionWindow[], option: string, instant: Instant): number =>
  windows.find((window) => window.option === option && window.from <= instant && instant < window.until)
    ?.quantity ?? 0;

/**
 * The files in the field at the worst while hosts go over to a new distribution: whoever gets more has it at once, whoever gets
 * less holds what it has until it is to have renewed, or until the file expires where that does not come by itself.
 */
function worstFiles(situation: Situation, after: readonly ShareStep[]): HeldFile[] {
  const { held, installation, now } = situation;
  const horizon = horizonOf(now);
  const current = new Map(
    held.files.flatMap((file) => (file.kind === 'current' ? [[file.licenseId, file]] : [])),
  );
  const gone = held.files.filter(({ kind }) => kind !== 'current');
  const holding = installation.licenses.map(({ id }): HeldFile => {
    const file = current.get(id);
    const license = held.licenses.get(id);
    const renewsBy = license && renewsByOf(license, situation);
    const heldUntil = Math.min(file?.expiresAt ?? now, renewsBy ?? horizon);
    return {
      ...(file ?? { licenseId: id, hostId: id, kind: 'current' }),
      expiresAt: horizon,
      windows: largerOf(windowsIn(after, id), clipped(file?.windows ?? [], { from: now, until: heldUntil })),
    };
  });
  return [...holding, ...gone];
}

/** The larger quantity of both at every instant. */
function largerOf(a: readonly OptionWindow[], b: readonly OptionWindow[]): OptionWindow[] {
  const options = new Set([...a, ...b].map(({ option }) => option));
  return [...options].flatMap((option) => {
    const own = [a, b].map((windows) => windows.filter((window) => window.option === option));
    const instants = [...new Set(own.flat().flatMap(({ from, until }) => [from, until]))].sort(
      (x, y) => x - y,
    );
    return instants.slice(0, -1).map((from, index) => ({
      option,
      quantity: Math.max(...own.map((windows) => quantityAt(windows, option, from))),
      from,
      until: instants[index + 1] ?? from,
    }));
  });
}

function changedHosts(
  licenses: readonly LicenseEntry[],
  held: HeldFiles,
  before: readonly ShareStep[],
  after: readonly ShareStep[],
  page: HostPage,
): Pick<PreviewAnswer, 'hosts' | 'next'> {
  const { entries, next } = pageOf(licenses, page);
  const hosts = entries.flatMap(({ id }) => {
    const [old, fresh] = [before, after].map((steps) => windowsIn(steps, id));
    const options = [...new Set([...(old ?? []), ...(fresh ?? [])].map(({ option }) => option))].sort();
    const changes = options.flatMap((option) => {
      const [was, is] = [old, fresh].map((windows = []) =>
        windows.filter((window) => window.option === option),
      );
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
