import { startDynamoDBLocal } from './dynamodb-local-engine.ts';
import { startDynalite } from './dynalite-engine.ts';
import type { DataFolder } from './data-folder.ts';
import { openLog } from './log-file.ts';
import type { Runtime } from './runtime.ts';

/** `dynalite` is embedded; `dynamodb-local` is Amazon's own engine and needs Java. */
export type EngineName = 'dynalite' | 'dynamodb-local';

/** A DynamoDB engine that was started here. */
export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts an engine with its data in the data folder. */
export function startEngine(
  name: EngineName,
  installation: string,
  data: DataFolder,
  runtime: Runtime,
): Promise<Engine> {
  if (name === 'dynalite') return startDynalite(data.folder('dynalite'));
  const onLog = openLog(data, name);
  return startDynamoDBLocal({ installation, folder: data.folder(name), tether: runtime.tether, onLog });
}
