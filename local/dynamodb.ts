import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { listen, LOOPBACK } from './http.ts';
import { checkLevel } from './level.ts';
import { LocalRunError } from './local-run-error.ts';

/** `dynalite` runs in this process; `dynamodb-local` is Amazon's own engine and needs Java. */
export type EngineName = 'dynalite' | 'dynamodb-local';

/** A DynamoDB engine that was started here. */
export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/** LevelDB takes every write before it is answered: `kill -9` loses nothing that a caller was told. */
export async function startDynalite(folder: string): Promise<Engine> {
  await checkLevel(folder);
  const server = dynalite({ path: folder, createTableMs: 0 });
  const url = await listen(server, 0);
  return { url, stop: () => new Promise((done) => server.close(() => done())) };
}

/** Starts the jar that `npm run dynamodb-local` fetched. It listens on every interface: it knows no option for that. */
export async function startDynamoDBLocal(jarFolder: string, dataFolder: string): Promise<Engine> {
  const folder = resolve(jarFolder);
  if (!existsSync(join(folder, 'DynamoDBLocal.jar'))) {
    throw new LocalRunError(`DynamoDB Local is not installed (${folder}): run npm run dynamodb-local`);
  }
  const port = await freePort();
  const url = `http://${LOOPBACK}:${port}`;
  const options = ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', '-sharedDb'];
  const java = spawn('java', [...options, '-dbPath', dataFolder, '-port', String(port)], {
    cwd: folder,
    stdio: 'ignore',
  });
  let failure: string | undefined;
  java.once('error', () => (failure = 'Java is missing: install a Java 17 runtime, or use the embedded engine'));
  java.once('exit', (code) => (failure ??= `DynamoDB Local ended (${code ?? 'killed'})`));
  for (let attempt = 0; ; attempt += 1) {
    if (failure !== undefined) throw new LocalRunError(failure);
    if (attempt === 300) throw new LocalRunError('DynamoDB Local does not answer');
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  return {
    url,
    stop: () =>
      new Promise((done) => {
        java.once('exit', () => done());
        java.kill();
      }),
  };
}

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createSocketServer().listen(0, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });

/** Creates the tables that are missing, and nothing else: data of earlier runs stays. */
export async function createTables(
  client: DynamoDBClient,
  tables: readonly (CreateTableCommandInput & { TableName: string })[],
): Promise<void> {
  for (const table of tables) {
    const { TableName } = table;
    const exists = await client.send(new DescribeTableCommand({ TableName })).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
        throw error;
      },
    );
    if (exists) continue;
    await client.send(new CreateTableCommand(table));
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName });
  }
}
