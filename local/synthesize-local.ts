import { LocalRunError, messageOf } from './local-run-error.ts';

/** Synthesizes the stage `local` into a folder and returns the folder. */
export async function synthesizeLocal(outdir: string): Promise<string> {
  const write = process.stderr.write.bind(process.stderr);
  try {
    // Imported here: a service that was synthesized before needs no CDK.
    const { synthesizeStage } = await import('../lib/app.ts');
    // Bundling reports every file it makes.
    process.stderr.write = () => true;
    return synthesizeStage('local', { outdir }).directory;
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n');
    throw new LocalRunError(`the stage local cannot be synthesized: ${line}`, { cause: error });
  } finally {
    process.stderr.write = write;
  }
}
