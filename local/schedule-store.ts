import type { ServiceClock } from './clock.ts';
import type { State } from './data-folder.ts';

/** What a schedule is told to do, in the words of EventBridge Scheduler; members that matter to AWS alone are kept. */
export interface ScheduleDocument {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly State: 'ENABLED' | 'DISABLED';
  readonly Target: { readonly Arn: string; readonly Input?: string | undefined };
  /** Epoch seconds. */
  readonly StartDate?: number | undefined;
  readonly EndDate?: number | undefined;
  readonly ActionAfterCompletion?: 'NONE' | 'DELETE' | undefined;
}

export interface StoredSchedule {
  readonly group: string;
  readonly name: string;
  readonly document: ScheduleDocument;
  /** Tells a repetition of the call that made it. */
  readonly clientToken: string | undefined;
  /** Epoch milliseconds, as all below. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** Since when it runs as it does: a new expression counts from here. */
  readonly since: number;
}

const PREFIX = 'scheduler/';

/** Schedules that functions made. They outlive the run. */
export interface ScheduleStore {
  get(group: string, name: string): StoredSchedule | undefined;
  put(group: string, name: string, document: ScheduleDocument, clientToken?: string): Promise<void>;
  delete(group: string, name: string): Promise<void>;
  /** By group and name. */
  list(): StoredSchedule[];
}

export async function openScheduleStore(state: State, clock: ServiceClock): Promise<ScheduleStore> {
  // Only this file writes under the prefix.
  const stored = (await state.list(PREFIX)) as StoredSchedule[];
  const keyOf = (group: string, name: string): string => `${group}/${name}`;
  const schedules = new Map(stored.map((schedule) => [keyOf(schedule.group, schedule.name), schedule]));
  return {
    get: (group, name) => schedules.get(keyOf(group, name)),
    async put(group, name, document, clientToken) {
      const key = keyOf(group, name);
      const now = clock.now().getTime();
      const before = schedules.get(key);
      const schedule = {
        ...{ group, name, document },
        clientToken: clientToken ?? before?.clientToken,
        createdAt: before?.createdAt ?? now,
        changedAt: now,
        since: before !== undefined && timesOf(before.document) === timesOf(document) ? before.since : now,
      };
      await state.put(PREFIX + key, schedule);
      schedules.set(key, schedule);
    },
    async delete(group, name) {
      await state.delete(PREFIX + keyOf(group, name));
      schedules.delete(keyOf(group, name));
    },
    list: () => [...schedules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schedule]) => schedule),
  };
}

/** A schedule that was off does not make up for what it missed, so its state belongs to them. */
const timesOf = ({
  ScheduleExpression,
  ScheduleExpressionTimezone,
  State,
  StartDate,
}: ScheduleDocument): string =>
  JSON.stringify([ScheduleExpression, ScheduleExpressionTimezone, State, StartDate]);
