import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { DYNAMODB_LOCAL_FOLDER, startDynamoDBLocal } from '../../local/dynamodb-local-engine.ts';
import { buildRuntime } from '../../local/runtime.ts';
import { parseSettings } from '../../local/settings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The engine that all services share; empty where each has an embedded one. */
    dynamodbUrl: string;
  }
}

/**
 * `DYNAMODB_ENGINE=dynamodb-local` runs the tests of the service on Amazon's engine instead of the embedded one: one for all
 * tests, in memory. `AWS_ENDPOINT_URL_DYNAMODB` names one that runs already.
 */
export default async function startEngineOnce(
  project: TestProject,
): Promise<(() => Promise<void>) | undefined> {
  const { engine, dynamodbUrl, dynamodbLocalDir } = parseSettings(process.env);
  if (dynamodbUrl !== undefined || engine !== 'dynamodb-local') {
    project.provide('dynamodbUrl', dynamodbUrl ?? '');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'dynamodb-local-'));
  const { tether } = await buildRuntime(folder);
  const installation = dynamodbLocalDir ?? DYNAMODB_LOCAL_FOLDER;
  const local = await startDynamoDBLocal({ installation, tether, onLog: () => undefined });
  project.provide('dynamodbUrl', local.url);
  return async () => {
    await local.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
