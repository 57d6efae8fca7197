import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';

/** Appends lines to a log in the data folder. A log that cannot be written stops nothing. */
export function openLog(data: DataFolder, name: string): (line: string) => void {
  const stream = createWriteStream(join(data.folder('logs'), `${name}.log`), { flags: 'a' });
  stream.on('error', () => undefined);
  return (line) => void stream.write(`${line}\n`);
}
