import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, jsonAnswer, listen, readBody, send } from '../../local/http.ts';
import { openSigningKey, type KeySpec } from '../../local/kms-keys.ts';
import { createKms, type KmsKey } from '../../local/kms.ts';
import { openMacKey } from '../../local/mac-keys.ts';

export interface OtherAws {
  readonly url: string;
  /** Actions that were asked for. */
  readonly actions: readonly string[];
  stop(): Promise<void>;
}

const ARN_PREFIX = 'arn:aws:kms:other:1';

/** An AWS that was there before: one address for everything, keys are made by calls. Tables are kept by `dynamodb`. */
export async function startOtherAws(dynamodb: string, keyFolder: string): Promise<OtherAws> {
  const keys: KmsKey[] = [];
  const aliases = new Map<string, string>();
  const actions: string[] = [];
  const kms = createKms(keys, aliases);
  const kmsUrl = await listen(kms, 0);

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
      send(response, jsonAnswer(200, { ScheduleGroupArn: 'arn:aws:scheduler:other:1:schedule-group/x' }));
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
    const {
      'content-type': type = '',
      'x-amz-target': target = '',
      authorization = '',
      'x-amz-date': date = '',
    } = request.headers;
    const forwarded = await fetch(service === 'TrentService' ? kmsUrl : dynamodb, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-amz-target': String(target),
        authorization,
        'x-amz-date': String(date),
      },
      body: new Uint8Array(body),
    });
    send(response, {
      status: forwarded.status,
      headers: { 'content-type': type },
      body: await forwarded.text(),
    });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const url = await listen(server, 0);
  return {
    url,
    actions,
    stop: () => Promise.all([closeServer(server), closeServer(kms)]).then(() => undefined),
  };
}
