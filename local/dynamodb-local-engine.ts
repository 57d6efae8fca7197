import { fork, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { Engine } from './engines.ts';
import { listen } from './http.ts';
import { LocalRunError } from './local-run-error.ts';

/** Where `npm run dynamodb-local` puts it. */
export const DYNAMODB_LOCAL_FOLDER = '.cache/dynamodb-local';

const START_TIMEOUT_MS = 60_000;

export interface DynamoDBLocalOptions {
  /** Folder with `DynamoDBLocal.jar`. */
  readonly installation: string;
  /** Folder for its data. @default - it keeps them in memory, which is faster */
  readonly folder?: string;
  /** The built `tether.ts`. */
  readonly tether: string;
  readonly onLog: (line: string) => void;
}

/** Amazon's DynamoDB Local. It listens on all interfaces and has no option against that. */
export async function startDynamoDBLocal({
  installation,
  folder,
  tether,
  onLog,
}: DynamoDBLocalOptions): Promise<Engine> {
  const home = resolve(installation);
  if (!existsSync(join(home, 'DynamoDBLocal.jar'))) {
    throw new LocalRunError(
      `DynamoDB Local is not installed (${home}): run npm run dynamodb-local, or set DYNAMODB_LOCAL_DIR`,
    );
  }
  if (spawnSync('java', ['-version']).error !== undefined) {
    throw new LocalRunError(
      'DynamoDB Local needs Java, which is not installed here: install Java 17 or newer, or use the embedded engine',
    );
  }
  const port = await freePort();
  const child = fork(
    tether,
    [
      'java',
      `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(home, 'DynamoDBLocal.jar')],
      ...['-port', String(port), '-sharedDb'],
      ...(folder === undefined ? ['-inMemory'] : ['-dbPath', folder]),
    ],
    { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => text.split('\n').filter(Boolean).forEach(onLog));
  }
  let ended = false;
  const end = new Promise<void>((done) => {
    child.once('exit', () => {
      ended = true;
      done();
    });
  });
  const engine: Engine = {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (!ended) child.kill('SIGTERM');
      const kill = setTimeout(() => child.disconnect(), 5000);
      await end;
      clearTimeout(kill);
    },
  };
  try {
    await untilAnswering(engine.url, () => ended);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

async function untilAnswering(url: string, hasEnded: () => boolean): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  try {
    for (;;) {
      if (hasEnded())
        throw new LocalRunError(
          'DynamoDB Local ended at once: see logs/dynamodb-local.log in the data folder',
        );
      try {
        await client.send(new ListTablesCommand({}));
        return;
      } catch {
        if (Date.now() > giveUpAt) throw new LocalRunError('DynamoDB Local did not start within a minute');
        await sleep(200);
      }
    }
  } finally {
    client.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const url = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return Number(new URL(url).port);
}
