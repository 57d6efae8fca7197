import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runImport } from '../../order-import/run-import.ts';

/** The columns that most tests need. */
export const HEADER = 'customer,name,technical,contract,product,startsOn,endsOn,hosts,pool:render-engine\n';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the import on the day 2026-11-24, with what it prints. */
export async function run(
  args: readonly string[],
  options: { readonly stopped?: AbortSignal } = {},
): Promise<Run> {
  let out = '';
  let err = '';
  const code = await runImport(args, {
    environment: {},
    today: '2026-11-24',
    stopped: options.stopped ?? new AbortController().signal,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

/** A folder for the files of one test file. */
export function useFiles(): {
  readonly path: () => string;
  readonly of: (content: string | Buffer) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'licensing-import-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  return {
    path: () => folder,
    of(content) {
      files += 1;
      const path = join(folder, `customers-${files}.csv`);
      writeFileSync(path, content);
      return path;
    },
  };
}
