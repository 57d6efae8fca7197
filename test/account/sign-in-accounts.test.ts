import {
  CognitoIdentityProviderClient,
  CognitoIdentityProviderServiceException,
} from '@aws-sdk/client-cognito-identity-provider';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CognitoAccounts, createSignInAccounts } from '../../lambdas/adapters/cognito-accounts.ts';
import type { Request } from '../../lambdas/adapters/http.ts';
import { inviteFirstManagers } from '../../lambdas/core/members/first-managers.ts';
import { AddressRefused } from '../../lambdas/core/members/member-ports.ts';
import {
  createHandler,
  type CustomerAccountHandlerDependencies,
} from '../../lambdas/customer-account/customer-account-handler.ts';
import { listen } from '../../local/http.ts';
import { KeptObservability } from '../alerts/kept-observability.ts';
import { aContact } from '../builders/contacts.ts';
import { NOW } from '../builders/instants.ts';
import { KeptMembers } from './kept-members.ts';

const MADE = { status: 200, body: { User: {} } };
const REFUSED = {
  status: 400,
  body: { __type: 'InvalidParameterException', message: 'Username should be an email.' },
};

const asked: { readonly target: unknown; readonly input: unknown }[] = [];
let answer: { readonly status: number; readonly body: object };
/** The only one that Cognito does not take. */
let refusedAddress: string | undefined;
let server: Server;
let client: CognitoIdentityProviderClient;

/** What Cognito answers, at a port of this machine. */
beforeAll(async () => {
  server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as { readonly Username: string };
      asked.push({ target: incoming.headers['x-amz-target'], input });
      const { status, body } = input.Username === refusedAddress ? REFUSED : answer;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });
  const endpoint = await listen(server, 0);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new CognitoIdentityProviderClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
});

afterAll(() => {
  client.destroy();
  server.close();
});

beforeEach(() => {
  asked.length = 0;
  answer = MADE;
  refusedAddress = undefined;
});

it('The account of a member has no password, and Cognito sends no e-mail about it', async () => {
  await new CognitoAccounts(client, 'eu-west-1_pool').create('jo@acme.example');
  expect(asked).toEqual([
    {
      target: 'AWSCognitoIdentityProviderService.AdminCreateUser',
      input: {
        UserPoolId: 'eu-west-1_pool',
        Username: 'jo@acme.example',
        UserAttributes: [
          { Name: 'email', Value: 'jo@acme.example' },
          { Name: 'email_verified', Value: 'true' },
        ],
        MessageAction: 'SUPPRESS',
      },
    },
  ]);
});

it('An account that is there stays as it is', async () => {
  answer = { status: 400, body: { __type: 'UsernameExistsException', message: 'exists' } };
  await expect(
    new CognitoAccounts(client, 'eu-west-1_pool').create('jo@acme.example'),
  ).resolves.toBeUndefined();
});

it.each([
  [400, 'TooManyRequestsException'],
  [400, 'LimitExceededException'],
  [400, 'NotAuthorizedException'],
  [500, 'InternalErrorException'],
  [503, 'ServiceUnavailable'],
])('A fault is told, so that the same can be asked again: %i %s', async (status, __type) => {
  answer = { status, body: { __type, message: 'not now' } };
  const accounts = new CognitoAccounts(client, 'eu-west-1_pool');
  for (const asked of [accounts.create('jo@acme.example'), accounts.delete('jo@acme.example')]) {
    const fault = await asked.catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(CognitoIdentityProviderServiceException);
  }
});

it('An address that Cognito never takes is refused, which is no fault', async () => {
  answer = REFUSED;
  const accounts = new CognitoAccounts(client, 'eu-west-1_pool');
  await expect(accounts.create(`${'a'.repeat(130)}@acme.example`)).rejects.toThrow(AddressRefused);
});

it('An account is deleted by its address, and one that is not there is none the worse', async () => {
  const accounts = new CognitoAccounts(client, 'eu-west-1_pool');
  await accounts.delete('jo@acme.example');
  const input = { UserPoolId: 'eu-west-1_pool', Username: 'jo@acme.example' };
  expect(asked).toEqual([{ target: 'AWSCognitoIdentityProviderService.AdminDeleteUser', input }]);
  for (const unknown of [{ status: 400, body: { __type: 'UserNotFoundException', message: '' } }, REFUSED]) {
    answer = unknown;
    await expect(accounts.delete('jo@acme.example')).resolves.toBeUndefined();
  }
});

describe('An invitation', () => {
  const acme = {
    customerId: 'acme',
    name: 'Acme',
    contacts: [aContact('jo@acme.example'), aContact('al@acme.example')],
    managers: ['jo@acme.example', 'al@acme.example'],
  };

  function aCustomer() {
    const members = new KeptMembers();
    const mails: string[] = [];
    const dependencies = {
      members,
      accounts: new CognitoAccounts(client, 'eu-west-1_pool'),
      customers: { read: () => Promise.resolve(acme) },
      settings: {},
      mailer: { send: ({ to }: { to: string }) => Promise.resolve(void mails.push(to)) },
      recipients: { readDisabled: () => Promise.resolve(new Map()) },
    } as unknown as CustomerAccountHandlerDependencies;
    const stood = () => members.rosters.get('acme')?.members.map(({ invitation }) => invitation);
    const order = async () => {
      const faults = await inviteFirstManagers(dependencies, 'acme', NOW);
      return { faults: faults.length, mails: mails.splice(0), stood: stood() };
    };
    const put = async (email: string) => {
      const handler = createHandler({
        ...dependencies,
        observability: new KeptObservability(),
        documentationUrl: 'https://licensing.vendor.example/problems',
      });
      const event = {
        routeKey: 'PUT /v1/customers/{customerId}/members/{email}',
        pathParameters: { customerId: 'acme', email },
        headers: { 'content-type': 'application/json' },
        requestContext: { requestId: 'r-1', timeEpoch: NOW },
        body: JSON.stringify({ role: 'manager' }),
        isBase64Encoded: false,
      } as unknown as Request;
      const response = (await handler(event, {} as never, () => undefined)) as {
        statusCode: number;
        body: string;
      };
      const { invitation } = JSON.parse(response.body) as { invitation?: string };
      return { status: response.statusCode, invitation, mails: mails.splice(0) };
    };
    return { order, put };
  }

  it('waits for the account: no e-mail says to sign in where nobody can', async () => {
    const { order } = aCustomer();
    answer = { status: 400, body: { __type: 'TooManyRequestsException', message: 'slow down' } };
    expect(await order()).toEqual({ faults: 2, mails: [], stood: ['due', 'due'] });
    answer = MADE;
    expect(await order()).toEqual({ faults: 0, mails: acme.managers, stood: ['sent', 'sent'] });
    expect(await order()).toEqual({ faults: 0, mails: [], stood: ['sent', 'sent'] });
  });

  it('that can have no account fails no order, and is noted as unreachable', async () => {
    const { order, put } = aCustomer();
    refusedAddress = 'jo@acme.example';
    for (const mails of [['al@acme.example'], []]) {
      expect(await order()).toEqual({ faults: 0, mails, stood: ['unreachable', 'sent'] });
    }
    expect(await put('jo@acme.example')).toEqual({ status: 200, invitation: 'unreachable', mails: [] });
    refusedAddress = undefined;
    const sent = { status: 200, invitation: 'sent', mails: ['jo@acme.example'] };
    expect(await put('jo@acme.example')).toEqual(sent);
  });

  it('that was sent is noted as unreachable where the account cannot be made again', async () => {
    const { order, put } = aCustomer();
    await order();
    refusedAddress = 'al@acme.example';
    expect(await put('al@acme.example')).toEqual({ status: 200, invitation: 'unreachable', mails: [] });
    answer = { status: 500, body: { __type: 'InternalErrorException', message: '' } };
    expect(await put('jo@acme.example')).toMatchObject({ status: 503, mails: [] });
  });
});

it('Where another issuer makes the tokens there is nothing to make', async () => {
  await createSignInAccounts(undefined).create('jo@acme.example');
  await createSignInAccounts(undefined).delete('jo@acme.example');
  expect(asked).toEqual([]);
});
