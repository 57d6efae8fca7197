import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod/mini';
import type { ServiceClock } from './clock.ts';
import type { State } from './data-folder.ts';
import { jsonAnswer, readBody, send, type HttpAnswer } from './http.ts';

const SERVICE = 'AWSCognitoIdentityProviderService.';
const MEDIA_TYPE = 'application/x-amz-json-1.1';
const MAX_BODY = 64 * 1024;
const MAX_USERNAME = 128;

class CognitoError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const accountSchema = z.object({
  UserPoolId: z.string(),
  Username: z.string().check(z.minLength(1), z.maxLength(MAX_USERNAME)),
});
const newAccountSchema = z.extend(accountSchema, {
  UserAttributes: z._default(z.array(z.object({ Name: z.string(), Value: z._default(z.string(), '') })), []),
  // Otherwise Cognito mails an invitation of its own, which nobody would get here.
  MessageAction: z.literal('SUPPRESS'),
});

/**
 * The accounts of Cognito's user pools, in its JSON 1.1 protocol, as far as licensing needs them: `AdminCreateUser` and
 * `AdminDeleteUser`. Nobody signs in here: the tokens come from the issuer of the local run. Who calls is not checked.
 * @param pools ids of the template's pools, whose people are named by their address in any case of letters
 */
export function createCognito(
  pools: readonly string[],
  { state, clock }: { readonly state: State; readonly clock: ServiceClock },
): Server {
  const keyOf = ({ UserPoolId, Username }: z.output<typeof accountSchema>): string => {
    if (!pools.includes(UserPoolId))
      throw new CognitoError('ResourceNotFoundException', `User pool ${UserPoolId} does not exist.`);
    if (!/^[^\s@]+@[^\s@]+$/.test(Username))
      throw new CognitoError('InvalidParameterException', 'Username should be an email.');
    return `accounts/${UserPoolId}/${Username.toLowerCase()}`;
  };

  const operations: Readonly<Record<string, (input: unknown) => Promise<object>>> = {
    async AdminCreateUser(input) {
      const asked = read(newAccountSchema, input);
      const key = keyOf(asked);
      if ((await state.get(key)) !== undefined)
        throw new CognitoError('UsernameExistsException', 'User account already exists');
      // Its name is an id; the address is another name for it.
      const Username = randomUUID();
      const createdAt = clock.now().getTime() / 1000;
      const account = {
        Username,
        Attributes: [...asked.UserAttributes, { Name: 'sub', Value: Username }],
        UserCreateDate: createdAt,
        UserLastModifiedDate: createdAt,
        Enabled: true,
        // Without a password where codes may be the first factor, there is nothing that its owner would have to change.
        UserStatus: 'CONFIRMED',
      };
      await state.put(key, account);
      return { User: account };
    },

    async AdminDeleteUser(input) {
      const key = keyOf(read(accountSchema, input));
      if ((await state.get(key)) === undefined)
        throw new CognitoError('UserNotFoundException', 'User does not exist.');
      await state.delete(key);
      return {};
    },
  };

  // One after the other: of two who make the same account at once, one learns that it is there.
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (request: IncomingMessage): Promise<object> => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const body = await readBody(request, MAX_BODY);
    const operation = target.startsWith(SERVICE) ? operations[target.slice(SERVICE.length)] : undefined;
    if (operation === undefined)
      throw new CognitoError('UnknownOperationException', `${target} is not part of the local run`);
    const input = parse(body?.toString() ?? '');
    const answered = last.then(() => operation(input));
    last = answered.catch(() => undefined);
    return answered;
  };

  return createServer((request, response) => {
    // As in the database: the caller's clock may be a moved one.
    response.sendDate = false;
    answer(request)
      .then((body) => jsonAnswer(200, body, MEDIA_TYPE))
      .catch(failure)
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
}

function failure(error: unknown): HttpAnswer {
  const { type, message } =
    error instanceof CognitoError ? error : new CognitoError('InternalErrorException', String(error));
  return jsonAnswer(type === 'InternalErrorException' ? 500 : 400, { __type: type, message }, MEDIA_TYPE);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CognitoError('SerializationException', 'The body is no JSON');
  }
}

function read<Schema extends z.ZodMiniType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new CognitoError('InvalidParameterException', faults);
}
