import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSignInAccounts } from '../../lambdas/adapters/cognito-accounts.ts';
import { DynamoDBMemberStore } from '../../lambdas/adapters/dynamodb/member-store.ts';
import type { Customer } from '../../lambdas/core/customer.ts';
import { removeMember, saveMember } from '../../lambdas/core/members/keep-members.ts';
import type { MemberRole, Roster } from '../../lambdas/core/members/member.ts';
import { createHandler } from '../../lambdas/identity/identity-handler.ts';
import { KeptObservability } from '../alerts/kept-observability.ts';
import { NOW } from '../builders/instants.ts';
import { startMembersTable } from './members-table.ts';

let client: DynamoDBClient;
let store: DynamoDBMemberStore;
let stop: () => void;
let observability: KeptObservability;

beforeAll(async () => {
  ({ store, client, stop } = await startMembersTable());
});

afterAll(() => stop());

beforeEach(() => {
  observability = new KeptObservability();
});

const invite = (customerId: string, email: string, role: MemberRole = 'viewer', at = NOW) =>
  saveMember(store, { customerId, name: customerId, contacts: [] } satisfies Customer, { email, role }, at);

/** Other tests are about accounts. */
const accounts = createSignInAccounts(undefined);
const remove = (customerId: string, email: string) =>
  removeMember({ members: store, accounts }, customerId, email);

const handle = (event: PreTokenGenerationV2TriggerEvent) =>
  createHandler({ members: store, observability })(event);

const common = {
  region: 'eu-west-1',
  userPoolId: 'eu-west-1_pool',
  userName: '0e6f8b1c',
  callerContext: { awsSdkVersion: '1', clientId: 'portal' },
};

const token = (email: string, given: object = {}, triggerSource = 'TokenGeneration_HostedAuth') =>
  ({
    ...common,
    version: '2',
    triggerSource,
    request: {
      userAttributes: { sub: '0e6f8b1c', email, email_verified: 'true', 'cognito:user_status': 'CONFIRMED' },
      groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] },
      scopes: ['openid', 'email'],
      clientMetadata: null,
      ...given,
    },
    response: { claimsAndScopeOverrideDetails: null },
  }) as unknown as PreTokenGenerationV2TriggerEvent;

const claimsOf = async (event: PreTokenGenerationV2TriggerEvent) =>
  (await handle(event)).response.claimsAndScopeOverrideDetails;

describe('A token', () => {
  it('says customer and role in both kinds, and the address in that of the API', async () => {
    await invite('acme', 'jo@acme.example', 'manager');
    for (const trigger of [
      'HostedAuth',
      'Authentication',
      'NewPasswordChallenge',
      'AuthenticateDevice',
      'RefreshTokens',
    ]) {
      const claims = { customer: 'acme', role: 'manager' };
      expect(await claimsOf(token('Jo@acme.example', {}, `TokenGeneration_${trigger}`))).toEqual({
        idTokenGeneration: { claimsToAddOrOverride: claims },
        accessTokenGeneration: { claimsToAddOrOverride: { ...claims, email: 'jo@acme.example' } },
      });
    }
  });

  it('follows a change of role, and ends with the membership', async () => {
    await invite('globex', 'lead@globex.example', 'manager');
    await invite('globex', 'al@globex.example', 'manager');
    await invite('globex', 'al@globex.example', 'viewer');
    expect(await claimsOf(token('al@globex.example'))).toMatchObject({
      accessTokenGeneration: { claimsToAddOrOverride: { role: 'viewer' } },
    });
    await remove('globex', 'al@globex.example');
    const refresh = token('al@globex.example', {}, 'TokenGeneration_RefreshTokens');
    await expect(handle(refresh)).rejects.toThrow('not a member of any customer');
  });

  it('needs a confirmed address: one that was only typed is anybody’s', async () => {
    await invite('acme', 'typed@acme.example');
    for (const email_verified of ['false', undefined]) {
      const userAttributes = { email: 'typed@acme.example', ...(email_verified && { email_verified }) };
      await expect(handle(token('typed@acme.example', { userAttributes }))).rejects.toThrow('not confirmed');
    }
  });

  it('of a member of several customers acts for the first that invited it, or the one that is asked for', async () => {
    const email = 'consultant@x.example';
    for (const [index, customer] of ['zeta', 'beta', 'alpha'].entries())
      await invite(customer, email, 'viewer', NOW + index);
    for (let more = 0; more < 9; more += 1) await invite(`more-${more}`, email, 'manager', NOW + 9);
    const actsFor = async (clientMetadata: object | null) =>
      (await claimsOf(token(email, { clientMetadata }))).accessTokenGeneration?.claimsToAddOrOverride?.[
        'customer'
      ];
    expect(await actsFor(null)).toBe('zeta');
    expect(await actsFor({ customer: 'alpha' })).toBe('alpha');
    for (const customer of ['acme', 'nobody', 'a#b', '']) {
      await expect(actsFor({ customer })).rejects.toThrow('not a member of any customer');
    }
    await invite('zeta', 'other@x.example', 'manager');
    await remove('zeta', email);
    expect(await actsFor(null)).toBe('beta');
  });

  it('does not follow a link without a member, such as a crash leaves', async () => {
    await store.link('left@acme.example', 'acme');
    await expect(handle(token('left@acme.example'))).rejects.toThrow('not a member of any customer');
  });

  it.each([
    ['of the first version', { ...token('jo@acme.example'), version: '1' }],
    ['of a sign-up', { ...token('jo@acme.example'), triggerSource: 'PreSignUp_SignUp' }],
    ['without attributes', { ...token('jo@acme.example'), request: {} }],
  ])('fails for an event %s, with words for people', async (_, event) => {
    await expect(handle(event as PreTokenGenerationV2TriggerEvent)).rejects.toThrow(
      'does not work at the moment',
    );
  });

  it('fails with words for people where the table cannot be read, and the log has the name of the fault alone', async () => {
    const members = new DynamoDBMemberStore(client, 'no-such-table');
    const failing = createHandler({ members, observability })(token('jo@acme.example'));
    await expect(failing).rejects.toThrow('Signing in does not work at the moment. Try again in a minute.');
    expect(observability.lines.join()).toContain('ResourceNotFoundException');
  });

  it('leaves no address in the log', async () => {
    await handle(token('stranger@acme.example')).catch(() => undefined);
    expect(observability.lines).toHaveLength(1);
    expect(observability.lines.join()).not.toContain('@');
  });
});

describe('A roster under a race', () => {
  it('keeps every invitation of many at once', async () => {
    const emails = Array.from({ length: 8 }, (_, index) => `race${index}@race.example`);
    await invite('race', 'boss@race.example', 'manager');
    await Promise.all(emails.map((email) => invite('race', email)));
    const { members, version } = await store.read('race');
    expect(members.map(({ email }) => email).sort()).toEqual(['boss@race.example', ...emails].sort());
    expect(version).toBe(9);
    for (const email of emails) expect(await store.linksOf(email)).toEqual({ customers: ['race'] });
  });

  it('has a link for a member that was invited while it was being removed', async () => {
    const email = 'back@race.example';
    await invite('race', email);
    const unlink = store.unlink.bind(store);
    const meddled = Object.assign(Object.create(store) as DynamoDBMemberStore, {
      unlink: async (address: string, customerId: string) => {
        await invite('race', email);
        return unlink(address, customerId);
      },
    });
    await removeMember({ members: meddled, accounts }, 'race', email);
    expect(await store.linksOf(email)).toEqual({ customers: ['race'] });
    expect((await store.read('race')).members.map((member) => member.email)).toContain(email);
  });

  it('has a link for a member that was removed while it was being invited', async () => {
    const email = 'between@race.example';
    await invite('race', email);
    const write = store.write.bind(store);
    let isFirst = true;
    const meddled = Object.assign(Object.create(store) as DynamoDBMemberStore, {
      write: async (roster: Roster) => {
        // A removal that began before takes the link away after the invitation noted it.
        if (isFirst) await store.unlink(email, 'race');
        isFirst = false;
        return write(roster);
      },
    });
    await remove('race', email);
    const acme = { customerId: 'race', name: 'race', contacts: [] } satisfies Customer;
    await saveMember(meddled, acme, { email, role: 'viewer' }, NOW);
    expect(await store.linksOf(email)).toEqual({ customers: ['race'] });
  });

  it('gets a lost link back by the next request for the member', async () => {
    const email = 'lost@race.example';
    await invite('race', email);
    await store.unlink(email, 'race');
    await invite('race', email);
    expect(await store.linksOf(email)).toEqual({ customers: ['race'] });
  });

  it('keeps one of several managers that all leave at once', async () => {
    const emails = Array.from({ length: 5 }, (_, index) => `m${index}@last.example`);
    for (const email of emails) await invite('last', email, 'manager');
    const left = await Promise.allSettled(emails.map((email) => remove('last', email)));
    expect(left.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const { members } = await store.read('last');
    expect(members).toMatchObject([{ role: 'manager' }]);
  });

  it('keeps the other customers of an address when one removes it', async () => {
    await invite('one', 'both@x.example');
    await invite('two', 'both@x.example');
    await remove('one', 'both@x.example');
    expect(await store.linksOf('both@x.example')).toEqual({ customers: ['two'] });
  });
});
