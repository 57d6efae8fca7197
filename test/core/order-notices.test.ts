import { beforeEach, describe, expect, it } from 'vitest';
import type { Claim } from '../../lambdas/core/alerts/ports.ts';
import type { Customer } from '../../lambdas/core/customer.ts';
import { MailRejected, type Mail } from '../../lambdas/core/mail/mail.ts';
import type { ShrinkNotice } from '../../lambdas/core/order-changes.ts';
import { sendOrderNotices, type OrderNoticeDependencies } from '../../lambdas/core/order-notices.ts';
import { fewerHosts, fewerOptions } from '../../mails/notices.ts';
import { NOW } from '../../mails/subjects.ts';

const TOLD = { faults: [], isDeliverable: true };

const contact = (email: string): Customer['contacts'][number] => ({
  email,
  language: 'en',
  timeZone: 'UTC',
  roles: ['commercial'],
});

/** Everything around the sending, in memory. */
class Post {
  readonly mails: Mail[] = [];
  readonly failing = new Map<string, Error>();
  readonly disabled = new Set<string>();
  notices: ShrinkNotice[] = [];
  customer: Customer | undefined = {
    customerId: 'acme',
    name: 'Acme Print',
    contacts: [contact('Jo@acme.example'), contact('kim@acme.example')],
  };
  /** Of others that are sending. */
  busy = 0;
  readonly pauses: number[] = [];
  /** What somebody else does between the look at the notices and the claim. */
  beforeClaim: () => void = () => undefined;
  private readonly sentTo = new Map<string, string[]>();
  held: Claim | undefined;

  readonly dependencies: OrderNoticeDependencies = {
    customers: { read: () => Promise.resolve(this.customer) },
    outbox: {
      note: (notice) => Promise.resolve(void this.notices.push(notice)),
      read: () => Promise.resolve([...this.notices]),
      remove: (notice) => Promise.resolve(void (this.notices = this.notices.filter((one) => one !== notice))),
    },
    claims: {
      take: (claim) => {
        this.beforeClaim();
        if (this.busy-- > 0) return Promise.resolve('busy');
        this.held = claim;
        return Promise.resolve({ sentTo: this.sentTo.get(claim.digest) ?? [] });
      },
      noteSent: ({ digest }, address) =>
        Promise.resolve(void this.sentTo.set(digest, [...(this.sentTo.get(digest) ?? []), address])),
      release: () => Promise.resolve(void (this.held = undefined)),
      giveUp: () => Promise.resolve(void (this.held = undefined)),
    },
    licenseHosts: { readHosts: () => Promise.resolve(new Map()) },
    recipients: { readDisabled: () => Promise.resolve(this.disabled) },
    mailer: {
      send: (mail) => {
        const fault = this.failing.get(mail.to);
        if (fault) return Promise.reject(fault);
        this.mails.push(mail);
        return Promise.resolve();
      },
    },
    newToken: () => 'token',
    pause: (milliseconds) => Promise.resolve(void this.pauses.push(milliseconds)),
    settings: { vendorAddress: 'vendor@example.com' },
  };

  send = () => sendOrderNotices(this.dependencies, 'acme', 'c-1001', NOW);

  get readers(): string[] {
    return this.mails.map(({ to }) => to);
  }
}

let post: Post;
beforeEach(() => {
  post = new Post();
  post.notices = [fewerOptions(2), fewerHosts(1, { installation: 'proof' })];
});

describe('notices of an order', () => {
  it('are one e-mail to each contact about all installations, and are over then', async () => {
    expect(await post.send()).toEqual(TOLD);
    expect(post.readers).toEqual(['Jo@acme.example', 'kim@acme.example']);
    expect(post.mails[0]?.text).toContain('Options of ES\n');
    expect(post.mails[0]?.text).toContain('Hosts of ES, installation proof\n');
    expect(post.mails[0]?.tags).toEqual({ kind: 'change', customer: 'acme' });
    expect([post.notices, post.held]).toEqual([[], undefined]);
    expect(await post.send()).toEqual(TOLD);
    expect(post.mails).toHaveLength(2);
  });

  it('are one e-mail for each revision', async () => {
    post.notices = [fewerOptions(1), fewerOptions(2, { revision: 3, version: 5 })];
    await post.send();
    expect(post.mails).toHaveLength(4);
  });

  it('leave out addresses that do not work, and go to the vendor where none does', async () => {
    post.disabled.add('jo@acme.example');
    await post.send();
    expect(post.readers).toEqual(['kim@acme.example']);

    post.notices = [fewerOptions(1)];
    post.failing.set('kim@acme.example', new MailRejected('MessageRejected'));
    expect(await post.send()).toEqual(TOLD);
    expect(post.readers.slice(1)).toEqual(['vendor@example.com']);
    expect(post.mails[1]?.text.replace(/\s+/g, ' ')).toContain(
      'No contact of Acme Print (acme) can be reached',
    );
  });

  it('go to the vendor where there is no contact, and stay where not even the vendor can be sent to', async () => {
    post.customer = { customerId: 'acme', name: 'Acme Print', contacts: [] };
    post.failing.set('vendor@example.com', new MailRejected('MessageRejected'));
    expect(await post.send()).toEqual({ faults: [], isDeliverable: false });
    expect([post.notices.length, post.held]).toEqual([2, undefined]);
    post.failing.clear();
    expect(await post.send()).toEqual(TOLD);
    expect(post.readers).toEqual(['vendor@example.com']);
  });

  it('are sent to the rest only, where a fault came in between', async () => {
    const fault = new Error('connection lost');
    post.failing.set('kim@acme.example', fault);
    expect(await post.send()).toEqual({ faults: [fault], isDeliverable: true });
    expect([post.notices.length, post.held]).toEqual([2, undefined]);
    post.failing.clear();
    expect(await post.send()).toEqual(TOLD);
    expect(post.readers).toEqual(['Jo@acme.example', 'kim@acme.example']);
  });

  it('wait for whoever is sending others of the same contract', async () => {
    post.busy = 3;
    expect(await post.send()).toEqual(TOLD);
    expect(post.pauses).toHaveLength(3);
    expect(post.readers).toEqual(['Jo@acme.example', 'kim@acme.example']);
  });

  it('are left to whoever does not get to an end, and asked for again', async () => {
    post.busy = Number.POSITIVE_INFINITY;
    const busy = new Error('Somebody else is sending the notice of this order');
    expect(await post.send()).toEqual({ faults: [busy], isDeliverable: true });
    expect([post.mails, post.notices.length]).toEqual([[], 2]);
    const waited = post.pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThan(2000);
    // The gateway gives up after 29 seconds.
    expect(waited).toBeLessThan(5000);
  });

  it('are not sent again where somebody else was just faster', async () => {
    post.beforeClaim = () => (post.notices = []);
    expect(await post.send()).toEqual(TOLD);
    expect(post.mails).toEqual([]);
  });

  it('end unsent before the day from which alerts count, and where the customer is gone', async () => {
    if (post.customer) post.customer = { ...post.customer, alertsFrom: '2026-11-25' };
    await post.send();
    expect(post.notices).toEqual([]);

    post.notices = [fewerOptions(1)];
    post.customer = undefined;
    await post.send();
    expect([post.notices, post.mails]).toEqual([[], []]);
  });
});
