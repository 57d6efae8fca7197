import { randomUUID } from 'node:crypto';
import type { ServiceClock } from './clock.ts';
import type { State } from './data-folder.ts';
import type { Invocation } from './function-pool.ts';
import { LocalRunError } from './local-run-error.ts';
import { parseScheduleExpression, type Timetable } from './schedule-expression.ts';
import type { ScheduleStore, StoredSchedule } from './schedule-store.ts';
import type { TemplateSchedule } from './template.ts';

/** How often the moved clock is looked at while nobody moves it. */
const TICK_MS = 1000;
const RUNS = 'schedules/run/';
const STARTS = 'schedules/since/';

/** The last run of a schedule. */
interface ScheduleRun {
  /** ISO instant by the service's clock. */
  readonly at: string;
  readonly outcome: 'succeeded' | 'failed';
  /** First line of what went wrong. */
  readonly error?: string;
  readonly startedBy: 'schedule' | 'hand';
}

export interface ScheduleView {
  /** `scan-offline-hosts`, or `<group>/<name>` for one that a function made. */
  readonly name: string;
  readonly functionName: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly isEnabled: boolean;
  /** ISO instant; absent where it is never due again. */
  readonly nextDueAt?: string;
  readonly lastRun?: ScheduleRun;
}

export interface Schedules {
  /**
   * Moves the clock forward, stopping at every instant at which a schedule is due, and runs it there; one move at a time.
   * Answers how many runs there were.
   */
  advance(milliseconds: number): Promise<number>;
  /** Runs a schedule now, with this event or its own; undefined where there is none of this name. */
  run(name: string, event?: unknown): Promise<Invocation | undefined>;
  list(): ScheduleView[];
  /** Starts no more runs; resolves once the one in flight has ended. */
  stop(): Promise<void>;
}

export interface SchedulesOptions {
  readonly template: readonly TemplateSchedule[];
  /** Schedules that functions made. @default - they are kept elsewhere */
  readonly store?: ScheduleStore | undefined;
  readonly clock: ServiceClock;
  readonly state: State;
  readonly region: string;
  readonly account: string;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Resolves when what the last run set off has been dealt with, such as bounces. */
  readonly settled: () => Promise<unknown>;
  readonly log: (line: string) => void;
  /** Whether they run as time goes by, too. */
  readonly byThemselves: boolean;
}

interface Schedule {
  readonly name: string;
  readonly arn: string;
  readonly functionName: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly isEnabled: boolean;
  readonly input: string | undefined;
  readonly timetable: Timetable;
  /** Since when it runs; what was due before is not made up for. Epoch milliseconds, as all below. */
  readonly since: number;
  /** Where a rate counts from. */
  readonly anchor: number;
  readonly endsAt: number;
  /** Takes it away once it is never due again. */
  readonly complete?: (() => Promise<void>) | undefined;
}

interface RunRecord {
  readonly name: string;
  /** Everything due up to here was dealt with. */
  readonly handledUntil: number;
  readonly lastRun: ScheduleRun;
}

interface DueSchedule {
  readonly schedule: Schedule;
  readonly due: number;
}

/** Schedules of the template and those that functions made; they fire by the service's clock. */
export async function openSchedules(options: SchedulesOptions): Promise<Schedules> {
  const { store, clock, state, log, settled } = options;
  const arnPrefix = `arn:aws:scheduler:${options.region}:${options.account}:schedule`;
  // Only this file writes under the prefix.
  const stored = (await state.list(RUNS)) as RunRecord[];
  const records = new Map(stored.map((record) => [record.name, record]));
  const fixed = await Promise.all(
    options.template.map((schedule) => fixedSchedule(schedule, arnPrefix, state, clock)),
  );
  const madeByFunctions = new WeakMap<StoredSchedule, Schedule>();
  const dueOf = new WeakMap<Schedule, { handledUntil: number; due: number | undefined }>();
  let stopped = false;
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const all = (): Schedule[] => {
    const made = (store?.list() ?? []).map((item) => {
      const schedule =
        madeByFunctions.get(item) ??
        storedSchedule(item, arnPrefix, () => Promise.resolve(store?.delete(item.group, item.name)));
      madeByFunctions.set(item, schedule);
      return schedule;
    });
    return [...fixed, ...made];
  };

  const nextDue = (schedule: Schedule): number | undefined => {
    if (!schedule.isEnabled) return undefined;
    const handledUntil = Math.max(records.get(schedule.name)?.handledUntil ?? 0, schedule.since);
    const known = dueOf.get(schedule);
    if (known?.handledUntil === handledUntil) return known.due;
    const next = schedule.timetable.next(handledUntil, schedule.anchor);
    const due = next !== undefined && next <= schedule.endsAt ? next : undefined;
    dueOf.set(schedule, { handledUntil, due });
    return due;
  };

  const firstDue = (until: number): DueSchedule | undefined => {
    let first: DueSchedule | undefined;
    for (const schedule of all()) {
      const due = nextDue(schedule);
      if (due === undefined || due > until) continue;
      const isFirst =
        first === undefined || due < first.due || (due === first.due && schedule.name < first.schedule.name);
      if (isFirst) first = { schedule, due };
    }
    return first;
  };

  const perform = async (
    schedule: Schedule,
    startedBy: ScheduleRun['startedBy'],
    handledUntil: number,
    event: unknown,
  ): Promise<Invocation> => {
    const at = clock.now().toISOString();
    const result = await options.invoke(schedule.functionName, event);
    if (stopped) return result;
    const fault = result.kind === 'failed' ? (result.error.split('\n')[0] ?? '') : undefined;
    if (fault !== undefined) log(`${at} ${schedule.name} failed: ${fault}`);
    const lastRun: ScheduleRun = {
      at,
      outcome: result.kind === 'failed' ? 'failed' : 'succeeded',
      ...(fault === undefined ? {} : { error: fault }),
      startedBy,
    };
    const record = { name: schedule.name, handledUntil, lastRun };
    records.set(schedule.name, record);
    await state.put(RUNS + schedule.name, record);
    await settled();
    return result;
  };

  /** Whatever was missed up to now, by a stop or a raw move of the clock, is made up for by this one run. */
  const fire = async ({ schedule, due }: DueSchedule): Promise<void> => {
    const handledUntil = Math.max(due, clock.now().getTime());
    await perform(schedule, 'schedule', handledUntil, eventOf(schedule, due, options));
    if (nextDue(schedule) === undefined) await schedule.complete?.();
  };

  const enqueue = <Result>(work: () => Promise<Result>): Promise<Result> => {
    waiting += 1;
    const result = tail.then(work);
    tail = result
      .catch(() => undefined)
      .finally(() => {
        waiting -= 1;
      });
    return result;
  };

  const tick = async (): Promise<void> => {
    const until = clock.now().getTime();
    for (let next = firstDue(until); next && !stopped; next = firstDue(until)) await fire(next);
  };
  const timer = setInterval(() => {
    if (options.byThemselves && waiting === 0) enqueue(tick).catch((error: unknown) => log(String(error)));
  }, TICK_MS);
  timer.unref();

  return {
    advance: (milliseconds) =>
      enqueue(async () => {
        const target = clock.now().getTime() + milliseconds;
        let ran = 0;
        for (let next = firstDue(target); next && !stopped; next = firstDue(target)) {
          await clock.moveTo(next.due);
          await fire(next);
          ran += 1;
        }
        if (!stopped) await clock.moveTo(target);
        return ran;
      }),
    async run(name, event) {
      const schedules = all();
      const named = schedules.filter((candidate) => candidate.name.endsWith(`/${name}`));
      const schedule =
        schedules.find((candidate) => candidate.name === name) ?? (named.length === 1 ? named[0] : undefined);
      if (schedule === undefined) return undefined;
      const handledUntil = records.get(schedule.name)?.handledUntil ?? 0;
      const given = event ?? eventOf(schedule, clock.now().getTime(), options);
      return perform(schedule, 'hand', handledUntil, given);
    },
    list: () => all().map((schedule) => viewOf(schedule, nextDue(schedule), records.get(schedule.name))),
    async stop() {
      stopped = true;
      clearInterval(timer);
      await tail;
    },
  };
}

/** A rate of the template counts from the first start with it, which is kept. */
async function fixedSchedule(
  schedule: TemplateSchedule,
  arnPrefix: string,
  state: State,
  clock: ServiceClock,
): Promise<Schedule> {
  const { name, expression, timeZone } = schedule;
  const timetable = parseScheduleExpression(expression, timeZone);
  if (timetable === undefined)
    throw new LocalRunError(
      `the schedule ${name} has no expression known here: ${expression} in ${timeZone}`,
    );
  const key = STARTS + name;
  const definition = JSON.stringify([expression, timeZone, schedule.isEnabled]);
  // Only this function writes the key.
  const known = (await state.get(key)) as { definition: string; since: number } | undefined;
  const since = known?.definition === definition ? known.since : clock.now().getTime();
  if (known?.definition !== definition) await state.put(key, { definition, since });
  return {
    ...schedule,
    arn: `${arnPrefix}/default/${name}`,
    timetable,
    since,
    anchor: since,
    endsAt: Infinity,
  };
}

function storedSchedule(
  { group, name, document, since }: StoredSchedule,
  arnPrefix: string,
  remove: () => Promise<void>,
): Schedule {
  const { ScheduleExpression: expression, ScheduleExpressionTimezone: timeZone } = document;
  const startsAt = (document.StartDate ?? 0) * 1000;
  return {
    name: `${group}/${name}`,
    arn: `${arnPrefix}/${group}/${name}`,
    functionName: /:function:([^:]+)/.exec(document.Target.Arn)?.[1] ?? document.Target.Arn,
    expression,
    timeZone,
    isEnabled: document.State === 'ENABLED',
    input: document.Target.Input,
    timetable: parseScheduleExpression(expression, timeZone) ?? { next: () => undefined },
    // One millisecond before its start, so that it may be due at its start.
    since: Math.max(since, startsAt - 1),
    anchor: Math.max(since, startsAt),
    endsAt: document.EndDate === undefined ? Infinity : document.EndDate * 1000,
    complete: document.ActionAfterCompletion === 'DELETE' ? remove : undefined,
  };
}

/** What EventBridge Scheduler gives to a function: the schedule's input with its attributes filled in, or an event of its own. */
function eventOf(
  { arn, input }: Schedule,
  due: number,
  { region, account }: { region: string; account: string },
): unknown {
  const time = new Date(due).toISOString().replace(/\.\d+Z$/, 'Z');
  const id = randomUUID();
  if (input !== undefined) {
    const attributes: Readonly<Record<string, string>> = {
      'schedule-arn': arn,
      'scheduled-time': time,
      'execution-id': id,
      'attempt-number': '1',
    };
    const filled = input.replace(
      /<aws\.scheduler\.([a-z-]+)>/g,
      (all, attribute: string) => attributes[attribute] ?? all,
    );
    return JSON.parse(filled) as unknown;
  }
  return {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time,
    region,
    resources: [arn],
    detail: '{}',
  };
}

function viewOf(schedule: Schedule, due: number | undefined, record: RunRecord | undefined): ScheduleView {
  const { name, functionName, expression, timeZone, isEnabled } = schedule;
  return {
    ...{ name, functionName, expression, timeZone, isEnabled },
    ...(due === undefined ? {} : { nextDueAt: new Date(due).toISOString() }),
    ...(record === undefined ? {} : { lastRun: record.lastRun }),
  };
}
