import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDataFolder } from '../../local/data-folder.ts';
import { DYNAMODB_LOCAL_FOLDER } from '../../local/dynamodb-local-engine.ts';
import { startEngine } from '../../local/engines.ts';
import { buildRuntime } from '../../local/runtime.ts';

/** An engine that counts units with their indexes. */
export interface CountingEngine {
  readonly name: string;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * DynamoDB Local, or the engine that `AWS_ENDPOINT_URL_DYNAMODB` names; undefined where neither is at hand.
 * @param folder for its data
 */
export async function openCountingEngine(
  environment: NodeJS.ProcessEnv,
  folder: string,
): Promise<CountingEngine | undefined> {
  const url = environment['AWS_ENDPOINT_URL_DYNAMODB'];
  if (url) return { name: `the engine at ${url}`, url, stop: () => Promise.resolve() };
  const installation = environment['DYNAMODB_LOCAL_DIR'] ?? DYNAMODB_LOCAL_FOLDER;
  const isAtHand =
    existsSync(join(installation, 'DynamoDBLocal.jar')) &&
    spawnSync('java', ['-version']).error === undefined;
  if (!isAtHand) return undefined;
  const data = await openDataFolder(folder);
  try {
    const runtime = await buildRuntime(data.folder('runtime'));
    const engine = await startEngine('dynamodb-local', installation, data, runtime);
    return {
      name: 'DynamoDB Local',
      url: engine.url,
      async stop() {
        await engine.stop();
        await data.close();
      },
    };
  } catch (error) {
    await data.close();
    throw error;
  }
}
