import { createServer, type RequestListener, type Server } from 'node:http';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { build } from 'esbuild';
import { readAssembly, type Assembly } from './assembly.ts';
import { openClock, type ServiceClock } from './clock.ts';
import { createControl } from './control.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { createTables, startDynalite, startDynamoDBLocal, type Engine, type EngineName } from './dynamodb.ts';
import { ensureSigningKey, type EndpointKey } from './endpoint-keys.ts';
import { FunctionPool } from './function-pool.ts';
import { createGateway, sendBare } from './gateway.ts';
import { listen } from './http.ts';
import { createKms } from './kms.ts';
import { openSigningKey } from './kms-keys.ts';
import { LocalRunError, messageOf } from './local-run-error.ts';
import { openMailbox, type Mailbox } from './mailbox.ts';
import { createSes } from './ses.ts';
import type { SigningIdentity } from './sigv4.ts';
import { Template, type TemplateFunction } from './template.ts';

/** Processes of a function that the template gives no reserved concurrency. */
const DEFAULT_CONCURRENCY = 4;
const ACCOUNT = '000000000000';

/** Where functions reach AWS. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly ses: string;
}

export interface LocalServiceOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Folder of a synthesized app of one stack. @default - the stage `local`, synthesized now */
  readonly assembly?: string;
  /** @default dynalite */
  readonly engine?: EngineName;
  /** Folder of DynamoDB Local. @default .cache/dynamodb-local */
  readonly dynamodbLocalDir?: string;
  /** Any other AWS: no stand-in is started, tables and key are made there. */
  readonly endpointUrl?: string;
  /** Any other DynamoDB engine that runs already. */
  readonly dynamodbUrl?: string;
  /** Put before the names of tables, for several services on one engine. */
  readonly tablePrefix?: string;
  /** Credentials of functions at an outside endpoint. @default - the name of each function */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** @default eu-west-1 */
  readonly region?: string;
  /** Lets tests stand between the functions and AWS. */
  readonly decorateEndpoints?: (real: Endpoints) => Promise<Endpoints>;
  /** One line that a function printed. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** What is being done, for people who wait. */
  readonly progress?: (what: string) => void;
}

export interface LocalService {
  readonly url: string;
  /** Path of a folder inside the data folder, which is made where it is missing. */
  folder(name: string): string;
  readonly region: string;
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  /** The real endpoints, without what tests put before them. */
  readonly endpoints: Endpoints;
  /** Names of tables by the last part of their environment variable in lower case, such as `licenses`. */
  readonly tableNames: ReadonlyMap<string, string>;
  readonly functions: readonly TemplateFunction[];
  /** Who signs requests to the IAM routes. */
  readonly identity: SigningIdentity;
  /** Kills the processes of a function, as a crash would; answers how many there were. */
  killFunction(name: string): number;
  stop(): Promise<void>;
}

/** Runs a synthesized app of the CDK on this machine: its tables, keys, functions and routes. */
export async function startLocalService(options: LocalServiceOptions): Promise<LocalService> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return await start(options, closing, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: LocalServiceOptions,
  closing: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<LocalService> {
  const progress = options.progress ?? (() => undefined);
  const region = options.region ?? 'eu-west-1';
  const identity = { accessKeyId: 'local', secretAccessKey: 'local', region, service: 'execute-api' };

  // The port comes first: the template's files name it, and a busy one is known before anything is touched.
  let answer: RequestListener = (_request, response) => sendBare(response, 503, 'Service Unavailable');
  const front = createServer((request, response) => answer(request, response));
  const url = await listen(front, options.port);
  closing.push(() => closeServer(front));

  const data = await openDataFolder(options.dataDir);
  closing.push(() => data.close());
  const clock = await openClock(data.state);
  const mailbox = await openMailbox(data.state);

  const assembly = readAssembly(options.assembly ?? (await synthesize(data, progress)));
  progress('starting the database, the key and the functions');
  const real = await startEndpoints(options, data, assembly, { clock, mailbox, region, closing });
  const endpoints = (await options.decorateEndpoints?.(real.endpoints)) ?? real.endpoints;

  const tableNames = await makeTables(options, assembly, real.endpoints.dynamodb, region);
  const template = new Template(assembly, region, ({ logicalId, type }, attribute) => {
    const table = tableNames.get(logicalId);
    if (table !== undefined) {
      return attribute === undefined ? table : `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`;
    }
    const key = real.keys.get(logicalId);
    if (key !== undefined) return attribute === 'Arn' ? key.arn : key.keyId;
    if (type === 'AWS::ApiGatewayV2::Api') return attribute === 'ApiEndpoint' ? url : 'local';
    return undefined;
  });
  const { functions } = template;
  const pools = await startPools(options, data, functions, endpoints, region, clock);
  closing.push(() => Promise.all([...pools.values()].map((pool) => pool.close())));

  const gateway = createGateway({
    routes: template.routes,
    clock,
    identity,
    invoke: (name, event, requestId) =>
      pools.get(name)?.invoke(event, requestId) ?? Promise.resolve({ kind: 'failed', error: 'no such function' }),
  });
  const control = createControl({ clock, mailbox, url, clockIsFixed: options.endpointUrl !== undefined });
  answer = (request, response) => {
    const handle = request.url?.startsWith('/_local') === true ? control : gateway;
    handle(request, response).catch(() => response.destroy());
  };

  return {
    url,
    folder: (name) => data.folder(name),
    region,
    clock,
    mailbox,
    endpoints: real.endpoints,
    tableNames: tablesByVariable(functions),
    functions,
    identity,
    killFunction: (name) => pools.get(name)?.kill() ?? 0,
    stop,
  };
}

async function synthesize(data: DataFolder, progress: (what: string) => void): Promise<string> {
  progress('synthesizing the stage local');
  const outdir = data.folder('cdk.out');
  try {
    // Imported here: a service that was synthesized before needs no CDK.
    const { synthesizeStage } = await import('../lib/app.ts');
    return synthesizeStage('local', { outdir }).directory;
  } catch (error) {
    throw new LocalRunError(`the stage local cannot be synthesized: ${messageOf(error)}`, { cause: error });
  }
}

interface Surroundings {
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  readonly region: string;
  readonly closing: (() => Promise<unknown>)[];
}

async function startEndpoints(
  options: LocalServiceOptions,
  data: DataFolder,
  assembly: Assembly,
  { clock, mailbox, region, closing }: Surroundings,
): Promise<{ endpoints: Endpoints; keys: ReadonlyMap<string, EndpointKey> }> {
  const specs = Template.signingKeys(assembly);
  const { endpointUrl } = options;
  if (endpointUrl !== undefined) {
    const client = new KMSClient({ endpoint: endpointUrl, region, credentials: options.credentials ?? outside });
    const keys = new Map<string, EndpointKey>();
    for (const { logicalId, spec } of specs) {
      const alias = `alias/${assembly.stackName}-${logicalId}`;
      keys.set(logicalId, await reaching(endpointUrl, ensureSigningKey(client, alias, spec)));
    }
    client.destroy();
    return { endpoints: { dynamodb: endpointUrl, kms: endpointUrl, ses: endpointUrl }, keys };
  }

  const keyFolder = data.folder('keys');
  const arnPrefix = `arn:aws:kms:${region}:${ACCOUNT}`;
  const signingKeys = specs.map(({ logicalId, spec }) => openSigningKey(keyFolder, logicalId, spec, arnPrefix));
  const keys = new Map(specs.map(({ logicalId }, index) => [logicalId, signingKeys[index] ?? { keyId: '', arn: '' }]));
  const aliases = new Map(
    [...Template.keyAliases(assembly)].map(([alias, logicalId]) => [alias, keys.get(logicalId)?.keyId ?? '']),
  );
  const serve = async (server: Server): Promise<string> => {
    const url = await listen(server, 0);
    closing.push(() => closeServer(server));
    return url;
  };
  let dynamodb = options.dynamodbUrl;
  if (dynamodb === undefined) {
    const engine = await startEngine(options, data);
    closing.push(() => engine.stop());
    dynamodb = engine.url;
  }
  return {
    endpoints: {
      dynamodb,
      kms: await serve(createKms(signingKeys, aliases)),
      ses: await serve(createSes(mailbox, clock)),
    },
    keys,
  };
}

function startEngine(options: LocalServiceOptions, data: DataFolder): Promise<Engine> {
  const name = options.engine ?? 'dynalite';
  return name === 'dynalite'
    ? startDynalite(data.folder('dynalite'))
    : startDynamoDBLocal(options.dynamodbLocalDir ?? '.cache/dynamodb-local', data.folder('dynamodb-local'));
}

const outside = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Names of the tables by logical id; the ones that are missing are made. */
async function makeTables(
  options: LocalServiceOptions,
  assembly: Assembly,
  endpoint: string,
  region: string,
): Promise<Map<string, string>> {
  const client = new DynamoDBClient({ endpoint, region, credentials: options.credentials ?? outside });
  const tables = [...Template.tables(assembly)].map(([logicalId, input]) => {
    const name = input.TableName ?? `${assembly.stackName}-${logicalId}`;
    return { logicalId, input: { ...input, TableName: `${options.tablePrefix ?? ''}${name}` } };
  });
  await reaching(endpoint, createTables(client, tables.map(({ input }) => input)));
  client.destroy();
  return new Map(tables.map(({ logicalId, input }) => [logicalId, input.TableName]));
}

/** A network fault as a line that says which endpoint does not answer. */
async function reaching<T>(endpoint: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new LocalRunError(`${endpoint} cannot be used: ${messageOf(error) || String(error)}`, { cause: error });
  }
}

async function startPools(
  options: LocalServiceOptions,
  data: DataFolder,
  functions: readonly TemplateFunction[],
  endpoints: Endpoints,
  region: string,
  clock: ServiceClock,
): Promise<Map<string, FunctionPool>> {
  const bootstrap = join(data.folder('runtime'), 'function-process.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('function-process.ts', import.meta.url))],
    outfile: bootstrap,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  const logs = data.folder('logs');
  return new Map(
    functions.map((template) => {
      const { name } = template;
      const logFile = join(logs, `${name}.log`);
      const pool = new FunctionPool(
        {
          name,
          functionArn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}:live`,
          file: template.file,
          handler: template.handler,
          environment: environmentOf(template, endpoints, region, options.credentials),
          timeoutMs: template.timeoutMs,
          concurrency: template.reservedConcurrency ?? DEFAULT_CONCURRENCY,
        },
        {
          bootstrap,
          clockOffsetMs: () => clock.offsetMs,
          onLog: (line) => {
            options.onLog?.(name, line);
            appendFile(logFile, `${line}\n`).catch(() => undefined);
          },
        },
      );
      return [name, pool];
    }),
  );
}

/** What Lambda gives to a function, and where its AWS is. The key id tells who calls; nobody checks the secret. */
function environmentOf(
  { name, memoryMiB, environment }: TemplateFunction,
  endpoints: Endpoints,
  region: string,
  credentials: LocalServiceOptions['credentials'],
): Record<string, string> {
  return {
    ...environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? accessKeyOf(name),
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? 'local',
    ...(credentials?.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
    AWS_ENDPOINT_URL_SES: endpoints.ses,
    // The functions are deployed on a newer Node than this machine may have.
    NODE_NO_WARNINGS: '1',
    TZ: 'UTC',
  };
}

/** `not-found` as `notFound`: DynamoDB Local takes letters and digits only. */
export const accessKeyOf = (functionName: string): string =>
  functionName.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function tablesByVariable(functions: readonly TemplateFunction[]): Map<string, string> {
  const variables = functions.flatMap(({ environment }) => Object.entries(environment));
  return new Map(
    variables
      .filter(([name]) => name.endsWith('_TABLE'))
      .map(([name, table]) => [name.slice(0, -'_TABLE'.length).toLowerCase(), table]),
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
