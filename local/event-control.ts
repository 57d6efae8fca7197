import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { Delivery, EventBus, EventEntry } from './event-bus.ts';
import { jsonAnswer, readBody, type HttpAnswer } from './http.ts';
import { DEFAULT_BUS } from './template.ts';

/** EventBridge takes 256 KB in one request, whatever is in it. */
const MAX_BYTES = 256 * 1024;
/** A body holds the detail as text within text, which can be twice as long. */
const MAX_BODY = 2 * MAX_BYTES + 16 * 1024;
const MAX_ENTRIES = 10;

const source = z.string().check(z.minLength(1), z.maxLength(256));
const detailType = z.string().check(z.minLength(1), z.maxLength(128));

const oneEventSchema = z.strictObject({
  detailType,
  detail: z.record(z.string(), z.unknown()),
  source: z._default(source, 'local.erp'),
  /** Name of the bus. Absent: the only one of the template, where it has one. */
  bus: z.optional(z.string()),
});

const entrySchema = z.object({
  Source: z.optional(z.string()),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z.optional(z.string()),
  Resources: z.optional(z.array(z.string())),
  /** Seconds since 1970. */
  Time: z.optional(z.number().check(z.gte(0), z.lte(253_402_300_799))),
});
const putEventsSchema = z.object({
  Entries: z.array(entrySchema).check(z.minLength(1), z.maxLength(MAX_ENTRIES)),
});

/** Answers what is about events; undefined where the request is about something else. */
export type EventRoutes = (
  method: string,
  path: string,
  request: IncomingMessage,
) => Promise<HttpAnswer | undefined>;

/**
 * What the local run offers about events: one can be put, as JSON or as the SDK of EventBridge does, and those that failed
 * can be looked at and tried again.
 */
export function createEventRoutes(bus: EventBus): EventRoutes {
  const [onlyBus, ...others] = bus.names.filter((name) => name !== DEFAULT_BUS);
  const usualBus = others.length === 0 ? (onlyBus ?? DEFAULT_BUS) : DEFAULT_BUS;

  const putOne = async (request: IncomingMessage): Promise<HttpAnswer> => {
    const wanted = oneEventSchema.safeParse(await jsonIn(request));
    if (!wanted.success) return problem(400, 'The event is not valid', EVENTS);
    const { bus: name = usualBus, ...entry } = wanted.data;
    if (!bus.names.includes(name)) return problem(404, 'No such bus', `There are ${bus.names.join(', ')}.`);
    return jsonAnswer(200, await bus.put({ bus: name, ...entry }));
  };

  const replay = async (id: string): Promise<HttpAnswer> => {
    const delivery = await bus.replay(id);
    if (delivery === undefined) return problem(404, 'No such dead letter', 'See GET /_local/dead-letters.');
    return jsonAnswer(200, delivery satisfies Delivery);
  };

  return async (method, path, request) => {
    switch (`${method} ${path}`) {
      case 'POST /events':
        return putOne(request);
      case 'GET /dead-letters':
        return jsonAnswer(200, bus.deadLetters.newestFirst());
      case 'POST /eventbridge':
      case 'POST /eventbridge/':
        return putEvents(bus, request);
    }
    const id = /^\/dead-letters\/([\w-]+)\/replay$/.exec(path)?.[1];
    return id !== undefined && method === 'POST' ? replay(id) : undefined;
  };
}

const EVENTS =
  'Send {"detailType": "ContractChanged", "detail": {"customerId": "acme", "contractId": "c-1001", "contract": {…}}}, with "source" and "bus" where they matter.';

/** `PutEvents` of EventBridge, in AWS JSON 1.1. Who signed it is not checked. */
async function putEvents(bus: EventBus, request: IncomingMessage): Promise<HttpAnswer> {
  const action = String(request.headers['x-amz-target']);
  if (action !== 'AWSEvents.PutEvents') {
    return awsFault('UnknownOperationException', 'The local run takes AWSEvents.PutEvents only.');
  }
  const wanted = putEventsSchema.safeParse(await jsonIn(request));
  if (!wanted.success) {
    return awsFault('ValidationException', `Send 1 to ${MAX_ENTRIES} entries, 256 KB in all.`);
  }
  const { Entries } = wanted.data;
  if (Entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MAX_BYTES) {
    return awsFault('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const results = await Promise.all(
    Entries.map(async (candidate) => {
      const entry = entryOf(candidate, bus.names);
      return 'ErrorCode' in entry ? entry : { EventId: (await bus.put(entry)).eventId };
    }),
  );
  return awsAnswer(200, {
    FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
    Entries: results,
  });
}

type EntryFault = Readonly<Record<'ErrorCode' | 'ErrorMessage', string>>;

/** One entry, or why EventBridge would not take it. A bus that does not exist is one thing that it does not tell. */
function entryOf(entry: z.infer<typeof entrySchema>, buses: readonly string[]): EventEntry | EntryFault {
  const invalid = (ErrorMessage: string): EntryFault => ({ ErrorCode: 'InvalidArgument', ErrorMessage });
  const { EventBusName, Resources, Time, Detail = '' } = entry;
  const bus = EventBusName?.split(':event-bus/').at(-1) ?? DEFAULT_BUS;
  if (!source.safeParse(entry.Source).success) {
    return invalid('Parameter Source is not valid. Reason: Source is a required argument.');
  }
  if (!detailType.safeParse(entry.DetailType).success) {
    return invalid('Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  }
  if (!buses.includes(bus)) return invalid(`There is no bus ${bus} here; EventBridge would drop the event.`);
  const detail = parsed(Detail);
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return {
    bus,
    source: entry.Source ?? '',
    detailType: entry.DetailType ?? '',
    detail,
    ...(Resources === undefined ? {} : { resources: Resources }),
    ...(Time === undefined ? {} : { time: new Date(Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z') }),
  };
}

/** As EventBridge counts them. */
const bytesOf = ({
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
  Time,
}: z.infer<typeof entrySchema>) =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
  (Time === undefined ? 0 : 14);

/** Undefined where it is too long or no JSON. */
async function jsonIn(request: IncomingMessage): Promise<unknown> {
  return parsed((await readBody(request, MAX_BODY))?.toString());
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

const problem = (status: number, title: string, detail: string): HttpAnswer =>
  jsonAnswer(status, { type: 'about:blank', title, status, detail }, 'application/problem+json');

const awsAnswer = (status: number, body: unknown): HttpAnswer =>
  jsonAnswer(status, body, 'application/x-amz-json-1.1');

const awsFault = (type: string, message: string): HttpAnswer => awsAnswer(400, { __type: type, message });
