import type { MemberStore, Memberships } from '../../lambdas/core/members/member-ports.ts';
import type { Roster } from '../../lambdas/core/members/member.ts';

/** Members in memory, as the table keeps them. */
export class KeptMembers implements MemberStore, Memberships {
  readonly rosters = new Map<string, Roster>();
  private readonly links = new Map<string, Set<string>>();

  read(customerId: string): Promise<Roster> {
    return Promise.resolve(this.rosters.get(customerId) ?? { customerId, version: 0, members: [] });
  }

  write(roster: Roster): Promise<'written' | 'conflict'> {
    const { customerId, version } = roster;
    if ((this.rosters.get(customerId)?.version ?? 0) !== version) return Promise.resolve('conflict');
    this.rosters.set(customerId, { ...roster, version: version + 1 });
    return Promise.resolve('written');
  }

  link(email: string, customerId: string): Promise<void> {
    this.links.set(email, new Set([...(this.links.get(email) ?? []), customerId]));
    return Promise.resolve();
  }

  unlink(email: string, customerId: string): Promise<'others' | 'none'> {
    const links = this.links.get(email);
    links?.delete(customerId);
    return Promise.resolve((links?.size ?? 0) > 0 ? 'others' : 'none');
  }

  linksOf(email: string): Promise<{ readonly customers: readonly string[] }> {
    return Promise.resolve({ customers: [...(this.links.get(email) ?? [])] });
  }
}
