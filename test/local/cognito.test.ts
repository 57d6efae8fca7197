import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  type AdminCreateUserCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openClock } from '../../local/clock.ts';
import { createCognito } from '../../local/cognito.ts';
import { openDataFolder, type DataFolder } from '../../local/data-folder.ts';
import { closeServer, listen } from '../../local/http.ts';

const POOLS = ['eu-west-1_one', 'eu-west-1_two'] as const;
const folder = mkdtempSync(join(tmpdir(), 'licensing-cognito-'));
let data: DataFolder;
let server: Server = createServer();
let client: CognitoIdentityProviderClient;

/** Starts it on what an earlier run kept. */
async function start(): Promise<void> {
  data = await openDataFolder(folder);
  server = createCognito(POOLS, { state: data.state, clock: await openClock(data.state) });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const endpoint = await listen(server, 0);
  client = new CognitoIdentityProviderClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
}

async function stop(): Promise<void> {
  client.destroy();
  await closeServer(server);
  await data.close();
}

beforeAll(start);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const create = (Username: string, given: Partial<AdminCreateUserCommandInput> = {}) =>
  client.send(
    new AdminCreateUserCommand({
      UserPoolId: POOLS[0],
      Username,
      UserAttributes: [{ Name: 'email', Value: Username }],
      MessageAction: 'SUPPRESS',
      ...given,
    }),
  );
const remove = (Username: string, UserPoolId: string = POOLS[0]) =>
  client.send(new AdminDeleteUserCommand({ UserPoolId, Username }));

/** The name of the error of Cognito; `done` where there is none. */
const outcomeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );

it('An account has an id for its name, the attributes that it was given, and no password to change', async () => {
  const { User } = await create('ops@acme.example');
  expect(User).toEqual({
    Username: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    Attributes: [
      { Name: 'email', Value: 'ops@acme.example' },
      { Name: 'sub', Value: User?.Username },
    ],
    UserCreateDate: expect.any(Date) as Date,
    UserLastModifiedDate: expect.any(Date) as Date,
    Enabled: true,
    UserStatus: 'CONFIRMED',
  });
  expect(Math.abs(Number(User?.UserCreateDate) - Date.now())).toBeLessThan(60_000);
});

it('An address has one account in a pool, in any case of its letters', async () => {
  const addresses = fc.constantFrom('a@x.example', 'A@X.example', 'b@x.example', 'a@y.example');
  const steps = fc.record({ pool: fc.constantFrom(...POOLS), address: addresses, creates: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (taken) => {
      const there = new Set<string>();
      for (const { pool, address, creates } of taken) {
        const account = `${pool} ${address.toLowerCase()}`;
        const isThere = there.has(account);
        if (creates) {
          const outcome = await outcomeOf(create(address, { UserPoolId: pool }));
          expect(outcome).toBe(isThere ? 'UsernameExistsException' : 'done');
          there.add(account);
        } else {
          expect(await outcomeOf(remove(address, pool))).toBe(isThere ? 'done' : 'UserNotFoundException');
          there.delete(account);
        }
      }
      for (const account of there) {
        const [pool = '', address = ''] = account.split(' ');
        await remove(address, pool);
      }
    }),
    { numRuns: 30 },
  );
});

it('Of several who make one account at once, one has made it', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcomeOf(create('race@acme.example'))));
  expect(outcomes.sort()).toEqual([...Array<string>(7).fill('UsernameExistsException'), 'done']);
});

it('Accounts survive a restart', async () => {
  await create('kept@acme.example');
  await create('gone@acme.example');
  await remove('gone@acme.example');
  await stop();
  await start();
  expect(await outcomeOf(create('kept@acme.example'))).toBe('UsernameExistsException');
  expect(await outcomeOf(remove('gone@acme.example'))).toBe('UserNotFoundException');
});

const long = (length: number) => `${'a'.repeat(length - '@acme.example'.length)}@acme.example`;

it('A name may have 128 characters', async () => {
  expect(await outcomeOf(create(long(128)))).toBe('done');
  expect(await outcomeOf(create(long(129)))).toBe('InvalidParameterException');
  expect(await outcomeOf(remove(long(128)))).toBe('done');
  expect(await outcomeOf(remove(long(129)))).toBe('InvalidParameterException');
});

it.each([
  ['a name that is no address', () => create('jo'), 'InvalidParameterException'],
  ['no name', () => create(''), 'InvalidParameterException'],
  ['a pool of somebody else', () => remove('jo@acme.example', 'eu-west-1_x'), 'ResourceNotFoundException'],
  [
    'an e-mail of its own',
    () => create('jo@acme.example', { MessageAction: 'RESEND' }),
    'InvalidParameterException',
  ],
  [
    'what functions never ask',
    () => client.send(new AdminGetUserCommand({ UserPoolId: POOLS[0], Username: 'jo@acme.example' })),
    'UnknownOperationException',
  ],
])('It refuses %s', async (_, ask, expected) => {
  expect(await outcomeOf(ask())).toBe(expected);
});
