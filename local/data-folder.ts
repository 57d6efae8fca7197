import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { openLevel } from './level.ts';
import { codeOf, LocalRunError, messageOf } from './local-run-error.ts';

/** Small facts that outlive a run: the clock, the mailbox, schedules. A write has reached the disk when its promise resolves. */
export interface State {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** Values of all keys that begin with `prefix`, in the order of the keys. */
  list(prefix: string): Promise<unknown[]>;
}

/** Everything that a run keeps, in one folder that one run owns at a time. */
export interface DataFolder {
  readonly path: string;
  readonly state: State;
  /** Path of a folder inside, which is made where it is missing. */
  folder(name: string): string;
  close(): Promise<void>;
}

export async function openDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path);
  const folder = (name: string): string => {
    const inside = join(root, name);
    try {
      mkdirSync(inside, { recursive: true });
    } catch (error) {
      throw new LocalRunError(
        `the data folder cannot be written (${root}): ${codeOf(error) ?? messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
    return inside;
  };
  const level = await openLevel(folder('state'));
  return { path: root, state: stateIn(level, root), folder, close: () => level.close() };
}

function stateIn(level: ClassicLevel, root: string): State {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new LocalRunError(`the data folder is damaged (${root}): move it away and start again`, {
        cause: error,
      });
    }
  };
  return {
    async get(key) {
      const text = await level.get(key);
      return text === undefined ? undefined : parse(text);
    },
    put: (key, value) => level.put(key, JSON.stringify(value), { sync: true }),
    delete: (key) => level.del(key, { sync: true }),
    async list(prefix) {
      const values = await level.values({ gte: prefix, lt: `${prefix}\uffff` }).all();
      return values.map(parse);
    },
  };
}
