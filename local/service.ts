import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readAssembly, type Assembly } from './assembly.ts';
import { openBounces, type Bounces } from './bounces.ts';
import { openClock, realClock, type ServiceClock } from './clock.ts';
import { createControl, isControlPath } from './control.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { ensureMailAndSchedules } from './endpoint-resources.ts';
import {
  ANY_CREDENTIALS,
  keysAt,
  reaching,
  startCognito,
  startStandIns,
  type AwsCredentials,
  type Endpoints,
  type Keys,
  type OnStop,
  type StandInParts,
} from './endpoints.ts';
import { DYNAMODB_LOCAL_FOLDER } from './dynamodb-local-engine.ts';
import { startEngine, type EngineName } from './engines.ts';
import type { Invocation } from './function-pool.ts';
import { openEventBus, type EventBus } from './event-bus.ts';
import { createEventRoutes } from './event-control.ts';
import { createPools } from './function-pools.ts';
import { bareAnswer, createGateway, type OnAnswer, type RequestHandler } from './gateway.ts';
import { closeServer, listen, MAX_HEADER_BYTES, send } from './http.ts';
import { LocalRunError } from './local-run-error.ts';
import { openLog } from './log-file.ts';
import { createMailEvents } from './mail-events.ts';
import { openMailbox, type Mailbox } from './mailbox.ts';
import { createLocalIssuer, type LocalIssuer } from './oidc.ts';
import { buildRuntime, type Runtime } from './runtime.ts';
import { openScheduleStore } from './schedule-store.ts';
import { openSchedules, type Schedules } from './schedules.ts';
import type { SigningIdentity } from './sigv4.ts';
import { synthesizeLocal } from './synthesize-local.ts';
import { ensureTable } from './tables.ts';
import { ACCOUNT, Template, type TemplateFunction } from './template.ts';

export interface LocalServiceOptions {
  /** 0: whichever is free. */
  readonly port: number;
  readonly dataDir: string;
  /** Folder of a synthesized app of one stack. @default - the stage `local`, synthesized now */
  readonly assembly?: string;
  /** @default dynalite */
  readonly engine?: EngineName;
  /** Folder of DynamoDB Local. @default .cache/dynamodb-local */
  readonly dynamodbLocalDir?: string;
  /** Any other AWS: tables and keys are made there, and no stand-in is started but the one of the sign-in. */
  readonly endpointUrl?: string;
  /** Any other DynamoDB engine that runs already. */
  readonly dynamodbUrl?: string;
  /** Put before the names of tables. @default - at `dynamodbUrl`, one of the data folder, as its key is in there */
  readonly tablePrefix?: string;
  /** Credentials of functions at an outside endpoint. @default - the name of each function */
  readonly credentials?: AwsCredentials;
  /** @default - the one of the stage */
  readonly region?: string;
  /** Whether schedules run as time goes by, not only when the clock is moved along them. @default false */
  readonly schedulesByThemselves?: boolean;
  /** Lets tests stand between the functions and AWS. */
  readonly decorateEndpoints?: (real: Endpoints) => Promise<Endpoints>;
  /** One line that a function printed. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** Told of every answer of a route, before it is sent. */
  readonly onAnswer?: OnAnswer;
  /** What is being done, for people who wait. */
  readonly progress?: (what: string) => void;
}

export interface LocalService {
  readonly url: string;
  /** Path of a folder inside the data folder, which is made where it is missing. */
  folder(name: string): string;
  readonly region: string;
  /** Its `advance` moves the clock past schedules; the one of `schedules` runs them on the way. */
  readonly clock: ServiceClock;
  readonly mailbox: Mailbox;
  /** Addresses that refuse e-mail. */
  readonly bounces: Bounces;
  readonly schedules: Omit<Schedules, 'stop'>;
  /** Events, and those that functions failed on. */
  readonly eventBus: EventBus;
  /** The real endpoints, without what tests put before them. */
  readonly endpoints: Endpoints;
  /** Names of tables by the first part of their environment variable in lower case, such as `licenses`. */
  readonly tableNames: ReadonlyMap<string, string>;
  readonly functions: readonly TemplateFunction[];
  /** Who signs requests to the IAM routes. */
  readonly identity: SigningIdentity;
  /**
   * A token for somebody of a customer.
   * @throws {LocalRunError} where the template has no route that takes one.
   */
  readonly token: LocalIssuer['token'];
  /**
   * Address of the issuer of these tokens on this machine.
   * @throws {LocalRunError} where the template has no route that takes one.
   */
  readonly issuerUrl: LocalIssuer['url'];
  /** Ids of the processes of a function, busy and warm. */
  processIdsOf(functionName: string): number[];
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
    return { ...(await start(options, (close) => closing.push(close))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: LocalServiceOptions, onStop: OnStop): Promise<Omit<LocalService, 'stop'>> {
  const progress = options.progress ?? (() => undefined);

  // The port comes first: the functions' environment names it, and a busy one is known before anything is touched.
  let handle: RequestHandler = () => Promise.resolve(bareAnswer(503, 'Service Unavailable'));
  const front = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    handle(request)
      .catch(() => bareAnswer(500, 'Internal Server Error'))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  const url = await listen(front, options.port);
  onStop(() => closeServer(front));

  const data = await openDataFolder(options.dataDir);
  onStop(() => data.close());
  const clock = options.endpointUrl === undefined ? await openClock(data.state) : realClock();
  const mailbox = await openMailbox(data.state);
  const bounces = await openBounces(data.state);
  const scheduleStore = await openScheduleStore(data.state, clock);
  const runtime = await buildRuntime(data.folder('runtime'));
  if (options.assembly === undefined) progress('synthesizing the stage local');
  const assembly = readAssembly(options.assembly ?? (await synthesizeLocal(data.folder('cdk.out'))));
  const region = options.region ?? assembly.region ?? 'eu-west-1';

  progress('starting the database, the key and the functions');
  // Functions are there only later; no e-mail is sent before.
  let reportSent: StandInParts['onSent'] = () => undefined;
  const onSent: StandInParts['onSent'] = (mail, messageId) => reportSent(mail, messageId);
  const { endpoints: real, keys } = await startEndpoints(
    options,
    assembly,
    region,
    { data, clock, mailbox, scheduleStore, onSent, runtime },
    onStop,
  );
  const tables = await ensureTables(options, assembly, region, real.dynamodb, data);
  const endpoints = (await options.decorateEndpoints?.(real)) ?? real;

  const template = new Template(assembly, region, ({ logicalId, type }, attribute) => {
    const table = tables.get(logicalId);
    if (table !== undefined) {
      return attribute === undefined ? table : `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`;
    }
    const key = keys.get(logicalId);
    if (key !== undefined) return attribute === 'Arn' ? key.arn : key.keyId;
    if (type === 'AWS::ApiGatewayV2::Api') return attribute === 'ApiEndpoint' ? url : 'local';
    return undefined;
  });
  const { functions } = template;
  const { credentials, onLog, endpointUrl } = options;
  if (endpointUrl !== undefined) {
    const made = ensureMailAndSchedules(endpointUrl, template, region, credentials ?? ANY_CREDENTIALS);
    await reaching(endpointUrl, made);
  }
  const pools = createPools(functions, { region, endpoints, credentials, clock, data, runtime, onLog });
  const invoke = (name: string, event: unknown, requestId?: string): Promise<Invocation> =>
    pools.get(name)?.invoke(event, requestId) ??
    Promise.resolve({ kind: 'failed', error: 'no such function' });
  const { eventRules: rules, retriesOfEvents: retries, mailEventDestinations: destinations } = template;
  const naming = { region, account: ACCOUNT };
  const names = template.namesOf('AWS::Events::EventBus');
  const eventBus = await openEventBus({
    ...{ rules, names, retries, clock, invoke },
    ...naming,
    state: data.state,
  });
  const mailEvents = createMailEvents({ bounces, destinations, ...naming, put: eventBus.put });
  reportSent = (mail, messageId) => mailEvents.sent(mail, messageId);
  const schedules = await openSchedules({
    template: template.schedules,
    ...(endpointUrl === undefined && { store: scheduleStore }),
    ...naming,
    ...{ clock, invoke },
    state: data.state,
    settled: () => eventBus.settled(),
    log: openLog(data, 'schedules'),
    byThemselves: options.schedulesByThemselves === true,
  });

  const identity = { accessKeyId: 'local', secretAccessKey: 'local', region, service: 'execute-api' };
  const { routes, jwtAuthorizer } = template;
  const issuer = jwtAuthorizer && createLocalIssuer(jwtAuthorizer, { state: data.state, clock });
  if (issuer !== undefined) onStop(() => issuer.stop());
  const withoutIssuer = () =>
    Promise.reject(new LocalRunError('the template has no route that takes a token'));
  const gateway = createGateway({
    ...{ routes, clock, identity, invoke, onAnswer: options.onAnswer },
    issuerKeys: issuer?.keys,
  });
  const control = createControl({
    ...(issuer !== undefined && { token: issuer.token }),
    events: createEventRoutes(eventBus),
    ...{ clock, mailbox, bounces, schedules },
    ...(endpointUrl !== undefined && {
      clockFixedBecause: `${endpointUrl} keeps its own time: the clock moves only where the stand-ins run.`,
    }),
  });
  handle = (request) => (isControlPath(request.url) ? control(request) : gateway(request));
  onStop(async () => {
    // A run in flight ends with its process; the next start makes up for it.
    const ended = schedules.stop();
    await Promise.all([...pools.values()].map((pool) => pool.close()));
    await ended;
  });
  // Once more, as the first thing to stop: nobody is answered while the rest goes down.
  onStop(() => closeServer(front));

  return {
    url,
    folder: (name) => data.folder(name),
    region,
    clock,
    mailbox,
    bounces,
    schedules,
    eventBus,
    endpoints: real,
    tableNames: tablesByVariable(functions),
    functions,
    identity,
    token: issuer?.token ?? withoutIssuer,
    issuerUrl: issuer?.url ?? withoutIssuer,
    processIdsOf: (name) => pools.get(name)?.processIds ?? [],
    killFunction: (name) => pools.get(name)?.kill() ?? 0,
  };
}

interface Parts extends StandInParts {
  readonly runtime: Runtime;
}

async function startEndpoints(
  options: LocalServiceOptions,
  assembly: Assembly,
  region: string,
  parts: Parts,
  onStop: OnStop,
): Promise<{ endpoints: Endpoints; keys: Keys }> {
  const { endpointUrl, credentials = ANY_CREDENTIALS } = options;
  const cognito = await startCognito(assembly, region, parts, onStop);
  if (endpointUrl !== undefined) {
    const endpoints = {
      dynamodb: endpointUrl,
      kms: endpointUrl,
      ses: endpointUrl,
      scheduler: endpointUrl,
      cognito,
    };
    return { endpoints, keys: await keysAt(endpointUrl, assembly, region, credentials) };
  }
  const { endpoints, keys } = await startStandIns(assembly, region, parts, onStop);
  let dynamodb = options.dynamodbUrl;
  if (dynamodb === undefined) {
    const { engine: name = 'dynalite', dynamodbLocalDir = DYNAMODB_LOCAL_FOLDER } = options;
    const engine = await startEngine(name, dynamodbLocalDir, parts.data, parts.runtime);
    onStop(() => engine.stop());
    dynamodb = engine.url;
  }
  return { endpoints: { ...endpoints, dynamodb, cognito }, keys };
}

/** Names of the tables by logical id; the ones that are missing are made. */
async function ensureTables(
  options: LocalServiceOptions,
  assembly: Assembly,
  region: string,
  endpoint: string,
  data: DataFolder,
): Promise<ReadonlyMap<string, string>> {
  const prefix = options.tablePrefix ?? (options.dynamodbUrl === undefined ? '' : await prefixOf(data));
  const client = new DynamoDBClient({
    endpoint,
    region,
    credentials: options.credentials ?? ANY_CREDENTIALS,
  });
  const names = new Map<string, string>();
  for (const [logicalId, input] of Template.tables(assembly)) {
    const TableName = prefix + (input.TableName ?? `${assembly.stackName}-${logicalId}`);
    await reaching(endpoint, ensureTable(client, { ...input, TableName }));
    names.set(logicalId, TableName);
  }
  client.destroy();
  return names;
}

/** An engine that serves several data folders keeps the tables of each apart. */
async function prefixOf({ state }: DataFolder): Promise<string> {
  const stored = await state.get('table-prefix');
  if (typeof stored === 'string') return stored;
  const prefix = `${randomBytes(4).toString('hex')}-`;
  await state.put('table-prefix', prefix);
  return prefix;
}

function tablesByVariable(functions: readonly TemplateFunction[]): Map<string, string> {
  const variables = functions.flatMap(({ environment }) => Object.entries(environment));
  return new Map(
    variables
      .filter(([name]) => name.endsWith('_TABLE'))
      .map(([name, table]) => [name.slice(0, -'_TABLE'.length).toLowerCase(), table]),
  );
}
