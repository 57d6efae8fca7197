import { join } from 'node:path';
import type { Item } from '../../lambdas/adapters/dynamodb/client.ts';
import type { ScanReport } from '../../lambdas/core/alerts/run-scan.ts';
import type { Instant } from '../../lambdas/core/instant.ts';
import { DYNAMODB_LOCAL_FOLDER, startDynamoDBLocal } from '../../local/dynamodb-local-engine.ts';
import { buildRuntime } from '../../local/runtime.ts';
import { bundle } from '../renew/bundles.ts';
import { createCountingProxy, type CountingProxy } from '../renew/counting-proxy.ts';
import { Database, type TableName } from './database.ts';
import {
  customerItem,
  installationItem,
  installationsOf,
  licenseItem,
  type Ailment,
  type Place,
} from './fleet.ts';
import { BenchFunction, invokeOnce } from './function.ts';
import type { Measured } from './scan-process.ts';
import { environmentOf, SCAN_NAMES, type Addresses, type ScanName } from './scans.ts';
import { startStandIns, type StandIns } from './stand-ins.ts';

type FleetTables = Readonly<Record<'customers' | 'installations' | 'licenses', string>>;
export type Tables = Readonly<Record<TableName, string>>;

/** One run of a scan, and what it took. */
export interface Run extends Measured {
  readonly report: ScanReport;
  readonly mails: number;
  readonly mailBytes: number;
  /** Calls of AWS by action, most first, and the units of DynamoDB; empty where they were not counted. */
  readonly calls: readonly (readonly [action: string, count: number])[];
  readonly units: { readonly read: number; readonly write: number };
}

/** DynamoDB Local, stand-ins for the mail, and the bundles of the scans. */
export class World {
  readonly database: Database;
  private readonly parts: Parts;
  private prefixes = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.database = new Database(parts.direct.dynamodb);
  }

  async createFleet(name: string): Promise<FleetTables> {
    return {
      customers: await this.database.create('customers', name),
      installations: await this.database.create('installations', name),
      licenses: await this.database.create('licenses', name),
    };
  }

  /** Tables in which nothing was said yet, beside those of a fleet. */
  async withoutHistory(fleet: FleetTables): Promise<Tables> {
    const prefix = `history-${(this.prefixes += 1)}`;
    return {
      ...fleet,
      episodes: await this.database.create('episodes', prefix),
      recipients: await this.database.create('recipients', prefix),
      scans: await this.database.create('scans', prefix),
    };
  }

  /** One run in a new process, through the proxy that counts. */
  counted(scan: ScanName, tables: Tables): Promise<Run> {
    return this.run(scan, tables, this.parts.counted);
  }

  /** One run in a new process with nothing between it and the engine. */
  direct(scan: ScanName, tables: Tables): Promise<Run> {
    return this.run(scan, tables, this.parts.direct);
  }

  /** A process that runs a scan, or the bare reading of the licenses, as often as it is asked to. */
  start(what: ScanName | 'bare', tables: Tables): BenchFunction {
    const scan = what === 'bare' ? 'scan-offline-hosts' : what;
    return new BenchFunction(
      this.parts.runner,
      this.bundleOf(what),
      environmentOf(scan, tables, this.parts.direct),
    );
  }

  async stop(): Promise<void> {
    this.database.close();
    await this.parts.stop();
  }

  private async run(scan: ScanName, tables: Tables, addresses: Addresses): Promise<Run> {
    const { proxy, standIns, runner } = this.parts;
    // What other runs left there.
    standIns.takeMails();
    const measured = await invokeOnce(runner, this.bundleOf(scan), environmentOf(scan, tables, addresses));
    const counts = new Map<string, number>();
    const units = { read: 0, write: 0 };
    for (const call of proxy.take()) {
      counts.set(call.action, (counts.get(call.action) ?? 0) + 1);
      units.read += call.units?.read ?? 0;
      units.write += call.units?.write ?? 0;
    }
    const { count: mails, bytes: mailBytes } = standIns.takeMails();
    if (mails > 0) counts.set('SendRawEmail', mails);
    // The bundles are those of this project.
    const report = measured.answer as ScanReport;
    if (report.outcome !== 'completed') throw new Error(`${scan} ended ${report.outcome}`);
    if (report.mails !== mails) throw new Error(`${scan} reports ${report.mails} e-mails and sent ${mails}`);
    const calls = [...counts].sort(([, one], [, other]) => other - one);
    return { ...measured, report, mails, mailBytes, calls, units };
  }

  private bundleOf(what: string): string {
    const file = this.parts.bundles.get(what);
    if (file === undefined) throw new Error(`${what} was not bundled`);
    return file;
  }
}

interface Parts {
  readonly direct: Addresses;
  readonly counted: Addresses;
  readonly proxy: CountingProxy;
  readonly standIns: StandIns;
  readonly runner: string;
  readonly bundles: ReadonlyMap<string, string>;
  readonly stop: () => Promise<void>;
}

/** @param folder for bundles and logs */
export async function openWorld(folder: string): Promise<World> {
  const bundles = new Map<string, string>();
  for (const scan of SCAN_NAMES) {
    bundles.set(scan, (await bundle(`lambdas/${scan}/handler.ts`, folder, scan)).file);
  }
  bundles.set('bare', (await bundle('bench/scan/bare-handler.ts', folder, 'bare')).file);
  const runner = (await bundle('bench/scan/scan-process.ts', folder, 'scan-process')).file;
  const { tether } = await buildRuntime(join(folder, 'runtime'));
  const installation = process.env['DYNAMODB_LOCAL_DIR'] ?? DYNAMODB_LOCAL_FOLDER;
  const engine = await startDynamoDBLocal({ installation, tether, onLog: () => undefined });
  const standIns = await startStandIns();
  const proxy = createCountingProxy();
  const { url } = standIns;
  const direct = { dynamodb: engine.url, kms: url, ses: url, scheduler: url, cognito: url };
  return new World({
    direct,
    counted: await proxy.decorateEndpoints(direct),
    proxy,
    standIns,
    runner,
    bundles,
    async stop() {
      await proxy.close();
      await standIns.close();
      await engine.stop();
    },
  });
}

/** A fleet in tables of its own, whose hosts fall ill and get well. */
export class StoredFleet {
  readonly tables: FleetTables;
  private readonly database: Database;
  private readonly placeOf: (number: number) => Place;
  private readonly now: Instant;
  private size = 0;

  constructor(database: Database, tables: FleetTables, placeOf: (number: number) => Place, now: Instant) {
    this.database = database;
    this.tables = tables;
    this.placeOf = placeOf;
    this.now = now;
  }

  /** Adds healthy licenses, with their installations and customers, up to so many. */
  async grow(licenses: number): Promise<void> {
    const { customers, installations } = this.tables;
    const firstInstallation = installationsOf(this.size);
    const numbers = [...range(this.size, licenses)];
    const owners = new Set(numbers.map((number) => this.placeOf(number).customer));
    await this.database.fill(customers, [...owners].map(customerItem));
    await this.writeInstallations(
      installations,
      range(firstInstallation, installationsOf(licenses)),
      () => false,
    );
    await this.writeLicenses(numbers, () => 'none');
    this.size = licenses;
  }

  /** Writes again what these two say is ill, as ill or as well. */
  async change(
    to: 'ill' | 'well',
    ailmentOf: (number: number) => Ailment,
    isEnding: (installation: number) => boolean,
  ): Promise<void> {
    const ill = [...range(0, this.size)].filter((number) => ailmentOf(number) !== 'none');
    const ending = [...range(0, installationsOf(this.size))].filter(isEnding);
    await this.writeLicenses(ill, (number) => (to === 'ill' ? ailmentOf(number) : 'none'));
    await this.writeInstallations(this.tables.installations, ending, () => to === 'ill');
  }

  private async writeLicenses(numbers: Iterable<number>, of: (number: number) => Ailment): Promise<void> {
    const { placeOf, now } = this;
    await this.database.fill(
      this.tables.licenses,
      mapped(numbers, (number) => licenseItem(number, placeOf(number), of(number), now)),
    );
  }

  private async writeInstallations(
    table: string,
    numbers: Iterable<number>,
    ends: (installation: number) => boolean,
  ): Promise<void> {
    const { placeOf, now } = this;
    await this.database.fill(
      table,
      mapped(numbers, (number) => installationItem(number, placeOf, ends(number), now)),
    );
  }
}

function* range(from: number, until: number): Generator<number> {
  for (let number = from; number < until; number += 1) yield number;
}

function* mapped(numbers: Iterable<number>, toItem: (number: number) => Item): Generator<Item> {
  for (const number of numbers) yield toItem(number);
}
