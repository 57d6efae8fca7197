import type { Instant } from '../../lambdas/core/instant.ts';
import { median, quartiles, type Quartiles } from '../renew/statistics.ts';
import { ailmentOf, isEnding, spread, together } from './fleet.ts';
import { SCAN_NAMES, type ScanName } from './scans.ts';
import { StoredFleet, type Run, type World } from './world.ts';

/** Processes per figure of memory; the garbage that happens to lie there differs from one to the next. */
const MEMORY_ROUNDS = 3;

const PACE_ROUNDS = 9;

/** Hosts of the one customer whose hosts are all silent. */
export const SILENT_HOSTS = 5_000;

export type Progress = (what: string) => void;

/** Peak memory of a process in MiB, by the size of the fleet. */
export interface Memory {
  readonly licenses: number;
  readonly bare: number;
  readonly healthy: number;
  readonly ill: number;
}

/** What a scan takes of a fleet in which nothing is wrong, and of one in which something is. */
export interface Observed {
  readonly healthy: Run;
  /** With nothing between function and engine. */
  readonly healthyDirect: Run;
  readonly first: Run;
  readonly second: Run;
  readonly secondDirect: Run;
}

/** Fills the fleet step by step, and measures the memory of the scan of silent hosts at each size. */
export async function growAndMeasureMemory(
  world: World,
  fleet: StoredFleet,
  sizes: readonly number[],
  progress: Progress,
): Promise<Memory[]> {
  const figures: Memory[] = [];
  const largest = Math.max(...sizes);
  const peakOf = async (what: 'bare' | 'scan-offline-hosts', licenses: number): Promise<number> => {
    const peaks: number[] = [];
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      const started = world.start(what, await world.withoutHistory(fleet.tables));
      let peak = 0;
      // As often as it takes to read as much of each fleet: the heap of V8 grows with the work done, whatever is kept of it.
      for (let read = 0; read < largest; read += licenses) peak = (await started.invoke()).peakMiB;
      peaks.push(peak);
      await started.stop();
    }
    return median(peaks);
  };
  for (const licenses of sizes) {
    progress(`writing licenses up to ${licenses}`);
    await fleet.grow(licenses);
    progress('measuring memory');
    const bare = await peakOf('bare', licenses);
    const healthy = await peakOf('scan-offline-hosts', licenses);
    await fleet.change('ill', ailmentOf, isEnding);
    const ill = await peakOf('scan-offline-hosts', licenses);
    await fleet.change('well', ailmentOf, isEnding);
    figures.push({ licenses, bare, healthy, ill });
  }
  return figures;
}

/** Runs every scan over the fleet, well and then ill. It stays ill. */
export async function observeScans(
  world: World,
  fleet: StoredFleet,
  progress: Progress,
): Promise<Record<ScanName, Observed>> {
  const quiet = await world.withoutHistory(fleet.tables);
  const well = {} as Record<ScanName, Pick<Observed, 'healthy' | 'healthyDirect'>>; // All are set below.
  for (const scan of SCAN_NAMES) {
    progress(`${scan}, nothing wrong`);
    well[scan] = {
      healthy: await world.counted(scan, quiet),
      healthyDirect: await world.direct(scan, quiet),
    };
  }
  await fleet.change('ill', ailmentOf, isEnding);
  const tables = await world.withoutHistory(fleet.tables);
  const observed = {} as Record<ScanName, Observed>; // As above.
  for (const scan of SCAN_NAMES) {
    progress(`${scan}, something wrong`);
    observed[scan] = {
      ...well[scan],
      first: await world.counted(scan, tables),
      second: await world.counted(scan, tables),
      secondDirect: await world.direct(scan, tables),
    };
  }
  return observed;
}

/** The pace of the scan of silent hosts beside that of bare reading, round by round, in warm processes. */
export interface Comparison {
  /** Licenses per second. */
  readonly scan: Quartiles;
  readonly bare: Quartiles;
  /** Pace of the scan by that of bare reading: one is as fast. */
  readonly ratio: Quartiles;
  /** The same by the CPU time of the process, which is all that counts where the table never keeps it waiting. */
  readonly cpuRatio: Quartiles;
  /** Microseconds of CPU per license. */
  readonly scanCpu: number;
  readonly bareCpu: number;
}

/** Both in turn: first one, then the other, so that what disturbs one disturbs the other. */
export async function comparePace(world: World, fleet: StoredFleet, licenses: number): Promise<Comparison> {
  const tables = await world.withoutHistory(fleet.tables);
  const scan = world.start('scan-offline-hosts', tables);
  const bare = world.start('bare', tables);
  const rounds: { scan: Pace; bare: Pace }[] = [];
  const paceOf = async (started: typeof scan): Promise<Pace> => {
    const { answer, seconds, cpuSeconds } = await started.invoke();
    const { read } = answer as { read: number }; // Both bundles answer it.
    if (read !== licenses) throw new Error(`${read} licenses were read instead of ${licenses}`);
    return { perSecond: read / seconds, cpu: (cpuSeconds * 1_000_000) / read };
  };
  try {
    // The first round compiles and is not counted.
    for (let round = 0; round <= PACE_ROUNDS; round += 1) {
      const pair =
        round % 2 === 0
          ? { scan: await paceOf(scan), bare: await paceOf(bare) }
          : { bare: await paceOf(bare), scan: await paceOf(scan) };
      if (round > 0) rounds.push(pair);
    }
  } finally {
    await scan.stop();
    await bare.stop();
  }
  return {
    scan: quartiles(rounds.map((pair) => pair.scan.perSecond)),
    bare: quartiles(rounds.map((pair) => pair.bare.perSecond)),
    ratio: quartiles(rounds.map((pair) => pair.scan.perSecond / pair.bare.perSecond)),
    cpuRatio: quartiles(rounds.map((pair) => pair.bare.cpu / pair.scan.cpu)),
    scanCpu: median(rounds.map((pair) => pair.scan.cpu)),
    bareCpu: median(rounds.map((pair) => pair.bare.cpu)),
  };
}

interface Pace {
  readonly perSecond: number;
  readonly cpu: number;
}

/** One customer, all of whose hosts are silent: the first run, the second, and the first without anything counting. */
export async function observeOneCustomer(
  world: World,
  now: Instant,
): Promise<Record<'first' | 'second' | 'direct', Run>> {
  const fleet = new StoredFleet(world.database, await world.createFleet('one'), together, now);
  await fleet.grow(SILENT_HOSTS);
  await fleet.change(
    'ill',
    () => 'offline',
    () => false,
  );
  const tables = await world.withoutHistory(fleet.tables);
  const first = await world.counted('scan-offline-hosts', tables);
  const second = await world.counted('scan-offline-hosts', tables);
  const direct = await world.direct('scan-offline-hosts', await world.withoutHistory(fleet.tables));
  return { first, second, direct };
}

export const openFleet = async (world: World, now: Instant): Promise<StoredFleet> =>
  new StoredFleet(world.database, await world.createFleet('fleet'), spread, now);
