import {
  CognitoIdentityProviderClient,
  CognitoIdentityProviderServiceException,
} from '@aws-sdk/client-cognito-identity-provider';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CognitoAccounts, createSignInAccounts } from '../../lambdas/adapters/cognito-accounts.ts';
import type { Roster } from '../../lambdas/core/members/member.ts';
import { sendInvitations, type InvitationDependencies } from '../../lambdas/core/members/send-invitations.ts';
import { listen } from '../../local/http.ts';
import { NOW } from '../builders/instants.ts';

const asked: { readonly target: unknown; readonly input: unknown }[] = [];
let answer: { readonly status: number; readonly body: object };
let server: Server;
let client: CognitoIdentityProviderClient;

/** What Cognito answers, at a port of this machine. */
beforeAll(async () => {
  server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const input: unknown = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ target: incoming.headers['x-amz-target'], input });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
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
  answer = { status: 200, body: { User: {} } };
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

it('Other faults are told, so that the invitation stays due', async () => {
  answer = { status: 400, body: { __type: 'TooManyRequestsException', message: 'slow down' } };
  await expect(new CognitoAccounts(client, 'eu-west-1_pool').create('jo@acme.example')).rejects.toThrow(
    CognitoIdentityProviderServiceException,
  );
});

it('An invitation waits for the account: no e-mail says to sign in where nobody can', async () => {
  const member = {
    email: 'jo@acme.example',
    role: 'viewer',
    language: 'en',
    invitedAt: NOW,
    invitation: 'due',
  } as const;
  let roster: Roster = { customerId: 'acme', version: 1, members: [member] };
  let isDown = true;
  const mails: string[] = [];
  const dependencies = {
    members: {
      read: () => Promise.resolve(roster),
      write: (changed: Roster) => {
        roster = changed;
        return Promise.resolve('written' as const);
      },
      link: () => Promise.resolve(),
      unlink: () => Promise.resolve(),
    },
    accounts: { create: () => (isDown ? Promise.reject(new Error('slow down')) : Promise.resolve()) },
    settings: {},
    mailer: { send: ({ to }: { to: string }) => Promise.resolve(void mails.push(to)) },
    recipients: { readDisabled: () => Promise.resolve(new Map()) },
  } as unknown as InvitationDependencies;
  const acme = { customerId: 'acme', name: 'Acme', contacts: [] };
  expect((await sendInvitations(dependencies, acme, roster.members)).faults).toHaveLength(1);
  expect([mails, roster.members[0]?.invitation]).toEqual([[], 'due']);
  isDown = false;
  expect((await sendInvitations(dependencies, acme, roster.members)).faults).toEqual([]);
  expect([mails, roster.members[0]?.invitation]).toEqual([['jo@acme.example'], 'sent']);
});

it('Where another issuer makes the tokens there is nothing to make', async () => {
  await createSignInAccounts(undefined).create('jo@acme.example');
  expect(asked).toEqual([]);
});
