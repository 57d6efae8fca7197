import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignInAccounts } from '../../lambdas/adapters/cognito-accounts.ts';
import type { DynamoDBMemberStore } from '../../lambdas/adapters/dynamodb/member-store.ts';
import type { Request } from '../../lambdas/adapters/http.ts';
import type { Customer } from '../../lambdas/core/customer.ts';
import { removeMember, saveMember } from '../../lambdas/core/members/keep-members.ts';
import type { MemberRole } from '../../lambdas/core/members/member.ts';
import {
  createHandler as createAccountHandler,
  type CustomerAccountHandlerDependencies,
} from '../../lambdas/customer-account/customer-account-handler.ts';
import { createHandler as createIdentityHandler } from '../../lambdas/identity/identity-handler.ts';
import { KeptObservability } from '../alerts/kept-observability.ts';
import { NOW } from '../builders/instants.ts';
import { startMembersTable } from './members-table.ts';

let client: DynamoDBClient;
let store: DynamoDBMemberStore;
let stop: () => void;
const observability = new KeptObservability();

beforeAll(async () => {
  ({ store, client, stop } = await startMembersTable());
});

afterAll(() => stop());

const customerOf = (customerId: string): Customer => ({
  customerId,
  name: `Company ${customerId}`,
  contacts: [],
});

const invite = (customerId: string, email: string, role: MemberRole, at: number) =>
  saveMember(store, customerOf(customerId), { email, role }, at);

/** Other tests are about accounts. */
const accounts = createSignInAccounts(undefined);
const remove = (customerId: string, email: string) =>
  removeMember({ members: store, accounts }, customerId, email);

/** The claims of the next token of an address, as Cognito would put them into it. */
async function signedIn(email: string): Promise<Readonly<Record<string, string>>> {
  const event = {
    version: '2',
    triggerSource: 'TokenGeneration_RefreshTokens',
    request: { userAttributes: { email, email_verified: 'true' }, clientMetadata: null },
    response: {},
  } as unknown as PreTokenGenerationV2TriggerEvent;
  const { response } = await createIdentityHandler({ members: store, observability })(event);
  const claims = response.claimsAndScopeOverrideDetails.accessTokenGeneration?.claimsToAddOrOverride;
  return { sub: 'u-1', ...(claims as Record<string, string>) };
}

/** Asks the API with the claims of a token. */
async function ask(
  claims: object,
  method: 'GET' | 'PUT',
  body?: unknown,
  { members = store, tokensFollowMembers = true } = {},
) {
  const unused = () => {
    throw new Error('not for memberships');
  };
  const handler = createAccountHandler({
    members,
    tokensFollowMembers,
    customers: {
      read: (customerId: string) => Promise.resolve(customerOf(customerId)),
      readLayers: unused,
      writeChanges: unused,
    },
    observability,
    documentationUrl: 'https://licensing.vendor.example/problems',
  } as unknown as CustomerAccountHandlerDependencies);
  const event = {
    routeKey: `${method} /v1/customer/memberships`,
    headers: { 'content-type': 'application/json' },
    requestContext: { requestId: 'r-1', timeEpoch: NOW, authorizer: { jwt: { claims, scopes: null } } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  } as unknown as Request;
  const answer = (await handler(event, {} as never, () => undefined)) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}

const membership = (id: string, role: MemberRole, chosen: boolean) => ({
  customer: { id, name: `Company ${id}` },
  role,
  chosen,
});

describe('Somebody whom several customers invited', () => {
  it('acts for the first of them until it chooses another, and for that one from the next token on', async () => {
    const email = 'both@x.example';
    await invite('wrong', email, 'viewer', NOW);
    await invite('right', email, 'manager', NOW + 1);
    const first = await signedIn(email);
    expect(first).toMatchObject({ customer: 'wrong', role: 'viewer' });
    expect((await ask(first, 'GET')).body).toEqual({
      memberships: [membership('wrong', 'viewer', true), membership('right', 'manager', false)],
    });
    const chosen = await ask(first, 'PUT', { actFor: 'right' });
    expect(chosen).toEqual({
      status: 200,
      body: { memberships: [membership('wrong', 'viewer', false), membership('right', 'manager', true)] },
    });
    const next = await signedIn(email);
    expect(next).toMatchObject({ customer: 'right', role: 'manager' });
    expect((await ask(next, 'PUT', { actFor: 'wrong' })).status).toBe(200);
    expect(await signedIn(email)).toMatchObject({ customer: 'wrong', role: 'viewer' });
  });

  it('acts for another one when that which it chose removes it', async () => {
    const email = 'removed@x.example';
    await invite('one', email, 'viewer', NOW);
    await invite('two', email, 'viewer', NOW + 1);
    const claims = await signedIn(email);
    await ask(claims, 'PUT', { actFor: 'two' });
    await remove('two', email);
    expect(await signedIn(email)).toMatchObject({ customer: 'one' });
    expect((await ask(claims, 'GET')).body).toEqual({ memberships: [membership('one', 'viewer', true)] });
    expect((await ask(claims, 'PUT', { actFor: 'two' })).body).toMatchObject({ code: 'customer-not-found' });
    await remove('one', email);
    // The choice goes with the address.
    expect(await store.linksOf(email)).toEqual({ customers: [] });
  });

  it('has to choose again a customer that removed it and invites it anew', async () => {
    const email = 'again@x.example';
    await invite('first', email, 'viewer', NOW);
    await invite('second', email, 'viewer', NOW + 1);
    const claims = await signedIn(email);
    await ask(claims, 'PUT', { actFor: 'second' });
    await remove('second', email);
    expect(await store.linksOf(email)).toEqual({ customers: ['first'] });
    await invite('second', email, 'viewer', NOW + 2);
    expect(await signedIn(email)).toMatchObject({ customer: 'first' });
    // The removal of one leaves the choice of another.
    await ask(claims, 'PUT', { actFor: 'second' });
    await remove('first', email);
    expect(await store.linksOf(email)).toEqual({ customers: ['second'], chosen: 'second' });
  });

  it('leaves nothing behind when it is removed while it chooses', async () => {
    const email = 'leaving@x.example';
    await invite('left', email, 'viewer', NOW);
    const choose = store.choose.bind(store);
    const members = Object.assign(Object.create(store) as DynamoDBMemberStore, {
      choose: async (address: string, customerId: string) => {
        await remove('left', email);
        return choose(address, customerId);
      },
    });
    const answer = await ask(await signedIn(email), 'PUT', { actFor: 'left' }, { members });
    expect(answer).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'members', Key: { subject: { S: `address#${email}` } } }),
    );
    expect(Item).toBeUndefined();
  });

  it('can choose none that has not invited it, and is not told whether there is one', async () => {
    const email = 'curious@x.example';
    await invite('mine', email, 'viewer', NOW);
    await invite('theirs', 'other@x.example', 'manager', NOW);
    const claims = await signedIn(email);
    const theirs = await ask(claims, 'PUT', { actFor: 'theirs' });
    expect(theirs).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
    expect(await ask(claims, 'PUT', { actFor: 'nobody' })).toEqual(theirs);
    expect(await signedIn(email)).toMatchObject({ customer: 'mine' });
    for (const body of [{}, { actFor: '' }, { actFor: 'a#b' }, { actFor: 'mine', role: 'manager' }])
      expect(await ask(claims, 'PUT', body)).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
  });
});

it('An address that another issuer says is not looked up: it need not be proven', async () => {
  await invite('secret', 'victim@x.example', 'manager', NOW);
  const claims = { sub: 'u-2', customer: 'own', role: 'viewer', email: 'victim@x.example' };
  const own = { status: 200, body: { memberships: [membership('own', 'viewer', true)] } };
  expect(await ask(claims, 'GET', undefined, { tokensFollowMembers: false })).toEqual(own);
  expect(await ask(claims, 'PUT', { actFor: 'own' }, { tokensFollowMembers: false })).toEqual(own);
  const refused = await ask(claims, 'PUT', { actFor: 'secret' }, { tokensFollowMembers: false });
  expect(refused).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
  expect(await store.linksOf('victim@x.example')).toEqual({ customers: ['secret'] });
});
