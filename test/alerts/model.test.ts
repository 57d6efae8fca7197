import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WouldSend } from '../../lambdas/core/alerts/mail-customer.ts';
import { endingStanding } from '../../lambdas/core/alerts/ending-standing.ts';
import type { AlertKind } from '../../lambdas/core/alerts/kinds.ts';
import { licenseStanding } from '../../lambdas/core/alerts/license-standing.ts';
import { troubleOf, type Standing } from '../../lambdas/core/alerts/standing.ts';
import { DAY, HOUR } from '../../lambdas/core/instant.ts';
import { anOrderedContract } from '../builders/contract-document.ts';
import { at } from '../builders/instants.ts';
import { LIMITS } from '../builders/limits.ts';
import { aContact, Fleet, KINDS, VENDOR } from './fleet.ts';

const CUSTOMERS = ['acme', 'beta', 'gamma'];
const HOSTS = 2;
const ADDRESSES = (customerId: string) => [`ops@${customerId}.example`, `buying@${customerId}.example`];

/** A fleet with what was said of it, as the invariants need it. */
class Watched {
  readonly fleet = new Fleet(at('2026-03-02T12:00:00Z'));
  /** What was said of a trouble, `<kind> <customer> <subject> <since>`. */
  readonly said = new Map<string, string[]>();
  /** Troubles that were said and are not over, by kind and subject. */
  readonly open = new Set<string>();

  constructor() {
    for (const customerId of CUSTOMERS) {
      this.fleet.install(customerId, HOSTS, this.contractUntil(400));
      const [ops = '', buying = ''] = ADDRESSES(customerId);
      this.fleet.customer(customerId, {
        contacts: [
          aContact({ email: ops, roles: ['technical'] }),
          aContact({ email: buying, roles: ['commercial'] }),
        ],
      });
    }
  }

  contractUntil(days: number, given: Parameters<typeof anOrderedContract>[1] = {}) {
    const endsOn = new Date((this.fleet.now + days * DAY) * 1000).toISOString().slice(0, 10);
    return anOrderedContract('c-1', { startsOn: '2026-01-01', endsOn, timeZone: 'UTC', ...given });
  }

  standing(kind: AlertKind, customerId: string, subjectId: string): Standing {
    const installation = this.fleet.installations.get(customerId)!;
    const { now } = this.fleet;
    return kind === 'ending'
      ? endingStanding(installation, now, LIMITS)
      : licenseStanding(this.fleet.licenses.get(subjectId)!, installation.contracts, now, LIMITS);
  }

  /** One run without a fault: it sends exactly what a dry run foretold, and asked again, nothing. */
  async scan(kind: AlertKind): Promise<void> {
    const foretold = (await this.fleet.scan(kind, { dryRun: true })).wouldSend ?? [];
    const before = this.fleet.mails.length;
    await this.fleet.scan(kind);
    const sent = this.fleet.mails.slice(before);
    expect(sent.map(({ to }) => to).sort()).toEqual(foretold.flatMap(({ to }) => to).sort());
    for (const one of foretold) this.note(kind, one);
    expect((await this.fleet.scan(kind, { dryRun: true })).wouldSend).toEqual([]);
    this.nothingIsLost(kind);
  }

  /** A run that ends at a call. Once its lease has run out, everybody is told at last, at most one e-mail too often. */
  async scanCrashing(kind: AlertKind, call: number, when: 'before' | 'after'): Promise<void> {
    const foretold = (await this.fleet.scan(kind, { dryRun: true })).wouldSend ?? [];
    const before = this.fleet.mails.length;
    await this.fleet.scanCrashing(kind, call, when);
    // Long enough for the leases, too short for anything else to become due: rungs are whole hours apart.
    this.fleet.now += HOUR / 2;
    await this.fleet.scan(kind);
    const sent = this.fleet.mails.slice(before);
    for (const { to } of foretold) {
      for (const address of to) expect(sent.map((mail) => mail.to)).toContain(address);
    }
    expect(sent.length).toBeLessThanOrEqual(foretold.flatMap(({ to }) => to).length + CUSTOMERS.length);
    for (const one of foretold) this.note(kind, one);
    await this.scan(kind);
  }

  private note(kind: AlertKind, { customerId, notices }: WouldSend): void {
    for (const { notice, step, subjectId } of notices) {
      const subject = `${kind} ${customerId} ${subjectId}`;
      const trouble = troubleOf(this.standing(kind, customerId, subjectId), kind);
      if (notice === 'recover') {
        // Recovered only after opened, and only what is well.
        expect(this.open.has(subject)).toBe(true);
        expect(this.standing(kind, customerId, subjectId).kind).toBe('healthy');
        this.open.delete(subject);
        continue;
      }
      // What is said is so: no other kind speaks of it, and a host that was heard of today is not silent.
      expect(trouble).toBeDefined();
      if (kind === 'offline' || kind === 'expiring') {
        const { lastSeenAt = 0 } = this.fleet.licenses.get(subjectId)!;
        expect(this.fleet.now - lastSeenAt).toBeGreaterThanOrEqual(96 * HOUR);
      }
      const steps = this.said.get(`${subject} ${trouble?.since}`) ?? [];
      // A step is said twice only to somebody else, as the first one turned out to be out of reach.
      if (notice === 'remind') expect(steps).not.toContain(step);
      this.said.set(`${subject} ${trouble?.since}`, [...steps, step]);
      this.open.add(subject);
    }
  }

  /** Whatever is due was said: the latest rung that has passed stands in the episode. */
  private nothingIsLost(kind: AlertKind): void {
    for (const customerId of CUSTOMERS) {
      const subjects =
        kind === 'ending'
          ? ['ES#main']
          : [...this.fleet.licenses.values()]
              .filter((license) => license.customerId === customerId)
              .map(({ licenseId }) => licenseId);
      for (const subjectId of subjects) {
        const trouble = troubleOf(this.standing(kind, customerId, subjectId), kind);
        const due = trouble?.ladder.findLast((rung) => rung.at <= this.fleet.now);
        if (!due) continue;
        const episode = this.fleet.episodes.items.get(`${customerId} ${kind}#${subjectId}`);
        expect(episode?.said?.at).toBeGreaterThanOrEqual(due.at);
        expect(episode?.since).toBe(trouble?.since);
        const reached = episode?.said?.to.some((address) => !this.fleet.recipients.disabled.has(address));
        expect(reached).toBe(true);
      }
    }
  }
}

type Command = fc.AsyncCommand<Record<string, never>, Watched>;

const command = (name: string, run: (watched: Watched) => unknown): Command => ({
  check: () => true,
  run: async (_, watched) => {
    await run(watched);
  },
  toString: () => name,
});

const customer = fc.constantFrom(...CUSTOMERS);
const license = fc
  .tuple(customer, fc.integer({ min: 0, max: HOSTS - 1 }))
  .map(([customerId, index]) => `${customerId}-000${index}`);
const kind = fc.constantFrom(...KINDS);

const commands = [
  fc
    .integer({ min: 1, max: 30 })
    .map((quarters) =>
      command(`pass ${quarters} quarters of a day`, (watched) => (watched.fleet.now += (quarters * DAY) / 4)),
    ),
  fc.constant(command('all renew', ({ fleet }) => fleet.renewAll())),
  license.map((id) => command(`renew ${id}`, ({ fleet }) => fleet.renew(id))),
  license.map((id) => command(`refuse ${id}`, ({ fleet }) => fleet.refuse(id, 'license-unknown'))),
  license.map((id) =>
    command(`revoke ${id}`, ({ fleet }) => {
      fleet.change(id, { state: 'revoked' });
      fleet.renew(id);
    }),
  ),
  license.map((id) => command(`reinstate ${id}`, ({ fleet }) => fleet.change(id, { state: 'active' }))),
  license.map((id) =>
    command(`move ${id}`, ({ fleet }) => fleet.change(id, { transfer: { hostId: 'H-new' } })),
  ),
  license.map((id) =>
    command(`take over ${id}`, ({ fleet }) => {
      const { transfer, ...rest } = fleet.licenses.get(id)!;
      fleet.licenses.set(id, rest);
    }),
  ),
  fc
    .tuple(customer, fc.integer({ min: -5, max: 90 }))
    .map(([id, days]) =>
      command(`order ${id} until ${days} days`, (watched) =>
        watched.fleet.order(id, watched.contractUntil(days)),
      ),
    ),
  customer.map((id) =>
    command(`suspend ${id}`, (watched) =>
      watched.fleet.order(id, watched.contractUntil(200, { status: 'suspended' })),
    ),
  ),
  fc
    .tuple(customer, fc.integer({ min: 0, max: 1 }))
    .map(([id, index]) =>
      command(`bounce ${index} of ${id}`, ({ fleet }) =>
        fleet.recipients.disabled.add(ADDRESSES(id)[index] ?? VENDOR),
      ),
    ),
  customer.map((id) =>
    command(`repair the addresses of ${id}`, ({ fleet }) => {
      for (const address of ADDRESSES(id)) fleet.recipients.disabled.delete(address);
    }),
  ),
  kind.map((one) => command(`scan ${one}`, (watched) => watched.scan(one))),
  kind.map((one) => command(`scan ${one} `, (watched) => watched.scan(one))),
  fc
    .tuple(kind, fc.integer({ min: 1, max: 45 }), fc.constantFrom('before', 'after'))
    .map(([one, call, when]) =>
      command(`crash ${one} ${when} call ${call}`, (watched) => watched.scanCrashing(one, call, when)),
    ),
];

it('says of each trouble each step once, recovered only after opened, one kind at a time, and loses nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 80, size: 'max' }), async (history) => {
      await fc.asyncModelRun(() => ({ model: {}, real: new Watched() }), history);
    }),
    { numRuns: 300 },
  );
}, 120_000);
