import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeMember, saveMember } from '../../lambdas/core/members/keep-members.ts';
import type { SignInAccounts } from '../../lambdas/core/members/member-ports.ts';
import { sendInvitations, type InvitationDependencies } from '../../lambdas/core/members/send-invitations.ts';
import { NOW } from '../builders/instants.ts';
import { KeptMembers } from './kept-members.ts';

const JO = 'jo@x.example';

class KeptAccounts implements SignInAccounts {
  readonly emails = new Set<string>();

  create(email: string): Promise<void> {
    this.emails.add(email);
    return Promise.resolve();
  }

  delete(email: string): Promise<void> {
    this.emails.delete(email);
    return Promise.resolve();
  }
}

/** Customers with members; `inTurn` decides when each call takes place. */
function aService(inTurn: <Kept extends object>(kept: Kept) => Kept = (kept) => kept) {
  const kept = { members: new KeptMembers(), accounts: new KeptAccounts() };
  const members = inTurn(kept.members);
  const accounts = inTurn(kept.accounts);
  const dependencies = {
    ...{ members, accounts, settings: {} },
    mailer: { send: () => Promise.resolve() },
    recipients: { readDisabled: () => Promise.resolve(new Map()) },
  } as unknown as InvitationDependencies;
  return {
    kept,
    /** As a request for a member does. */
    invite: async (customerId: string): Promise<void> => {
      const customer = { customerId, name: customerId, contacts: [] };
      const { roster } = await saveMember(members, customer, { email: JO, role: 'viewer' }, NOW);
      await sendInvitations(dependencies, customer, roster.members);
    },
    remove: (customerId: string) => removeMember({ members, accounts }, customerId, JO),
  };
}

describe('The account of a member', () => {
  it('goes with the last of its memberships', async () => {
    const { kept, invite, remove } = aService();
    await invite('one');
    await invite('two');
    await remove('one');
    expect([...kept.accounts.emails]).toEqual([JO]);
    await remove('two');
    expect([...kept.accounts.emails]).toEqual([]);
    await invite('one');
    expect([...kept.accounts.emails]).toEqual([JO]);
  });

  it('goes with the same removal again, where a fault kept it', async () => {
    const { kept, invite, remove } = aService();
    await invite('one');
    const { accounts } = kept;
    const deletes = accounts.delete.bind(accounts);
    accounts.delete = () => Promise.reject(new Error('slow down'));
    await expect(remove('one')).rejects.toThrow('slow down');
    accounts.delete = deletes;
    // The member went with the first request.
    await expect(remove('one')).rejects.toMatchObject({ code: 'member-not-found' });
    expect([...accounts.emails]).toEqual([]);
  });

  it('is there for whoever is invited while it is removed, in whatever order the calls take place', async () => {
    const customers = fc.constantFrom('one', 'two');
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(customers, { minLength: 1, maxLength: 2 }),
        fc.array(customers, { minLength: 1, maxLength: 2 }),
        async (scheduler, removing, inviting) => {
          let isRace = false;
          const inTurn = <Kept extends object>(store: Kept): Kept =>
            new Proxy(store, {
              get(target, name) {
                const call: unknown = Reflect.get(target, name);
                if (typeof call !== 'function') return call;
                return async (...given: unknown[]): Promise<unknown> => {
                  if (isRace) await scheduler.schedule(Promise.resolve(), String(name));
                  return Reflect.apply(call, target, given) as unknown;
                };
              },
            });
          const { kept, invite, remove } = aService(inTurn);
          await invite('one');
          isRace = true;
          const all = Promise.allSettled([...removing.map(remove), ...inviting.map(invite)]);
          await scheduler.waitFor(all);
          const isMember = [...kept.members.rosters.values()].some(({ members }) => members.length > 0);
          if (isMember) expect([...kept.accounts.emails]).toEqual([JO]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
