import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { openClock } from '../../local/clock.ts';
import type { State } from '../../local/data-folder.ts';
import { closeServer, jsonAnswer, listen, readBody, send } from '../../local/http.ts';
import { openSigningKey, type KeySpec } from '../../local/kms-keys.ts';
import { createKms, type KmsKey } from '../../local/kms.ts';
import { openMacKey } from '../../local/mac-keys.ts';
import { openScheduleStore } from '../../local/schedule-store.ts';
import { createScheduler } from '../../local/scheduler.ts';

export interface OtherAws {
  readonly url: string;
  /** Actions that were asked for. */
  readonly actions: readonly string[];
  stop(): Promise<void>;
}

const ARN_PREFIX = 'arn:aws:kms:other:1';

/** Keeps nothing. */
const forgetful: State = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  delete: () => Promise.resolve(),
  list: () => Promise.resolve([]),
};

/** An AWS that was there before: one address for everything, keys and groups are made by calls. Tables are kept by `dynamodb`. */
export async function startOtherAws(dynamodb: string, keyFolder: string): Promise<OtherAws> {
  const keys: KmsKey[] = [];
  const aliases = new Map<string, string>();
  const actions: string[] = [];
  const kms = createKms(keys, aliases);
  const kmsUrl = await listen(kms, 0);
  const groups: string[] = [];
  const store = await openScheduleStore(forgetful, await openClock(forgetful));
  const scheduler = createScheduler({ store, groups, arnPrefix: 'arn:aws:scheduler:other:1' });
  const schedulerUrl = await listen(scheduler, 0);

  const administer = (action: string, input: Record<string, string>): object | undefined => {
    switch (action) {
      case 'CreateKey': {
        const name = `key-${keys.length}`;
        const spec = input['KeySpec'] as KeySpec | 'HMAC_256';
        const key =
          spec === 'HMAC_256'
            ? openMacKey(keyFolder, name, ARN_PREFIX)
            : openSigningKey(keyFolder, name, spec, ARN_PREFIX);
        keys.push(key);
        return { KeyMetadata: { KeyId: key.keyId, Arn: key.arn } };
      }
      case 'CreateAlias':
        aliases.set(input['AliasName'] ?? '', input['TargetKeyId'] ?? '');
        return {};
      case 'DescribeKey': {
        const key = keys.find(({ keyId }) => keyId === aliases.get(input['KeyId'] ?? ''));
        return key && { KeyMetadata: { KeyId: key.keyId, Arn: key.arn } };
      }
    }
    return undefined;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await readBody(request, 1 << 24)) ?? Buffer.alloc(0);
    if (request.url?.startsWith('/schedule-groups/')) {
      actions.push('CreateScheduleGroup');
      groups.push(decodeURIComponent(request.url.split('/')[2] ?? ''));
      send(response, jsonAnswer(200, { ScheduleGroupArn: 'arn:aws:scheduler:other:1:schedule-group/x' }));
      return;
    }
    if (request.url?.startsWith('/schedules')) {
      const { method = 'GET', headers } = request;
      const { status, text } = await forwardTo(`${schedulerUrl}${request.url}`, method, headers, body);
      send(response, { status, headers: { 'content-type': 'application/json' }, body: text });
      return;
    }
    if (request.headers['x-amz-target'] === undefined) {
      const action = new URLSearchParams(body.toString()).get('Action') ?? '';
      actions.push(action);
      const xml = `<${action}Response><${action}Result></${action}Result></${action}Response>`;
      send(response, { status: 200, headers: { 'content-type': 'text/xml' }, body: xml });
      return;
    }
    const [service = '', action = ''] = String(request.headers['x-amz-target']).split('.');
    actions.push(action);
    if (/^(?:CreateKey|CreateAlias|DescribeKey)$/.test(action)) {
      const result = administer(action, JSON.parse(body.toString()) as Record<string, string>);
      const missing = { __type: 'NotFoundException', message: 'no such key' };
      send(response, jsonAnswer(result ? 200 : 400, result ?? missing, 'application/x-amz-json-1.1'));
      return;
    }
    const target = service === 'TrentService' ? kmsUrl : dynamodb;
    const { status, text } = await forwardTo(target, 'POST', request.headers, body);
    const type = request.headers['content-type'] ?? '';
    send(response, { status, headers: { 'content-type': type }, body: text });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const url = await listen(server, 0);
  return {
    url,
    actions,
    stop: () => Promise.all([server, kms, scheduler].map(closeServer)).then(() => undefined),
  };
}

const FORWARDED = ['content-type', 'x-amz-target', 'authorization', 'x-amz-date'] as const;

async function forwardTo(
  url: string,
  method: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, {
    method,
    headers: FORWARDED.flatMap((name): [string, string][] =>
      headers[name] === undefined ? [] : [[name, String(headers[name])]],
    ),
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  return { status: answer.status, text: await answer.text() };
}
