import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the synthesized stage `local`; empty where it could not be synthesized. */
    assembly: string;
    /** Why it could not be synthesized. */
    synthesisFault: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache', 'assembly');
const KEPT = 4;

/**
 * Synthesizes the stage `local` once for all tests, and again only when its sources have changed. A fault is told to the
 * tests that need the assembly: the pure core can be tested while the stack cannot be built.
 */
export default async function synthesizeOnce(project: TestProject): Promise<void> {
  let assembly = '';
  let fault = '';
  try {
    assembly = await synthesized();
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  project.provide('assembly', assembly);
  project.provide('synthesisFault', fault);
}

async function synthesized(): Promise<string> {
  const folder = join(cache, hashOfSources());
  if (existsSync(folder)) return folder;
  const { synthesizeStage } = await import('../../lib/app.ts');
  const unfinished = `${folder}.${process.pid}`;
  const stderr = process.stderr.write.bind(process.stderr);
  // Bundling reports every file it makes.
  process.stderr.write = () => true;
  try {
    synthesizeStage('local', { outdir: unfinished });
  } finally {
    process.stderr.write = stderr;
  }
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another run was faster: its result is the same.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  forgetOld();
  return folder;
}

/** Everything that synthesis reads, apart from node_modules, which follows from the lock file. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  const files = ['lib', 'lambdas'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...files.sort(), join(root, 'package-lock.json'), join(root, 'tsconfig.json')]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** Keeps the last few: another run may still use one. */
function forgetOld(): void {
  const ages = readdirSync(cache).map((name) => ({
    folder: join(cache, name),
    made: statSync(join(cache, name)).mtimeMs,
  }));
  for (const { folder } of ages.sort((a, b) => b.made - a.made).slice(KEPT))
    rmSync(folder, { recursive: true, force: true });
}
