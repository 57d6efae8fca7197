import { DAY, HOUR, type Instant } from '../instant.ts';
import { alertCustomer, judgeAll } from './alert-customer.ts';
import { alertsFromOf, limitsFor } from './customer-limits.ts';
import type { Episode, EpisodeKey } from './episode.ts';
import { inPieces } from './in-pieces.ts';
import type { AlertDependencies, CustomerReport, WouldSend } from './mail-customer.ts';
import { nextNotice } from './next-notice.ts';
import type { Checkpoint, CustomerToAlert, ScanState, ScanStore } from './ports.ts';
import type { SilenceSample } from './silence-sample.ts';
import { troubleOf } from './standing.ts';

/** Customers that are mailed at a time. */
const CUSTOMERS_AT_ONCE = 8;

/** Customers after which the time is looked at again: a page can hold thousands. */
const CUSTOMERS_PER_LOOK = 64;

/** Customers of which settings are kept while suspects are judged; the memory of a run does not grow with the fleet. */
const KNOWN_CUSTOMERS = 2_000;

/** A hold lasts until the next look at silent hosts, and longer than the pause between two of them. */
const HOLD_SECONDS = 2 * DAY;

/** The scan that tells whether customers fall silent together; other scans obey it. */
const WATCHES_SILENCE = 'scan-offline-hosts';

export interface ScanDependencies<Item> extends AlertDependencies<Item> {
  /** The name of the function. */
  readonly scan: string;
  readonly scans: ScanStore;
  /** Fed by `subjects.page` with every license, where the scan watches for silence. */
  readonly sample: SilenceSample;
  /** Whether the kind is held back while customers are silent together. */
  readonly obeysHold: boolean;
  /** Reports a fault that does not end the run. */
  readonly onFault: (fault: unknown, about: Readonly<Record<string, string>>) => void;
}

export interface ScanRun {
  /** Read once per run. */
  readonly now: Instant;
  /** Until when another run must not begin. */
  readonly leaseUntil: Instant;
  /** False once it is time to stop and leave the rest to the next run. */
  readonly hasTime: () => boolean;
  /** Writes and sends nothing, and answers what would be sent. */
  readonly dryRun: boolean;
}

/** What came of a run, as it is answered and logged. */
export interface ScanReport {
  readonly scan: string;
  /** `held-back`: nobody was mailed, because too many customers fell silent together; `paused`: the next run goes on. */
  readonly outcome: 'completed' | 'paused' | 'held-back' | 'busy';
  /** Items read. */
  read: number;
  /** Episodes opened and closed. */
  opened: number;
  closed: number;
  /** E-mails, and what was said in them. */
  mails: number;
  notices: number;
  /** Customers put off to the next run. */
  delayed: number;
  /** Items, customers and addresses that could not be dealt with. */
  faults: number;
  readonly wouldSend?: readonly WouldSend[];
}

/**
 * One run of a scan: the first pass reads everything and opens episodes, the second says what is due, customer by customer.
 * A run that has no time left, or that meets a fault of the database, leaves a checkpoint from which the next one goes on.
 */
export async function runScan<Item>(dependencies: ScanDependencies<Item>, run: ScanRun): Promise<ScanReport> {
  const { scan, scans } = dependencies;
  const token = dependencies.newToken();
  const state: ScanState | 'busy' = run.dryRun ? {} : await scans.take(scan, token, run.now, run.leaseUntil);
  if (state === 'busy') return new Tally(scan).report('busy');
  const working = new Run(dependencies, run, state);
  const { report, state: next } = await working.work();
  if (!run.dryRun) await scans.release(scan, token, next);
  return report;
}

class Tally {
  readonly counts = { read: 0, opened: 0, closed: 0, mails: 0, notices: 0, delayed: 0, faults: 0 };
  readonly wouldSend: WouldSend[] = [];
  private readonly scan: string;

  constructor(scan: string) {
    this.scan = scan;
  }

  add({ mails, notices, closed, delayed, wouldSend }: CustomerReport): void {
    this.counts.mails += mails;
    this.counts.notices += notices;
    this.counts.closed += closed;
    this.counts.delayed += delayed;
    if (wouldSend) this.wouldSend.push(wouldSend);
  }

  report(outcome: ScanReport['outcome'], dryRun = false): ScanReport {
    return { scan: this.scan, outcome, ...this.counts, ...(dryRun ? { wouldSend: this.wouldSend } : {}) };
  }
}

class Run<Item> {
  private readonly dependencies: ScanDependencies<Item>;
  private readonly run: ScanRun;
  private readonly tally: Tally;
  private readonly startedAt: Instant;
  /** The hold that the last run has left. */
  private readonly heldBefore: Instant | undefined;
  private readonly segments: (string | null)[];
  private episodesCursor: string | undefined;
  private inSecondPass: boolean;
  private readonly customers = new Map<string, CustomerToAlert | undefined>();
  /** Episodes that a dry run would have opened, by customer. */
  private readonly wouldOpen = new Map<string, Episode[]>();

  constructor(dependencies: ScanDependencies<Item>, run: ScanRun, { checkpoint, heldUntil }: ScanState) {
    this.dependencies = dependencies;
    this.run = run;
    this.heldBefore = heldUntil;
    if (checkpoint) dependencies.sample.restore(checkpoint.sample);
    this.tally = new Tally(dependencies.scan);
    this.startedAt = checkpoint?.startedAt ?? run.now;
    this.segments = checkpoint
      ? [...checkpoint.segments]
      : Array.from({ length: dependencies.subjects.segments }, () => '');
    this.inSecondPass = checkpoint?.episodes !== undefined;
    this.episodesCursor = checkpoint?.episodes;
  }

  async work(): Promise<{ report: ScanReport; state: ScanState }> {
    const { dryRun, now } = this.run;
    // What is not known anew stays as it was: a run that stops half way must not end a hold.
    let held: ScanState = this.heldBefore === undefined ? {} : { heldUntil: this.heldBefore };
    let isCompleted = false;
    try {
      if (!this.inSecondPass) await this.openEpisodes();
      if (this.segments.every((cursor) => cursor === null)) {
        held = await this.heldState();
        if (held.heldUntil !== undefined && held.heldUntil > now) {
          return { report: this.tally.report('held-back', dryRun), state: held };
        }
        this.inSecondPass = true;
        isCompleted = await this.sayWhatIsDue();
      }
    } catch (fault) {
      this.fault(fault, {});
    }
    return isCompleted
      ? { report: this.tally.report('completed', dryRun), state: held }
      : { report: this.tally.report('paused', dryRun), state: { ...held, checkpoint: this.checkpoint() } };
  }

  private fault(fault: unknown, about: Readonly<Record<string, string>>): void {
    this.dependencies.onFault(fault, about);
    this.tally.counts.faults += 1;
  }

  private checkpoint(): Checkpoint {
    return {
      startedAt: this.startedAt,
      segments: this.segments,
      sample: this.dependencies.sample.stored(),
      ...(this.inSecondPass ? { episodes: this.episodesCursor ?? '' } : {}),
    };
  }

  /** Whether nobody is mailed for now. The scan that watches decides it anew, the others go by what it has stored. */
  private async heldState(): Promise<ScanState> {
    const { scan, scans, sample, settings } = this.dependencies;
    const { now } = this.run;
    if (!this.dependencies.obeysHold) return {};
    if (scan !== WATCHES_SILENCE) {
      const { heldUntil } = await scans.read(WATCHES_SILENCE);
      return heldUntil === undefined ? {} : { heldUntil };
    }
    const { offlineAfterHours, defaults } = settings.limits;
    const interval = defaults.renewEverySeconds;
    // The first hosts of a common silence are due one interval before the last customer fell silent. Of the time at which the
    // sample was begun: what came after it is not in it.
    const silentSince = this.startedAt - Math.max(offlineAfterHours * HOUR - interval, interval);
    const goneSince = this.startedAt - defaults.validityDays * DAY;
    if (sample.fellSilentTogether(silentSince, goneSince, interval)) return { heldUntil: now + HOLD_SECONDS };
    // Customers are heard of again: one interval more, in which all of their hosts renew.
    return this.heldBefore === undefined ? {} : { heldUntil: Math.min(this.heldBefore, now + interval) };
  }

  /** The first pass. A segment that meets a fault stops where it is; the others go on. */
  private async openEpisodes(): Promise<void> {
    const { subjects } = this.dependencies;
    await Promise.all(
      this.segments.map(async (_, segment) => {
        try {
          for (let cursor = this.segments[segment]; cursor != null && this.run.hasTime();) {
            const {
              suspects,
              read,
              next = null,
            } = await subjects.page(segment, cursor || undefined, this.run.now);
            await this.openDue(suspects);
            this.tally.counts.read += read;
            this.segments[segment] = cursor = next;
          }
        } catch (fault) {
          this.fault(fault, { segment: String(segment) });
        }
      }),
    );
  }

  private async openDue(suspects: readonly Item[]): Promise<void> {
    if (suspects.length === 0) return;
    const { subjects, episodes, settings } = this.dependencies;
    const { now, dryRun } = this.run;
    const customers = await this.customersOf(suspects);
    const readable = suspects.filter((item) => customers.has(subjects.keyOf(item).customerId));
    const judged = await judgeAll(subjects, readable, now, (customerId) =>
      limitsFor(customers.get(customerId)?.customer, settings.limits),
    );
    const due: Episode[] = [];
    for (const one of judged) {
      if (!('standing' in one)) {
        this.fault(one.fault, subjects.keyOf(one.item));
        continue;
      }
      const key = subjects.keyOf(one.item);
      const trouble = troubleOf(one.standing, subjects.kind);
      const alertsFrom = alertsFromOf(customers.get(key.customerId)?.customer);
      const facts = { standing: one.standing, episode: undefined, alertsFrom };
      if (!trouble || nextNotice(subjects.kind, facts, now).kind !== 'say') continue;
      due.push({ ...key, since: trouble.since, openedAt: now, version: 1 });
    }
    if (due.length === 0) return;
    const nameOf = ({ customerId, subjectId }: EpisodeKey) => `${customerId} ${subjectId}`;
    const open = new Set((await episodes.read(due)).map(nameOf));
    const missing = due.filter((episode) => !open.has(nameOf(episode)));
    if (dryRun) {
      for (const episode of missing) {
        this.wouldOpen.set(episode.customerId, [...(this.wouldOpen.get(episode.customerId) ?? []), episode]);
      }
      return;
    }
    await inPieces(missing, CUSTOMERS_AT_ONCE, async (episode) => {
      if ((await episodes.open(episode)) === 'opened') this.tally.counts.opened += 1;
    });
  }

  /** Settings of the customers of some items; without those that cannot be read. */
  private async customersOf(items: readonly Item[]): Promise<Map<string, CustomerToAlert | undefined>> {
    const ids = [...new Set(items.map((item) => this.dependencies.subjects.keyOf(item).customerId))];
    if (this.customers.size > KNOWN_CUSTOMERS) this.customers.clear();
    const unknown = ids.filter((id) => !this.customers.has(id));
    await inPieces(unknown, CUSTOMERS_AT_ONCE, async (id) => {
      try {
        this.customers.set(id, await this.dependencies.customers.readWithMutes(id));
      } catch (fault) {
        this.fault(fault, { customerId: id });
      }
    });
    return new Map(ids.filter((id) => this.customers.has(id)).map((id) => [id, this.customers.get(id)]));
  }

  /** The second pass; false where the time ran out before its end. */
  private async sayWhatIsDue(): Promise<boolean> {
    const { subjects, episodes } = this.dependencies;
    let rest: readonly Episode[] = [];
    let cursor = this.episodesCursor === '' ? undefined : this.episodesCursor;
    do {
      if (!this.run.hasTime()) return false;
      const page = await episodes.page(subjects.kind, cursor);
      const groups = byCustomer([...rest, ...page.episodes]);
      // The last customer may go on in the next page.
      rest = page.next === undefined ? [] : (groups.pop() ?? []);
      for (let start = 0; start < groups.length; start += CUSTOMERS_PER_LOOK) {
        if (!this.run.hasTime()) return false;
        const some = groups.slice(start, start + CUSTOMERS_PER_LOOK);
        await inPieces(some, CUSTOMERS_AT_ONCE, (group) => this.alert(group));
        const last = some.at(-1)?.at(-1);
        if (last) this.episodesCursor = episodes.cursorBehind(last);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    // What is left was only found by this dry run.
    for (const group of [...this.wouldOpen.values()]) await this.alert(group);
    return true;
  }

  /** One customer. A fault of one does not stop the others. */
  private async alert(stored: readonly Episode[]): Promise<void> {
    const customerId = stored[0]?.customerId ?? '';
    const found = [
      ...stored,
      ...(this.wouldOpen.get(customerId) ?? []).filter((one) => !stored.includes(one)),
    ];
    this.wouldOpen.delete(customerId);
    const { now, dryRun } = this.run;
    try {
      const report = await alertCustomer(this.dependencies, customerId, found, now, dryRun);
      this.tally.add(report);
      for (const fault of report.faults) this.fault(fault, { customerId });
    } catch (fault) {
      this.fault(fault, { customerId });
    }
  }
}

/** Episodes that follow each other and are of the same customer, together. */
function byCustomer(episodes: readonly Episode[]): Episode[][] {
  const groups: Episode[][] = [];
  for (const episode of episodes) {
    const last = groups.at(-1);
    if (last?.[0]?.customerId === episode.customerId) last.push(episode);
    else groups.push([episode]);
  }
  return groups;
}
