import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Endpoints } from '../../local/endpoints.ts';

export type AwsService = 'dynamodb' | 'kms' | 'ses' | 'scheduler' | 'cognito-idp';

/** One request of a function to AWS. A request that the SDK tries again is a call of its own. */
export interface AwsCall {
  /** Which function calls: its access key id is its name. */
  readonly functionName: string;
  readonly service: AwsService;
  /** `BatchGetItem`, `Sign`, `SendRawEmail`, `CreateSchedule`. */
  readonly action: string;
  /** What is asked: the JSON of the request, the form of SES. */
  readonly input: Readonly<Record<string, unknown>>;
  /** HTTP status of the reply; absent while there is none, and for good where none was sent. */
  status?: number;
}

export interface Reply {
  readonly status: number;
  /** JSON, or the XML of SES as text. */
  readonly body: unknown;
}

/** `cut` closes the connection without a reply, as a lost network does. */
type Outcome = Reply | 'cut';

/** Stands in the way of a call; `forward` sends it on to the engine, as often as it is called. */
export type Intervention = (call: AwsCall, forward: () => Promise<Reply>) => Promise<Outcome>;

export type CallFilter = (call: AwsCall) => boolean;

interface Rule {
  readonly matches: CallFilter;
  readonly intervene: Intervention;
  left: number;
}

/**
 * Stands between the functions and what answers for AWS: records who calls what, and lets a test throw faults in between.
 * Without rules every call passes unchanged.
 */
export class AwsProxy {
  readonly calls: AwsCall[] = [];
  private readonly rules: Rule[] = [];
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: true });

  /** Stands before every endpoint, as the local run asks for it. */
  readonly decorateEndpoints = async (real: Endpoints): Promise<Endpoints> => ({
    dynamodb: await this.listenFor('dynamodb', real.dynamodb),
    kms: await this.listenFor('kms', real.kms),
    ses: await this.listenFor('ses', real.ses),
    scheduler: await this.listenFor('scheduler', real.scheduler),
    cognito: await this.listenFor('cognito-idp', real.cognito),
  });

  /** Address of a new listener on the loopback interface that passes calls on to `target`. */
  private async listenFor(service: AwsService, target: string): Promise<string> {
    const server = createServer((incoming, response) => {
      this.handle(service, new URL(target), incoming, response).catch(() => response.destroy());
    });
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Intervenes in the next `times` calls that match; earlier rules come first. Returns what takes the rule away again. */
  intervene(matches: CallFilter, intervention: Intervention, times = 1): () => void {
    const rule: Rule = { matches, intervene: intervention, left: times };
    this.rules.push(rule);
    return () => {
      rule.left = 0;
    };
  }

  /** Takes all rules away. */
  pass(): void {
    for (const rule of this.rules.splice(0)) rule.left = 0;
  }

  /** The calls that arrive while `work` runs. */
  async during<Result>(work: () => Promise<Result>): Promise<{ result: Result; calls: AwsCall[] }> {
    const before = this.calls.length;
    const result = await work();
    return { result, calls: this.calls.slice(before) };
  }

  async close(): Promise<void> {
    this.agent.destroy();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private async handle(
    service: AwsService,
    target: URL,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const call = callOf(service, incoming, body);
    this.calls.push(call);
    const forward = () => this.forward(service, target, incoming, body);
    const rule = this.rules.find(({ left, matches }) => left > 0 && matches(call));
    if (rule) rule.left -= 1;
    const outcome = rule ? await rule.intervene(call, forward) : await forward();
    if (outcome === 'cut') {
      response.destroy();
      return;
    }
    call.status = outcome.status;
    const { body: answer } = outcome;
    const bytes = Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer));
    const type = MEDIA_TYPES[service];
    // The SDK compares the date with its own clock, which is moved here, and would try every refused write again.
    response.sendDate = false;
    response.writeHead(outcome.status, { 'content-type': type, 'content-length': bytes.length });
    response.end(bytes);
  }

  private forward(
    service: AwsService,
    target: URL,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.agent,
        hostname: target.hostname,
        port: target.port,
        method: method ?? 'POST',
        path: url ?? '/',
        headers: { ...headers, 'content-length': body.length },
      };
      const outgoing = httpRequest(options, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: reply.statusCode ?? 500,
            body: service === 'ses' ? text : text === '' ? {} : (JSON.parse(text) as unknown),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

const MEDIA_TYPES: Readonly<Record<AwsService, string>> = {
  dynamodb: 'application/x-amz-json-1.0',
  kms: 'application/x-amz-json-1.1',
  ses: 'text/xml',
  scheduler: 'application/json',
  'cognito-idp': 'application/x-amz-json-1.1',
};

function callOf(service: AwsService, { headers, method, url }: IncomingMessage, body: Buffer): AwsCall {
  // `scan-offline-hosts` signs as `scanOfflineHosts`: an engine takes letters and digits only.
  const functionName = (/Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unsigned').replace(
    /[A-Z]/g,
    (letter) => `-${letter.toLowerCase()}`,
  );
  const text = body.toString();
  if (service === 'ses') {
    const form = Object.fromEntries(new URLSearchParams(text));
    return { functionName, service, action: form['Action'] ?? '', input: form };
  }
  const input = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  if (service === 'scheduler') {
    const action =
      SCHEDULER_ACTIONS[`${method} ${/^\/schedules\/[^?]/.test(url ?? '') ? 'one' : 'all'}`] ?? '';
    return { functionName, service, action, input: { ...input, url } };
  }
  return { functionName, service, action: String(headers['x-amz-target']).split('.').at(-1) ?? '', input };
}

/** What the methods of EventBridge Scheduler mean on `/schedules/{name}` and on `/schedules`. */
const SCHEDULER_ACTIONS: Readonly<Record<string, string>> = {
  'GET all': 'ListSchedules',
  'GET one': 'GetSchedule',
  'POST one': 'CreateSchedule',
  'PUT one': 'UpdateSchedule',
  'DELETE one': 'DeleteSchedule',
};

/** Calls of one function, optionally of one action only. */
export const callsOf =
  (functionName: string, action?: string): CallFilter =>
  (call) =>
    call.functionName === functionName && (action === undefined || call.action === action);

export const actionsOf = (calls: readonly AwsCall[]): string[] => calls.map(({ action }) => action);

const awsError = (type: string): Reply => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Injected by a test.' },
});

/** The engine refuses for load and does nothing. */
export const throttled: Intervention = ({ service }) =>
  Promise.resolve(
    awsError(service === 'kms' ? 'ThrottlingException' : 'ProvisionedThroughputExceededException'),
  );

/** The call is carried out and its reply gets lost: the SDK tries again. */
export const replyLost: Intervention = async (_call, forward) => {
  await forward();
  return 'cut';
};

/** `kill` ends the function before the call has any effect. */
export const crashBefore =
  (kill: () => void): Intervention =>
  () => {
    kill();
    return Promise.resolve('cut');
  };

/** `kill` ends the function after the call was carried out and before it learns of it. */
export const crashAfter =
  (kill: () => void): Intervention =>
  async (_call, forward) => {
    await forward();
    kill();
    return 'cut';
  };

/** Something happens between the decision to call and the call. */
export const whenAsked =
  (happening: () => Promise<unknown>): Intervention =>
  async (_call, forward) => {
    await happening();
    return forward();
  };

/** Something happens after the call was carried out and before the function learns of it. */
export const whenDone =
  (happening: () => Promise<unknown>): Intervention =>
  async (_call, forward) => {
    const reply = await forward();
    await happening();
    return reply;
  };

/** The reply is changed on its way back. */
export const replyChanged =
  (change: (reply: Reply, call: AwsCall) => Reply): Intervention =>
  async (call, forward) =>
    change(await forward(), call);

/** Lets nobody through before `size` calls have arrived, so that they race. */
export function barrier(size: number): Intervention {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let arrived = 0;
  return async (_call, forward) => {
    arrived += 1;
    if (arrived >= size) open();
    await opened;
    return forward();
  };
}
