import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalRunError, messageOf } from './local-run-error.ts';

/** Scripts that run in processes of their own, by plain Node. */
export interface Runtime {
  readonly functionProcess: string;
  readonly tether: string;
}

export async function buildRuntime(folder: string): Promise<Runtime> {
  const names = ['function-process', 'tether'];
  const source = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  try {
    const { build } = await import('esbuild');
    await build({
      entryPoints: names.map(source),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
  } catch (error) {
    throw new LocalRunError(
      `esbuild failed (run \`npm ci\` again?): ${messageOf(error).split('\n')[0] ?? ''}`,
      {
        cause: error,
      },
    );
  }
  return { functionProcess: join(folder, 'function-process.mjs'), tether: join(folder, 'tether.mjs') };
}
