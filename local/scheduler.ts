import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod/mini';
import { jsonAnswer, readBody, send, type HttpAnswer } from './http.ts';
import { isTimeZone, parseScheduleExpression } from './schedule-expression.ts';
import type { ScheduleDocument, ScheduleStore, StoredSchedule } from './schedule-store.ts';

const MAX_BODY = 1024 * 1024;
const MAX_PAGE = 100;
const DEFAULT_GROUP = 'default';
const name = z.string().check(z.regex(/^[0-9a-zA-Z-_.]{1,64}$/));

const documentSchema = z.looseObject({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z._default(z.string(), 'UTC'),
  State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  GroupName: z._default(name, DEFAULT_GROUP),
  ClientToken: z.optional(z.string()),
  FlexibleTimeWindow: z.union([
    z.strictObject({ Mode: z.literal('OFF') }),
    z.strictObject({
      Mode: z.literal('FLEXIBLE'),
      MaximumWindowInMinutes: z.int().check(z.gte(1), z.lte(1440)),
    }),
  ]),
  Target: z.looseObject({
    Arn: z.string().check(z.regex(/^arn:aws[a-z-]*:/)),
    RoleArn: z.string().check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\//)),
    Input: z.optional(z.string().check(z.minLength(1))),
  }),
  StartDate: z.optional(z.number()),
  EndDate: z.optional(z.number()),
  ActionAfterCompletion: z.optional(z.enum(['NONE', 'DELETE'])),
  Description: z.optional(z.string().check(z.maxLength(512))),
});

class SchedulerError extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const invalid = (message: string): SchedulerError => new SchedulerError(400, 'ValidationException', message);
const missing = (what: string): SchedulerError =>
  new SchedulerError(404, 'ResourceNotFoundException', `${what} does not exist.`);

export interface SchedulerOptions {
  readonly store: ScheduleStore;
  /** Names of the groups beside `default`. */
  readonly groups: readonly string[];
  /** What the ARNs begin with, `arn:aws:scheduler:eu-west-1:000000000000`. */
  readonly arnPrefix: string;
}

/**
 * EventBridge Scheduler's REST protocol, as far as licensing needs it: schedules are created, updated, read, deleted and
 * listed. Who calls is not checked, nor whether the role could be assumed.
 */
export function createScheduler({ store, groups, arnPrefix }: SchedulerOptions): Server {
  const arnOf = (group: string, schedule: string): string => `${arnPrefix}:schedule/${group}/${schedule}`;
  const known = (group: string): string => {
    if (group === DEFAULT_GROUP || groups.includes(group)) return group;
    throw missing(`Schedule group ${group}`);
  };
  const find = (group: string, schedule: string): StoredSchedule => {
    const found = store.get(known(group), schedule);
    if (found === undefined) throw missing(`Schedule ${schedule}`);
    return found;
  };

  const write = async (method: string, schedule: string, body: unknown): Promise<object> => {
    const { GroupName: group, ClientToken, ...document } = documentIn(body);
    const existing = store.get(known(group), schedule);
    if (method === 'PUT') find(group, schedule);
    else if (existing !== undefined) {
      const isRepetition = ClientToken !== undefined && ClientToken === existing.clientToken;
      if (!isRepetition)
        throw new SchedulerError(409, 'ConflictException', `Schedule ${schedule} already exists.`);
      return { ScheduleArn: arnOf(group, schedule) };
    }
    await store.put(group, schedule, document, method === 'POST' ? ClientToken : undefined);
    return { ScheduleArn: arnOf(group, schedule) };
  };

  const describe = (schedule: StoredSchedule): object => ({
    ...schedule.document,
    Arn: arnOf(schedule.group, schedule.name),
    GroupName: schedule.group,
    Name: schedule.name,
    CreationDate: schedule.createdAt / 1000,
    LastModificationDate: schedule.changedAt / 1000,
  });

  const list = (query: URLSearchParams): object => {
    const group = query.get('ScheduleGroup');
    if (group !== null) known(group);
    const prefix = query.get('NamePrefix') ?? '';
    const state = query.get('State');
    const size = Number(query.get('MaxResults') ?? MAX_PAGE);
    const start = Number(query.get('NextToken') ?? 0);
    if (!(Number.isInteger(size) && size >= 1 && size <= MAX_PAGE)) throw invalid('MaxResults is not valid.');
    if (!Number.isInteger(start) || start < 0) throw invalid('NextToken is not valid.');
    const matching = store
      .list()
      .filter(
        (schedule) =>
          (group === null || schedule.group === group) &&
          schedule.name.startsWith(prefix) &&
          (state === null || schedule.document.State === state),
      );
    const next = start + size;
    return {
      Schedules: matching.slice(start, next).map((schedule) => ({
        Arn: arnOf(schedule.group, schedule.name),
        Name: schedule.name,
        GroupName: schedule.group,
        State: schedule.document.State,
        CreationDate: schedule.createdAt / 1000,
        LastModificationDate: schedule.changedAt / 1000,
        Target: { Arn: schedule.document.Target.Arn },
      })),
      ...(next < matching.length ? { NextToken: String(next) } : {}),
    };
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://scheduler');
    const body = await readBody(request, MAX_BODY);
    if (body === undefined) throw invalid('The request is too large.');
    const [, collection, id, ...rest] = pathname.split('/').map(decodeURIComponent);
    const { method = '' } = request;
    if (collection !== 'schedules' || rest.length > 0) throw unknown(method, pathname);
    if (id === undefined || id === '') {
      if (method === 'GET') return list(searchParams);
      throw unknown(method, pathname);
    }
    if (!name.safeParse(id).success) throw invalid(`The name ${JSON.stringify(id)} is not valid.`);
    const group = searchParams.get('groupName') ?? DEFAULT_GROUP;
    switch (method) {
      case 'POST':
      case 'PUT':
        return write(method, id, parse(body.toString()));
      case 'GET':
        return describe(find(group, id));
      case 'DELETE':
        find(group, id);
        await store.delete(group, id);
        return {};
      default:
        throw unknown(method, pathname);
    }
  };

  return createServer((request, response) => {
    // As in the database: the caller's clock may be a moved one.
    response.sendDate = false;
    answer(request)
      .then((result) => jsonAnswer(200, result))
      .catch(failure)
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
}

const unknown = (method: string, path: string): SchedulerError =>
  new SchedulerError(400, 'UnknownOperationException', `${method} ${path} is not part of the local run`);

function failure(error: unknown): HttpAnswer {
  const { status, type, message } =
    error instanceof SchedulerError
      ? error
      : new SchedulerError(500, 'InternalServerException', String(error));
  const answer = jsonAnswer(status, { Message: message });
  return { ...answer, headers: { ...answer.headers, 'x-amzn-errortype': type } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is no JSON.');
  }
}

type ParsedDocument = ScheduleDocument & {
  readonly GroupName: string;
  readonly ClientToken?: string | undefined;
};

function documentIn(body: unknown): ParsedDocument {
  const parsed = documentSchema.safeParse(body);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw invalid(`${parsed.error.issues.length} validation error detected: ${faults.join('; ')}`);
  }
  const { ScheduleExpression, ScheduleExpressionTimezone: zone, Target, StartDate, EndDate } = parsed.data;
  if (!isTimeZone(zone)) throw invalid(`Provided timezone ${zone} is not valid.`);
  if (parseScheduleExpression(ScheduleExpression, zone) === undefined)
    throw invalid(`Invalid Schedule Expression ${ScheduleExpression}.`);
  if (Target.Input !== undefined) {
    try {
      JSON.parse(Target.Input);
    } catch {
      throw invalid('Invalid JSON in Target.Input.');
    }
  }
  if (StartDate !== undefined && EndDate !== undefined && EndDate <= StartDate)
    throw invalid('The EndDate must come after the StartDate.');
  return parsed.data;
}
