import { EventEmitter } from 'node:events';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { systemClock, type Clock } from './clock.ts';
import { AgentFault } from './fault.ts';
import { whyNotAccepted } from './file/acceptance.ts';
import { withLock } from './file/file-lock.ts';
import { readKeySet, type KeySet } from './file/key-set.ts';
import { findLicenseFiles } from './file/license-folder.ts';
import { LicenseFileError, openLicenseFile, readLicenseFile } from './file/license-file.ts';
import { whyNotOwned } from './file/owner.ts';
import { printable } from './file/printable.ts';
import { replaceFile } from './file/replace-file.ts';
import { readHardware } from './host/hardware.ts';
import { hostIdentity, type HostIdentity } from './host/host-identity.ts';
import { readMachineId } from './host/machine-id.ts';
import type { GenuineFile } from './license.ts';
import { faultOf, FRESH_STATE, isLocked, withVerified, type AttemptState } from './loop/attempt-state.ts';
import { hostToSend } from './loop/host-to-send.ts';
import { isStarved, lockedOut, storeLockedOut } from './loop/locked.ts';
import { MeasuredFiles } from './loop/measured-files.ts';
import type { RenewalReport, RenewerEvents } from './loop/report.ts';
import { begun, settled } from './loop/pacing.ts';
import { stateStore } from './loop/state-store.ts';
import { watch } from './loop/watch.ts';
import { writeMetrics } from './metrics.ts';
import { createServiceClient, type NetOptions } from './net/client.ts';
import type { Outcome } from './outcome.ts';
import { renewFile, type RenewalOptions, type RenewalParts } from './renew-file.ts';
import { statusOf, type FileStatus } from './status.ts';
import { warningOf } from './warning/expiry-warning.ts';
import type { MailSettings } from './warning/mail.ts';
import { notify, runOnRenewed } from './warning/notify.ts';
import { OnceADay } from './warning/once-a-day.ts';

export type { ExpiringReport, RenewalReport, RenewedReport } from './loop/report.ts';

export interface RenewerOptions {
  /** License files, and folders of files named `*.lic`. */
  readonly files: readonly string[];
  /** File with the pinned public keys (JWK set). */
  readonly keySet: string;
  /** Id of this host, as the product knows it; wins over one that is made. */
  readonly hostId?: string;
  /** Name of the product, from which and the machine id a host id is made; it binds starter files. */
  readonly product?: string;
  /** Where to renew. @default - where the license file says */
  readonly url?: string;
  /** Folder for what is remembered. @default - beside each license file */
  readonly stateFolder?: string;
  /** Proxy, certificate authorities, timeouts. @default - by the environment */
  readonly net?: Omit<NetOptions, 'env' | 'clock'>;
  /** Asks and verifies, but changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Text file with metrics for Prometheus: of `files`, and of no others. Runs with other files need one of their own. */
  readonly metricsFile?: string;
  /** Command to run after a file has really changed. */
  readonly onRenewed?: string;
  /** Command to run once a day from 10 days before an expiry. */
  readonly onExpiring?: string;
  /** Warnings by e-mail. */
  readonly mail?: MailSettings;
  /** One line for people. @default - nothing is logged */
  readonly log?: (line: string) => void;
  /** What commands inherit and proxies are read from. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** 0 <= random() < 1. @default Math.random */
  readonly random?: () => number;
}

/** Keeps license files fresh; see `createRenewer`. */
export class Renewer extends EventEmitter<RenewerEvents> {
  private readonly options: RenewerOptions;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly client;
  private readonly store;
  private watching: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  private isClosed = false;
  private readonly measured;
  private readonly said = new OnceADay();
  /** Files of each named path when it was last listed. */
  private readonly listed = new Map<string, readonly string[]>();

  constructor(options: RenewerOptions) {
    super();
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.store = stateStore(options.stateFolder);
    this.measured = new MeasuredFiles({
      files: () => this.files(),
      read: (path) => this.read(path),
      store: this.store,
    });
    this.client = createServiceClient({ ...options.net, env: this.environment, clock: this.clock });
  }

  /** The license files that there are now. A folder that cannot be listed stops no other: it is a `trouble`. */
  files(): Promise<string[]> {
    return findLicenseFiles(this.options.files, (folder, fault) => {
      this.trouble('list', folder, fault);
      return [];
    });
  }

  /**
   * One attempt for every license file, one after the other. Whatever comes of it is in the reports; there is none of files
   * that were given up because of `signal` or `close`.
   */
  async renew(signal?: AbortSignal): Promise<RenewalReport[]> {
    const reports: RenewalReport[] = [];
    const paths = await findLicenseFiles(this.options.files, (path, fault) => {
      reports.push({ path, attempt: faultOf(fault), state: FRESH_STATE });
      return [];
    });
    for (const path of paths) {
      if (this.isGivenUp(signal)) break;
      try {
        reports.push(await this.renewOne(path, {}, signal));
      } catch (error) {
        if (!this.isGivenUp(signal)) throw error;
      }
    }
    return reports;
  }

  /**
   * Binds a starter file to this host, or takes a license over that was moved to it: a renewal in the name of this host.
   * @throws {unknown} the reason of `signal` where that gave it up
   */
  async enroll(path: string, signal?: AbortSignal): Promise<RenewalReport> {
    let hostId: string;
    try {
      const identity = await this.identity(path, this.options.dryRun !== true);
      if (identity === undefined) {
        const advice = 'Give --host-id, the id by which the product knows this host, or --product.';
        throw new AgentFault('host-id', 'Nothing says which host this is', advice);
      }
      hostId = identity.hostId;
      if (identity.warning !== undefined) this.log(identity.warning);
    } catch (error) {
      return { path, attempt: faultOf(error), state: await this.store.read(path) };
    }
    return this.renewOne(path, { hostId }, signal);
  }

  /** Keeps the files fresh until `stop`. A second call does nothing. */
  start(): void {
    if (this.watching) return;
    const stop = new AbortController();
    const ended = watch({
      files: () => this.filesToWatch(),
      renewOnce: (path, signal) => this.attempt(path, {}, signal),
      read: (path) => this.read(path),
      store: this.options.dryRun === true ? { ...this.store, write: () => Promise.resolve() } : this.store,
      clock: this.clock,
      random: this.random,
      signal: stop.signal,
      versionOf,
      onAttempt: async (event) => {
        const { path, attempt, state, file, warning } = await this.afterwards(event, stop.signal);
        // A warning says it as well, but only near the expiry.
        if (!file && !warning && attempt.kind === 'fault') this.sayOnce(path, attempt.detail);
        return state;
      },
      onLocked: (path, detail) => this.log(`${printable(path)}: ${detail}`),
      onTrouble: ({ doing, path, error }) => this.trouble(doing, path, error),
    });
    this.watching = { stop, ended };
  }

  /** Gives up requests that are under way; a file that has been answered is still stored and reported. */
  async stop(): Promise<void> {
    const { watching } = this;
    this.watching = undefined;
    watching?.stop.abort();
    await watching?.ended;
  }

  /** How the files stand. Changes nothing and needs no network. */
  async status(): Promise<FileStatus[]> {
    const { store, clock } = this;
    const read = (path: string) => this.read(path);
    return Promise.all((await this.files()).map((path) => statusOf(path, { read, store, clock })));
  }

  /** As `files`; of a folder that cannot be listed those that were there before. */
  private async filesToWatch(): Promise<string[]> {
    const found: string[] = [];
    for (const path of this.options.files) {
      const before = this.listed.get(path) ?? [];
      const files = await findLicenseFiles([path], (folder, fault) => {
        this.trouble('list', folder, fault);
        return before;
      });
      this.listed.set(path, files);
      found.push(...files);
    }
    return findLicenseFiles(found);
  }

  /**
   * The id of this host: the given one, else one that is made of the product and the machine; undefined where neither is given.
   * @param keep whether one that is made is written down, as enrolling does
   * @throws {AgentFault} `host-id`
   */
  async identity(path: string, keep = false): Promise<HostIdentity | undefined> {
    const { hostId: given, product, stateFolder } = this.options;
    if (given === undefined && product === undefined) return undefined;
    const { SystemRoot: systemRoot } = this.environment;
    return hostIdentity({
      product: product ?? '',
      folder: stateFolder ?? dirname(path),
      keep,
      ...(given === undefined ? {} : { given }),
      readMachineId: () => readMachineId(systemRoot === undefined ? {} : { systemRoot }),
      readHardware,
    });
  }

  /** Gives up whatever is under way; nothing can be renewed afterwards. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.stop();
    await this.client.close();
  }

  private isGivenUp(signal: AbortSignal | undefined): boolean {
    return this.isClosed || signal?.aborted === true;
  }

  private get environment(): Readonly<Record<string, string | undefined>> {
    return this.options.environment ?? process.env;
  }

  private log(line: string): void {
    this.options.log?.(line);
  }

  /** @throws {AgentFault} */
  private async read(path: string): Promise<GenuineFile> {
    return readLicenseFile(path, await readKeySet(this.options.keySet));
  }

  /** @throws {AgentFault} */
  private async attempt(path: string, given: RenewalOptions, signal?: AbortSignal): Promise<Outcome> {
    const { url, dryRun } = this.options;
    const keys = await readKeySet(this.options.keySet);
    const hostId = given.hostId ?? this.options.hostId ?? (await this.hostToSend(path, keys));
    const parts: RenewalParts = {
      read: (file) => readLicenseFile(file, keys),
      open: async (text) => {
        try {
          return await openLicenseFile(text, keys);
        } catch (error) {
          if (error instanceof LicenseFileError) return { reason: error.reason, detail: error.message };
          throw error;
        }
      },
      whyNotAccepted,
      whyNotReplaceable: whyNotOwned,
      replace: (file, text) => replaceFile(file, text),
      lock: (file, work) => withLock(file, (lost) => work(lost), signal === undefined ? {} : { signal }),
      ask: (address, text, host, ended) => this.client.renew(address, text, host, ended),
      now: () => this.clock.now(),
    };
    return renewFile(path, parts, {
      hostName: hostname(),
      ...(hostId === undefined ? {} : { hostId }),
      ...(url === undefined ? {} : { url }),
      ...(dryRun === undefined ? {} : { dryRun }),
      ...(signal === undefined ? {} : { signal }),
      ...given,
    });
  }

  /** Where the settings give no id of this host. */
  private async hostToSend(path: string, keys: KeySet): Promise<string | undefined> {
    if (this.options.product === undefined) return undefined;
    const file = await readLicenseFile(path, keys);
    const identify = (keep: boolean) => this.identity(path, keep && this.options.dryRun !== true);
    return hostToSend(file, identify, (line) => this.sayOnce(path, line));
  }

  private async renewOne(path: string, given: RenewalOptions, signal?: AbortSignal): Promise<RenewalReport> {
    const { clock, random } = this;
    const before = await this.store.read(path);
    const startedAt = clock.now();
    await this.remember(path, begun(before, startedAt, random));
    const attempt = await this.attempt(path, given, signal).catch((error: unknown) => {
      // Given up is not failed; what is stored says that its end was not seen.
      if (this.isGivenUp(signal) && !(error instanceof AgentFault)) throw error;
      return faultOf(error);
    });
    let earlier = before;
    if (isLocked(attempt)) {
      earlier = lockedOut(before, startedAt, clock.now());
      if (!isStarved(earlier, clock.now())) {
        await storeLockedOut(path, earlier, {
          ...this.store,
          write: (at, state) => this.remember(at, state),
        });
        return { path, attempt, state: before };
      }
    }
    const file =
      attempt.kind === 'renewed' || attempt.kind === 'unchanged'
        ? attempt.file
        : await this.read(path).catch(() => undefined);
    const now = clock.now();
    const state = withVerified(settled(earlier, attempt, { claims: file?.claims, now, random }), file);
    await this.remember(path, state);
    const report = await this.afterwards({ path, attempt, state, ...(file ? { file } : {}) }, signal);
    if (report.state !== state) await this.remember(path, report.state);
    return report;
  }

  private async remember(path: string, state: AttemptState): Promise<void> {
    if (this.options.dryRun === true) return;
    await this.store.write(path, state).catch((error: unknown) => this.trouble('store', path, error));
  }

  /** Hooks, warnings and metrics. Answers the report with the state to remember. */
  private async afterwards(event: RenewalReport, signal?: AbortSignal): Promise<RenewalReport> {
    const { path, attempt, file } = event;
    const { dryRun = false, onRenewed, onExpiring, mail, metricsFile } = this.options;
    const log = (line: string): void => this.log(line);
    const { environment } = this;
    const now = this.clock.now();
    let { state } = event;
    if (!dryRun && attempt.kind === 'renewed' && onRenewed !== undefined) {
      const renewed = { path, file: attempt.file, before: attempt.before };
      await runOnRenewed(onRenewed, renewed, { environment, log });
    }
    const { lastVerified } = state;
    const known = file ?? (lastVerified && { claims: lastVerified });
    if (!dryRun && known) {
      state = await notify({ path, file: known }, state, now, {
        environment,
        log,
        ...(onExpiring === undefined ? {} : { onExpiring }),
        ...(mail === undefined ? {} : { mail }),
        ...(signal === undefined ? {} : { signal }),
      });
    }
    const warning = known && warningOf(known, state, now);
    const report = { ...event, state, ...(warning ? { warning } : {}) };
    if (!dryRun && metricsFile !== undefined) {
      await writeMetrics(metricsFile, await this.measured.after(report)).catch((error: unknown) =>
        this.trouble('metrics', metricsFile, error),
      );
    }
    this.emit('attempt', report);
    if (attempt.kind === 'renewed' && !dryRun) {
      this.emit('renewed', { ...report, attempt, file: attempt.file });
    }
    if (warning) this.emit('expiring', { ...report, warning });
    return report;
  }

  /** One line about a file, once a UTC day. */
  private sayOnce(path: string, line: string): void {
    if (this.said.isDue(path, line, this.clock.now())) this.log(`${printable(path)}: ${line}`);
  }

  private trouble(doing: string, path: string | undefined, cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    const where = path === undefined ? '' : ` ${printable(path)}`;
    const message = `${doing}${where}: ${printable(why)}`;
    if (!this.said.isDue('trouble', message, this.clock.now())) return;
    this.emit('trouble', new Error(message, { cause }));
  }
}

/** Keeps license files fresh: once with `renew`, or for as long as it runs with `start`. */
export const createRenewer = (options: RenewerOptions): Renewer => new Renewer(options);

/** Changes when somebody replaces a file. */
async function versionOf(path: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(path);
  return `${ino} ${mtimeMs} ${size}`;
}
